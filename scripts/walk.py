"""``make walk``: lives through the whole story of the portal over HTTP, as its people do, and tells what was seen.

    python scripts/walk.py --base-url http://localhost:8000 --mail-url http://localhost:8025

The demo (``make run``) must be running. Pages and mails are read as a person reads them; only the clock is moved by a
command, ``flask demo clock``. It can be run again on the same data. The exit status is 0 only when every step passed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from story import accounts, certificates, desk, solution, tickets, waiting
from story.cast import Cast
from story.management import manage
from story.telling import Failed, Telling

STEPS: tuple[tuple[str, Callable[[Cast], None]], ...] = (
    ("A visitor sees the home page", accounts.look_round),
    ("Sign-up, confirmation, sign-in, and every refusal on the way", accounts.sign_up),
    ("A certificate that staff entered is registered, after every refusal", certificates.register),
    ("A ticket is sent, with files, suggestions and one press too many", tickets.send),
    ("The ticket is confirmed by mail, listed, read and answered", tickets.follow),
    ("An engineer takes the ticket, asks, and proposes a solution", desk.work),
    ("Nobody answers: warning, signed links, automatic closing, reopening", waiting.let_it_close),
    ("The customer accepts the solution", solution.accept),
    ("A manager filters, exports and looks round", manage),
)


def main() -> int:
    """Walk; 0 when every step passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="http://localhost:8000")
    parser.add_argument("--mail-url", default="http://localhost:8025")
    options = parser.parse_args()
    for address in (options.base_url, options.mail_url):
        if not address.startswith(("http://", "https://")):
            parser.error(f"{address} is not a web address")
    telling = Telling(Path(os.environ.get("VAR_DIR", "var")))
    cast = Cast(options.base_url, options.mail_url, telling)
    try:
        for number, (title, live_through) in enumerate(STEPS, 1):
            with telling.step(number, title):
                live_through(cast)
    except Failed:
        return 1
    telling.end(cast.clock.stands())
    return 0


if __name__ == "__main__":
    sys.exit(main())
