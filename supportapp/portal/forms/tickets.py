"""The forms of tickets. What a text may be is asked of ``tickets``; here only what must be there at all."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import ValidationError

from supportapp.kb.search import Suggestion
from supportapp.portal.forms import PortalForm, Required, choice, text_field
from supportapp.portal.labels import SATISFIED
from supportapp.tickets import rules

NO_CERTIFICATE = "none"
TOKEN_LENGTH = 64
WRITE_TEXT = _l("Describe the problem in a few words at least.")


def new_token() -> str:
    """A name for one filled-in form: it makes one ticket at most, and its files are kept under it."""
    return secrets.token_urlsafe(24)


def is_token(text: str | None) -> bool:
    """Whether ``text`` may be such a name."""
    return bool(text) and len(text or "") <= TOKEN_LENGTH and set(text or "") <= TOKEN_SIGNS


def _token(text: str | None) -> str:
    return text if text and is_token(text) else new_token()


def _one_kind_of_line_end(text: str | None) -> str | None:
    return text.replace("\r\n", "\n").strip() if isinstance(text, str) else text


def _from_the_list(form: Any, field: SelectField) -> None:
    if field.data not in {str(choice[0]) for choice in field.choices or ()}:
        raise ValidationError(_("Choose a product from the list."))


TOKEN_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def long_text(label: Any, *checks: Any, **options: Any) -> TextAreaField:
    """A text of people, as they typed it but for the line ends; how long it may be the operation says."""
    return TextAreaField(label, list(checks), filters=[_one_kind_of_line_end], **options)


class GuardedForm(PortalForm):
    """A form that asks before secrets are stored: ``found`` in its texts (label, kind, masked place), ``found_files``
    (name, kinds) that were not kept. ``secrets_agreed`` remembers what the person let through."""

    secrets_agreed = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: list[tuple[str, str, str]] = []
        self.found_files: list[tuple[str, str]] = []

    @property
    def asks(self) -> bool:
        """Whether the form must come back to ask."""
        return bool(self.found or self.found_files)


class FilesForm(GuardedForm):
    """A form with files: those that came before wait under ``form_token``."""

    form_token = HiddenField(filters=[_token])
    files = MultipleFileField(_l("Files"))

    @property
    def token(self) -> str:
        """The form's own name; a missing or damaged one was replaced."""
        return str(self.form_token.data)


class TicketForm(FilesForm):
    """``looked`` says that suggestions stood before the customer; ``suggested`` are those to look at before sending."""

    suggested: Sequence[Suggestion] = ()
    looked = HiddenField()
    certificate = RadioField(
        _l("Certificate or contract"),
        [Required(_l("Choose a certificate, or say that you send without one."))],
        validate_choice=False,
    )
    product = SelectField(_l("Product"), [_from_the_list], default="", validate_choice=False)
    product_version = text_field(_l("Product version"), longest=rules.DETAIL_LENGTH)
    operating_system = text_field(_l("Operating system"), longest=rules.DETAIL_LENGTH)
    subject = text_field(_l("Subject"), required=_l("Name the problem in one line."), longest=rules.SUBJECT_LENGTH)
    body = long_text(_l("What happens"), Required(WRITE_TEXT))


class ReplyForm(FilesForm):
    body = long_text(_l("Your reply"), Required(_l("Write your reply.")))


class ReopenForm(GuardedForm):
    body = long_text(_l("What is still wrong?"), id="reopening-body")


class OpinionForm(GuardedForm):
    """Whether the customer is satisfied, and why."""

    answer = RadioField(
        _l("Are you satisfied with how this was handled?"),
        [Required(_l("Choose one of the three answers."))],
        choices=[choice(value, words) for value, words in SATISFIED.items()],
    )
    comment = long_text(_l("What should we know about it?"))


class AnswerForm(GuardedForm):
    """The one button behind a signed link."""

    body = long_text(_l("A few words for the engineer"))
