"""Where a mail belongs. It only reads: the same mail may be asked about twice, before and after its files are checked.

A ticket is found by a key of ours, or by its reference in the subject, and always only for its own customer. A key is
proof enough of who writes: we sent it to him alone, and whoever else has it got it from him. Where there is none, the
sender's domain has to vouch for the mail, if there is a mail server whose word we trust.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from supportapp.accounts.models import Customer, StaffUser
from supportapp.accounts.queries import find_customer_by_email
from supportapp.database import GREATEST_ID
from supportapp.extensions import db, settings
from supportapp.mailbox.evidence import Proof, weigh
from supportapp.mailbox.models import ReceivedMail
from supportapp.mailbox.reading.contents import IncomingMail, Nature
from supportapp.mailbox.rules import Reason, is_robot
from supportapp.notifications.keys import genuine_mail_ids, is_our_address, read_mail_ids, read_tagged_address
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import find_ticket, find_ticket_by_reference

MOST_IDS = 200  # of a References header that may be as long as a mail


class Way(enum.StrEnum):
    """What is to be done with a mail."""

    IGNORE = "ignore"
    REPORT = "report"
    NOTE = "note"
    QUARANTINE = "quarantine"
    REPLY = "reply"
    OPEN = "open"


@dataclass(frozen=True)
class Route:
    """``customer`` is who wrote it, when that is one; ``ticket`` is his."""

    way: Way
    reason: Reason
    ticket: Ticket | None = None
    customer: Customer | None = None

    @property
    def enters(self) -> bool:
        return self.way in (Way.REPLY, Way.OPEN)


def route(mail: IncomingMail, row: ReceivedMail) -> Route:
    """Decide by what ``mail`` says, by the envelope that stands in ``row``, and by who is who at this moment."""
    if is_ours(mail):
        return Route(Way.IGNORE, Reason.OWN)
    if row.details.get("cut"):
        return Route(Way.QUARANTINE, Reason.TOO_LARGE, customer=find_sender(mail))
    if mail.nature is Nature.BOUNCE:
        return Route(Way.REPORT, Reason.BOUNCE)
    if mail.nature is Nature.DELAYED:
        return Route(Way.REPORT, Reason.DELAYED)
    if _proof(mail) is Proof.DISOWNED and not _is_pardoned(row, Reason.FORGED):
        return Route(Way.QUARANTINE, Reason.FORGED)
    if mail.nature is not Nature.PERSON or row.envelope_sender == "":
        return _machine(mail, row)
    return _person(mail, row)


def is_ours(mail: IncomingMail) -> bool:
    """Whether we sent it ourselves: from an address of ours, or under a Message-ID that only we can make."""
    return is_our_address(mail.sender) or bool(genuine_mail_ids([mail.message_id]))


def find_sender(mail: IncomingMail) -> Customer | None:
    """The open account of the sender. The local part has to be spelt as in the account: look-alike letters that a
    form would fold together are another mailbox."""
    customer = find_customer_by_email(mail.sender) if "@" in mail.sender else None
    same = customer is not None and _local(customer.email) == _local(mail.sender).casefold()
    return customer if same else None


def keyed_tickets(mail: IncomingMail, row: ReceivedMail) -> Iterator[Ticket]:
    """The tickets whose keys the mail carries, the nearest first: what it answers, what it goes back to, and the
    addresses that it was sent to."""
    headers = [*mail.in_reply_to, *reversed(mail.references)][:MOST_IDS]
    abouts = read_mail_ids(headers)
    addresses = [*mail.recipients[:MOST_IDS], *row.envelope_recipients]
    abouts += [about for about in map(read_tagged_address, addresses) if about]
    for about in dict.fromkeys(abouts):
        kind, _, key = about.partition(":")
        ticket = find_ticket(int(key)) if kind == "ticket" and int(key) <= GREATEST_ID else None
        if ticket is not None:
            yield ticket


def _person(mail: IncomingMail, row: ReceivedMail) -> Route:
    customer, keyed = find_sender(mail), list(keyed_tickets(mail, row))
    if customer is not None and customer.blocked_at is not None:
        return Route(Way.QUARANTINE, Reason.BLOCKED, customer=customer)
    own = next((ticket for ticket in keyed if customer is not None and ticket.customer_id == customer.id), None)
    if own is not None:
        return Route(Way.REPLY, Reason.REPLIED, own, customer)
    if customer is not None and not keyed and (named := _by_subject(mail.subject, customer)) is not None:
        return _proven(mail, row, Route(Way.REPLY, Reason.REPLIED, named, customer))
    if _is_staff(mail.sender):
        return Route(Way.QUARANTINE, Reason.STAFF, keyed[0] if keyed else None)
    if keyed:
        return Route(Way.QUARANTINE, Reason.STRANGER, keyed[0], customer)
    if customer is None:
        return Route(Way.QUARANTINE, Reason.UNKNOWN_SENDER)
    if not customer.is_confirmed:
        return Route(Way.QUARANTINE, Reason.UNCONFIRMED, customer=customer)
    return _proven(mail, row, Route(Way.OPEN, Reason.OPENED, customer=customer))


def _proven(mail: IncomingMail, row: ReceivedMail, where: Route) -> Route:
    """``where``, unless anybody could have written it: then staff look at it."""
    if _proof(mail) is not Proof.MISSING or _is_pardoned(row, Reason.UNPROVEN):
        return where
    return Route(Way.QUARANTINE, Reason.UNPROVEN, where.ticket, where.customer)


def _machine(mail: IncomingMail, row: ReceivedMail) -> Route:
    """It stands on the timeline of its sender's own ticket, or nowhere."""
    reason = Reason.LIST if mail.nature is Nature.LIST else Reason.AUTO_REPLY
    customer = find_sender(mail)
    if customer is not None and customer.is_active:
        for ticket in keyed_tickets(mail, row):
            if ticket.customer_id == customer.id:
                return Route(Way.NOTE, reason, ticket, customer)
    return Route(Way.IGNORE, reason, customer=customer)


def _by_subject(subject: str, customer: Customer) -> Ticket | None:
    pattern = rf"(?<![A-Za-z0-9]){re.escape(settings.TICKET_PREFIX)}-[0-9]{{6,10}}(?![0-9])"
    for reference in re.findall(pattern, subject, re.I)[:5]:
        ticket = find_ticket_by_reference(reference)
        if ticket is not None and ticket.customer_id == customer.id:
            return ticket
    return None


def _is_staff(address: str) -> bool:
    found = select(StaffUser.id).where(func.lower(StaffUser.email) == address.lower(), StaffUser.active.is_(True))
    return bool(address) and db.session.scalar(found.limit(1)) is not None


def _proof(mail: IncomingMail) -> Proof:
    return weigh(mail.authentication_results, settings.MAIL_TRUSTED_AUTHSERV, mail.sender)


def _is_pardoned(row: ReceivedMail, reason: Reason) -> bool:
    return reason.value in row.details.get("pardoned", [])


def is_answerable(mail: IncomingMail, row: ReceivedMail) -> bool:
    """Whether surely a person wrote it, who sent it himself and to us (RFC 3834, 2): only then may a machine answer."""
    sent_to_us = any(is_our_address(address) for address in (*mail.recipients, *row.envelope_recipients))
    if row.envelope_sender is not None and row.envelope_sender.lower() != mail.sender:
        return False
    return mail.nature is Nature.PERSON and sent_to_us and not is_robot(mail.sender)


def _local(address: str) -> str:
    return address.rpartition("@")[0]
