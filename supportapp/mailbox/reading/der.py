"""Enough of BER and DER (X.690) to look into a signed mail: elements one after another, both kinds of length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_DEPTH = 20
_ELEMENTS = 300_000


class NotDer(ValueError):  # noqa: N818 - bytes that are something else are no error of ours
    """The bytes are no BER, or more of it than a mail holds."""


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


@dataclass
class Reader:
    """Looks into ``data``. Every method raises NotDer where the bytes make no sense, and after ``left`` elements."""

    data: bytes
    left: int = _ELEMENTS

    def element(self, start: int, end: int, depth: int = 0) -> Element:
        """The element at ``start``."""
        self.left -= 1
        if start + 2 > end or depth > _DEPTH or self.left < 0:
            raise NotDer
        tag, length, position = self.data[start], self.data[start + 1], start + 2
        if tag & 0x1F == 0x1F:
            raise NotDer
        if length == 0x80:
            return self._indefinite(tag, position, end, depth)
        if length > 0x80:
            count = length & 0x7F
            if count > 8 or position + count > end:
                raise NotDer
            length = int.from_bytes(self.data[position : position + count], "big")
            position += count
        if position + length > end:
            raise NotDer
        return Element(tag, position, position + length, position + length)

    def inside(self, element: Element) -> Iterator[Element]:
        """The elements that lie one after another in a constructed one."""
        position = element.start
        while position < element.end:
            inner = self.element(position, element.end)
            yield inner
            position = inner.after

    def octets(self, element: Element, depth: int = 0) -> bytes:
        """The bytes of an OCTET STRING, joined where it was written in pieces."""
        if not element.is_constructed:
            return self.bytes_of(element)
        if depth > _DEPTH:
            raise NotDer
        return b"".join(self.octets(piece, depth + 1) for piece in self.inside(element))

    def bytes_of(self, element: Element) -> bytes:
        return self.data[element.start : element.end]

    def _indefinite(self, tag: int, start: int, end: int, depth: int) -> Element:
        position = start
        while self.data[position : position + 2] != b"\x00\x00":
            position = self.element(position, end, depth + 1).after
        return Element(tag, start, position, position + 2)
