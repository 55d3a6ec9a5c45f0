"""The whole story before a real browser: a customer, an engineer and a manager; the clock is moved, nobody sleeps."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Meet
from tests.browser.people import Person
from tests.browser.samples import LOG, PICTURE
from tests.browser.stage import Stage, link_in

PASSWORD = "зелёный чайник на крыше"
SUBJECT = "Подпись не создаётся: 0x80090016"
NOTE = "Похоже, контейнер скопировали не целиком."
QUESTION = "Пришлите, пожалуйста, список контейнеров."
SOLUTION = "Перенесите контейнер целиком, экспортом в PFX."

LIST: FilePayload = {**LOG, "name": "containers.txt"}


def test_the_story_in_russian(meet: Meet, stage: Stage) -> None:
    customer, engineer, manager = meet(), meet("engineer"), meet("manager")
    email = "maria@example.com"
    sign_up(customer, stage, email, "Мария Ветрова")
    register_certificate(customer, "СП-2026-000201", "DEMO-7001")
    reference = send_ticket(customer, stage, email)
    ask_for_information(engineer, stage, reference, email)
    answer_with_a_file(customer, reference)
    propose(engineer, stage, reference, email)
    see_the_deadline(customer, engineer, reference)
    let_it_close(customer, stage, reference, email)
    reopen_by_link(customer, engineer, stage, reference, email)
    propose(engineer, stage, reference, email)
    accept(customer, engineer, reference)
    export(manager, "Мария Ветрова", reference)


def test_the_customers_part_in_english(meet: Meet, stage: Stage) -> None:
    customer, engineer = meet(language="en"), meet("engineer")
    email = "mary@example.com"
    sign_up(customer, stage, email, "Mary Windy")
    register_certificate(customer, "СП-2026-000202", "DEMO-7002")
    reference = send_ticket(customer, stage, email)
    ask_for_information(engineer, stage, reference, email, language="en")
    answer_with_a_file(customer, reference)
    propose(engineer, stage, reference, email, language="en")
    accept(customer, engineer, reference)
    reopen_in_the_portal(customer, engineer, reference)


def sign_up(customer: Person, stage: Stage, email: str, name: str) -> None:
    say = customer.say
    customer.open("/")
    customer.follow(say("Sign up"))
    expect(customer.page.locator("#email-warning")).to_be_visible()
    customer.field(say("E-mail address")).fill(email)
    customer.field(say("Password")).fill(PASSWORD)
    customer.field(say("Your name")).fill(name)
    customer.page.get_by_role("checkbox").check()
    customer.press(say("Sign up"))
    customer.sees(say("Check your mail"))
    mail = stage.mail(
        email, say("Confirm your e-mail address") if customer.language == "ru" else "confirm your e-mail address"
    )
    customer.page.goto(link_in(mail, say("Confirm the address", "domain")))
    customer.press(say("Confirm the address"))
    customer.sees(say("Thank you, your address is confirmed. Now sign in with your password."))
    customer.sign_in(email, PASSWORD)
    customer.sees(name)


def register_certificate(customer: Person, number: str, code: str) -> None:
    say = customer.say
    customer.follow(say("My certificates"))
    customer.sees(say("No certificate is registered yet"))
    customer.follow(say("Register a new certificate or contract"))
    customer.field(say("Number")).fill(number)
    customer.press(say("Next"))
    customer.field(say("Activation code")).fill("NOT-THIS-ONE")
    customer.press(say("Next"))
    expect(customer.page.locator("#code-error")).to_be_visible()
    customer.field(say("Activation code")).fill(code)
    customer.press(say("Next"))
    customer.sees("Расширенный" if customer.language == "ru" else "Extended")
    customer.press(say("Register"))
    customer.sees(say("Certificate %(number)s is successfully registered.", number=number))


def send_ticket(customer: Person, stage: Stage, email: str) -> str:
    say = customer.say
    customer.follow(say("Send a ticket"))
    expect(customer.page.locator("[data-chosen-promise]")).to_contain_text(re.compile(r"\d\d:\d\d"))
    customer.field(say("Operating system")).fill("Astra Linux 1.8")
    customer.field(say("Subject")).fill(SUBJECT)
    customer.field(say("What happens")).fill("После переноса ключа на новый компьютер.")
    customer.page.locator("input[type=file]").set_input_files([LOG, PICTURE])
    expect(customer.page.locator("[data-file-list] li a")).to_have_count(2)
    customer.press(say("Send"))
    reference = customer.reference()
    customer.sees(
        say("Ticket %(reference)s is sent. A confirmation goes to %(email)s.", reference=reference, email=email)
    )
    stage.mail(email, f"[{reference}]")
    customer.follow(say("My tickets"))
    row = customer.page.get_by_role("listitem").filter(has_text=reference)
    expect(row).to_contain_text(say("Our turn"))
    return reference


def ask_for_information(engineer: Person, stage: Stage, reference: str, email: str, *, language: str = "ru") -> None:
    say = engineer.say
    engineer.open("/staff/")
    engineer.page.get_by_role("link", name=say("Tickets", "staff"), exact=True).click()
    engineer.page.get_by_role("link", name=reference).click()
    engineer.press(say("Take", "staff"))
    engineer.sees(say("The ticket is yours.", "staff"))
    engineer.field(say("Your text", "staff")).fill(NOTE)
    engineer.press(say("Save internal note", "staff"))
    engineer.sees(say("The note is saved.", "staff"))
    engineer.field(say("Your text", "staff")).fill(QUESTION)
    engineer.press(say("Request information", "staff"))
    engineer.sees(say("The request is on its way.", "staff"))
    mail = stage.mail(email, {"ru": "Нужна информация", "en": "We need information"}[language])
    body = mail.get_body(("plain",))
    assert body is not None
    assert QUESTION in body.get_content()
    assert NOTE not in body.get_content()


def answer_with_a_file(customer: Person, reference: str) -> None:
    say = customer.say
    customer.open(f"/tickets/{reference}")
    customer.sees(say("We are waiting for your answer"))
    customer.sees(QUESTION)
    customer.sees_not(NOTE)
    customer.field(say("Your reply")).fill("Список прилагаю.")
    customer.page.locator("input[type=file]").set_input_files([LIST])
    expect(customer.page.locator("[data-file-list] li a")).to_have_count(1)
    customer.press(say("Send the reply"))
    customer.sees(say("Your reply is sent."))
    customer.sees(LIST["name"])
    customer.sees(say("It is our turn"))


def propose(engineer: Person, stage: Stage, reference: str, email: str, *, language: str = "ru") -> None:
    engineer.open(f"/staff/tickets/{reference}")
    engineer.field(engineer.say("Your text", "staff")).fill(SOLUTION)
    engineer.press(engineer.say("Propose solution", "staff"))
    engineer.sees(engineer.say("The solution is on its way.", "staff"))
    stage.mail(email, {"ru": "Предложено решение", "en": "solution"}[language])


def see_the_deadline(customer: Person, engineer: Person, reference: str) -> None:
    customer.open(f"/tickets/{reference}")
    customer.sees(customer.say("We have proposed a solution. Did it help?"))
    customer.page.get_by_text(customer.say("How the days are counted")).click()
    expect(customer.page.locator(".deadline-days ul").first.get_by_role("listitem")).to_have_count(3)
    engineer.open(f"/staff/tickets/{reference}")
    expect(engineer.page.get_by_role("heading", name=engineer.say("Automatic closing", "staff"))).to_be_visible()


def let_it_close(customer: Person, stage: Stage, reference: str, email: str) -> None:
    stage.move_working_days(2)
    warning = stage.mail(email, f"[{reference}] Обращение скоро закроется")
    for label in ("The problem is solved", "I need 3 more working days", "The problem is not solved"):
        customer.page.goto(link_in(warning, customer.say(label, "domain")))
        expect(customer.page.locator("main form button")).to_have_count(1)
    customer.open(f"/tickets/{reference}")
    customer.sees(customer.say("We have proposed a solution. Did it help?"))
    stage.move_working_days(2)
    stage.mail(email, f"[{reference}] Обращение закрыто автоматически")
    customer.open(f"/tickets/{reference}")
    expect(customer.page.get_by_role("heading", name=customer.say("The ticket is closed:"))).to_be_visible()


def reopen_by_link(customer: Person, engineer: Person, stage: Stage, reference: str, email: str) -> None:
    closed = stage.mail(email, f"[{reference}] Обращение закрыто автоматически")
    customer.context.clear_cookies()  # the link works without signing in
    customer.page.goto(link_in(closed, customer.say("Reopen the ticket", "domain")))
    customer.press(customer.say("Reopen the ticket"))
    expect(customer.page.get_by_role("heading", name=customer.say("The ticket is open again"))).to_be_visible()
    customer.sign_in(email, PASSWORD)
    engineer.open("/staff/tickets/?scope=mine")
    expect(engineer.page.get_by_role("link", name=reference)).to_be_visible()


def reopen_in_the_portal(customer: Person, engineer: Person, reference: str) -> None:
    customer.field(customer.say("What is still wrong?")).fill("It happens again.")
    customer.press(customer.say("Reopen the ticket"))
    customer.sees(customer.say("The ticket is open again. It is back in the engineers' queue."))
    engineer.open(f"/staff/tickets/{reference}")
    engineer.sees("It happens again.")


def accept(customer: Person, engineer: Person, reference: str) -> None:
    customer.open(f"/tickets/{reference}")
    customer.press(customer.say("The problem is solved"))
    customer.sees(customer.say("Thank you! The ticket is closed as solved."))
    engineer.open(f"/staff/tickets/{reference}")
    engineer.sees(engineer.say("solved: the customer agreed", "staff"))


def export(manager: Person, name: str, reference: str) -> None:
    say = manager.say
    manager.open("/staff/tickets/")
    manager.page.get_by_role("link", name=say("All", "staff"), exact=True).click()
    manager.page.locator("summary", has_text=say("Filters", "staff")).click()
    manager.field(say("Customer", "staff")).fill(name)
    manager.press(say("Apply", "staff"))
    expect(manager.page.locator("td.col-reference")).to_have_text([reference])
    shown = [reference]
    assert [row[0] for row in csv.reader(io.StringIO(saved(manager, "CSV").decode("utf-8-sig")), delimiter=";")][
        1:
    ] == shown
    with zipfile.ZipFile(io.BytesIO(saved(manager, "XLSX"))) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        assert len([row for row in sheet.iter() if row.tag.endswith("}row")]) == 1 + len(shown)
    for path, words in (
        ("certificates", "СП-2026-000201"), ("customers", name), ("levels", "Премиум"), ("outbox", reference)
    ):  # fmt: skip
        manager.open(f"/staff/{path}/?psize_CertificateView=100")
        manager.sees(words)
    manager.open("/staff/calendar/")
    expect(manager.page.get_by_role("heading", name=say("Calendar corrections", "staff"))).to_be_visible()


def saved(manager: Person, kind: str) -> bytes:
    with manager.page.expect_download() as download:
        manager.page.get_by_role("link", name=kind, exact=True).click()
    return Path(download.value.path()).read_bytes()
