"""Filling in a form by the labels that stand next to its fields."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from .reading import Element, label_text, squeeze

Upload = tuple[str, bytes, str]  # name, content, type
Value = str | bool | Sequence[str] | list[Upload]
BUTTONS = ("submit", "image")


class NoSuchField(LookupError):  # noqa: N818 - told to people as it stands
    """The form has no field of that label."""


@dataclass
class Sending:
    """What a browser would send."""

    method: str
    action: str
    body: bytes
    content_type: str


def find_form(page: Element, button: str, labels: Sequence[str], beside: str = "") -> tuple[Element, Element]:
    """The form whose button reads ``button`` and that has fields of all ``labels``, and the button; LookupError.

    ``beside`` is a text that stands in the form or right around it, where several look alike.
    """
    pressable = [element for element in page.walk() if is_button(element) and button_text(element) == squeeze(button)]
    for element in pressable:
        form = form_of(page, element)
        if form is None or (beside and not stands_beside(form, beside)):
            continue
        if all(find_field(page, form, label) is not None for label in labels):
            return form, element
    if not pressable:
        raise LookupError(f"no button “{button}”")
    raise NoSuchField(f"no form with the button “{button}” and the fields {', '.join(labels)}")


def is_button(element: Element) -> bool:
    """Whether it submits a form."""
    if element.has("disabled") or element.get("aria-hidden") == "true":
        return False
    if element.tag == "button":
        return element.get("type", "submit") in BUTTONS
    return element.tag == "input" and element.get("type") in BUTTONS


def button_text(element: Element) -> str:
    """What the button says."""
    return element.text or squeeze(element.get("value") or element.get("aria-label"))


def form_of(page: Element, element: Element) -> Element | None:
    """The form that the element belongs to."""
    if element.has("form"):
        return next((form for form in page.all("form") if form.get("id") == element.get("form")), None)
    return element.ancestor("form")


def stands_beside(form: Element, words: str) -> bool:
    """Whether the words can be read in the form or in what encloses it alone."""
    around: Element | None = form
    for _level in range(3):
        if around is None:
            return False
        if squeeze(words) in around.text:
            return True
        around = around.parent
        if around is not None and len(around.all("form")) > 1:
            return False
    return False


def controls(page: Element, form: Element) -> list[Element]:
    """The fields of the form, in the order of the page."""
    return [element for element in page.all("input", "select", "textarea") if form_of(page, element) is form]


def find_field(page: Element, form: Element, label: str) -> Element | None:
    """The field next to that label: read in full, else as the beginning of a longer one."""
    wanted = squeeze(label)
    named = [(words, field) for field in controls(page, form) for words in names_of(page, field)]
    for words, field in named:
        if words == wanted:
            return field
    return next((field for words, field in named if words.startswith(wanted)), None)


def names_of(page: Element, field: Element) -> list[str]:
    """The labels of a field."""
    labels = [
        label_text(label) for label in page.all("label") if field.get("id") and label.get("for") == field.get("id")
    ]
    around = field.ancestor("label")
    if around is not None:
        labels.append(label_text(around))
    labels += [squeeze(field.get(name)) for name in ("aria-label", "placeholder") if field.get(name)]
    return labels


def fill_in(page: Element, form: Element, button: Element, values: Mapping[str, Value]) -> Sending:
    """What is sent when the form is filled in so and the button pressed."""
    chosen = {}
    for label, value in values.items():
        field = find_field(page, form, label)
        if field is None:
            raise NoSuchField(f"no field “{label}”")
        chosen[id(field)] = value
    pairs: list[tuple[str, str]] = []
    uploads: list[tuple[str, Upload]] = []
    radios = {f.get("name") for f in controls(page, form) if f.get("type") == "radio" and chosen.get(id(f)) is True}
    for field in controls(page, form):
        name = field.get("name")
        if not name or field.has("disabled"):
            continue
        if field.get("type") == "file":
            given = chosen.get(id(field))
            files = given if isinstance(given, list) else []
            uploads += [(name, upload) for upload in files if isinstance(upload, tuple)]
        else:
            pairs += [(name, text) for text in texts_of(field, chosen.get(id(field)), radios)]
    if button.get("name"):
        pairs.append((button.get("name"), button.get("value")))
    action = button.get("formaction") or form.get("action")
    method = (button.get("formmethod") or form.get("method") or "get").upper()
    if form.get("enctype") == "multipart/form-data":
        body, content_type = multipart(pairs, uploads)
    else:
        body, content_type = urlencode(pairs).encode(), "application/x-www-form-urlencoded"
    return Sending(method, action, body, content_type)


def texts_of(field: Element, value: Value | None, radios: set[str]) -> list[str]:
    """What a browser sends for one field."""
    kind = field.get("type", "text") if field.tag == "input" else field.tag
    if kind in ("radio", "checkbox"):
        ticked = value if isinstance(value, bool) else field.has("checked")
        if kind == "radio" and value is None and field.get("name") in radios:
            ticked = False
        return [field.get("value", "on")] if ticked else []
    if kind in ("submit", "image", "button", "reset"):
        return []
    if kind == "select":
        return options_of(field, value)
    if isinstance(value, str):
        return [value.replace("\r\n", "\n").replace("\n", "\r\n")]
    return [field.raw_text.removeprefix("\n") if kind == "textarea" else field.get("value")]


def options_of(select: Element, value: Value | None) -> list[str]:
    """The values of the options that are chosen: those whose text begins so, else those of the page."""
    options = select.all("option")
    if value is None:
        picked = [option for option in options if option.has("selected")]
        if not picked and options and not select.has("multiple"):
            picked = options[:1]
    else:
        wanted = (
            [value] if isinstance(value, str) else [str(text) for text in value] if not isinstance(value, bool) else []
        )
        picked = [_option(options, text) for text in wanted]
    return [option.get("value", option.text) for option in picked]


def _option(options: list[Element], text: str) -> Element:
    for option in options:
        if option.text == squeeze(text):
            return option
    for option in options:
        if text and option.text.startswith(squeeze(text)):
            return option
    raise NoSuchField(f"no option “{text}” among {', '.join(option.text for option in options)}")


def multipart(pairs: Sequence[tuple[str, str]], uploads: Sequence[tuple[str, Upload]]) -> tuple[bytes, str]:
    """The body of a form with files, and its content type."""
    boundary = f"----walk{secrets.token_hex(12)}"
    lines: list[bytes] = []
    for name, text in pairs:
        lines += [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode(),
            text.encode(),
            b"\r\n",
        ]
    for name, (filename, content, kind) in uploads:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        lines += [head.encode(), f"Content-Type: {kind}\r\n\r\n".encode(), content, b"\r\n"]
    lines.append(f"--{boundary}--\r\n".encode())
    return b"".join(lines), f"multipart/form-data; boundary={boundary}"
