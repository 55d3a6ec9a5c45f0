"""Step 8: the customer agrees."""

from __future__ import annotations

from . import words as w
from .cast import Cast
from .desk import propose


def accept(cast: Cast) -> None:
    """Step 8."""
    customer, engineer = cast.customer, cast.engineer
    propose(cast, cast.ticket)
    customer.open(f"/tickets/{cast.ticket}")
    customer.sees(w.SOLUTION_PROPOSED)
    customer.press(w.PROBLEM_SOLVED)
    customer.sees(w.THANKS_CLOSED, w.CLOSED_HEADING, w.CLOSED_SOLVED)
    mail = cast.mailbox.wait_for(f"[{cast.ticket}] {w.MAIL_CLOSED_SOLVED}")
    engineer.open(f"/staff/tickets/{cast.ticket}")
    engineer.sees(w.STAFF_CLOSED, w.CLOSED_BY_AGREEMENT)
    cast.telling.saw(f"accepted in the portal: closed, solved; the mail says “{mail.subject}”")
