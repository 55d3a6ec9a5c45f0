"""Steps 4 and 5: the customer sends a ticket, and follows it."""

from __future__ import annotations

import re
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

from . import words as w
from .cast import PRODUCT, Cast
from .forms import Sending, Upload, Value
from .people import NotSeen, Page, Person

SUBJECT = "Ошибка 0x80090016 при подписании"
REFERENCE = re.compile(r"\b[A-Z]{2,}-\d{6,}\b")
LOG: Upload = ("журнал.txt", "строка журнала\n".encode() * 50, "text/plain")


def screenshot() -> Upload:
    """A small but real PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"".join(bytes((x * 4, y * 4, 128)) for x in range(64)) for y in range(64))
    head = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return ("снимок экрана.png", content, "image/png")


def send(cast: Cast) -> None:
    """Step 4."""
    customer, saw = cast.customer, cast.telling.saw
    customer.open("/")
    customer.follow(w.SEND_A_TICKET)
    customer.sees(w.WITHOUT_CERTIFICATE, w.WITHOUT_MEANS)
    saw("the form says what a ticket without a certificate costs")
    customer.sees(cast.number("MAIN"), w.FIRST_ANSWER_BY)
    promise = re.search(re.escape(w.FIRST_ANSWER_BY) + r"\W*(.{5,40}?\d\d:\d\d)", customer.page.text)
    saw(f"with the certificate the first answer is promised by: {promise.group(1) if promise else '?'}")
    _suggestions(cast)
    _solved_without_ticket(cast)
    _bad_files_lose_nothing(cast)
    _one_ticket_of_two_presses(cast)
    cast.plain_ticket = send_ticket(cast, "Вопрос без сертификата", certificate=False)
    customer.sees(w.NEW)
    saw(f"and one without a certificate: {cast.plain_ticket}")


def send_ticket(cast: Cast, subject: str, *, certificate: bool = True) -> str:
    """A plain ticket; returns its reference."""
    customer = cast.customer
    customer.open("/tickets/new")
    chosen = cast.number("MAIN") if certificate else w.WITHOUT_CERTIFICATE
    customer.press(w.SEND, {chosen: True, w.SUBJECT: subject, w.BODY: f"{subject}. Подробности по запросу."})
    if w.LOOK_FIRST in customer.page.text:
        customer.press(w.SEND_ALL_THE_SAME)
    customer.sees(w.TICKET_SENT)
    return reference_of(customer.page)


def reference_of(page: Page) -> str:
    """The reference of the ticket on this page."""
    found = REFERENCE.search(page.text)
    if found is None:
        raise NotSeen("the page shows the reference of a ticket", page)
    return found.group()


def _suggestions(cast: Cast) -> None:
    customer = cast.customer
    question = {"subject": SUBJECT, "text": "Подпись не создаётся", "product_id": ""}
    panel = next(element for element in customer.page.root.walk() if element.has("data-suggestions"))
    answer = customer.ask(panel.get("data-ask"), question, token=customer.hidden("csrf_token"))
    found = answer.json["suggestions"] if answer.status == 200 else []
    if not found:
        raise NotSeen("articles are suggested while typing", answer)
    opened = customer.look_at(found[0]["content"])
    if opened.status != 200 or not opened.json.get("html"):
        raise NotSeen("a suggested article opens in place", opened)
    cast.telling.saw(f"{len(found)} articles are suggested while typing, and open in place: “{found[0]['title']}”")
    cast.suggested = found[0]


def _solved_without_ticket(cast: Cast) -> None:
    customer = cast.customer
    before = solved_count(cast)
    customer.open("/tickets/new")
    sending = customer.fill(w.SEND, {w.SUBJECT: SUBJECT})
    panel = next(element for element in customer.page.root.walk() if element.has("data-suggestions"))
    sending.action = cast.base_url + panel.get("data-solved")
    sending.body = with_field(sending, "article_id", cast.suggested["id"])
    customer.page = customer.send(sending)
    customer.sees(w.GOOD_THAT_IT_IS_SOLVED)
    customer.send(sending)
    customer.follow(w.MY_TICKETS)
    customer.sees_not(SUBJECT)
    after = solved_count(cast)
    if after != before + 1:
        raise NotSeen(f"“this solved it” is counted once: {before} before, {after} after", customer.page)
    cast.telling.saw(f"“this solved it” leaves without a ticket and is counted once ({after} so far)")


def with_field(form: Sending, name: str, value: object) -> bytes:
    """The same form with one more field, as a pressed button adds it."""
    boundary = form.content_type.partition("boundary=")[2].encode()
    field = b'Content-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), str(value).encode())
    return b"--" + boundary + b"\r\n" + field + form.body


def solved_count(cast: Cast) -> int:
    """How often the suggested article was said to help, as the editor reads it."""
    editor = Person("the editor", cast.base_url)
    cast.sign_in_staff(editor, "editor")
    editor.follow(w.ARTICLES)
    title = cast.suggested["title"]
    editor.press(w.STAFF_SEARCH, {w.ARTICLE_TITLE: title})
    editor.follow(title)
    found = re.search(re.escape(w.SOLVED_COUNT) + r"\D{0,5}(\d+)", editor.page.text)
    if found is None:
        raise NotSeen(f"the editor reads “{w.SOLVED_COUNT}”", editor.page)
    return int(found.group(1))


def _bad_files_lose_nothing(cast: Cast) -> None:
    customer = cast.customer
    customer.open("/tickets/new")
    html = ("картинка.png", b"<!doctype html><script>alert(1)</script>", "image/png")
    empty = ("пустой.txt", b"", "text/plain")
    facts: dict[str, Value] = {cast.number("MAIN"): True, w.SUBJECT: SUBJECT, w.PRODUCT: PRODUCT}
    facts |= {w.OPERATING_SYSTEM: "Astra Linux 1.8", w.BODY: "", w.FILES: [screenshot(), html, empty]}
    customer.press(w.SEND, facts, expect=422)
    customer.sees(w.DESCRIBE_THE_PROBLEM, w.EMPTY_FILE, w.DISGUISED_FILE, screenshot()[0])
    kept = {field.get("value") for field in customer.page.root.all("input")}
    if SUBJECT not in kept or "Astra Linux 1.8" not in kept:
        raise NotSeen("the text that was typed stays in the form", customer.page)
    cast.telling.saw("no text, an empty file and HTML called .png are refused next to their fields; the rest stays")


def _one_ticket_of_two_presses(cast: Cast) -> None:
    customer = cast.customer
    body = "После переноса ключа на новый компьютер подпись не создаётся: 0x80090016."
    customer.press(w.SEND, {w.BODY: body, w.FILES: [LOG]})
    customer.sees(w.LOOK_FIRST)
    cast.telling.saw("without a script the articles stand before the ticket once, and nothing typed is lost")
    sending = customer.fill(w.SEND_ALL_THE_SAME)
    with ThreadPoolExecutor(2) as impatient:
        pages = list(impatient.map(customer.send, [sending, sending]))
    for page in pages:
        if page.status != 200:
            raise NotSeen(f"two presses at once both end on the ticket ({page.status})", page)
    references = {reference_of(page) for page in pages}
    customer.open("/tickets")
    if len(references) != 1 or customer.page.text.count(SUBJECT) != 1:
        raise NotSeen(f"two presses make one ticket: {sorted(references)}", customer.page)
    cast.ticket = references.pop()
    cast.telling.saw(f"two presses at once make one ticket, {cast.ticket}, with the file uploaded before")


def follow(cast: Cast) -> None:
    """Step 5."""
    customer, saw = cast.customer, cast.telling.saw
    mail = cast.mailbox.wait_for(f"[{cast.ticket}] {w.MAIL_SUBMITTED}")
    cast.mailbox.wait_for(f"[{cast.plain_ticket}] {w.MAIL_SUBMITTED}")
    saw(f"the mail “{mail.subject}”")
    customer.open("/")
    customer.follow(w.MY_TICKETS)
    customer.sees(cast.ticket, SUBJECT, w.NEW, w.TURN_SUPPORT)
    saw("“Мои обращения” shows its state and whose turn it is")
    customer.follow(SUBJECT)
    customer.sees("подпись не создаётся", screenshot()[0], LOG[0], "Astra Linux 1.8", cast.number("MAIN"))
    for name, content, _kind in (screenshot(), LOG):
        if customer.look_at(str(customer.page.link(name))).content != content:
            raise NotSeen(f"the file {name} comes back as it was sent", customer.page)
    saw("the conversation with both files, which come back byte for byte")
    customer.press(w.SEND_THE_REPLY, {w.YOUR_REPLY: "Дополню: на старом компьютере всё работает."})
    customer.sees(w.REPLY_SENT, "на старом компьютере всё работает")
    saw("a reply is sent")
    _foreign_ticket(cast)


def _foreign_ticket(cast: Cast) -> None:
    stranger, file = cast.colleague, str(cast.customer.page.link(LOG[0]))
    foreign = stranger.open(f"/tickets/{cast.ticket}", expect=404)
    missing = stranger.open("/tickets/TP-99999999", expect=404)
    stranger.sees(w.NO_SUCH_PAGE)
    if foreign.text != missing.text:
        raise NotSeen("a foreign ticket looks like a missing one", foreign)
    stranger.open(file, expect=404)
    for odd in ("/tickets/TP-99999999999999999999999", "/tickets/%00", "/tickets/%ff"):
        if stranger.look_at(odd).status not in (400, 404):
            raise NotSeen(f"{odd} is refused calmly", stranger.look_at(odd))
    stranger.open("/")
    cast.telling.saw("a foreign ticket is 404, the same page as a missing one, and so is its file")
