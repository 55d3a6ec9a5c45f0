"""HTML into lines: paragraphs, lists, tables, quotations by depth, and the marks that mail programs leave."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from supportapp.mailbox.reading import limits
from supportapp.mailbox.reading.lines import Line, Mark
from supportapp.mailbox.reading.plain_text import clean
from supportapp.mailbox.reading.tags import Tag, words_and_tags

_LINES = {
    "address", "article", "body", "center", "dd", "div", "dl", "dt", "footer", "form", "header", "hr", "html", "li",
    "main", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "ol", "blockquote", "pre", "p",
    "h1", "h2", "h3", "h4", "h5", "h6", "figure", "caption",
}  # fmt: skip
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl"}
_TIGHT = ("mso", "xmso", "x_mso")  # Outlook's paragraphs are lines
_CELLS = {"td", "th"}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_HEAD_IDS = ("divrplyfwdmsg", "x_divrplyfwdmsg", "olk_src_body_section", "mail-editor-reference-message-container")
_HEAD_CLASSES = ("yahoo_quoted", "zmail_extra", "protonmail_quote", "ydpyahoo_quoted")
_ATTRIBUTION_CLASSES = ("gmail_attr", "moz-cite-prefix", "mailru-blockquote-header", "tutanota_quote_header")
_OUTLOOK_LINE = re.compile(r"border:\s*none;\s*border-top:\s*solid\s+#(?:e1e1e1|b5c4df)", re.IGNORECASE)
_INDENT_ONLY = re.compile(r"border:\s*(?:none|0|medium none)", re.IGNORECASE)


@dataclass
class _Page:
    """The lines so far and the one being written."""

    lines: list[Line] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    quotes: list[bool] = field(default_factory=list)
    mark: Mark | None = None
    link: str = ""
    link_words: int = 0
    verbatim: int = 0
    wants_gap: bool = False

    def write(self, text: str) -> None:
        if self.verbatim:
            first, *others = re.split(r"\r\n|\r|\n", text)
            self.words.append(first)
            for other in others:
                self.end_line(always=True)
                self.words.append(other)
            return
        text = _SPACES.sub(" ", text)
        if text == " " and not self.words:
            return
        self.words.append(text)

    def end_line(self, *, always: bool = False) -> None:
        text = clean("".join(self.words))
        self.words = []
        always = always or "\xa0" in text  # a line that Outlook keeps empty on purpose
        if not self.verbatim:
            text = _trimmed(text)
        if not text and not always:
            return
        if self.wants_gap and self.lines and text.strip():
            self._put("", None)
        self.wants_gap = False if text.strip() else self.wants_gap
        mark, self.mark = (self.mark, None) if text.strip() else (None, self.mark)
        self._put(text, mark)

    def _put(self, text: str, mark: Mark | None) -> None:
        depth = min(sum(self.quotes), limits.QUOTE_DEPTH)
        shown = f"{'>' * depth} {text}".rstrip() if depth else text
        self.lines.append(Line(text, depth, mark, shown))


def markup_lines(source: str) -> list[Line]:
    """The text of an HTML part. Scripts and styles are left out; nothing that people could read is."""
    page = _Page()
    for piece in words_and_tags(source):
        if isinstance(piece, str):
            page.write(piece)
        elif piece.is_closing:
            _close(page, piece)
        else:
            _open(page, piece)
    page.end_line()
    return page.lines


def _open(page: _Page, tag: Tag) -> None:
    name = tag.name
    if name == "br":
        page.end_line(always=True)
        return
    if name in _CELLS and page.words:
        page.words.append(" ")
    elif name in _LINES:
        page.end_line()
    if name in _PARAGRAPHS and not tag.get("class").lower().startswith(_TIGHT):
        page.wants_gap = True
    _mark(page, tag)
    _begin(page, tag)


def _begin(page: _Page, tag: Tag) -> None:
    name = tag.name
    if name == "blockquote":
        page.quotes.append(not _INDENT_ONLY.search(tag.get("style")))
        del page.quotes[200:]
    elif name == "pre":
        page.verbatim += 1
    elif name == "li":
        page.words.append("- ")
    elif name == "a" and tag.get("href").startswith(("http://", "https://")):
        page.link, page.link_words = tag.get("href")[:1000], len(page.words)
    elif name == "img" and tag.get("alt").strip():
        page.write(f"[{tag.get('alt')[:200]}]" if len(tag.get("alt")) > 4 else tag.get("alt"))


def _mark(page: _Page, tag: Tag) -> None:
    if (
        tag.says("id", *_HEAD_IDS)
        or tag.says("class", *_HEAD_CLASSES)
        or _OUTLOOK_LINE.search(tag.get("style"))
        or tag.get("name").lower() == "quote"
    ):
        page.mark = Mark.HEAD
    elif tag.says("class", *_ATTRIBUTION_CLASSES):
        page.mark = Mark.ATTRIBUTION


def _close(page: _Page, tag: Tag) -> None:
    name = tag.name
    if name == "a":
        _end_link(page)
    if name in _LINES and name not in _CELLS:
        page.end_line()
    if name in _PARAGRAPHS and page.lines and page.lines[-1].text:
        page.wants_gap = page.wants_gap or name != "p"
    if name == "blockquote" and page.quotes:
        page.quotes.pop()
    elif name == "pre":
        page.verbatim = max(0, page.verbatim - 1)


def _end_link(page: _Page) -> None:
    """A link whose words do not show where it leads says so."""
    link, page.link = page.link, ""
    if not link:
        return
    words = "".join(page.words[page.link_words :]).strip()
    bare = link.partition("//")[2].rstrip("/")
    if words and bare not in words and page.words:
        page.words.append(f" <{link}>")


def _trimmed(text: str) -> str:
    """Without spaces around; the sign of a signature ("-- ") keeps its own."""
    text = re.sub(" {2,}", " ", text)
    return "-- " if text.strip(" ") == "--" and text.endswith((" ", "\xa0")) else text.strip(" ").rstrip("\xa0")
