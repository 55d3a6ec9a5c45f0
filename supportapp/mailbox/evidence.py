"""Whether a sender is who he says, by what our own mail server found out (Authentication-Results, RFC 8601).

Only lines of the server that the settings name count: anybody can write such a line. That server must take foreign
ones of its name away, as RFC 8601 (5) asks; OpenDMARC, Rspamd and Exim do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_BRACKETS = re.compile(r"([()])")
_RESULT = re.compile(r"^\s*(dmarc|spf|dkim)\s*=\s*([a-z]+)", re.I)
_SPF_FAILS = {"fail", "softfail"}


def is_forged(headers: Iterable[str], trusted: str) -> bool:
    """Whether ``trusted`` says that the sender's domain disowns the mail: DMARC failed or, where nobody asked, SPF
    failed and no signature holds. Without a trusted server nothing is said."""
    results = _results(headers, trusted) if trusted else {}
    if "dmarc" in results:
        return "fail" in results["dmarc"]
    spf, dkim = results.get("spf", set()), results.get("dkim", set())
    if "pass" in spf or "pass" in dkim:
        return False
    return "fail" in spf or bool(spf & _SPF_FAILS and dkim)


def _results(headers: Iterable[str], trusted: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for header in headers:
        server, *parts = _without_comments(header).split(";")
        if server.split()[:1] != [] and server.split()[0].lower() == trusted.lower():
            for match in filter(None, map(_RESULT.match, parts)):
                found.setdefault(match[1].lower(), set()).add(match[2].lower())
    return found


def _without_comments(header: str) -> str:
    """In one pass: comments may be nested (RFC 5322, 3.2.2), and a stranger nests them ten thousand deep. What is never
    closed is no comment."""
    words = _BRACKETS.split(header)
    kept, depth, begun = [], 0, 0
    for place, word in enumerate(words):
        if word == "(":
            begun = begun if depth else place
            depth += 1
        elif word == ")" and depth:
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(word)
    return "".join(kept + (words[begun:] if depth else []))
