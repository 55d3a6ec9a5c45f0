"""What a tree of parts says to people: its lines, its files, and what kind of envelope they came in."""

from __future__ import annotations

from dataclasses import dataclass, field

from supportapp.i18n import N_, gettext
from supportapp.mailbox.reading import charsets, limits, smime, tnef
from supportapp.mailbox.reading.contents import Attachment
from supportapp.mailbox.reading.encoded_words import decode_words
from supportapp.mailbox.reading.file_names import file_name, shortened
from supportapp.mailbox.reading.headers import split_headers
from supportapp.mailbox.reading.invites import summary_line
from supportapp.mailbox.reading.lines import Line
from supportapp.mailbox.reading.markup import markup_lines
from supportapp.mailbox.reading.parts import Part, Splitter
from supportapp.mailbox.reading.plain_text import text_lines

ENCRYPTED = N_("[This mail is encrypted. It cannot be read here; it is kept as a file.]")
_MACHINE_READABLE = {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
                     "message/feedback-report", "text/rfc822-headers", "message/global-headers"}  # fmt: skip
_TNEF_TYPES = {"application/ms-tnef", "application/vnd.ms-tnef"}
_HTML_TYPES = {"text/html", "application/xhtml+xml"}
_CALENDAR_TYPES = {"text/calendar", "application/ics"}
_WRAPPERS = 4


@dataclass
class Body:
    """Filled while the tree is read. ``language`` is that of the sentences which are ours ("ru" or "en")."""

    language: str
    lines: list[Line] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    is_signed: bool = False
    is_encrypted: bool = False
    wrappers: int = 0
    room: int = limits.TEXT_CHARACTERS
    unread_bytes: int = 2 * limits.TEXT_BYTES
    known: dict[Part, list[Line]] = field(default_factory=dict)

    def read(self, part: Part, *, is_whole: bool = False) -> None:
        """One part and all inside it. ``is_whole``: it is the mail's content, not a piece of it."""
        if part.is_unopened:
            self.attach(part, name="unopened.eml")
        elif part.kind.startswith("multipart/"):
            self._read_parts(part, is_whole=is_whole)
        elif part.kind in _CALENDAR_TYPES and (part.kind == "text/calendar" or part.file_name == "invite.ics"):
            self._invite(part)
        elif part.kind in _TNEF_TYPES or part.file_name.lower() == "winmail.dat":
            self._package(part)
        elif smime.is_wrapped(part.kind) and is_whole:
            self._wrapped(part)
        elif part.kind in _MACHINE_READABLE:
            self.attach(part)
        elif is_text(part) and not _is_attached(part):
            self._text(part)
        else:
            self.attach(part)

    def _read_parts(self, part: Part, *, is_whole: bool) -> None:
        if part.kind == "multipart/signed" and len(part.parts) > 1:
            self.is_signed = True
            self.read(part.parts[0], is_whole=is_whole)
            for other in part.parts[1:]:
                if other.kind not in smime.SIGNATURE_TYPES:
                    self.read(other)
        elif part.kind == "multipart/encrypted":
            self._encrypted(part.parts[-1], "encrypted.asc")
        elif part.kind == "multipart/alternative":
            self._alternative(part)
        else:
            for inner in part.parts:
                self.read(inner, is_whole=is_whole and len(part.parts) == 1)

    def _alternative(self, part: Part) -> None:
        """The plain text, unless it says much less than the HTML; then what comes beside: invitations and files."""
        texts = [inner for inner in part.walk() if is_text(inner) and not _is_attached(inner)]
        plain = [line for inner in texts if inner.kind not in _HTML_TYPES for line in self.lines_of(inner)]
        html = [line for inner in texts if inner.kind in _HTML_TYPES for line in self.lines_of(inner)]
        unread = _HTML_TYPES if count_letters(plain) * 2 >= count_letters(html) and plain else {"text/plain"}
        for inner in part.walk():
            is_other_text = inner in texts and (inner.kind in _HTML_TYPES) == (unread == _HTML_TYPES)
            if not inner.parts and not is_other_text and inner.kind != "text/x-amp-html":
                self.read(inner)

    def _text(self, part: Part) -> None:
        """A text for people; one that is longer than people read is kept whole as a file, and begun here."""
        has_room = self.say(self.lines_of(part))
        if not has_room or self.unread_bytes < 0 or len(part.data) > limits.TEXT_BYTES:
            self.problems.append("a text is very long: it is kept as a file, too")
            self.attach(part)

    def lines_of(self, part: Part) -> list[Line]:
        """The lines of a text part, read once; none when a mail has more of them than anybody reads."""
        if part not in self.known:
            self.unread_bytes -= min(len(part.data), limits.TEXT_BYTES)
            self.known[part] = part_lines(part, self.problems) if self.unread_bytes >= 0 else []
        return self.known[part]

    def _invite(self, part: Part) -> None:
        text, _ = charsets.decode(part.data, part.charset or "utf-8")
        line = summary_line(text, self.language)
        if all(line != other.text for other in self.lines):
            self.say([Line(line, shown=line)])
        if all(other.data != part.data for other in self.attachments):
            self.attach(part, name=part.file_name or "invite.ics")

    def _package(self, part: Part) -> None:
        """winmail.dat: its files in its place; its text where the mail has no other."""
        if not tnef.is_tnef(part.data):
            self.attach(part)
            return
        package = tnef.read_package(part.data)
        if all(line.is_blank for line in self.lines):
            html = charsets.decode(package.html)[0] if package.html else ""
            self.say(text_lines(package.text) if package.text.strip() else markup_lines(html))
        for packed in package.files:
            kind = packed.content_type or "application/octet-stream"
            self._file(packed.name, kind, packed.data)
        if package.is_broken or not (package.files or package.text or package.html):
            self.problems.append("winmail.dat could not be read to its end")
            self.attach(part, name="winmail.dat")

    def _wrapped(self, part: Part) -> None:
        wrapping, content = smime.unwrap(part.data)
        self.wrappers += 1
        if wrapping is smime.Wrapping.ENCRYPTED or part.content_type.get("smime-type").startswith("enveloped"):
            self._encrypted(part, part.file_name or "smime.p7m")
            return
        self.is_signed = self.is_signed or wrapping is smime.Wrapping.SIGNED
        if content and self.wrappers <= _WRAPPERS:
            splitter = Splitter(content)
            self.read(splitter.split(), is_whole=True)
            self.problems.extend(splitter.problems)
        else:
            self.attach(part)

    def _encrypted(self, part: Part, name: str) -> None:
        self.is_encrypted = True
        sentence = gettext(ENCRYPTED, self.language)
        self.say([Line(sentence, shown=sentence)])
        self.attach(part, name=name)

    def say(self, lines: list[Line]) -> bool:
        """Another piece of text below the others; False where there was no room for all of it."""
        if self.lines and lines:
            self.lines.append(Line(""))
        for line in lines:
            if self.room < len(line.shown):
                self.lines.append(Line(line.text[: self.room], line.depth, shown=line.shown[: self.room]))
                self.room = 0
                return False
            self.lines.append(line)
            self.room -= len(line.shown) + 1
        return True

    def attach(self, part: Part, *, name: str = "") -> None:
        """A part as a file; a mail within the mail is named by its subject."""
        written = name or part.file_name
        if part.kind == "message/rfc822" and not written:
            subject = decode_words(split_headers(part.data, 0, len(part.data))[0].get("subject"))
            written = shortened(f"{subject.replace('/', '_') or 'message'}.eml")
        is_inline = part.disposition.value != "attachment" and part.headers.has("content-id")
        self._file(written, part.kind, part.data if not part.is_unopened else part.raw, is_inline=is_inline)

    def _file(self, written: str, kind: str, data: bytes, *, is_inline: bool = False) -> None:
        name = file_name(written, kind, len(self.attachments) + 1)
        self.attachments.append(Attachment(name, kind, data, is_inline))


def is_text(part: Part) -> bool:
    """Whether a part is for reading, by its type."""
    return part.kind in {"text/plain", "text/enriched"} | _HTML_TYPES


def _is_attached(part: Part) -> bool:
    """Whether a text is a file: it says so, or it has a name."""
    return part.disposition.value == "attachment" or bool(part.file_name)


def part_lines(part: Part, problems: list[str]) -> list[Line]:
    """The lines of a text part, as far as the limit goes."""
    text, was_right = charsets.decode(part.data[: limits.TEXT_BYTES], part.charset)
    if not was_right:
        problems.append(f"the charset {part.charset[:40]!r} was wrong or unknown")
    if part.kind in _HTML_TYPES:
        return markup_lines(text)
    is_flowed = part.content_type.get("format").lower() == "flowed"
    return text_lines(text, is_flowed=is_flowed, del_sp=part.content_type.get("delsp").lower() == "yes")


def count_letters(lines: list[Line]) -> int:
    return sum(letter.isalnum() for line in lines for letter in line.text)
