"""Whether a sender is who he says, by what our own mail server found out (Authentication-Results, RFC 8601).

Only lines of the server that the settings name count: anybody can write such a line. That server must take foreign
ones of its name away, as RFC 8601 (5) asks; OpenDMARC, Rspamd and Exim do.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import idna

_SIGNS = re.compile(r'(\\.|[()"])', re.S)
_RESULT = re.compile(r"\s*(dmarc|spf|dkim)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.I)
_NAMED = re.compile(r"(?<!\S)(smtp|header)\s*\.\s*(mailfrom|from|d|i)\s*=\s*(\S+)", re.I)
_IN_QUOTES = re.compile(r"[;=\s]")
# whose domain a method speaks for: the first of these that the server names
_SPEAKS_FOR = {"dmarc": ("header.from",), "spf": ("smtp.mailfrom",), "dkim": ("header.d", "header.i")}


class Proof(enum.Enum):
    """``GIVEN``: the sender's own domain vouches for the mail; ``MISSING``: nobody does whose word counts for that
    domain; ``DISOWNED``: the domain says that it is not its mail; ``NOT_SOUGHT``: no server that we trust has asked."""

    GIVEN = enum.auto()
    MISSING = enum.auto()
    DISOWNED = enum.auto()
    NOT_SOUGHT = enum.auto()


@dataclass(frozen=True)
class _Result:
    """What one method found; ``domains`` by the property that names them."""

    method: str
    value: str
    domains: dict[str, set[str]]


def weigh(headers: Iterable[str], trusted: str, sender: str) -> Proof:
    """What ``trusted`` found out about a mail that says to be from ``sender``.

    A pass counts when its domain is aligned with the sender's (RFC 7489, 3.1): the same, above or below it. Disowned is
    a mail whose DMARC failed or, where nobody asked for that, whose SPF failed without any pass that counts.
    """
    results = list(_results(headers, trusted)) if trusted else []
    said = {(result.method, result.value) for result in results}
    methods = {result.method for result in results}
    if not results:
        return Proof.NOT_SOUGHT
    if ("dmarc", "fail") in said:
        return Proof.DISOWNED
    if any(_vouches(result, _domain(sender)) for result in results):
        return Proof.GIVEN
    fails = ("spf", "fail") in said or (("spf", "softfail") in said and "dkim" in methods)
    return Proof.DISOWNED if fails and "dmarc" not in methods else Proof.MISSING


def _vouches(result: _Result, domain: str) -> bool:
    """A server that names several domains for one result was made to: all of them have to be aligned."""
    named = next((found for name in _SPEAKS_FOR[result.method] if (found := result.domains.get(name))), set())
    believed = bool(named) or result.method == "dmarc"  # which is about the sender's domain by its nature
    return result.value == "pass" and believed and all(_is_aligned(one, domain) for one in named)


def _is_aligned(one: str, other: str) -> bool:
    """The same domain, or one within the other; a top-level domain is nobody's."""
    within = one.endswith(f".{other}") or other.endswith(f".{one}")
    return one == other != "" or (within and "." in one and "." in other)


def _results(headers: Iterable[str], trusted: str) -> Iterator[_Result]:
    for header in headers:
        text, is_whole = _without_comments(header)
        server, *parts = text.split(";")
        if server.split()[:1] != [] and server.split()[0].lower() == trusted.lower():
            for part in parts:
                if match := _RESULT.match(part):
                    value = match[2].lower()
                    unclear = value == "pass" and not is_whole
                    yield _Result(match[1].lower(), "unclear" if unclear else value, _domains(part))


def _domains(part: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for group, name, value in _NAMED.findall(part):
        found.setdefault(f"{group}.{name}".lower(), set()).add(_domain(value.strip("<>")))
    return found


def _domain(address: str) -> str:
    """Of an address, or of a bare domain; as the name servers spell it."""
    domain = address.rpartition("@")[2].rstrip(".").lower()
    try:
        return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain


def _without_comments(header: str) -> tuple[str, bool]:
    """In one pass: comments may be nested (RFC 5322, 3.2.2), and a stranger nests them ten thousand deep. Quoted words
    lose their quotes and every sign with a meaning: a local part can be ``"x; dkim=pass"``.

    With it, whether all was closed that was opened. If not, the header stays as it is, and no pass in it is to be
    believed: nobody knows which words are the server's own.
    """
    kept, depth, is_quoted = [], 0, False
    for word in _SIGNS.split(header):
        if word == '"' and not depth:
            is_quoted = not is_quoted
        elif is_quoted:
            kept.append(_IN_QUOTES.sub("_", word))
        elif word == "(":
            depth += 1
        elif word == ")" and depth:
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(word)
    is_whole = not depth and not is_quoted
    return ("".join(kept) if is_whole else header), is_whole
