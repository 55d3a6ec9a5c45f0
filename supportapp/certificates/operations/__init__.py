"""The verbs of certificates: registering them, entering them, and telling of their end."""

from supportapp.certificates.operations.entering import enter_certificate, revoke, update_certificate
from supportapp.certificates.operations.expiry import send_expiry_notices
from supportapp.certificates.operations.registering import (
    connect,
    look_up,
    on_email_changed,
    register,
    release,
    take_seat_back,
)

__all__ = [
    "connect",
    "enter_certificate",
    "look_up",
    "on_email_changed",
    "register",
    "release",
    "revoke",
    "send_expiry_notices",
    "take_seat_back",
    "update_certificate",
]
