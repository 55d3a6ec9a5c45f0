"""Single-use links."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import update

from supportapp import create_app
from supportapp.accounts import operations
from supportapp.accounts.models import AccountLink, LinkPurpose
from supportapp.accounts.operations import links
from supportapp.accounts.operations.links import check_link, issue_link, use_link
from supportapp.errors import Refused
from supportapp.extensions import db
from tests.conftest import NOON, make_settings
from tests.factories import make_customer

RESET = LinkPurpose.RESET_PASSWORD


@pytest.mark.parametrize(
    ("purpose", "hours"),
    [(LinkPurpose.CONFIRM_EMAIL, 72), (LinkPurpose.RESET_PASSWORD, 1), (LinkPurpose.CHANGE_EMAIL, 24)],
)
def test_a_link_works_until_its_last_second(session: object, at: datetime, purpose: LinkPurpose, hours: int) -> None:
    token, link = issue_link(make_customer(), purpose, at=at)
    end = at + timedelta(hours=hours)
    assert check_link(token, purpose, at=end - timedelta(seconds=1)) is link
    with pytest.raises(Refused, match="link_expired"):
        check_link(token, purpose, at=end)


def test_only_a_digest_of_the_secret_is_kept(session: object, at: datetime) -> None:
    token, link = issue_link(make_customer(), RESET, at=at)
    assert len(token) >= 43
    assert link.digest == sha256(token.encode()).hexdigest()
    assert token not in repr(vars(link))


@pytest.mark.parametrize("token", ["", "no-such-secret", "nul\0", "half \ud83d", "я" * 10_000])
def test_a_link_nobody_issued_is_unknown(session: object, at: datetime, token: str) -> None:
    with pytest.raises(Refused, match="link_unknown"):
        check_link(token, RESET, at=at)


def test_a_link_serves_its_own_purpose_only(session: object, at: datetime) -> None:
    token, _ = issue_link(make_customer(), LinkPurpose.CONFIRM_EMAIL, at=at)
    with pytest.raises(Refused, match="link_unknown"):
        use_link(token, RESET, at=at)


def test_a_link_works_once(session: object, at: datetime) -> None:
    token, _ = issue_link(make_customer(), RESET, at=at)
    assert use_link(token, RESET, at=at).used_at == at
    with pytest.raises(Refused, match="link_used"):
        use_link(token, RESET, at=at)


def test_looking_at_a_link_does_not_use_it(session: object, at: datetime) -> None:
    token, _ = issue_link(make_customer(), RESET, at=at)
    check_link(token, RESET, at=at)
    assert check_link(token, RESET, at=at).used_at is None


def test_a_new_link_replaces_earlier_ones_of_its_purpose_and_of_its_owner(session: object, at: datetime) -> None:
    anna, john = make_customer(), make_customer()
    old, _ = issue_link(anna, RESET, at=at)
    others = [issue_link(anna, LinkPurpose.CONFIRM_EMAIL, at=at)[0], issue_link(john, RESET, at=at)[0]]
    new, _ = issue_link(anna, RESET, at=at)
    with pytest.raises(Refused, match="link_expired"):
        check_link(old, RESET, at=at)
    assert check_link(new, RESET, at=at)
    assert check_link(others[0], LinkPurpose.CONFIRM_EMAIL, at=at)
    assert check_link(others[1], RESET, at=at)


def test_unknown_used_and_expired_links_have_sentences_of_their_own(session: object, at: datetime) -> None:
    customer, sentences = make_customer(), set()
    used, _ = issue_link(customer, RESET, at=at)
    use_link(used, RESET, at=at)
    expired, _ = issue_link(customer, RESET, at=at - timedelta(days=3))
    for token in ("unknown", used, expired):
        with pytest.raises(Refused) as refusal:
            check_link(token, RESET, at=at)
        sentences |= {refusal.value.text("ru"), refusal.value.text("en")}
    assert len(sentences) == 6


def test_a_link_used_by_another_between_the_look_and_the_use_is_refused(
    session: object, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = issue_link(make_customer(), RESET, at=at)

    def look_and_be_overtaken(*args: object, **more: object) -> AccountLink:
        monkeypatch.undo()
        link = check_link(token, RESET, at=at)
        db.session.connection().execute(update(AccountLink).values(used_at=at))
        return link

    monkeypatch.setattr(links, "check_link", look_and_be_overtaken)
    with pytest.raises(Refused, match="link_used"):
        use_link(token, RESET, at=at)


def test_of_many_who_press_at_once_one_wins(tmp_path: Path) -> None:
    app = create_app(make_settings(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'race.db'}"))
    with app.app_context():
        db.create_all()
        token, _ = issue_link(make_customer(confirmed_at=None), LinkPurpose.CONFIRM_EMAIL, at=NOON)
        db.session.commit()
    start, outcomes = threading.Barrier(6), list[str]()

    def press() -> None:
        with app.app_context():
            start.wait()
            try:
                operations.confirm_email(token, at=NOON)
                db.session.commit()
                outcomes.append("confirmed")
            except Refused as refused:
                outcomes.append(refused.reason)

    people = [threading.Thread(target=press) for _ in range(6)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with app.app_context():
        db.engine.dispose()
    assert sorted(outcomes) == ["confirmed"] + ["link_used"] * 5
