"""Addresses and Message-IDs in headers, found without trusting what stands around them."""

from __future__ import annotations

import re

from supportapp.mailbox.reading import limits
from supportapp.mailbox.reading.encoded_words import decode_words, tidy

_TOKEN = re.compile(
    rb'=\?[^?\s]{1,60}\?[BbQq]\?[^?]{0,500}\?=|"(?:[^"\\]|\\.){0,500}+"|<[^<>]{0,500}>|[,;:()]|[^"<,;:()=]++|["<=]',
    re.DOTALL,
)
_BARE = re.compile(r"[^\s@<>,;:\"()\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>,;:\"()\x00-\x1f\x7f]{1,189}\Z")
_ID = re.compile(rb"<([^<>]{1,290})>")
_BARE_ID = re.compile(rb"[^\s<>@]{1,200}@[^\s<>@]{1,200}")
_SPACE = re.compile(r"\s+")


def read_addresses(value: bytes) -> list[tuple[str, str]]:
    """(name, address) for each mailbox of a header; addresses bare and in lower case; comments and groups dropped."""
    found: list[tuple[str, str]] = []
    words: list[bytes] = []
    depth = 0
    for token in [*_TOKEN.findall(value[: limits.VALUE_CHARACTERS]), b","]:
        if token in (b"(", b")"):
            depth = max(0, depth + (1 if token == b"(" else -1))
        elif depth and token != b",":
            continue
        elif token in (b",", b";"):
            depth = 0
            _add(found, words)
            words = []
        elif token == b":":
            words = []
        else:
            words.append(token)
    return found[: limits.ADDRESSES]


def _add(found: list[tuple[str, str]], words: list[bytes]) -> None:
    """One mailbox of the words between two commas: in angle brackets, else standing bare."""
    angled = [word for word in words if word.startswith(b"<") and word.endswith(b">")]
    for word in angled:
        address = bare_address(word[1:-1])
        if address:
            name = b"".join(other for other in words if other not in angled)
            found.append((_name(name), address))
    if not angled:
        found.extend(("", address) for address in map(bare_address, b" ".join(words).split()) if address)


def bare_address(value: bytes) -> str:
    """The address in lower case, or nothing where there is none."""
    text = _SPACE.sub("", value.decode("utf-8", "replace")).strip("'\"").lower()
    text = text.rpartition(":")[2] if text.startswith("@") else text  # an old source route
    return text[:254] if _BARE.match(text) else ""


def _name(value: bytes) -> str:
    text = value.strip()
    if len(text) > 1 and text.startswith(b'"') and text.endswith(b'"'):
        text = re.sub(rb"\\(.)", rb"\1", text[1:-1])
    return decode_words(text).strip(" '\"")


def read_message_ids(value: bytes) -> tuple[str, ...]:
    """Message-IDs with their angle brackets, each once; those written without brackets get them."""
    ids = [b"".join(found.split()) for found in _ID.findall(value)] or _BARE_ID.findall(value)
    texts = [f"<{tidy(found.decode('utf-8', 'replace'))}>" for found in ids if found]
    return tuple(dict.fromkeys(texts))[: limits.MESSAGE_IDS]
