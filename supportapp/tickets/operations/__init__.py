"""The verbs of a ticket. Each is one transaction's worth of work: the change, its timeline entry and its mails.

They lock the ticket's row first and ask the rules about what it is now, so of two people acting at once one wins and
the other is told. They flush and never commit; they raise ``Refused`` with a sentence, or ``NotFound`` for a stranger.
"""

from supportapp.tickets.operations.answering import answer, check_answer
from supportapp.tickets.operations.assignment import assign, can_take, check_merging, merge, take
from supportapp.tickets.operations.closing import (
    accept_solution,
    check_closing,
    close,
    close_unanswered,
    reopen,
    withdraw,
)
from supportapp.tickets.operations.conversation import (
    add_note,
    propose_solution,
    reject_solution,
    reply,
    request_information,
    thank,
)
from supportapp.tickets.operations.entitlement import choose_certificate, keep_tickets, move_tickets
from supportapp.tickets.operations.escalation import escalate, note_what_is_past
from supportapp.tickets.operations.handing_over import count_held, hand_over
from supportapp.tickets.operations.recounting import moved_by, recount_deadlines, remember_calendar
from supportapp.tickets.operations.reminding import remind
from supportapp.tickets.operations.submission import continue_ticket, submit
from supportapp.tickets.operations.waiting import (
    ask_for_more_time,
    mark_auto_reply,
    mark_bounced,
    mark_delayed,
    mark_delivered,
    mark_seen,
    warn,
)

__all__ = [
    "accept_solution",
    "add_note",
    "answer",
    "ask_for_more_time",
    "assign",
    "can_take",
    "check_answer",
    "check_closing",
    "check_merging",
    "choose_certificate",
    "close",
    "close_unanswered",
    "continue_ticket",
    "count_held",
    "escalate",
    "hand_over",
    "keep_tickets",
    "mark_auto_reply",
    "mark_bounced",
    "mark_delayed",
    "mark_delivered",
    "mark_seen",
    "merge",
    "move_tickets",
    "moved_by",
    "note_what_is_past",
    "propose_solution",
    "recount_deadlines",
    "reject_solution",
    "remember_calendar",
    "remind",
    "reopen",
    "reply",
    "request_information",
    "submit",
    "take",
    "thank",
    "warn",
    "withdraw",
]
