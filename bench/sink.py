"""An SMTP server that takes everything and keeps nothing but the moment: ``python -m bench.sink PORT FILE``.

It does as little as the protocol allows, so that what is measured is the sender.
"""

from __future__ import annotations

import socketserver
import sys
import time
from pathlib import Path
from typing import TextIO

ANSWERS = {b"EHLO": b"250 sink", b"DATA": b"354 go on", b"QUIT": b"221 bye"}


class Talk(socketserver.StreamRequestHandler):
    """One connection."""

    disable_nagle_algorithm = True
    log: TextIO

    def handle(self) -> None:
        """Answer until it says QUIT or hangs up."""
        self._say(b"220 sink")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            self._say(ANSWERS.get(verb, b"250 ok"))
            if verb == b"DATA":
                self._take()
            if verb == b"QUIT":
                return

    def _take(self) -> None:
        while (line := self.rfile.readline()) and line != b".\r\n":
            pass
        self.log.write(f"{time.time():.6f}\n")
        self._say(b"250 taken")

    def _say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")


def main() -> None:
    """Serve until killed."""
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with (
        Path(sys.argv[2]).open("w", buffering=1) as Talk.log,
        socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Talk) as server,
    ):
        server.daemon_threads = True
        server.serve_forever()


if __name__ == "__main__":
    main()
