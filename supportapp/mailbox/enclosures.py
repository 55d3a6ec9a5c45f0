"""The files of a mail, through the same checks as uploads: looked at first, given their rows later.

Checking decodes pictures for seconds and asks no database, so it comes before the transaction that enters the mail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import chain

from supportapp.accounts.models import Customer, StaffUser
from supportapp.errors import Refused
from supportapp.extensions import settings
from supportapp.files import storage
from supportapp.files.inspection import secret_file
from supportapp.files.models import StoredFile
from supportapp.files.operations import Upload, keep_upload, receive_upload
from supportapp.guard.containers import found_in_file
from supportapp.guard.findings import Secret
from supportapp.i18n import N_
from supportapp.mailbox.reading import files_within
from supportapp.mailbox.reading.contents import Attachment, IncomingMail
from supportapp.mailbox.wording import WHOLE_TEXT_NAME, clean_text, is_too_long

MOST_LOOKED_AT = 60  # of a mail of hundreds of tiny files; what is more is only searched for secrets
TOO_MANY = N_("%(name)s: a message takes at most %(limit)s files. Send the rest in another mail or in one archive.")


@dataclass
class Enclosed:
    """What was taken and what was not. ``secret_digests`` are SHA-256 of files that may not stay in the original."""

    uploads: list[Upload] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    secret_digests: set[str] = field(default_factory=set)

    @property
    def keys(self) -> list[str]:
        return [key for upload in self.uploads for key in upload.keys]

    def sentences(self, language: str) -> list[str]:
        """What was not accepted and why, a sentence each."""
        return [refusal.text(language) for refusal in self.refused]


def take(mail: IncomingMail) -> Enclosed:
    """Check and store the attachments; Refused("storage_unavailable") when that has to be tried again later."""
    enclosed = Enclosed()
    try:
        files = list(_in_order(mail))
        for attachment in files[:MOST_LOOKED_AT]:
            _take(attachment, enclosed)
        for attachment in files[MOST_LOOKED_AT:]:
            enclosed.secret_digests |= set(_secrets_within(attachment, alone=True))
    except BaseException:
        storage.remove(enclosed.keys)
        raise
    return enclosed


def keep(enclosed: Enclosed, *, owner: Customer | StaffUser, draft: str, at: datetime) -> list[StoredFile]:
    """Give the files their rows, to be attached to a message in the same transaction."""
    kept = []
    for upload in enclosed.uploads:
        try:
            kept.append(keep_upload(upload, owner=owner, draft=draft, at=at))
        except Refused as refusal:
            enclosed.refused.append(refusal)
    return kept


def _take(attachment: Attachment, enclosed: Enclosed) -> None:
    if attachment.is_inline and not attachment.data:
        return
    is_full = len(enclosed.uploads) >= settings.MAX_FILES_PER_MESSAGE
    within = _secrets_within(attachment, alone=is_full)
    try:
        if within:
            raise secret_file(attachment.name, list(dict.fromkeys(chain(*within.values()))))
        if is_full:
            limit = settings.MAX_FILES_PER_MESSAGE
            raise Refused("too_many_files", TOO_MANY, name=attachment.name, limit=limit)
        enclosed.uploads.append(receive_upload(BytesIO(attachment.data), attachment.name))
    except Refused as refusal:
        if refusal.reason == "storage_unavailable":
            raise
        enclosed.secret_digests |= set(within or _secrets_within(attachment, alone=True))
        enclosed.refused.append(refusal)


def _secrets_within(attachment: Attachment, *, alone: bool) -> dict[str, list[Secret]]:
    """Which secrets an attached mail brings, by the SHA-256 of the file that holds them: the original can keep the mail
    without that file. Of files of other kinds when they are to be looked at ``alone``: uploading looks at them too."""
    files = list(files_within(attachment))
    looked_at = [attachment, *files] if files or alone else []
    found = {_digest(file): [one.kind for one in found_in_file(file.name, BytesIO(file.data))] for file in looked_at}
    return {digest: kinds for digest, kinds in found.items() if kinds}


def _digest(attachment: Attachment) -> str:
    return hashlib.sha256(attachment.data).hexdigest()


def _in_order(mail: IncomingMail) -> Iterable[Attachment]:
    """What was attached before what only decorates; the text itself first, when it is too long for an entry."""
    whole = clean_text(mail.text).encode()
    text: Sequence[Attachment] = [Attachment(WHOLE_TEXT_NAME, "text/plain", whole)] if is_too_long(mail) else []
    files = sorted(mail.attachments, key=_decorates)
    return [*text, *files]


def _decorates(attachment: Attachment) -> bool:
    return attachment.is_inline or attachment.content_type.startswith("image/")
