"""What a person reads when the demo is up."""

from __future__ import annotations

import os
from pathlib import Path

from demo.stand import Stand

PASSWORD = "demo-portal-2026"  # noqa: S105 - printed for everybody to read
CUSTOMERS = {"anna@example.com": "in Russian", "john@example.com": "in English"}
STAFF = ("engineer", "engineer2", "editor", "manager", "admin")
CERTIFICATES = (
    ("certificate", "СП-2026-000101", "DEMO-1001", "valid"),
    ("contract", "ДТП-77/2026", "DEMO-2002", "valid, three seats"),
    ("certificate", "СП-2026-000201", "DEMO-7001", "valid, and so on to …220 / DEMO-7020"),
    ("certificate", "СП-2024-000007", "DEMO-3003", "expired"),
    ("certificate", "СП-2027-000900", "DEMO-4004", "not valid yet"),
    ("certificate", "СП-2026-000666", "DEMO-5005", "revoked"),
    ("certificate", "СП-2026-000102", "DEMO-6006", "Anna's: no seat is free"),
)

SCREEN = """
  The portal runs ({seconds:.0f} s after make run).

    Portal    {base_url}
    Staff     {base_url}/staff/
    Mails     {mail_url}   (every mail the portal sends; none leaves this machine)

  Sign in with the password {password}
    customers    {customers}
    staff        {staff}

  Certificates to register
{certificates}

  Another terminal
    make clock                      where the portal's clock stands
    make clock BY="3 working days"  move it, and watch the warning and the automatic closing happen
    make walk                       live through the whole story by itself

  Logs are in {log}, data in {var} (it stays until make clean-data).
  Ctrl-C ends everything.
"""


def screen(stand: Stand, seconds: float) -> str:
    """Addresses, sign-ins, certificates and commands, in 30 lines."""
    rows = [f"    {kind:<12} {number:<15} {code:<10} {note}" for kind, number, code, note in CERTIFICATES]
    return SCREEN.format(
        seconds=seconds,
        base_url=stand.base_url,
        mail_url=stand.mail_url,
        password=PASSWORD,
        customers=", ".join(f"{address} ({language})" for address, language in CUSTOMERS.items()),
        staff=", ".join(STAFF),
        certificates="\n".join(rows),
        log=_short(stand.log),
        var=_short(stand.var),
    )


def _short(folder: Path) -> str:
    return os.path.relpath(folder) if folder.is_relative_to(Path.cwd()) else str(folder)
