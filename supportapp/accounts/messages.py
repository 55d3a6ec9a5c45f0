"""What account mails say, and to whom they go.

Nothing a stranger typed (a name, say) is put into a mail to an address that has not been proved to be that person's:
the portal must not carry anybody's advertising.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from supportapp.accounts.models import Customer
from supportapp.extensions import settings
from supportapp.i18n import N_
from supportapp.notifications.mail import Letter
from supportapp.notifications.operations import notify

Buttons = list[tuple[str, str]]


def mail_confirmation(customer: Customer, token: str, *, expires_at: datetime, at: datetime) -> None:
    """The link that confirms a new account."""
    buttons = [(N_("Confirm the address"), url(f"/confirm/{token}"))]
    _mail("account_confirmation", customer, buttons, at=at, expires_at=expires_at, forgot_url=url("/password/forgot"))


def mail_unfinished_sign_up(customer: Customer, token: str, *, expires_at: datetime, at: datetime) -> None:
    """Somebody signed up again with an address that was never confirmed: the link sets the password and confirms."""
    buttons = [(N_("Set a password"), url(f"/password/reset/{token}"))]
    _mail("account_unfinished_sign_up", customer, buttons, at=at, expires_at=expires_at)


def mail_already_registered(customer: Customer, *, at: datetime) -> None:
    """Somebody signed up with an address that has an account."""
    buttons = [(N_("Sign in"), url("/sign-in")), (N_("Set a new password"), url("/password/forgot"))]
    _mail("account_already_registered", customer, buttons, at=at)


def mail_reset(customer: Customer, token: str, *, expires_at: datetime, at: datetime) -> None:
    """The link that sets a new password."""
    buttons = [(N_("Set a new password"), url(f"/password/reset/{token}"))]
    _mail("account_password_reset", customer, buttons, at=at, expires_at=expires_at)


def mail_reset_unknown(email: str, language: str, *, at: datetime) -> None:
    """A new password was asked for an address without an account."""
    letter = Letter("account_password_reset_unknown", {}, buttons=[(N_("Sign up"), url("/sign-up"))])
    notify(kind="account_password_reset_unknown", recipient=email, language=language, letter=letter, at=at)


def mail_password_changed(customer: Customer, *, at: datetime) -> None:
    """Every change of the password is told to its owner."""
    buttons = [(N_("Set a new password"), url("/password/forgot"))]
    _mail("account_password_changed", customer, buttons, at=at, changed_at=at)


def mail_email_change(customer: Customer, new_email: str, token: str, *, expires_at: datetime, at: datetime) -> None:
    """To the new address: the link that moves the account there."""
    buttons = [(N_("Confirm the new address"), url(f"/email-change/{token}"))]
    context: dict[str, Any] = {"old_email": customer.email, "expires_at": expires_at, "keeps_history": _keeps_history()}
    _mail("account_email_change", customer, buttons, recipient=new_email, at=at, **context)


def mail_email_change_taken(customer: Customer, owner: Customer, *, at: datetime) -> None:
    """To the new address when it has an account of its own: nothing will happen."""
    buttons = [(N_("Sign in"), url("/sign-in")), (N_("Set a new password"), url("/password/forgot"))]
    _mail("account_email_change_taken", owner, buttons, at=at, old_email=customer.email)


def mail_email_change_asked(customer: Customer, new_email: str, *, at: datetime) -> None:
    """To the old address: a change was asked for, and how to stop it."""
    buttons = [(N_("Set a new password"), url("/password/forgot"))]
    _mail("account_email_change_asked", customer, buttons, at=at, new_email=new_email, asked_at=at)


def mail_email_changed(customer: Customer, new_email: str, *, at: datetime) -> None:
    """To the old address: its account is closed."""
    _mail("account_email_changed", customer, [], at=at, new_email=new_email, keeps_history=_keeps_history())


def mail_accounts_merged(customer: Customer, closed: Customer, kept: Customer, *, at: datetime) -> None:
    """To both addresses of one person: which account is left."""
    buttons = [(N_("Sign in"), url("/sign-in"))]
    _mail("account_merged", customer, buttons, at=at, closed_email=closed.email, kept_email=kept.email)


def url(path: str) -> str:
    """A page of the portal as a mail names it."""
    return settings.PUBLIC_BASE_URL.rstrip("/") + path


def _keeps_history() -> bool:
    return settings.EMAIL_CHANGE_KEEPS_HISTORY


def _mail(
    name: str, customer: Customer, buttons: Buttons, *, at: datetime, recipient: str | None = None, **context: Any
) -> None:
    notify(
        kind=name,
        recipient=recipient or customer.email,
        language=customer.language,
        letter=Letter(name, context, buttons=buttons),
        at=at,
        customer_id=customer.id,
    )
