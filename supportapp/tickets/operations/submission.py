"""A ticket comes into being."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates.models import Product
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db, settings
from supportapp.files.models import StoredFile
from supportapp.guard.texts import without_secrets
from supportapp.i18n import N_
from supportapp.tickets import messages, rules
from supportapp.tickets.models import Ticket
from supportapp.tickets.operations import entitlement
from supportapp.tickets.operations.by_rule import assign_by_rule
from supportapp.tickets.operations.conversation import add_message
from supportapp.tickets.operations.record import clean_body, clean_line, lock_for_customer, record
from supportapp.tickets.rules import EventKind, MessageKind


def submit(
    *,
    customer: Customer,
    subject: str,
    body: str,
    product: Product | None = None,
    product_version: str = "",
    operating_system: str = "",
    certificate_id: int | None = None,
    files: Sequence[StoredFile] = (),
    form_token: str | None = None,
    at: datetime,
    by: StaffUser | None = None,
    mail_id: str | None = None,
    continues: Ticket | None = None,
) -> Ticket:
    """Open a ticket, by the customer (``mail_id`` says with which mail) or by staff on the customer's behalf.

    The same ``form_token`` again returns the ticket that was made with it, so a double click makes one. Refused:
    "confirm_first", "account_closed", a certificate that no longer covers, and texts that are empty or too long.
    """
    if form_token and (made := _made_with(form_token, customer)):
        return made
    if not customer.is_active:
        raise Refused("account_closed", N_("This account is closed."))
    if by is None and not customer.is_confirmed:
        raise Refused("confirm_first", N_("Confirm your e-mail address first: the link is in the mail we sent you."))
    ticket = Ticket(
        reference=f"~{uuid.uuid4().hex[:20]}",
        customer=customer,
        subject=_subject(subject, customer),
        product=product,
        product_version=clean_line(product_version, field="product_version", limit=rules.DETAIL_LENGTH),
        operating_system=clean_line(operating_system, field="operating_system", limit=rules.DETAIL_LENGTH),
        form_token=form_token,
        created_at=at,
        updated_at=at,
        customer_seen_at=at,
        version=0,
        waiting_round=0,
        priority=rules.LOWEST_PRIORITY,
        status=rules.Status.NEW,
        continues=continues,
    )
    text = clean_body(body)
    entitlement.apply(ticket, certificate_id, at=at)
    try:
        with db.session.begin_nested():
            db.session.add(ticket)
    except IntegrityError:
        if form_token and (made := _made_with(form_token, customer)):
            return made
        raise
    ticket.reference = f"{settings.TICKET_PREFIX}-{ticket.id:06d}"
    add_message(ticket, MessageKind.QUESTION, text, by=customer, at=at, files=files, mail_id=mail_id)
    record(ticket, EventKind.SUBMITTED, by=by or customer, at=at)
    messages.submitted(ticket, at=at)
    assign_by_rule(ticket, at=at)
    db.session.flush()
    return ticket


def continue_ticket(
    old: Ticket,
    body: str,
    *,
    by: Customer,
    at: datetime,
    files: Sequence[StoredFile] = (),
    form_token: str | None = None,
    mail_id: str | None = None,
) -> Ticket:
    """A new ticket in the place of one that was closed too long ago to be reopened. It keeps the old one's certificate
    when that could still be chosen today."""
    lock_for_customer(old, by)
    return submit(
        customer=by,
        subject=old.subject,
        body=body,
        product=old.product,
        product_version=old.product_version,
        operating_system=old.operating_system,
        certificate_id=entitlement.choosable_certificate(old, at=at),
        files=files,
        form_token=form_token,
        at=at,
        mail_id=mail_id,
        continues=old,
    )


def _subject(text: str, customer: Customer) -> str:
    """One line, without secrets: it stands in the subject of every mail."""
    line = clean_line(text, field="subject", limit=rules.SUBJECT_LENGTH, required=True)
    return without_secrets(line, customer.language)[: rules.SUBJECT_LENGTH]


def _made_with(form_token: str, customer: Customer) -> Ticket | None:
    ticket = db.session.scalars(select(Ticket).where(Ticket.form_token == form_token)).one_or_none()
    if ticket is not None and ticket.customer_id != customer.id:
        raise NotFound(form_token)
    return ticket
