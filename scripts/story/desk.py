"""Step 6: the engineer finds the ticket in the queue, takes it, asks, and proposes a solution."""

from __future__ import annotations

from . import words as w
from .cast import Cast
from .forms import Upload
from .people import NotSeen, Page, Person
from .reading import squeeze
from .tickets import LOG, SUBJECT

LEVELS = ("Премиум", "Расширенный", "Базовый")
NOTE = "Похоже, контейнер скопировали не целиком: это только для своих."
QUESTION = "Пришлите, пожалуйста, список контейнеров и журнал."
ANSWER = "Список контейнеров прилагаю."
LIST: Upload = ("контейнеры.txt", b"one\ntwo\n", "text/plain")
SOLUTION = "Перенесите контейнер целиком: экспортом в PFX или копированием средствами программы."


def work(cast: Cast) -> None:
    """Step 6."""
    engineer, customer, saw = cast.engineer, cast.customer, cast.telling.saw
    _sign_in(cast)
    _find_in_queue(cast)
    engineer.press(w.TAKE)
    engineer.sees(w.TAKEN, w.STAFF_IN_PROGRESS)
    cast.mailbox.wait_for(f"[{cast.ticket}] {w.MAIL_IN_PROGRESS}")
    saw("the engineer takes it; the customer is mailed that it is in progress")
    engineer.press(w.SAVE_NOTE, {w.YOUR_TEXT: NOTE, w.STAFF_FILES: [("внутреннее.txt", b"secret", "text/plain")]})
    engineer.sees(w.NOTE_SAVED, NOTE, "внутреннее.txt")
    customer.open(f"/tickets/{cast.ticket}")
    customer.sees_not(NOTE, "внутреннее.txt")
    _note_file_is_hidden(cast)
    saw("an internal note with a file: neither can be seen or fetched by the customer")
    engineer.press(w.REQUEST, {w.YOUR_TEXT: QUESTION})
    _let_it_go(engineer)
    engineer.sees(w.REQUEST_SENT, QUESTION)
    mail = cast.mailbox.wait_for(f"[{cast.ticket}] {w.MAIL_REQUEST}")
    if QUESTION not in squeeze(mail.text.replace("> ", "")):
        raise NotSeen(f"the mail quotes the question: {mail.text}")
    saw(f"the engineer asks for information; the mail “{mail.subject}” quotes it")
    _answer_with_a_file(cast)
    propose(cast, cast.ticket)
    saw("the engineer proposes a solution, and the customer is mailed")


def propose(cast: Cast, reference: str) -> None:
    """The engineer proposes a solution; the mail that says so is awaited."""
    engineer = cast.engineer
    engineer.open(f"/staff/tickets/{reference}")
    engineer.press(w.PROPOSE, {w.YOUR_TEXT: SOLUTION})
    _let_it_go(engineer)
    engineer.sees(w.SOLUTION_SENT, SOLUTION)
    cast.mailbox.wait_for(f"[{reference}] {w.MAIL_SOLUTION}")


def in_queue(person: Person, reference: str) -> bool:
    """Whether the ticket stands among the open ones."""
    return any(reference in row for row in queue(person))


def queue(person: Person) -> list[str]:
    """The open tickets, row by row through all pages."""
    person.open("/staff/")
    person.follow(w.TICKETS)
    rows = rows_of(person.page)
    while (following := next_page(person.page)) is not None:
        person.open(following)
        rows += rows_of(person.page)
    return rows


def rows_of(page: Page) -> list[str]:
    """What the rows of the table read."""
    return [row.text for body in page.root.all("tbody") for row in body.all("tr")]


def next_page(page: Page) -> str | None:
    """The address of the next page of the list, None on the last one."""
    for link in page.root.all("a"):
        around = link.ancestor("li")
        if link.get("rel") == "next" and around is not None and "disabled" not in around.get("class"):
            return link.get("href")
    return None


def _sign_in(cast: Cast) -> None:
    engineer = cast.engineer
    engineer.open("/staff/")
    engineer.press(w.STAFF_ENTER, {w.USER_NAME: "engineer", w.STAFF_PASSWORD: "не тот пароль"}, expect=422)
    engineer.sees(w.STAFF_REFUSED)
    cast.sign_in_staff(engineer, "engineer")
    if cast.customer.open("/staff/").text.find(w.STAFF_SIGN_IN) < 0:
        raise NotSeen("a customer has no way into the staff screens", cast.customer.page)
    cast.telling.saw("the engineer signs in at the staff door; a customer is not let in")


def _find_in_queue(cast: Cast) -> None:
    engineer, rows = cast.engineer, queue(cast.engineer)
    ranks = [next((rank for rank, level in enumerate(LEVELS) if level in row), len(LEVELS)) for row in rows]
    places = [next((place for place, row in enumerate(rows) if t in row), -1) for t in (cast.ticket, cast.plain_ticket)]
    if ranks != sorted(ranks) or -1 in places or places[0] >= places[1]:
        raise NotSeen("the queue goes by priority: " + " | ".join(rows), engineer.page)
    place = f"{places[0] + 1} of {len(rows)}, the one without a certificate {places[1] + 1}"
    cast.telling.saw(f"the queue goes by priority: the ticket is number {place}")
    engineer.open("/staff/tickets/")
    engineer.press(w.STAFF_SEARCH, {w.REFERENCE: cast.ticket})
    engineer.follow(cast.ticket)
    engineer.sees(SUBJECT, cast.customer_name, LOG[0])


def _note_file_is_hidden(cast: Cast) -> None:
    address = str(cast.engineer.page.link("внутреннее.txt"))
    if cast.engineer.look_at(address).content != b"secret":
        raise NotSeen("the engineer opens the file of the note", cast.engineer.page)
    name = address.rstrip("/").rsplit("/", 1)[-1]
    answer = cast.customer.look_at(f"/files/{name}")
    if answer.status != 404:
        raise NotSeen("the file of a note is 404 to the customer", answer)


def _answer_with_a_file(cast: Cast) -> None:
    customer = cast.customer
    customer.open("/tickets")
    customer.sees(w.TURN_CUSTOMER, w.WE_NEED_YOUR_ANSWER)
    customer.follow(SUBJECT)
    customer.sees(w.WAITING_FOR_ANSWER, QUESTION, w.ANSWER_UP_TO)
    customer.press(w.SEND_THE_REPLY, {w.YOUR_REPLY: "", w.FILES: [LIST]}, expect=422)
    customer.press(w.SEND_THE_REPLY, {w.YOUR_REPLY: ANSWER})
    customer.sees(w.REPLY_SENT, ANSWER, LIST[0], w.IN_PROGRESS)
    cast.mailbox.wait_for(f"[{cast.ticket}] {w.MAIL_ANSWER_RECEIVED}")
    cast.engineer.open(f"/staff/tickets/{cast.ticket}")
    cast.engineer.sees(ANSWER, LIST[0], w.STAFF_IN_PROGRESS)
    cast.telling.saw("the customer answers with a file, which an empty first try did not lose; the engineer sees both")


def _let_it_go(engineer: Person) -> None:
    """What was sent can be taken back for a moment, where the portal is set so: nobody waits for that here."""
    if w.SEND_NOW in engineer.page.text:
        engineer.press(w.SEND_NOW)
