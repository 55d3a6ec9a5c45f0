"""The forms of an account. What may stand in a field is asked of ``accounts``; here only presence and length."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField

from supportapp.accounts import checks, rules
from supportapp.portal.forms import PortalForm, Required, ask, choice, secret_field, text_field

ENTER_EMAIL = _l("Enter your e-mail address.")
ENTER_PASSWORD = _l("Enter your password.")
LANGUAGE_CHOICES = [choice("ru", "Русский"), choice("en", "English")]


class ProfileForm(PortalForm):
    name = text_field(_l("Your name"), required=_l("Enter your name."), longest=rules.NAME_LENGTH)
    organisation = text_field(_l("Organisation"), longest=rules.ORGANISATION_LENGTH)
    phone = text_field(_l("Telephone"), longest=rules.PHONE_LENGTH)
    language = RadioField(_l("Language of mails and pages"), choices=LANGUAGE_CHOICES, default="ru")


class SignUpForm(PortalForm):
    email = text_field(_l("E-mail address"), required=ENTER_EMAIL, longest=rules.EMAIL_LENGTH)
    password = secret_field(_l("Password"), required=_l("Think of a password."))
    name = text_field(_l("Your name"), required=_l("Enter your name."), longest=rules.NAME_LENGTH)
    organisation = text_field(_l("Organisation"), longest=rules.ORGANISATION_LENGTH)
    phone = text_field(_l("Telephone"), longest=rules.PHONE_LENGTH)
    language = RadioField(_l("Language of mails and pages"), choices=LANGUAGE_CHOICES)
    regulation_id = HiddenField()
    accept = BooleanField(
        _l("I accept the Regulation"),
        [Required(_l("To register, read the Regulation and accept it."))],
    )

    # Asked here too, so that everything that is wrong is said at once instead of one thing a try.
    def validate_email(self, field: Field) -> None:
        ask(checks.check_email, field.data)

    def validate_password(self, field: Field) -> None:
        ask(checks.check_password, field.data, self.email.data or "")

    def validate_name(self, field: Field) -> None:
        ask(checks.check_name, field.data)

    def validate_phone(self, field: Field) -> None:
        ask(checks.check_phone, field.data or "")


class SignInForm(PortalForm):
    email = text_field(_l("E-mail address"), required=ENTER_EMAIL, longest=rules.EMAIL_LENGTH)
    password = secret_field(_l("Password"), required=ENTER_PASSWORD, longest=1024)


class ForgotPasswordForm(PortalForm):
    email = text_field(_l("E-mail address"), required=ENTER_EMAIL, longest=rules.EMAIL_LENGTH)


class ResetPasswordForm(PortalForm):
    new_password = secret_field(_l("New password"), required=_l("Think of a new password."))


class ChangePasswordForm(PortalForm):
    old_password = secret_field(_l("Current password"), required=_l("Enter your current password."), longest=1024)
    new_password = secret_field(_l("New password"), required=_l("Think of a new password."))


class ChangeEmailForm(PortalForm):
    new_email = text_field(_l("New e-mail address"), required=_l("Enter the new address."), longest=rules.EMAIL_LENGTH)
    password = secret_field(_l("Password"), required=ENTER_PASSWORD, longest=1024)
