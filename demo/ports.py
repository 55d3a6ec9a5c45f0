"""Ports on 127.0.0.1: which are free."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
        return True


def any_free() -> int:
    """Some port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def first_free(start: int, *, avoid: set[int]) -> int:
    """The first free port from ``start`` on that is not spoken for already."""
    for port in range(start, start + 200):
        if port not in avoid and is_free(port):
            return port
    return any_free()
