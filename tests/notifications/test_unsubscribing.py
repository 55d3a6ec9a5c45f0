"""Links that switch an optional mail off: for one person and one kind, made here and nowhere else."""

from __future__ import annotations

import pytest
from itsdangerous import URLSafeSerializer

from supportapp.errors import Refused
from supportapp.notifications.models import OptionalMail
from supportapp.notifications.unsubscribing import OffLink, make_off_link, read_off_link

pytestmark = pytest.mark.usefixtures("session")


def token_of(link: str) -> str:
    return link.removeprefix("http://localhost/mails/off/")


@pytest.mark.parametrize("kind", OptionalMail)
def test_a_link_names_one_person_and_one_kind_of_mail(kind: OptionalMail) -> None:
    assert read_off_link(token_of(make_off_link(12, kind))) == OffLink(12, kind)


def test_the_link_of_one_person_and_kind_is_always_the_same() -> None:
    link = make_off_link(12, OptionalMail.STATUS)
    assert link == make_off_link(12, OptionalMail.STATUS)
    assert link not in (make_off_link(13, OptionalMail.STATUS), make_off_link(12, OptionalMail.REMINDERS))


@pytest.mark.parametrize("token", ["", "x", "WzEyLCJzdGF0dXMiXQ", "WzEyLCJzdGF0dXMiXQ.AAAA", "\0", "я"])
def test_what_was_not_made_here_is_refused(token: str) -> None:
    with pytest.raises(Refused, match="link_unknown"):
        read_off_link(token)


def test_a_changed_link_and_a_link_for_another_purpose_are_refused() -> None:
    token = token_of(make_off_link(12, OptionalMail.STATUS))
    other = URLSafeSerializer("only-for-tests-0123456789abcdefghijklmnop", salt="answer-link").dumps([12, "status"])
    for forged in (token[:-1], token.swapcase(), "A" + token, str(other)):
        with pytest.raises(Refused, match="link_unknown"):
            read_off_link(forged)


@pytest.mark.parametrize(
    "said", [[12], [12, "status", 1], 12, "ab", {"a": 1, "b": 2}, [12, "replies"], [None, "status"]]
)
def test_a_signed_nonsense_is_refused(said: object) -> None:
    token = URLSafeSerializer("only-for-tests-0123456789abcdefghijklmnop", salt="mail-off-link").dumps(said)
    with pytest.raises(Refused, match="link_unknown"):
        read_off_link(str(token))
