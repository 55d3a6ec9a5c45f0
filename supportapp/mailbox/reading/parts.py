"""A mail as a tree of parts, to a bounded depth and number; what lies beyond stays one part, unopened."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from supportapp.mailbox.reading import limits
from supportapp.mailbox.reading.headers import Headers, split_headers
from supportapp.mailbox.reading.parameters import Parameters, read_parameters
from supportapp.mailbox.reading.transfer import decode_transfer

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}\Z")
_FIRST_BOUNDARY = re.compile(rb"(?:\A|[\r\n])--([^\r\n]{1,200}?)[ \t]*(?=[\r\n])")
_REST_OF_BOUNDARY = re.compile(rb"(--)?[ \t]*(?:\r\n|\n|\r|\Z)")


@dataclass(eq=False)
class Part:
    """A part and those inside it. ``is_unopened`` marks a multipart that lies beyond the limits or is broken."""

    headers: Headers
    raw: bytes
    content_type: Parameters
    parts: list[Part] = field(default_factory=list)
    is_unopened: bool = False

    @property
    def kind(self) -> str:
        return self.content_type.value

    @cached_property
    def disposition(self) -> Parameters:
        return read_parameters(self.headers.get("content-disposition"))

    @property
    def file_name(self) -> str:
        """As the sender wrote it: to be cleaned before use."""
        return self.disposition.get("filename") or self.content_type.get("name")

    @cached_property
    def data(self) -> bytes:
        """The content, decoded from its transfer encoding."""
        return decode_transfer(self.raw, self.headers.ascii("content-transfer-encoding"))

    @property
    def charset(self) -> str:
        return self.content_type.get("charset")

    def walk(self) -> list[Part]:
        """This part and all inside it, in reading order."""
        found = [self]
        for part in self.parts:
            found.extend(part.walk())
        return found


@dataclass
class Splitter:
    """Takes one mail apart. ``problems`` tells what was wrong with its form."""

    raw: bytes
    problems: list[str] = field(default_factory=list)
    seen: int = 0

    def split(self) -> Part:
        return self._part(0, len(self.raw), depth=0, default="text/plain")

    def _part(self, start: int, end: int, *, depth: int, default: str) -> Part:
        self.seen += 1
        headers, body = split_headers(self.raw, start, end)
        content_type = _content_type(headers, default)
        if not content_type.value.startswith("multipart/"):
            return Part(headers, self.raw[body:end], content_type)
        return self._multipart(headers, content_type, body, end, depth)

    def _multipart(self, headers: Headers, content_type: Parameters, body: int, end: int, depth: int) -> Part:
        spans = self._spans(content_type.get("boundary"), body, end)
        if depth >= limits.PART_DEPTH or self.seen + len(spans) > limits.PARTS:
            self.problems.append("too many parts, or too deep: kept unopened")
            return Part(headers, self.raw[body:end], content_type, is_unopened=True)
        if not spans:
            self.problems.append("a multipart without its boundary was read as text")
            return Part(headers, self.raw[body:end], Parameters("text/plain", dict(content_type.named)))
        part = Part(headers, b"", content_type)
        default = "message/rfc822" if content_type.value == "multipart/digest" else "text/plain"
        self.seen += len(spans)
        for first, last in spans:
            part.parts.append(self._part(first, last, depth=depth + 1, default=default))
        return part

    def _spans(self, boundary: str, start: int, end: int) -> list[tuple[int, int]]:
        """Where each part between the boundaries begins and ends; one that the mail's end cuts off counts."""
        marker = b"--" + boundary.encode("utf-8", "replace") if boundary else b""
        if not marker or self.raw.find(marker, start, end) < 0:
            guessed = _FIRST_BOUNDARY.search(self.raw, start, min(end, start + 10_000))
            marker = b"--" + guessed[1] if guessed else b""
        spans: list[tuple[int, int]] = []
        opened: int | None = None
        position = self.raw.find(marker, start, end) if marker else -1
        while position >= 0 and len(spans) <= limits.PARTS:
            rest = _REST_OF_BOUNDARY.match(self.raw, position + len(marker), end)
            if rest and (position == start or self.raw[position - 1 : position] in (b"\n", b"\r")):
                if opened is not None:
                    spans.append((opened, _before_line_end(self.raw, opened, position)))
                opened = None if rest[1] else rest.end()
                if rest[1]:
                    break
            position = self.raw.find(marker, position + len(marker), end)
        if opened is not None:
            spans.append((opened, end))
        return spans


def _before_line_end(raw: bytes, start: int, end: int) -> int:
    """The line end in front of a boundary belongs to the boundary."""
    if end > start and raw[end - 1 : end] == b"\n":
        end -= 1
    if end > start and raw[end - 1 : end] == b"\r":
        end -= 1
    return end


def _content_type(headers: Headers, default: str) -> Parameters:
    read = read_parameters(headers.get("content-type"))
    if _TYPE.match(read.value):
        return read
    if read.value in ("", "text"):  # the oldest programs
        return Parameters(default, read.named)
    return Parameters("application/octet-stream" if "/" in read.value else default, read.named)
