"""Steps 1 and 2: a visitor looks round, signs up, confirms, signs in."""

from __future__ import annotations

from . import words as w
from .cast import PASSWORD, Cast
from .forms import Value
from .people import NotSeen, Person
from .surroundings import Mail, Mailbox


def look_round(cast: Cast) -> None:
    """Step 1."""
    visitor, saw = cast.visitor, cast.telling.saw
    visitor.open("/")
    visitor.sees(w.HOW_CAN_WE_HELP, w.SIGN_UP, w.SIGN_IN, w.REGULATION)
    saw("the home page: search, the Regulation, sign up, sign in")
    visitor.press(w.SEARCH, {w.SEARCH_LABEL: "0x80090016"})
    visitor.sees(w.ARTICLES_FOUND, "0x80090016")
    first = next(link for heading in visitor.page.root.all("h2") for link in heading.all("a"))
    visitor.open(first.get("href"))
    saw(f"the knowledge base finds “{first.text}” by 0x80090016, and it opens")
    visitor.follow(w.REGULATION)
    visitor.sees(w.REGULATION_TITLE)
    visitor.press("English")
    visitor.sees("Regulation of technical support", "Sign up")
    visitor.press("Русский")
    visitor.sees(w.REGULATION_TITLE)
    saw("the Regulation, in Russian and in English by the switch")


def sign_up(cast: Cast) -> None:
    """Step 2."""
    customer, saw = cast.customer, cast.telling.saw
    customer.open("/")
    customer.follow(w.SIGN_UP)
    customer.sees(w.ADDRESS_WARNING)
    saw("the warning about the address stands above the form")
    _refused_then_sent(cast)
    _unconfirmed(cast)
    mail = cast.mailbox.wait_for(w.CONFIRM_TITLE)
    _confirm(cast, mail)
    _wrong_sign_ins(cast)
    sign_in(customer, cast.mailbox.address)
    customer.sees(w.GOOD_DAY, cast.customer_name)
    customer.sees_not(w.CONFIRM_FIRST)
    saw("the right password signs in, and nothing is left to confirm")
    _known_address(cast)
    _expired_link(cast)


def sign_in(person: Person, email: str, password: str = PASSWORD, *, expect: int = 200) -> None:
    """At the customers' door."""
    person.open("/sign-in")
    person.press(w.SIGN_IN, {w.EMAIL: email, w.PASSWORD: password}, expect=expect)


def open_account(cast: Cast, person: Person, email: str, name: str) -> None:
    """Sign up, take the mail, confirm, sign in."""
    _fill_in_sign_up(person, email, name)
    mail = Mailbox(email, cast.mail_url).wait_for(w.CONFIRM_TITLE)
    person.open(mail.link("/confirm/"))
    person.press(w.CONFIRM)
    sign_in(person, email)
    person.sees(name)


def _fill_in_sign_up(person: Person, email: str, name: str) -> None:
    person.open("/sign-up")
    facts: dict[str, Value] = {
        w.EMAIL: email,
        w.PASSWORD: PASSWORD,
        w.NAME: name,
        w.ORGANISATION: "ООО «Ветер»",
        w.ACCEPT: True,
    }
    person.press(w.SIGN_UP, facts)
    person.sees(w.CHECK_YOUR_MAIL)


def _refused_then_sent(cast: Cast) -> None:
    customer = cast.customer
    facts: dict[str, Value] = {w.EMAIL: cast.mailbox.address, w.NAME: cast.customer_name, w.ORGANISATION: "ООО «Ветер»"}
    customer.press(w.SIGN_UP, {**facts, w.PASSWORD: "коротко", w.ACCEPT: True}, expect=422)
    customer.sees(w.PASSWORD_TOO_SHORT)
    customer.press(w.SIGN_UP, {w.PASSWORD: PASSWORD, w.ACCEPT: True})
    customer.sees(w.CHECK_YOUR_MAIL, cast.mailbox.address)
    cast.telling.saw("a short password is refused next to its field, the rest stays; then “check your mail”")


def _unconfirmed(cast: Cast) -> None:
    person = Person("the unconfirmed customer", cast.base_url)
    sign_in(person, cast.mailbox.address)
    person.sees(w.CONFIRM_FIRST)
    cast.telling.saw("an unconfirmed account signs in and is told to confirm first")


def _confirm(cast: Cast, mail: Mail) -> None:
    customer, link = cast.customer, mail.link("/confirm/")
    for _scanner in range(2):
        customer.open(link)
        customer.sees(w.CONFIRM_TITLE, cast.mailbox.address)
    customer.press(w.CONFIRM)
    customer.sees(w.CONFIRMED)
    cast.telling.saw("the mail came; opening its link changes nothing, its button confirms")
    customer.open(link, expect=410)
    customer.sees(w.LINK_USED)
    customer.open(link[:-4], expect=410)
    customer.sees(w.LINK_UNKNOWN)
    cast.telling.saw("the link used again, and a cut one, each get their sentence")


def _wrong_sign_ins(cast: Cast) -> None:
    customer = cast.customer
    sign_in(customer, cast.mailbox.address, "не тот пароль вовсе", expect=422)
    customer.sees(w.WRONG_CREDENTIALS)
    wrong = customer.page.text
    sign_in(customer, cast.email("nobody"), "не тот пароль вовсе", expect=422)
    customer.sees(w.WRONG_CREDENTIALS)
    if wrong != customer.page.text:
        raise NotSeen("a wrong password and an unknown address read the same", customer.page)
    cast.telling.saw("a wrong password and an unknown address read the same")


def _known_address(cast: Cast) -> None:
    stranger = Person("a stranger", cast.base_url)
    _fill_in_sign_up(stranger, cast.mailbox.address, "Кто-то другой")
    mail = cast.mailbox.wait_for(w.MAIL_ALREADY_REGISTERED)
    cast.telling.saw(f"a known address signs up to the same page; its owner is told by mail “{mail.subject}”")


def _expired_link(cast: Cast) -> None:
    late, email = Person("a late visitor", cast.base_url), cast.email("late")
    _fill_in_sign_up(late, email, "Поздний Гость")
    link = Mailbox(email, cast.mail_url).wait_for(w.CONFIRM_TITLE).link("/confirm/")
    stands = cast.clock.move("4 days")
    late.open(link, expect=410)
    late.sees(w.LINK_EXPIRED)
    cast.telling.saw(f"an expired link gets its sentence (the clock moved by 4 days: {stands})")
