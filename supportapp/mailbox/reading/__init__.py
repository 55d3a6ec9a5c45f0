"""Bytes in, facts out: what a mail says, who wrote it, and whether a person did. No database, no settings."""

from supportapp.mailbox.reading.contents import Attachment, Bounce, IncomingMail, Nature
from supportapp.mailbox.reading.enclosed import files_in_mail, files_within
from supportapp.mailbox.reading.fingerprints import fingerprint
from supportapp.mailbox.reading.mail import read_mail
from supportapp.mailbox.reading.thanks import is_thanks

__all__ = [
    "Attachment",
    "Bounce",
    "IncomingMail",
    "Nature",
    "files_in_mail",
    "files_within",
    "fingerprint",
    "is_thanks",
    "read_mail",
]
