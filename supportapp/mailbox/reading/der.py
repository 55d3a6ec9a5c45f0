"""Enough of BER and DER (X.690) to look into a signed mail: elements one after another, both kinds of length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_DEPTH = 20


class NotDer(ValueError):  # noqa: N818 - bytes that are something else are no error of ours
    """The bytes are no BER."""


@dataclass(frozen=True, slots=True)
class Element:
    """``tag`` is the first byte; the content lies between ``start`` and ``end``, the next element at ``after``."""

    tag: int
    start: int
    end: int
    after: int

    @property
    def is_constructed(self) -> bool:
        return bool(self.tag & 0x20)


def read_element(data: bytes, start: int, end: int, depth: int = 0) -> Element:
    """The element at ``start``. Raises NotDer."""
    if start + 2 > end or depth > _DEPTH:
        raise NotDer
    tag, length, position = data[start], data[start + 1], start + 2
    if tag & 0x1F == 0x1F:
        raise NotDer
    if length == 0x80:
        return _indefinite(data, tag, position, end, depth)
    if length > 0x80:
        count = length & 0x7F
        if count > 8 or position + count > end:
            raise NotDer
        length = int.from_bytes(data[position : position + count], "big")
        position += count
    if position + length > end:
        raise NotDer
    return Element(tag, position, position + length, position + length)


def _indefinite(data: bytes, tag: int, start: int, end: int, depth: int) -> Element:
    position = start
    while data[position : position + 2] != b"\x00\x00":
        position = read_element(data, position, end, depth + 1).after
    return Element(tag, start, position, position + 2)


def elements(data: bytes, start: int, end: int) -> Iterator[Element]:
    """The elements that lie one after another between two places. Raises NotDer while it goes."""
    while start < end:
        element = read_element(data, start, end)
        yield element
        start = element.after


def octets(data: bytes, element: Element, depth: int = 0) -> bytes:
    """The bytes of an OCTET STRING, joined where it was written in pieces. Raises NotDer."""
    if not element.is_constructed:
        return data[element.start : element.end]
    if depth > _DEPTH:
        raise NotDer
    return b"".join(octets(data, piece, depth + 1) for piece in elements(data, element.start, element.end))
