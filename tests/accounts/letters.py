"""Reading account mails as their recipient does."""

from __future__ import annotations

import re
from typing import Any

from tests.factories import mails


def letters_to(address: str, kind: str | None = None) -> list[Any]:
    """The mails recorded for an address, oldest first."""
    return [mail for mail in mails(kind) if mail.recipient == address]


def secret_in(mail: Any) -> str:
    """The secret of the one link that the mail carries."""
    found = re.findall(r"http://localhost/(?:confirm|password/reset|email-change)/([\w-]+)", mail.text_body)
    assert len(found) == 1, mail.text_body
    return str(found[0])
