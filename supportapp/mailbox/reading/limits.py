"""How much of a mail is looked at, so that none takes long. What lies beyond is kept whole, as a file."""

from __future__ import annotations

HEADER_BYTES = 256 * 1024
HEADER_LINES = 2_000
VALUE_CHARACTERS = 20_000
PART_DEPTH = 25
PARTS = 500
TEXT_CHARACTERS = 300_000
TEXT_BYTES = 1_000_000
QUOTE_DEPTH = 50
ADDRESSES = 200
MESSAGE_IDS = 200
NAME_CHARACTERS = 150
MAIL_DEPTH = 5  # of mails within attached mails
FILES_WITHIN = 100
