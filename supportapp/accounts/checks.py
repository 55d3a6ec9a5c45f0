"""A person's words at the door: each function returns what to keep, or refuses with the field it belongs to."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from supportapp.accounts import rules
from supportapp.errors import Refused
from supportapp.i18n import LANGUAGES, N_

_PASSWORD_SENTENCES = {
    "password_required": N_("Enter a password."),
    "password_too_short": N_("The password must have at least %(limit)s characters."),
    "password_too_long": N_("The password must have at most %(limit)s characters."),
    "password_control_characters": N_("The password contains characters that cannot be used. Type it by hand."),
    "password_is_email": N_("The password must not repeat your e-mail address. Choose another one."),
    "password_guessable": N_(
        "This password is among the first that are tried. Choose another one, for example several unrelated words."
    ),
}


def check_email(email: str, *, field: str = "email") -> str:
    """The normalised address. Refused: email_required, email_too_long, email_invalid."""
    if not email.strip():
        raise Refused("email_required", N_("Enter your e-mail address."), field=field)
    if len(email) > 4 * rules.EMAIL_LENGTH:
        raise _email_too_long(field)
    email = rules.normalise_email(email)
    if len(email) > rules.EMAIL_LENGTH:
        raise _email_too_long(field)
    try:
        validate_email(email, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise Refused(
            "email_invalid",
            N_("This is not an e-mail address we can write to. Check it, for example: name@example.com."),
            field=field,
        ) from error
    return email


def check_password(password: str, email: str, *, field: str = "password") -> str:
    """The password itself. Refused: what ``rules.password_problem`` names."""
    problem = rules.password_problem(password, email)
    if problem:
        limit = rules.PASSWORD_MAX if problem == "password_too_long" else rules.PASSWORD_MIN
        raise Refused(problem, _PASSWORD_SENTENCES[problem], field=field, limit=limit)
    return password


def check_name(name: str) -> str:
    """The person's name. Refused: name_required, text_too_long, control_characters."""
    name = _check_line(name, "name", rules.NAME_LENGTH)
    if not name:
        raise Refused("name_required", N_("Enter your name."), field="name")
    return name


def check_organisation(organisation: str) -> str:
    """The organisation, which may be empty: people buy support too."""
    return _check_line(organisation, "organisation", rules.ORGANISATION_LENGTH)


def check_phone(phone: str) -> str:
    """The telephone, which may be empty. Refused: phone_invalid, text_too_long, control_characters."""
    phone = _check_line(phone, "phone", rules.PHONE_LENGTH)
    if phone and not rules.is_telephone(phone):
        raise Refused(
            "phone_invalid",
            N_("This does not look like a telephone number. For example: +7 495 123-45-67."),
            field="phone",
        )
    return phone


def check_language(language: str) -> str:
    """One of the languages of the interface. Refused: unknown_language."""
    if language not in LANGUAGES:
        raise Refused("unknown_language", N_("Choose Russian or English."), field="language")
    return language


def _check_line(text: str, field: str, limit: int) -> str:
    text = rules.clean_line(text)
    if len(text) > limit:
        raise Refused("text_too_long", N_("Please use at most %(limit)s characters."), field=field, limit=limit)
    if rules.has_control_characters(text):
        raise Refused(
            "control_characters",
            N_("There are invisible control characters in this field. Type the text by hand."),
            field=field,
        )
    return text


def _email_too_long(field: str) -> Refused:
    return Refused(
        "email_too_long", N_("Please use at most %(limit)s characters."), field=field, limit=rules.EMAIL_LENGTH
    )
