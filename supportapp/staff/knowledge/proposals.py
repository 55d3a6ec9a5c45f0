"""«Сделать статью из обращения»: whoever answers customers proposes a draft, an editor publishes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp import clock
from supportapp.errors import Refused
from supportapp.extensions import db, settings
from supportapp.i18n import known_language
from supportapp.kb import operations, queries
from supportapp.kb.redaction import Kind, Known, redact, redact_line
from supportapp.staff import changes
from supportapp.staff.forms import show_refusal
from supportapp.staff.frame import StaffScreen
from supportapp.staff.knowledge import editor
from supportapp.staff.knowledge.forms import DraftForm
from supportapp.staff.security import signed_in_staff
from supportapp.tickets.models import Ticket
from supportapp.tickets.queries import conversation, get_ticket_for_staff
from supportapp.tickets.rules import MessageKind

KINDS: dict[Kind, Any] = {
    Kind.NAME: _l("names"),
    Kind.ORGANISATION: _l("organisations"),
    Kind.EMAIL: _l("mail addresses"),
    Kind.PHONE: _l("telephone numbers"),
    Kind.NUMBER: _l("numbers of certificates and papers"),
    Kind.TICKET: _l("references of tickets"),
    Kind.ADDRESS: _l("network addresses"),
    Kind.HOST: _l("names of machines"),
    Kind.USER: _l("user names"),
    Kind.TAX: _l("tax numbers"),
    Kind.CARD: _l("card and account numbers"),
    Kind.SECRET: _l("keys and passwords"),
    Kind.THUMBPRINT: _l("thumbprints"),
    Kind.SERIAL: _l("serial numbers"),
}
_MARK = re.compile(r"\\(?=[!-/:-@\[-`{-~])|(?<=\S)\*|\*(?=\S)|^#")
_SAID = re.compile(r"\b([a-z]{1,20}):([0-9]{1,6})\b")
LONGEST_SAID = 500
_LIST_LINE = re.compile(r"\s*(?:[-*+•–]|\d{1,3}[.)])\s|\s*\||\s{4,}|\s*\Z")


@dataclass(frozen=True)
class Proposal:
    """What a ticket gives to an article, without anybody's data; ``removed`` counts what was left out."""

    title: str
    body: str
    language: str
    removed: Mapping[Kind, int]
    is_cut: bool


class ArticleProposalPage(StaffScreen):
    """The draft is shown with its marks before it is saved: what no rule has found, a person sees."""

    route_base = "/staff/tickets"
    default_view = "propose"

    @expose("/<reference>/article", methods=["GET", "POST"])
    @has_access
    @permission_name("act")
    def propose(self, reference: str) -> ResponseReturnValue:
        ticket = get_ticket_for_staff(signed_in_staff(), reference)
        form = DraftForm.refresh()
        if request.method == "GET":
            proposal = proposal_from(ticket)
            form.title.data, form.body.data, form.language.data = proposal.title, proposal.body, proposal.language
            form.phrases.data = proposal.title
            form.show_choice(None, [ticket.product] if ticket.product else [])
            return self._page(form, ticket, proposal.removed, is_cut=proposal.is_cut)
        removed = said_removed(request.form.get("removed", ""))
        if editor.take_pictures(form) or request.form.get("act") == "preview":
            return self._page(form, ticket, removed, shows_preview=True)
        if not form.validate():
            return self._page(form, ticket, removed), 422
        try:
            article = operations.propose_article(
                **form.contents(), from_ticket_id=ticket.id, by=signed_in_staff(), at=clock.now()
            )
            changes.note("proposed", article, ticket.reference)
            db.session.commit()
        except Refused as refused:
            editor.give_up()
            show_refusal(form, refused)
            return self._page(form, get_ticket_for_staff(signed_in_staff(), reference), removed), 422
        flash(_("The draft is saved. An editor will look at it and publish it."), "success")
        return redirect(editor.saved_address(article), 303)

    def _page(
        self,
        form: DraftForm,
        ticket: Ticket,
        removed: Mapping[Kind, int],
        *,
        is_cut: bool = False,
        shows_preview: bool = False,
    ) -> str:
        return self.render_template(
            "staff/knowledge/proposal.html",
            title=_("Article from the ticket %(reference)s", reference=ticket.reference),
            ticket=ticket,
            removed=[(KINDS[kind], number) for kind, number in removed.items()],
            removed_said=" ".join(f"{kind}:{number}" for kind, number in removed.items()),
            is_cut=is_cut,
            has_solution=bool(_solution_of(ticket)),
            made=queries.articles_from_ticket(ticket.id),
            **editor.page_facts(form, None, shows_preview=shows_preview or request.method == "GET"),
        )


def said_removed(text: str) -> Mapping[Kind, int]:
    """What the page has counted when it was opened, told by its form: to be shown again, and for nothing else."""
    told = {found[1]: int(found[2]) for found in _SAID.finditer(text[:LONGEST_SAID])}
    return {kind: told[kind] for kind in Kind if kind in told}


def proposal_from(ticket: Ticket) -> Proposal:
    """The subject, and the last proposed solution or else the last reply of staff; nothing that the customer wrote."""
    solution = _solution_of(ticket)
    language = "ru" if re.search("[а-яё]", solution or ticket.subject, re.I) else "en"
    known = known_of(ticket)
    title = redact_line(ticket.subject, known, language=language)
    body = redact(solution, known, language=language)
    removed = {kind: title.removed.get(kind, 0) + body.removed.get(kind, 0) for kind in Kind}
    found = {kind: number for kind, number in removed.items() if number}
    return Proposal(title.text, as_markdown(body.text), known_language(language), found, title.is_cut or body.is_cut)


def known_of(ticket: Ticket) -> Known:
    """Everybody and everything that this ticket names."""
    people = [message.author.display_name for message in conversation(ticket, internal=True)]
    people += [ticket.customer.name, ticket.assignee.display_name if ticket.assignee else ""]
    certificate = ticket.certificate
    numbers = (ticket.reference, *((certificate.number, certificate.activation_code) if certificate else ()))
    organisations = (ticket.customer.organisation, certificate.holder if certificate else "")
    return Known(
        names=tuple(sorted({name for name in people if name})),
        organisations=tuple(sorted({name for name in organisations if name})),
        numbers=numbers,
        addresses=(ticket.customer.email,),
        ticket_prefix=settings.TICKET_PREFIX,
    )


def as_markdown(text: str) -> str:
    """Plain text as it was meant: what Markdown would take for a mark is escaped, and each line that is no item of a
    list becomes a paragraph."""
    lines = [_MARK.sub(lambda found: f"\\{found.group()}", line) for line in text.split("\n")]
    found = lines[:1]
    for before, line in pairwise(lines):
        if not _LIST_LINE.match(line) and not _LIST_LINE.match(before):
            found.append("")
        found.append(line)
    return "\n".join(found)


def _solution_of(ticket: Ticket) -> str:
    written = [message for message in conversation(ticket, internal=False) if message.staff is not None]
    for kinds in ([MessageKind.SOLUTION], [MessageKind.REPLY], list(MessageKind)):
        chosen = [message.body for message in written if message.kind in kinds]
        if chosen:
            return chosen[-1]
    return ""
