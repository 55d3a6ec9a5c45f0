"""What a server means that refuses a mail for good. Pure rules on its words."""

from __future__ import annotations

import re

# RFC 3463, 3.2: addressing status, save those about the sender's own address (5.1.7, 5.1.8)
_BAD_ADDRESS = re.compile(r"\b5\.1\.(?!7\b|8\b)[0-9]{1,3}\b")
_ANY_STATUS = re.compile(r"\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b")
_NOBODY = re.compile(
    r"(user|mailbox|recipient|address|account)\b.{0,40}\b(unknown|not found|does not exist|doesn't exist|invalid)"
    r"|(unknown|no such|invalid|non-?existent) (user|mailbox|recipient|address|account|person)",
    re.I,
)


def refuses_the_address(answer: str) -> bool:
    """Whether a server that refused a mail for good means its address, and not what was in it."""
    if _ANY_STATUS.search(answer):
        return bool(_BAD_ADDRESS.search(answer))
    return bool(re.match(r"55[013] ", answer) and _NOBODY.search(answer))
