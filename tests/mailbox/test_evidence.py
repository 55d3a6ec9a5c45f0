"""Who a sender is: what our own mail server says counts, and only for the sender's own domain."""

from __future__ import annotations

import time

import pytest

from supportapp.extensions import db
from supportapp.files import storage
from supportapp.mailbox import originals
from supportapp.mailbox.evidence import Proof, weigh
from supportapp.mailbox.jobs import read_received
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading import read_mail
from supportapp.mailbox.rules import MAILS_AN_HOUR, MailState
from supportapp.notifications.keys import tagged_address
from supportapp.tickets.models import Ticket
from tests.factories import mails, make_customer
from tests.mail import corpus
from tests.mailbox.conftest import Configure
from tests.mailbox.letters import answer, arrive, receive, write

MX = "mx.example.com"
FAIL = f"{MX}; dmarc=fail (p=reject) header.from=example.com"
ALIGNED = f"{MX}; spf=pass smtp.mailfrom=anna@example.com; dkim=none"
FOREIGN = f"{MX}; spf=pass smtp.mailfrom=mallory@evil.example; dkim=pass header.d=evil.example"
NOTHING = f"{MX}; spf=none smtp.mailfrom=example.com; dkim=none"

SOFT = f"{MX}; spf=softfail smtp.mailfrom=anna@example.com; dkim=none"


def policyd(local: str) -> str:
    """How policyd-spf repeats a sender in a comment: without any quotes."""
    return f"(client-ip=192.0.2.8; helo=out.example; envelope-from={local}@evil.example; receiver=<UNKNOWN>)"


def designated(address: str) -> str:
    """How Rspamd and the large providers do."""
    return f"(mx: domain of {address} designates 192.0.2.7 as permitted sender) smtp.mailfrom={address}"


BETWEEN_QUOTES = 'x"); dkim=pass header.d=example.com; dmarc=none ("'
TAGGED = '"prvs=1=anna@example.com"'
INTO_THE_COMMENT = f"{MX}; spf=none {policyd('x);dkim=pass()header.d=example.com(')}"


def is_quarantined(row: ReceivedMail, reason: str) -> bool:
    return (row.state, row.reason, row.entry) == (MailState.QUARANTINED, reason, None)


# what a header says


@pytest.mark.parametrize(
    ("header", "proof"),
    [
        ("mx; dmarc=pass", Proof.MISSING),
        ("mx; dmarc=pass header.from=", Proof.MISSING),
        ("mx; dmarc=pass; header.from=example.com", Proof.MISSING),
        ("mx; dmarc=pass (p=none dis=none) header.from=example.com", Proof.GIVEN),
        ("mx; dmarc=pass header.from=evil.example", Proof.MISSING),
        ("mx; spf=fail smtp.mailfrom=a; dkim=fail; dmarc=pass header.from=example.com", Proof.GIVEN),
        ("mx; dmarc=fail", Proof.DISOWNED),
        ("mx; spf=pass smtp.mailfrom=example.com; dmarc=fail", Proof.DISOWNED),
        ("MX 1; DMARC=Fail", Proof.DISOWNED),
        ("mx; dmarc=none; spf=pass smtp.mailfrom=example.com", Proof.GIVEN),
        ("mx; dmarc=none; spf=fail; dkim=fail", Proof.MISSING),
        ("mx; spf=fail; dkim=fail", Proof.DISOWNED),
        ("mx; spf=fail", Proof.DISOWNED),
        ("mx; spf=softfail", Proof.MISSING),
        ("mx; spf=softfail; dkim=none", Proof.MISSING),
        ("mx; dkim=fail header.d=example.com", Proof.MISSING),
        ("mx; spf=none; dkim=none", Proof.MISSING),
        # a pass counts for the domain that it is about
        ("mx; spf=pass smtp.mailfrom=anna@example.com", Proof.GIVEN),
        ("mx; spf=pass smtp.mailfrom=<anna@Example.COM.>", Proof.GIVEN),
        ('mx; spf=pass smtp.mailfrom="anna@example.com"', Proof.GIVEN),
        ("mx; spf=pass smtp.mailfrom=bounces.example.com", Proof.GIVEN),
        ("mx; spf=pass (sender SPF authorized) smtp . mailfrom = example.com", Proof.GIVEN),
        ("mx; spf=pass", Proof.MISSING),
        ("mx; spf=pass smtp.mailfrom=evil.example", Proof.MISSING),
        ("mx; spf=pass smtp.mailfrom=notexample.com", Proof.MISSING),
        ("mx; spf=pass smtp.mailfrom=example.com.evil.example", Proof.MISSING),
        ("mx; spf=pass smtp.mailfrom=anna=example.com@evil.example", Proof.MISSING),
        ("mx; spf=pass smtp.mailfrom=com", Proof.MISSING),
        ("mx; spf=pass smtp.helo=example.com", Proof.MISSING),
        ("mx; dkim=pass header.d=example.com", Proof.GIVEN),
        ("mx; dkim/1=pass header.d=mail.example.com header.i=@mail.example.com", Proof.GIVEN),
        ("mx; dkim=pass header.i=anna@example.com", Proof.GIVEN),
        ("mx; dkim=pass header.i=@example.com header.d=evil.example", Proof.MISSING),
        ("mx; dkim=pass header.s=x header.d=example.com header.d=evil.example", Proof.MISSING),
        ("mx; dkim=fail header.d=example.com; dkim=pass header.d=evil.example", Proof.MISSING),
        ("mx; dkim=pass header.d=evil.example; dkim=pass header.d=example.com", Proof.GIVEN),
        ("mx; spf=fail smtp.mailfrom=list.example; dkim=pass header.d=example.com", Proof.GIVEN),
        ("mx; spf=fail smtp.mailfrom=example.com; dkim=pass header.d=evil.example", Proof.DISOWNED),
        # what a stranger writes into an address is none of the server's words
        ('mx; spf=pass smtp.mailfrom="x; dkim=pass header.d=example.com"@evil.example', Proof.MISSING),
        ('mx; spf=none smtp.mailfrom="x\\"; dmarc=pass;"@evil.example', Proof.MISSING),
        ('mx; spf=none reason="dmarc=pass; dmarc=pass"', Proof.MISSING),
        ("mx; spf=none smtp.mailfrom=(x@evil.example; dmarc=pass", Proof.MISSING),
        ('mx; spf=none smtp.mailfrom="x@evil.example; dmarc=pass', Proof.MISSING),
        ("mx; spf=none (dmarc=pass; dmarc=pass)", Proof.MISSING),
        ("mx (dmarc=fail); spf=pass smtp.mailfrom=example.com", Proof.GIVEN),
        ("mx (a (b) (dmarc=x)) 1; dmarc=fail (p=(none))", Proof.DISOWNED),
        ("mx (never closed; dmarc=fail", Proof.DISOWNED),
        # nor what he writes into a comment of the server's, which not every server quotes
        (f"mx; spf=none {policyd('x);dkim=pass()header.d=example.com(')}", Proof.MISSING),
        (f"mx; spf=none {policyd('x); dkim=pass header.d=example.com')}", Proof.MISSING),
        (f"mx; spf=none {policyd('x@a.b; c=d); dkim=pass header.d=example.com; dmarc=none (a=y')}", Proof.MISSING),
        (f"mx; spf=none {policyd(BETWEEN_QUOTES)}", Proof.MISSING),
        ("mx; spf=none (envelope-from=x);dkim=pass header.d=example.com(; receiver=mx)", Proof.MISSING),
        ("mx; spf=none (mx: domain of x);dkim=pass header.d=example.com( designates 1 as sender)", Proof.MISSING),
        (f"mx; spf=none {designated('x);dkim=pass header.d=example.com(@evil.example')}", Proof.MISSING),
        (f"mx; spf=pass {designated('x) smtp.mailfrom=a@example.com; a=b (@evil.example')}", Proof.MISSING),
        ('mx; spf=none (domain of "x);dkim=pass header.d=example.com("@evil.example designates)', Proof.MISSING),
        ('mx; spf=none (a "x);dkim=pass header.d=example.com header.b="(y) z"', Proof.MISSING),
        ("mx; spf=none (a \\); dkim=pass header.d=example.com; x=(\\)", Proof.MISSING),
        ('mx; spf=none smtp.mailfrom=evil\\"; dkim=pass header.d=example.com', Proof.MISSING),
        ('mx; spf=none smtp.mailfrom=evil\\"; dkim=pass header.d=example.com header.b="', Proof.MISSING),
        ("mx; spf=none smtp.mailfrom=x); dkim=pass header.d=example.com", Proof.MISSING),
        ("(x) mx; dkim=pass header.d=example.com", Proof.MISSING),
        ("mx; dkim=pass-by header.d=example.com", Proof.MISSING),
        # what servers write about honest senders
        (f"mx; spf=pass (mailfrom) smtp.mailfrom=example.com {policyd('anna')}", Proof.GIVEN),
        (f"mx; spf=pass {designated('anna@example.com')}; dmarc=none", Proof.GIVEN),
        (f"mx; spf=softfail {designated('a@list.example')}; dkim=pass header.d=example.com", Proof.GIVEN),
        (f"mx; spf=pass {designated(TAGGED)}; dkim=none", Proof.GIVEN),
        (f"mx; spf=pass {designated('b@list.example')}; dmarc=pass (p=NONE) header.from=example.com", Proof.GIVEN),
        ('mx;\tdkim=pass (2048-bit key; unprotected) header.d=example.com header.b="Yp0/x7=="', Proof.GIVEN),
        ("mx; iprev=pass (out.example.com) smtp.remote-ip=192.0.2.7; spf=pass smtp.mailfrom=example.com", Proof.GIVEN),
        # nobody that we trust has found anything
        ("mx; none", Proof.MISSING),
        ("mx; auth=pass smtp.auth=anna", Proof.MISSING),
        ("other; dmarc=fail", Proof.MISSING),
        ("mx.evil; dmarc=pass header.from=example.com", Proof.MISSING),
        (";;;", Proof.MISSING),
        ("", Proof.MISSING),
    ],
)
def test_what_an_authentication_result_says(header: str, proof: Proof) -> None:
    assert weigh([header], "mx", "anna@example.com") is proof


@pytest.mark.parametrize(
    ("sender", "domain", "proof"),
    [
        ("anna@example.com", "mail.example.com", Proof.GIVEN),
        ("anna@mail.example.com", "out.mail.example.com", Proof.GIVEN),
        ("anna@mail.example.com", "example.com", Proof.MISSING),
        ("anna@a.example.com", "b.example.com", Proof.MISSING),
        ("anna@firma.com.ru", "com.ru", Proof.MISSING),
        ("anna@bank.co.uk", "co.uk", Proof.MISSING),
        ("anna@msk.ru", "evil.msk.ru", Proof.MISSING),
        ("anna@msk.ru", "msk.ru", Proof.GIVEN),
        ("anna@firma.msk.ru", "mail.firma.msk.ru", Proof.GIVEN),
        ("anna@пример.рф", "xn--e1afmkfd.xn--p1ai", Proof.GIVEN),
        ("anna@пример.рф", "другой.рф", Proof.MISSING),
        ("root@localhost", "localhost", Proof.GIVEN),
        ("", "", Proof.MISSING),
    ],
)
def test_a_domain_is_spoken_for_by_itself_and_by_those_within_it(sender: str, domain: str, proof: Proof) -> None:
    assert weigh([f"mx; dkim=pass header.d={domain}"], "mx", sender) is proof


def test_a_line_that_a_forger_adds_does_not_outweigh_ours() -> None:
    ours, forged = "mx; dmarc=fail", "mx; dmarc=pass header.from=example.com"
    assert weigh([ours, forged], "mx", "anna@example.com") is Proof.DISOWNED


def test_where_no_server_is_trusted_nobody_has_asked() -> None:
    assert weigh(["mx; dmarc=fail", "; dmarc=fail"], "", "anna@example.com") is Proof.NOT_SOUGHT


@pytest.mark.parametrize("signs", ["(" * 10_000 + ")" * 10_000, '"' * 20_000, '("' * 10_000, "smtp. " * 4_000])
def test_signs_without_end_take_no_time(signs: str) -> None:
    begun = time.process_time()
    assert weigh([f"mx; {signs}; dmarc=fail"], "mx", "anna@example.com") is Proof.DISOWNED
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("name", [name for name in corpus.NAMES if "proof" in corpus.expected(name)])
def test_what_real_servers_write_is_understood(name: str) -> None:
    mail = read_mail(corpus.raw(name))
    proof = weigh(mail.authentication_results, "mx.portal.example", mail.sender)
    assert proof.name.lower() == corpus.expected(name)["proof"]


# what becomes of the mail


@pytest.mark.parametrize(("trusted", "enters"), [(MX, False), ("other.example", True), ("", True)])
def test_only_our_own_server_says_whether_a_sender_is_forged(
    ticket: Ticket, configure: Configure, trusted: str, enters: bool
) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=trusted)
    row = receive(answer(mails("ticket_submitted")[0], authentication_results=FAIL))
    assert (row.state is MailState.ENTERED) is enters
    if not enters:
        assert row.reason == "forged"
        assert [mail.kind for mail in mails()] == ["ticket_submitted"]


def test_a_key_is_proof_enough_whichever_way_it_comes(ticket: Ticket, configure: Configure) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    by_id = answer(mails("ticket_submitted")[0], authentication_results=FOREIGN)
    by_address = write("anna@example.com", to=tagged_address(ticket.about), authentication_results=NOTHING)
    assert [receive(mail).reason for mail in (by_id, by_address)] == ["replied", "replied"]


@pytest.mark.parametrize("results", [FOREIGN, NOTHING, SOFT, f"{MX}; none", None, INTO_THE_COMMENT])
@pytest.mark.parametrize("names_a_ticket", [True, False])
def test_a_mail_that_anybody_could_have_written_waits_for_staff_and_nobody_is_told(
    ticket: Ticket, configure: Configure, names_a_ticket: bool, results: str | None
) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    subject = f"Re: {ticket.reference}" if names_a_ticket else "Новый вопрос"
    row = receive(write("anna@example.com", subject=subject, authentication_results=results))
    assert is_quarantined(row, "unproven")
    assert row.ticket is (ticket if names_a_ticket else None)
    assert [mail.kind for mail in mails()] == ["ticket_submitted"]


@pytest.mark.parametrize("results", [ALIGNED, f"{MX}; dmarc=pass header.from=example.com"])
def test_a_mail_that_its_domain_vouches_for_enters(ticket: Ticket, configure: Configure, results: str) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    named = write("anna@example.com", subject=ticket.reference, authentication_results=results)
    new = write("anna@example.com", subject="Новый вопрос", authentication_results=results)
    assert [receive(mail).reason for mail in (named, new)] == ["replied", "opened"]


@pytest.mark.parametrize("line", ['From: "Anna <anna@example.com>', "From : anna@example.com"])
def test_a_sender_that_the_server_could_not_read_is_not_believed(
    ticket: Ticket, configure: Configure, line: str
) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    mail = f"{line}\r\nTo: support@localhost\r\nSubject: Re: {ticket.reference}\r\n\r\nПомогите.\r\n"
    assert is_quarantined(receive(mail.encode()), "unproven")


@pytest.mark.parametrize(
    "lines",
    [
        f"X-Any: x\rAuthentication-Results: {ALIGNED}",
        f"Authentication-Results : {ALIGNED}",
        f"Authentication-Results: {ALIGNED}".replace("mx.", "mx\0."),
        f"no header\r\nAuthentication-Results: {ALIGNED}",
    ],
)
def test_results_that_the_server_did_not_see_as_such_and_could_not_take_away_are_none(
    ticket: Ticket, configure: Configure, lines: str
) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    mail = f"From: anna@example.com\r\n{lines}\r\nTo: support@localhost\r\n\r\nHelp\r\n"
    assert is_quarantined(receive(mail.encode()), "unproven")


@pytest.mark.parametrize("results", [SOFT, NOTHING, None])
def test_an_answer_of_a_domain_that_only_doubts_is_no_forgery(
    ticket: Ticket, configure: Configure, results: str | None
) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    assert receive(answer(mails("ticket_submitted")[0], authentication_results=results)).reason == "replied"


def test_without_a_trusted_server_a_sender_is_believed(ticket: Ticket) -> None:
    named = write("anna@example.com", subject=ticket.reference, authentication_results=FOREIGN)
    new = write("anna@example.com", subject="Новый вопрос", authentication_results=FOREIGN)
    assert [receive(mail).reason for mail in (named, new)] == ["replied", "opened"]


def test_an_account_that_is_not_confirmed_is_told_so_first(session: object, configure: Configure) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    make_customer(email="anna@example.com", confirmed_at=None)
    assert is_quarantined(receive(write("anna@example.com", authentication_results=NOTHING)), "unconfirmed")


@pytest.mark.parametrize(("results", "reason"), [(FAIL, "forged"), (FOREIGN, "unproven")])
def test_mails_in_doubt_do_not_use_up_the_hour_of_the_person_they_name(
    ticket: Ticket, configure: Configure, results: str, reason: str
) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    for number in range(MAILS_AN_HOUR + 1):
        row = receive(write("anna@example.com", f"Подделка {number}", authentication_results=results))
        assert row.reason == reason
    assert receive(answer(mails("ticket_submitted")[0], "Настоящее письмо")).reason == "replied"


@pytest.mark.parametrize(("results", "sender"), [(FAIL, ""), (FOREIGN, "mallory@evil.example")])
def test_a_mail_whose_twin_was_in_doubt_is_judged_by_itself(
    ticket: Ticket, configure: Configure, results: str, sender: str
) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    mail = write("anna@example.com", subject=ticket.reference).as_bytes()
    twin = receive(f"Authentication-Results: {results}\n".encode() + mail, sender=sender)
    assert twin.state is MailState.QUARANTINED
    genuine = receive(f"Authentication-Results: {ALIGNED}\n".encode() + mail, sender="anna@example.com")
    assert (genuine.id, genuine.state, genuine.reason) == (twin.id, MailState.ENTERED, "replied")
    assert genuine.envelope_sender == "anna@example.com"


@pytest.mark.parametrize("first", [FAIL, FOREIGN, ALIGNED])
def test_a_mail_that_comes_before_its_twin_was_read_is_judged_by_itself(
    ticket: Ticket, configure: Configure, first: str
) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    mail = write("anna@example.com", subject=ticket.reference).as_bytes()
    for results in (first, FAIL, ALIGNED):
        mail_id = arrive(f"Authentication-Results: {results}\n".encode() + mail)
    for _turn in range(3):
        read_received(mail_id)
    db.session.expire_all()
    (row,) = db.session.query(ReceivedMail)
    assert (row.state, row.reason, len(ticket.messages)) == (MailState.ENTERED, "replied", 2)
    assert ALIGNED.encode() in originals.open_original(row)
    assert list(storage.keys()) == [row.storage_key]


def test_twins_that_are_all_in_doubt_wait_for_staff_once(ticket: Ticket, configure: Configure) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    mail = write("anna@example.com", subject=ticket.reference).as_bytes()
    for results in (FAIL, FOREIGN):
        mail_id = arrive(f"Authentication-Results: {results}\n".encode() + mail)
    for _turn in range(3):
        read_received(mail_id)
    db.session.expire_all()
    (row,) = db.session.query(ReceivedMail)
    assert (row.state, row.reason) == (MailState.QUARANTINED, "unproven")
    assert list(storage.keys()) == [row.storage_key]


def test_a_twin_in_doubt_does_not_replace_what_has_entered(ticket: Ticket, configure: Configure) -> None:
    configure(MAIL_TRUSTED_AUTHSERV=MX)
    mail = write("anna@example.com", subject=ticket.reference).as_bytes()
    receive(f"Authentication-Results: {ALIGNED}\n".encode() + mail)
    assert receive(f"Authentication-Results: {FAIL}\n".encode() + mail).reason == "replied"
    assert len(ticket.messages) == 2
