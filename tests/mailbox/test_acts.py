"""What a customer's mail does to a ticket: the same as the portal's reply."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from io import BytesIO

import pytest
from PIL import Image

from supportapp import clock
from supportapp.extensions import db
from supportapp.mailbox import originals
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading import files_within, read_mail
from supportapp.mailbox.rules import MailState
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket
from supportapp.tickets.rules import BODY_LENGTH, LOWEST_PRIORITY, CloseReason, EventKind, MessageKind, Status
from tests.factories import (
    deliver_mails,
    mails,
    make_certificate,
    make_customer,
    make_registration,
    make_staff,
    make_ticket,
)
from tests.guard.outlook import file, saved_by_outlook
from tests.guard.samples import PKCS12
from tests.mailbox.conftest import Configure
from tests.mailbox.letters import answer, receive, write


def asked(ticket: Ticket, *, at: datetime) -> None:
    """The engineer asks, and the mail arrives."""
    operations.request_information(ticket, "Пришлите журнал.", by=ticket.assignee, at=at)  # type: ignore[arg-type]
    deliver_mails(at=at)


def proposed(ticket: Ticket, *, at: datetime) -> None:
    operations.propose_solution(ticket, "Обновите программу.", by=ticket.assignee, at=at)  # type: ignore[arg-type]
    deliver_mails(at=at)


def picture() -> bytes:
    stream = BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "PNG")
    return stream.getvalue()


def test_an_answer_stands_in_the_ticket_as_the_customers_own_reply(ticket: Ticket, at: datetime) -> None:
    asked(ticket, at=at)
    mail = answer(mails("ticket_info_requested")[0])
    row = receive(mail)
    message = ticket.messages[-1]
    assert (row.state, row.reason, row.entry, row.ticket) == (MailState.ENTERED, "replied", message, ticket)
    assert message.body == "Вот журнал работы программы."
    assert (message.kind, message.customer) == (MessageKind.REPLY, ticket.customer)
    assert message.mail_id == mail["Message-ID"]
    assert ticket.status is Status.IN_PROGRESS
    assert [mail.kind for mail in mails()][-2:] == ["ticket_answer_received", "staff_ticket_replied"]


def test_the_answer_to_a_mail_is_threaded_to_it(ticket: Ticket, at: datetime) -> None:
    mail = answer(mails("ticket_submitted")[0])
    receive(mail)
    operations.reply(ticket, "Спасибо, смотрим.", by=ticket.assignee, at=at)  # type: ignore[arg-type]
    assert mails("ticket_replied")[0].in_reply_to == mail["Message-ID"]


def test_the_quoted_mail_is_left_out_and_the_whole_of_it_is_kept(ticket: Ticket, at: datetime) -> None:
    asked(ticket, at=at)
    text = "Вот журнал.\n\n20.11.2026 14:00, Техническая поддержка пишет:\n> Пришлите журнал.\n"
    row = receive(answer(mails("ticket_info_requested")[0], text))
    assert ticket.messages[-1].body == "Вот журнал."
    assert "Пришлите журнал" in read_mail(originals.open_original(row)).whole_text


def test_an_answer_to_a_ticket_that_closed_itself_reopens_it_however_late(ticket: Ticket, at: datetime) -> None:
    ticket.status, ticket.close_reason, ticket.closed_at = Status.CLOSED, CloseReason.NO_REACTION, at - timedelta(400)
    receive(answer(mails("ticket_submitted")[0], "Всё ещё не работает."))
    assert ticket.status is Status.IN_PROGRESS
    assert ticket.messages[-1].body == "Всё ещё не работает."
    assert ticket.timeline[-1].kind is EventKind.REOPENED


def test_an_answer_to_a_ticket_closed_long_ago_opens_one_that_goes_on_from_it(ticket: Ticket, at: datetime) -> None:
    ticket.status, ticket.close_reason, ticket.closed_at = Status.CLOSED, CloseReason.WITHDRAWN, at - timedelta(15)
    row = receive(answer(mails("ticket_submitted")[0], "Опять то же самое."))
    new = row.ticket
    assert new is not None
    assert (new.continues, new.subject, row.reason) == (ticket, ticket.subject, "continued")
    assert (ticket.status, new.status, new.certificate) == (Status.CLOSED, Status.NEW, None)
    assert [message.body for message in new.messages] == ["Опять то же самое."]


@pytest.mark.parametrize("still_valid", [True, False])
def test_a_ticket_that_goes_on_keeps_a_certificate_that_can_still_be_chosen(
    session: object, at: datetime, still_valid: bool
) -> None:
    customer = make_customer(email="anna@example.com")
    registration = make_registration(customer, make_certificate())
    certificate = registration.certificate
    old = make_ticket(customer, certificate_id=certificate.id, product=certificate.products[0])
    old.status, old.close_reason, old.closed_at = Status.CLOSED, CloseReason.SOLVED, at - timedelta(15)
    if not still_valid:
        certificate.valid_to = (at - timedelta(5)).date()
    new = receive(answer(mails("ticket_submitted")[0], "Опять.")).ticket
    assert new is not None
    assert new.certificate == (certificate if still_valid else None)
    assert (new.priority == LOWEST_PRIORITY) is not still_valid


def test_thanks_for_a_solution_leave_the_clock_alone_and_offer_the_button(ticket: Ticket, at: datetime) -> None:
    proposed(ticket, at=at)
    before = ticket.closes_at, ticket.received_at, ticket.waiting_round
    receive(answer(mails("ticket_solution_proposed")[0], "Спасибо!"))
    assert ticket.status is Status.SOLUTION_PROPOSED
    assert (ticket.closes_at, ticket.received_at, ticket.waiting_round) == before
    assert ticket.messages[-1].body == "Спасибо!"
    assert ticket.timeline[-1].kind is EventKind.THANKED
    told = mails("ticket_thanked")[0]
    assert "Проблема решена:" in told.text_body
    assert "Проблема не решена:" in told.text_body


def test_thanks_for_a_closed_ticket_neither_reopen_nor_are_answered(ticket: Ticket, at: datetime) -> None:
    operations.accept_solution(ticket, by=ticket.customer, at=at)
    number = len(mails())
    receive(answer(mails("ticket_closed_solved")[0], "Большое спасибо!"))
    assert (ticket.status, ticket.messages[-1].body) == (Status.CLOSED, "Большое спасибо!")
    assert len(mails()) == number


def test_thanks_with_a_file_are_more_than_thanks(ticket: Ticket, at: datetime) -> None:
    proposed(ticket, at=at)
    mail = answer(mails("ticket_solution_proposed")[0], "Спасибо!")
    mail.add_attachment("ошибка осталась", filename="log.txt")
    receive(mail)
    assert ticket.status is Status.IN_PROGRESS


def test_thanks_with_a_screenshot_in_the_text_are_more_than_thanks(ticket: Ticket, at: datetime) -> None:
    proposed(ticket, at=at)
    stream = BytesIO()
    Image.effect_noise((300, 300), 80).save(stream, "PNG")
    mail = answer(mails("ticket_solution_proposed")[0], "Спасибо!")
    mail.add_attachment(stream.getvalue(), maintype="image", subtype="png", filename="s.png", disposition="inline")
    receive(mail)
    assert ticket.status is Status.IN_PROGRESS


def test_an_answer_to_a_merged_ticket_lands_in_its_target(ticket: Ticket, at: datetime) -> None:
    target = make_ticket(ticket.customer, subject="Главное")
    operations.merge(ticket, target, by=ticket.assignee, at=at)  # type: ignore[arg-type]
    row = receive(answer(mails("ticket_submitted")[0], "Ещё одно."))
    assert row.ticket is target
    assert target.messages[-1].body == "Ещё одно."


def test_a_customers_mail_without_a_ticket_opens_one_without_a_certificate_and_says_so(
    session: object, at: datetime
) -> None:
    make_customer(email="anna@example.com")
    mail = write("Anna@Example.com", "Не открывается контейнер.", subject="Re: Fwd: Вопрос о контейнере")
    row = receive(mail)
    new = row.ticket
    assert new is not None
    assert (new.subject, new.priority, new.certificate, row.reason) == (
        "Вопрос о контейнере", LOWEST_PRIORITY, None, "opened",
    )  # fmt: skip
    told = mails("ticket_submitted")[0]
    assert "минимальный приоритет" in told.text_body
    assert told.in_reply_to == mail["Message-ID"]


def test_a_mail_without_a_word_gets_a_sentence_and_one_without_a_subject_a_title(session: object) -> None:
    make_customer(email="anna@example.com")
    mail = write("anna@example.com", "", subject=None)
    mail.add_attachment("журнал", filename="log.txt")
    new = receive(mail).ticket
    assert new is not None
    assert new.subject == "Письмо без темы"
    assert new.messages[0].body == "(В письме нет текста, смотрите вложения.)"
    assert [file.name for file in new.messages[0].files] == ["log.txt"]


def test_a_text_too_long_for_an_entry_enters_as_far_as_it_goes_and_is_attached_whole(ticket: Ticket) -> None:
    text = "Строка журнала с ошибкой.\n" * 8000
    receive(answer(mails("ticket_submitted")[0], text))
    message = ticket.messages[-1]
    assert len(message.body) <= BODY_LENGTH
    assert [file.name for file in message.files] == ["mail.txt"]
    assert message.files[0].size == len(text.strip().encode())


def test_characters_that_are_no_text_are_left_out_and_refuse_nothing(ticket: Ticket) -> None:
    mail = answer(mails("ticket_submitted")[0], "до")
    mail.set_payload("a\x07b\x1b[31mc\x0bd")
    receive(mail)
    assert ticket.messages[-1].body in ("ab[31mcd", "ab[31mc\nd", "ab[31mc d")


def test_files_and_inline_pictures_come_along(ticket: Ticket) -> None:
    mail = answer(mails("ticket_submitted")[0])
    mail.add_attachment("строка", filename="журнал.txt")
    mail.add_attachment(picture(), maintype="image", subtype="png", filename="screen.png", disposition="inline")
    receive(mail)
    assert [(file.name, file.is_image) for file in ticket.messages[-1].files] == [
        ("журнал.txt", False), ("screen.png", True),
    ]  # fmt: skip


def test_a_file_that_is_refused_is_named_in_the_entry_and_to_the_sender(ticket: Ticket) -> None:
    mail = answer(mails("ticket_submitted")[0])
    mail.add_attachment(b"MZ\x90\0" + b"\0" * 100, maintype="application", subtype="x-msdownload", filename="fix.exe")
    mail.add_attachment("строка", filename="log.txt")
    receive(mail)
    message = ticket.messages[-1]
    assert "fix.exe" in message.body
    assert [file.name for file in message.files] == ["log.txt"]
    told = mails("mail_remarks")
    assert len(told) == 1
    assert "fix.exe" in told[0].text_body
    assert told[0].in_reply_to == mail["Message-ID"]


def test_more_files_than_a_message_takes_are_named_and_the_attached_ones_come_before_pictures(
    ticket: Ticket, configure: Configure
) -> None:
    configure(MAX_FILES_PER_MESSAGE=2)
    mail = answer(mails("ticket_submitted")[0])
    mail.add_attachment(picture(), maintype="image", subtype="png", filename="logo.png", disposition="inline")
    for name in ("a.txt", "b.txt"):
        mail.add_attachment("строка", filename=name)
    receive(mail)
    assert [file.name for file in ticket.messages[-1].files] == ["a.txt", "b.txt"]
    assert "logo.png" in ticket.messages[-1].body


def test_a_secret_in_the_text_is_let_through_marked_and_the_sender_is_warned(ticket: Ticket) -> None:
    receive(answer(mails("ticket_submitted")[0], "Пароль от контейнера: Qwerty-123-xyz"))
    assert ticket.messages[-1].secrets
    told = mails("mail_remarks")[0]
    assert "пароль" in told.text_body
    assert "Qwerty-123-xyz" not in told.text_body


SECRET_KEY = (
    "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj" * 20 + "\n-----END PRIVATE KEY-----\n"
)


def test_a_refused_secret_file_is_in_no_entry_and_not_in_the_original_either(ticket: Ticket) -> None:
    mail = answer(mails("ticket_submitted")[0])
    mail.add_attachment(SECRET_KEY.encode(), maintype="application", subtype="octet-stream", filename="server.key")
    mail.add_attachment("строка", filename="log.txt")
    row = receive(mail)
    assert [file.name for file in ticket.messages[-1].files] == ["log.txt"]
    assert "server.key" in ticket.messages[-1].body
    kept = originals.open_original(row)
    assert b"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t" not in kept
    assert b"PRIVATE KEY" not in kept
    assert originals.REMOVED.encode() in kept
    assert row.details["secret_removed"]


def forwarded(secret: bytes, name: str, *, depth: int = 1) -> EmailMessage:
    """A mail with a file, attached to a mail, attached to a mail …"""
    inner = write("ivan@example.org", "Ключ прилагаю.", subject="Ключ")
    inner.add_attachment(secret, maintype="application", subtype="octet-stream", filename=name)
    for _ in range(depth - 1):
        outer = write("ivan@example.org", "Пересылаю.", subject="Пересылаю")
        outer.add_attachment(inner, filename="inner.eml")
        inner = outer
    return inner


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize(("secret", "name"), [(SECRET_KEY.encode(), "data.bin"), (b"anything", "container.pfx")])
def test_a_secret_in_an_attached_mail_is_refused_with_it_and_taken_out_of_the_original(
    ticket: Ticket, secret: bytes, name: str, depth: int
) -> None:
    mail = answer(mails("ticket_submitted")[0])
    mail.add_attachment(forwarded(secret, name, depth=depth), filename="письмо.eml")
    mail.add_attachment("строка", filename="log.txt")
    row = receive(mail)
    assert [file.name for file in ticket.messages[-1].files] == ["log.txt"]
    assert "письмо.eml" in ticket.messages[-1].body
    assert "письмо.eml" in mails("mail_remarks")[0].text_body
    kept = read_mail(originals.open_original(row))
    assert [file.name for file in kept.attachments] == ["письмо.eml", "log.txt"]
    assert [file for file in files_within(kept.attachments[0]) if file.data == secret] == []
    assert row.details["secret_removed"]


def test_a_secret_in_a_mail_that_outlook_saved_leaves_of_the_original_the_text(ticket: Ticket) -> None:
    mail = answer(mails("ticket_submitted")[0], "Смотрите вложение.")
    saved = saved_by_outlook(file("key.pfx", PKCS12))
    mail.add_attachment(saved, maintype="application", subtype="vnd.ms-outlook", filename="письмо.msg")
    row = receive(mail)
    assert ticket.messages[-1].files == []
    assert "письмо.msg" in ticket.messages[-1].body
    kept = read_mail(originals.open_original(row))
    assert "Смотрите вложение." in kept.text
    assert kept.attachments == ()


@pytest.mark.parametrize("looked_at", [3, 60])
def test_a_secret_among_more_files_than_a_message_takes_is_taken_out_of_the_original_too(
    ticket: Ticket, configure: Configure, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    configure(MAX_FILES_PER_MESSAGE=2)
    monkeypatch.setattr("supportapp.mailbox.enclosures.MOST_LOOKED_AT", looked_at)
    mail = answer(mails("ticket_submitted")[0])
    for name in ("a.txt", "b.txt", "c.txt"):
        mail.add_attachment("строка", filename=name)
    mail.add_attachment(forwarded(SECRET_KEY.encode(), "data.bin"), filename="письмо.eml")
    mail.add_attachment(SECRET_KEY, filename="server.pem")
    row = receive(mail)
    assert [file.name for file in ticket.messages[-1].files] == ["a.txt", "b.txt"]
    kept = read_mail(originals.open_original(row))
    assert not any(SECRET_KEY.encode() in file.data for one in kept.attachments for file in (one, *files_within(one)))
    assert row.details["secret_removed"]


def test_a_file_that_is_refused_for_another_reason_leaves_its_secret_nowhere(
    ticket: Ticket, configure: Configure
) -> None:
    configure(MAX_FILE_BYTES=100)
    mail = answer(mails("ticket_submitted")[0])
    mail.add_attachment(SECRET_KEY, filename="server.pem")
    kept = read_mail(originals.open_original(receive(mail)))
    assert SECRET_KEY.encode() not in kept.attachments[0].data
    assert "server.pem" in ticket.messages[-1].body


def test_of_an_attached_mail_whose_own_text_is_a_secret_nothing_stays(ticket: Ticket) -> None:
    inner = forwarded(b"anything", "container.pfx")
    inner.get_body().set_content(SECRET_KEY)  # type: ignore[union-attr]
    mail = answer(mails("ticket_submitted")[0], "Смотрите вложение.")
    mail.add_attachment(inner)
    kept = originals.open_original(receive(mail))
    assert b"PRIVATE KEY" not in kept
    assert read_mail(kept).attachments == ()
    assert "Смотрите вложение." in read_mail(kept).text


def test_an_attached_mail_without_a_secret_comes_along(ticket: Ticket) -> None:
    mail = answer(mails("ticket_submitted")[0])
    mail.add_attachment(forwarded("строка журнала".encode(), "log.txt"), filename="письмо.eml")
    receive(mail)
    assert [file.name for file in ticket.messages[-1].files] == ["письмо.eml"]


def test_the_same_mail_twice_makes_one_entry(ticket: Ticket) -> None:
    mail = answer(mails("ticket_submitted")[0])
    first, second = receive(mail), receive(mail)
    assert first is second
    assert len(ticket.messages) == 2
    assert db.session.query(ReceivedMail).count() == 1


def test_whoever_writes_can_be_written_to(ticket: Ticket, at: datetime) -> None:
    ticket.customer.mail_bounced_at, ticket.customer.mail_bounce = at - timedelta(1), "550 5.1.1"
    receive(answer(mails("ticket_submitted")[0]))
    assert ticket.customer.mail_bounced_at is None


def test_a_colleague_in_copy_changes_nothing(ticket: Ticket) -> None:
    make_staff(email="olga@vendor.example")
    receive(answer(mails("ticket_submitted")[0], cc="olga@vendor.example"))
    assert len(ticket.messages) == 2


def test_the_moment_of_an_entry_is_when_it_was_read(ticket: Ticket, at: datetime) -> None:
    later = at + timedelta(hours=1)
    with clock.frozen(later):
        receive(answer(mails("ticket_submitted")[0]))
    assert ticket.messages[-1].created_at == later
