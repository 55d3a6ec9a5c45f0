"""Step 3: the manager enters certificates; the customer registers one after trying everything that cannot work."""

from __future__ import annotations

from datetime import date, timedelta

from . import words as w
from .accounts import open_account
from .cast import LEVEL, PRODUCT, Cast
from .people import NotSeen, Person

YEAR = timedelta(days=365)
MONTH = timedelta(days=30)


def register(cast: Cast) -> None:
    """Step 3."""
    customer, saw = cast.customer, cast.telling.saw
    customer.follow(w.MY_CERTIFICATES)
    customer.sees(w.NO_CERTIFICATES, w.WHAT_TO_DO)
    saw("“Мои сертификаты” is empty and says what to do")
    _enter_certificates(cast)
    open_account(cast, cast.colleague, cast.email("oleg"), f"Олег Штиль {cast.stamp}")
    claim(cast.colleague, w.CONTRACT, cast.number("SEAT"), cast.code("SEAT"))
    cast.colleague.press(w.REGISTER)
    cast.colleague.sees(cast.number("SEAT"))
    saw("another customer takes the only seat of a contract")
    _try_every_refusal(cast)
    _register(cast)


def claim(person: Person, kind: str, number: str, code: str, *, expect: int = 200) -> None:
    """The first two pages of the wizard."""
    person.open("/certificates/new")
    person.press(w.NEXT, {kind: True, w.NUMBER: number})
    person.press(w.NEXT, {w.CODE: code}, expect=expect)


def _enter_certificates(cast: Cast) -> None:
    manager, today = cast.manager, cast.clock.now().date()
    cast.sign_in_staff(manager, "manager")
    valid = (today - MONTH, today + YEAR)
    _enter(cast, "MAIN", valid)
    _enter(cast, "OLD", (today - YEAR, today - timedelta(days=1)))
    _enter(cast, "SOON", (today + MONTH, today + YEAR))
    _enter(cast, "SEAT", valid, kind=w.KIND_CONTRACT)
    _enter(cast, "BAD", valid)
    manager.open("/staff/")
    manager.follow(w.CERTIFICATES)
    manager.press(w.STAFF_SEARCH, {w.STAFF_NUMBER: cast.number("BAD")})
    manager.follow(cast.number("BAD"))
    manager.sees(cast.code("BAD"))
    manager.follow(w.REVOKE)
    manager.press(w.REVOKE, {w.REVOKE_REASON: "Возврат оплаты"})
    manager.sees(w.CERTIFICATE_REVOKED)
    cast.telling.saw(f"the manager enters five certificates ({cast.number('MAIN')} and others) and revokes one")


def _enter(cast: Cast, what: str, days: tuple[date, date], kind: str = w.KIND_CERTIFICATE) -> None:
    manager = cast.manager
    manager.open("/staff/")
    manager.follow(w.CERTIFICATES)
    manager.follow(w.ADD)
    facts = {
        w.KIND: kind,
        w.STAFF_NUMBER: cast.number(what),
        w.STAFF_CODE: cast.code(what),
        w.LEVEL: LEVEL,
        w.PRODUCTS: PRODUCT,
        w.HOLDER: "ООО «Ветер»",
        w.VALID_FROM: days[0].isoformat(),
        w.VALID_TO: days[1].isoformat(),
        w.SEATS: "1",
    }
    manager.press(w.SAVE, facts)
    manager.sees(w.SAVED, cast.number(what))


def _try_every_refusal(cast: Cast) -> None:
    customer, main = cast.customer, cast.number("MAIN")
    claim(customer, w.CERTIFICATE, cast.number("NONE"), cast.code("MAIN"), expect=422)
    customer.sees(w.NOT_FOUND_OR_WRONG_CODE)
    claim(customer, w.CERTIFICATE, main, cast.code("NONE"), expect=422)
    customer.sees(w.NOT_FOUND_OR_WRONG_CODE)
    claim(customer, w.CONTRACT, main, cast.code("MAIN"), expect=422)
    customer.sees(w.NOT_FOUND_OR_WRONG_CODE)
    cast.telling.saw("not found, wrong code and wrong kind read the same")
    yesterday = cast.clock.now().date() - timedelta(days=1)
    tries = (
        ("not valid yet", w.CERTIFICATE, "SOON", w.NOT_YET_VALID),
        ("expired, with its date", w.CERTIFICATE, "OLD", w.EXPIRED),
        ("revoked", w.CERTIFICATE, "BAD", w.REVOKED),
        ("no free seat", w.CONTRACT, "SEAT", w.NO_FREE_SEAT),
    )
    for title, kind, what, sentence in tries:
        claim(customer, kind, cast.number(what), cast.code(what), expect=422)
        customer.sees(sentence)
        if what == "OLD":
            customer.sees(str(yesterday.day), str(yesterday.year))
        cast.telling.saw(f"refused: {title}")


def _register(cast: Cast) -> None:
    customer = cast.customer
    looks_like = cast.number("MAIN").lower().replace("-", " - ").replace("с", "c")  # spaces, small and Latin letters
    claim(customer, w.CERTIFICATE, looks_like, f" {cast.code('MAIN').lower()} ")
    customer.sees(w.IS_THIS_YOURS, cast.number("MAIN"), LEVEL, PRODUCT)
    once, twice = customer.fill(w.REGISTER), customer.fill(w.REGISTER)
    customer.page = customer.send(once)
    customer.sees(w.REGISTERED, cast.number("MAIN"), LEVEL)
    cast.telling.saw("the wizard shows the details, and registers: typed with spaces, small and Latin letters")
    customer.send(twice)
    customer.open("/certificates")
    if customer.page.text.count(cast.number("MAIN")) != 1:
        raise NotSeen("the certificate stands in the list once", customer.page)
    claim(customer, w.CERTIFICATE, cast.number("MAIN"), cast.code("MAIN"), expect=422)
    customer.sees(w.ALREADY_REGISTERED)
    mail = cast.mailbox.wait_for(w.MAIL_CERTIFICATE)
    cast.telling.saw(f"refused: already registered by you; the mail says “{mail.subject}”")
