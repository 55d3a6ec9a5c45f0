"""One digest for one mail, whichever way and however often it came."""

from __future__ import annotations

import hashlib
import re

from supportapp.mailbox.reading.headers import split_headers

_NAMED = ("message-id", "from", "to", "date", "subject", "in-reply-to")
_LINE_ENDS = re.compile(rb"\r\n|\r")


def fingerprint(raw: bytes) -> str:
    """SHA-256 in hex over Message-ID, From, To, Date, Subject, In-Reply-To and the body.

    Lines that servers add on the way (Received, DKIM-Signature, Delivered-To, X-…) and their line ends do not count.
    Never raises.
    """
    headers, body = split_headers(raw, 0, len(raw))
    digest = hashlib.sha256()
    for name in _NAMED:
        for value in headers.get_all(name):
            digest.update(name.encode() + b":" + b"".join(value.split()) + b"\n")
    lines = _LINE_ENDS.sub(b"\n", raw[body:]).split(b"\n")
    digest.update(b"\n" + b"\n".join(line.rstrip(b" \t") for line in lines).strip(b"\n"))
    return digest.hexdigest()
