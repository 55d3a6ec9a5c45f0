"""Licences by the names that they are known under, with the address of their text."""

from __future__ import annotations

from typing import NamedTuple

_ADDRESSES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC-BY-SA-3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
    "MIT": "https://spdx.org/licenses/MIT.html",
    "APACHE-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "BSD-2-CLAUSE": "https://spdx.org/licenses/BSD-2-Clause.html",
    "BSD-3-CLAUSE": "https://spdx.org/licenses/BSD-3-Clause.html",
    "GFDL-1.3": "https://www.gnu.org/licenses/fdl-1.3.html",
    "GPL-3.0": "https://www.gnu.org/licenses/gpl-3.0.html",
}
_SPOKEN_HERE = "https://creativecommons.org/licenses/"


class Licence(NamedTuple):
    """``address`` is None for a licence that we know only by the name the editor gave it."""

    name: str
    address: str | None


def licence_of(name: str, language: str) -> Licence | None:
    """The licence an article names; its text in the reader's language where there is one."""
    if not name:
        return None
    address = _ADDRESSES.get(name.strip().upper().replace(" ", "-"))
    if address and address.startswith(_SPOKEN_HERE) and "/4.0/" in address:
        address = f"{address}legalcode.{language}"
    return Licence(name, address)
