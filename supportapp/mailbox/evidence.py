"""Whether a sender is who he says, by what our own mail server found out (Authentication-Results, RFC 8601).

Only lines of the server that the settings name count: anybody can write such a line, and that server must take foreign
ones of its name away, as RFC 8601 (5) asks (docs/mail.md). A pass counts in a line that is read without any doubt about
which words are the server's: what a stranger wrote stands in it too, and not every server quotes it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import idna

_PLAIN = r'[^()"\\]'
_QUOTED = rf'"{_PLAIN}*+"'
_COMMENT = rf"\((?:{_PLAIN}|{_QUOTED})*+\)"
_STRICT = re.compile(rf"(?:{_PLAIN}|{_QUOTED}|{_COMMENT})*+")
# a comment that repeats what a stranger wrote, or its rest: of such a comment no server writes two into one line
_REPEATS = re.compile(r"@|domain of|designate|(?<![\w-])(?!(?:p|sp|np|d|dis|pct|policy)=)[\w-]+=", re.I)
_SERVER = re.compile(r"\s*([^\s;(]+)")
_RESULT = re.compile(r"\s*(dmarc|spf|dkim)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)(?![^\s(])", re.I)
_NAMED = re.compile(r"(?<!\S)(smtp|header)\s*\.\s*(mailfrom|from|d|i)\s*=\s*(\S+)", re.I)
_IN_QUOTES = re.compile(r"[;=\s]")
# a shared top: nobody's own domain, though one may be written from it (co.uk, com.ru, msk.ru)
_SHARED = re.compile(r"[^.]*|[^.]{1,3}\.[a-z]{2}")
# whose domain a method speaks for: the first of these that the server names
_SPEAKS_FOR = {"dmarc": ("header.from",), "spf": ("smtp.mailfrom",), "dkim": ("header.d", "header.i")}


class Proof(enum.Enum):
    """``GIVEN``: the sender's own domain vouches for the mail; ``MISSING``: nobody does whose word counts for that
    domain; ``DISOWNED``: the domain says that it is not its mail; ``NOT_SOUGHT``: there is no server that we trust."""

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

    A pass counts when its domain is the sender's or lies within it. Disowned is a mail whose DMARC failed or, where
    nobody asked for that, whose SPF failed without any pass that counts. A forger can choose to have no results.
    """
    if not trusted:
        return Proof.NOT_SOUGHT
    results = list(_results(headers, trusted))
    said = {(result.method, result.value) for result in results}
    if ("dmarc", "fail") in said:
        return Proof.DISOWNED
    if any(_vouches(result, _domain(sender)) for result in results):
        return Proof.GIVEN
    is_disowned = ("spf", "fail") in said and not any(result.method == "dmarc" for result in results)
    return Proof.DISOWNED if is_disowned else Proof.MISSING


def _vouches(result: _Result, domain: str) -> bool:
    """A server that names several domains for one result was made to: all of them have to be aligned."""
    named = next((found for name in _SPEAKS_FOR[result.method] if (found := result.domains.get(name))), set())
    return result.value == "pass" and bool(named) and all(_is_aligned(one, domain) for one in named)


def _is_aligned(one: str, domain: str) -> bool:
    return one == domain != "" or (one.endswith(f".{domain}") and not _SHARED.fullmatch(domain))


def _results(headers: Iterable[str], trusted: str) -> Iterator[_Result]:
    """Of a line that is not clear no pass is kept."""
    for header in headers:
        server = _SERVER.match(header)
        if server is None or server[1].lower() != trusted.lower():
            continue
        is_clear = _is_clear(header)
        for part in (_bare(header) if is_clear else header).split(";")[1:]:
            match = _RESULT.match(part)
            if match and (is_clear or match[2].lower() != "pass"):
                yield _Result(match[1].lower(), match[2].lower(), _domains(part))


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


def _is_clear(header: str) -> bool:
    """Whether nobody can have ended a comment or a quotation of the server's: they hold no sign of the other kind, and
    no backslash. Who closes the comment that repeats his words has to open another for its rest."""
    if not _STRICT.fullmatch(header):
        return False
    return sum(_REPEATS.search(comment) is not None for comment in re.findall(_COMMENT, header)) <= 1


def _bare(header: str) -> str:
    """Without comments; quoted words lose their quotes and every sign with a meaning: a local part can be
    ``"x; dkim=pass"``."""
    return re.sub(_QUOTED, lambda quoted: _IN_QUOTES.sub("_", quoted[0][1:-1]), re.sub(_COMMENT, " ", header))
