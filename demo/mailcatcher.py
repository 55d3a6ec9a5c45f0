"""The post office of the demo: takes every mail by SMTP, delivers none, shows all of them on a page of its own.

``python -m demo.mailcatcher --folder var/mail --smtp-port 1025 --page-port 8025``; both doors are on 127.0.0.1 only.
"""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path
from types import FrameType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from werkzeug.serving import make_server

from demo.mail_page import create_page
from demo.mail_store import MailStore
from demo.ports import HOST, any_free

REFUSED_DOMAIN = "refused.example"
MAX_MAIL_BYTES = 64 * 1024 * 1024


class Catcher:
    """What the SMTP server does with a mail: keep it, then say so. Addresses at refused.example do not exist."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Refuse the domain that stands for addresses that do not exist."""
        if address.lower().endswith("@" + REFUSED_DOMAIN):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer 250 only when the mail is on the disk."""
        content = envelope.content
        if not isinstance(content, bytes):
            return "554 5.6.0 not a mail"
        key = self._store.add(content, sender=envelope.mail_from or "", recipients=envelope.rcpt_tos)
        return f"250 2.0.0 stored as {key}"


def start_smtp(store: MailStore, port: int) -> Controller:
    """A running SMTP server on 127.0.0.1, on any free port for 0; the caller stops it."""
    port = port or any_free()
    controller = Controller(
        Catcher(store), hostname=HOST, port=port, data_size_limit=MAX_MAIL_BYTES, enable_SMTPUTF8=True, ready_timeout=20
    )
    controller.start()
    return controller


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--page-port", type=int, default=8025)
    parser.add_argument("--receiver", type=Path, help="the LMTP socket to which answers are handed")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)
    store = MailStore(options.folder)
    smtp = start_smtp(store, options.smtp_port)
    portal = os.environ.get("MAIL_FROM") or "support@localhost"
    page = create_page(store, receiver=options.receiver, portal=portal)
    try:
        make_server(HOST, options.page_port, page, threaded=True).serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        smtp.stop()


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
