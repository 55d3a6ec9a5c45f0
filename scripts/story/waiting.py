"""Step 7: nobody answers. Five tickets wait at once, so that each end of waiting is seen with one move of the clock."""

from __future__ import annotations

from . import words as w
from .cast import Cast
from .desk import in_queue, propose
from .people import NotSeen, Person
from .surroundings import Mail, Mailbox
from .tickets import send_ticket

MORE_TIME, NOT_SOLVED, SOLVED, PORTAL = "more time", "not solved", "solved", "portal"
TITLES = {
    MORE_TIME: "Нужно больше времени",
    NOT_SOLVED: "Решение не помогло",
    SOLVED: "Решение помогло",
    PORTAL: "Ответа не будет",
}
PURPOSES = {  # the label in the mail, the button behind it, what the page says then
    SOLVED: (w.MAIL_SOLVED, w.LINK_SOLVED, w.ANSWERED_SOLVED),
    MORE_TIME: (w.MAIL_MORE_TIME, w.LINK_MORE_TIME, w.ANSWERED_MORE_TIME),
    NOT_SOLVED: (w.MAIL_NOT_SOLVED, w.LINK_NOT_SOLVED, w.ANSWERED_NOT_SOLVED),
}
MORNING = 10  # warnings go out from nine


def let_it_close(cast: Cast) -> None:
    """Step 7."""
    others = {}
    for what, title in TITLES.items():
        others[what] = send_ticket(cast, title)
        propose(cast, others[what])
    _deadline_for_both(cast)
    now = cast.clock.now()
    if now.hour < MORNING:
        cast.clock.move(f"{MORNING - now.hour} hours")
    cast.telling.saw(f"the clock moves by 2 working days: {cast.clock.move('2 working days')}")
    warning = cast.mailbox.wait_for(f"[{cast.ticket}] {w.MAIL_WARNING}")
    warnings = {what: cast.mailbox.wait_for(f"[{t}] {w.MAIL_WARNING}") for what, t in others.items()}
    cast.telling.saw(f"one working day before the closing the warning came: “{warning.subject}”")
    _links_change_nothing_by_themselves(cast, warning)
    _press_the_links(cast, others, warnings)
    cast.telling.saw(f"the clock moves by 2 working days: {cast.clock.move('2 working days')}")
    _closed_by_itself(cast, others[PORTAL])
    _others_as_answered(cast, others)


def _deadline_for_both(cast: Cast) -> None:
    customer, engineer, page = cast.customer, cast.engineer, f"/tickets/{cast.ticket}"
    customer.open(page)
    customer.sees(w.SOLUTION_PROPOSED, w.ANSWER_UP_TO, w.HOW_DAYS_COUNT, w.COUNTED)
    details = [element for element in customer.page.root.all("details") if w.COUNTED in element.text]
    days = [day.text for day in details[0].all("ul")[0].all("li")]
    engineer.open(f"/staff{page}")
    engineer.sees(w.AUTOMATIC_CLOSING, w.CLOSES_ON, w.STAFF_COUNTED)
    if len(days) != 3:
        raise NotSeen(f"three days are counted: {days}", customer.page)
    cast.telling.saw(f"the deadline stands on the ticket for both sides; counted: {'; '.join(days)}")


def _links_change_nothing_by_themselves(cast: Cast, warning: Mail) -> None:
    scanner, customer = Person("a mail scanner", cast.base_url), cast.customer
    for label, button, _answer in PURPOSES.values():
        scanner.open(warning.button(label))
        scanner.sees(w.NOTHING_HAS_HAPPENED, button, cast.ticket)
    customer.open(f"/tickets/{cast.ticket}")
    customer.sees(w.SOLUTION_PROPOSED, w.ANSWER_UP_TO, w.MORE_DAYS)
    broken = scanner.look_at(warning.button(w.MAIL_SOLVED)[:-3])
    if broken.status != 404:
        raise NotSeen("a cut link is refused", broken)
    cast.telling.saw("its three signed links open a page with one button each and change nothing by being opened")


def _press_the_links(cast: Cast, others: dict[str, str], warnings: dict[str, Mail]) -> None:
    for what, (label, button, answer) in PURPOSES.items():
        nobody = Person("the customer, not signed in", cast.base_url)
        link = warnings[what].button(label)
        nobody.open(link)
        nobody.press(button)
        nobody.sees(answer, others[what])
        again = nobody.look_at(link)
        if again.status not in (200, 409, 410):
            raise NotSeen("the link used again gets a calm answer", again)
    mail = cast.mailbox.wait_for(f"[{others[MORE_TIME]}] {w.MAIL_EXTENDED}")
    cast.mailbox.wait_for(f"[{others[SOLVED]}] {w.MAIL_CLOSED_SOLVED}")
    cast.telling.saw(f"pressed without signing in: solved, not solved, 3 more working days (“{mail.subject}”)")


def _closed_by_itself(cast: Cast, second: str) -> None:
    customer, engineer, saw = cast.customer, cast.engineer, cast.telling.saw
    mail = cast.mailbox.wait_for(f"[{cast.ticket}] {w.MAIL_CLOSED_UNANSWERED}")
    customer.open(f"/tickets/{cast.ticket}")
    customer.sees(w.CLOSED_HEADING, w.CLOSED_UNANSWERED, w.REOPEN)
    engineer.open(f"/staff/tickets/{cast.ticket}")
    engineer.sees(w.STAFF_CLOSED, w.CLOSED_NO_REACTION)
    saw("the job under rq-scheduler closed it; the mail says so and how to reopen")
    if in_queue(engineer, cast.ticket):
        raise NotSeen("a closed ticket has left the queue", engineer.page)
    nobody, link = Person("the customer, not signed in", cast.base_url), mail.button(w.MAIL_REOPEN)
    nobody.open(link)
    nobody.sees(w.NOTHING_HAS_HAPPENED)
    nobody.press(w.REOPEN, {w.WORDS_FOR_ENGINEER: "Не успел ответить: вопрос ещё актуален."})
    nobody.sees(w.ANSWERED_REOPEN)
    saw("reopened by the link of the mail, without signing in")
    cast.mailbox.wait_for(f"[{second}] {w.MAIL_CLOSED_UNANSWERED}")
    customer.open(f"/tickets/{second}")
    customer.press(w.REOPEN, {w.STILL_WRONG: "Ошибка повторяется."})
    customer.sees(w.OPEN_AGAIN, "Ошибка повторяется.", w.IN_PROGRESS)
    saw("another one reopened in the portal")
    if not (in_queue(engineer, cast.ticket) and in_queue(engineer, second)):
        raise NotSeen("the reopened tickets are back in the queue", engineer.page)
    engineer.open(f"/staff/tickets/{cast.ticket}")
    engineer.sees("Не успел ответить", w.STAFF_IN_PROGRESS)
    saw("the engineer sees both back in the queue")
    _told_once(cast, cast.mailbox)


def _told_once(cast: Cast, mailbox: Mailbox) -> None:
    """Each of these mails came once: whatever came a second time would be unread now."""
    twice = [m["subject"] for kind in (w.MAIL_WARNING, w.MAIL_CLOSED_UNANSWERED) for m in mailbox.unread(kind)]
    if twice:
        raise NotSeen(f"no mail comes twice: {twice}")


def _others_as_answered(cast: Cast, others: dict[str, str]) -> None:
    customer = cast.customer
    customer.open(f"/tickets/{others[SOLVED]}")
    customer.sees(w.CLOSED_HEADING, w.CLOSED_SOLVED)
    customer.open(f"/tickets/{others[NOT_SOLVED]}")
    customer.sees(w.IN_PROGRESS)
    customer.sees_not(w.CLOSED_HEADING)
    customer.open(f"/tickets/{others[MORE_TIME]}")
    customer.sees(w.SOLUTION_PROPOSED, w.ANSWER_UP_TO)
    customer.sees_not(w.MORE_DAYS)
    cast.telling.saw("the ticket with more time is still open, the one “not solved” is in work, the solved one closed")
