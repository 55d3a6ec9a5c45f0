"""What every form of the portal shares: our own sentences, bounded text, refusals next to their field."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, PasswordField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs lag behind
from wtforms.validators import Length, Optional, StopValidation, ValidationError

from supportapp.errors import Refused
from supportapp.i18n import N_
from supportapp.portal.language import language

if TYPE_CHECKING:

    class FlaskForm(Form):
        def validate_on_submit(self) -> bool: ...

else:
    from flask_wtf import FlaskForm

DAMAGED = N_("This text holds characters that cannot be saved; they are taken out. Please check it and send it again.")


class PortalForm(FlaskForm):
    """A form whose problems are sentences: next to their field, or above the form when they belong to none."""

    def refuse(self, refused: Refused) -> None:
        """Show the refusal next to the field it names, else above the form."""
        self.add_problem(refused.text(language()), refused.field)

    def add_problem(self, sentence: str, field: str | None = None) -> None:
        """Add a sentence to ``field``, or above the form."""
        if field is not None and field in self._fields:
            self._fields[field].errors = [*self._fields[field].errors, sentence]
        else:
            self.form_errors.append(sentence)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and refuse those from which something unprintable had to be taken out."""
        valid = bool(super().validate(extra_validators))
        for name in sorted(g.get("damaged_fields", set())):
            self.add_problem(_(DAMAGED), name)
            valid = False
        return valid

    @property
    def problems(self) -> list[tuple[str | None, str]]:
        """Every problem as (id of its field or None, sentence), in the order of the page."""
        found: list[tuple[str | None, str]] = [(None, str(sentence)) for sentence in self.form_errors]
        for field in self:
            if field.name == "csrf_token":
                continue
            found += [(_focusable_id(field), str(sentence)) for sentence in field.errors]
        return found


def ask(check: Callable[..., object], *values: str) -> None:
    """Let a feature's own check look at a field; its refusal becomes the field's problem."""
    try:
        check(*values)
    except Refused as refused:
        raise ValidationError(refused.text(language())) from refused


class Required:
    """The field must hold something other than white space; ``message`` says what to enter."""

    field_flags = {"required": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Any, field: Field) -> None:
        if field.data is None or (isinstance(field.data, str) and not field.data.strip()) or field.data is False:
            field.errors = []
            raise StopValidation(str(self.message))


def text_field(label: Any, *, required: Any = None, longest: int, lines: bool = False, **options: Any) -> Any:
    """A trimmed text of at most ``longest`` characters; ``required`` is the sentence for an empty one."""
    kind = TextAreaField if lines else StringField
    checks = [_presence(required), _at_most(longest), *([] if lines else [_whole_characters])]
    return kind(label, checks, filters=[_trimmed], **options)


def choice(value: str, label: Any) -> Any:
    """One option of a select or radio field."""
    return SelectChoice(value, label)


def secret_field(label: Any, *, required: Any, longest: int = 128, **options: Any) -> PasswordField:
    """A password, kept exactly as typed."""
    return PasswordField(label, [Required(required), _at_most(longest)], **options)


def _presence(required: Any) -> Any:
    return Required(required) if required is not None else Optional(strip_whitespace=True)


def _at_most(longest: int) -> Length:
    return Length(max=longest, message=_l("This is too long: at most %(max)d characters."))


def _whole_characters(form: Any, field: Field) -> None:
    """Broken UTF-8 arrives as a replacement sign; in a longer text a person may have pasted one, so it stays there."""
    if "\ufffd" in (field.data or ""):
        raise ValidationError(_("Some characters of this text were damaged on the way. Please type it again."))


def _trimmed(text: str | None) -> str | None:
    return text.strip() if isinstance(text, str) else text


def _focusable_id(field: Field) -> str:
    return f"{field.id}-0" if field.type == "RadioField" else str(field.id)
