"""Reading a page as a person does: by its words, links, labels and buttons, never by ids of the code behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
UNSEEN = frozenset({"script", "style", "template", "head"})
BLOCKS = frozenset(
    {"p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "dt", "dd", "option", "label", "legend"}
)
BLOCKS |= {"section", "article", "header", "footer", "nav", "form", "br", "button"}
ENDED_BY = {"li": {"li"}, "option": {"option"}, "p": {"p"}, "tr": {"tr", "td", "th"}, "td": {"td", "th"}}
ENDED_BY |= {"th": ENDED_BY["td"], "dt": {"dt", "dd"}, "dd": {"dt", "dd"}}
UNREAD_TITLES = ("(необязательно)", "(optional)", "*")


@dataclass
class Element:
    """One element of a page with what it holds."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """An attribute, or ``default``."""
        return self.attributes.get(name, default)

    def has(self, name: str) -> bool:
        """Whether the attribute is there, with or without a value."""
        return name in self.attributes

    def walk(self) -> Iterator[Element]:
        """This element and all inside, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, *tags: str) -> list[Element]:
        """Every element of these tags inside."""
        return [element for element in self.walk() if element.tag in tags]

    @property
    def text(self) -> str:
        """What can be read, white space as one space."""
        return squeeze("".join(self._pieces()))

    @property
    def raw_text(self) -> str:
        """The characters as they stand, for text areas."""
        return "".join(child if isinstance(child, str) else child.raw_text for child in self.children)

    def ancestor(self, *tags: str) -> Element | None:
        """The nearest element around this one of these tags."""
        found = self.parent
        while found is not None and found.tag not in tags:
            found = found.parent
        return found

    def _pieces(self) -> Iterator[str]:
        if self.tag in UNSEEN or self.has("hidden"):
            return
        if self.tag in BLOCKS:
            yield " "
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._pieces()
        if self.tag in BLOCKS:
            yield " "


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#page", {})
        self._open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while self._open.tag in ENDED_BY.get(tag, ()) and self._open.parent is not None:
            self._open = self._open.parent
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_endtag(self, tag: str) -> None:
        found: Element | None = self._open
        while found is not None and found.tag != tag:
            found = found.parent
        if found is not None and found.parent is not None:
            self._open = found.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)


def parse(html: str) -> Element:
    """The elements of a page."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


def squeeze(text: str) -> str:
    """One space for all white space, no-break spaces included."""
    return " ".join(text.replace("\u200b", "").split())


def label_text(label: Element) -> str:
    """The words of a label without "(optional)"."""
    words = label.text
    for title in UNREAD_TITLES:
        words = words.removesuffix(title)
    return words.strip()
