"""Counting what articles solved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from supportapp.accounts.models import Customer
from supportapp.extensions import db
from supportapp.kb.models import Article, SolvedWithoutTicket


def record_solved(article: Article, *, customer: Customer | None, form_token: str, at: datetime) -> bool:
    """Count that the article answered and no ticket was sent: once per form and article; whether it was counted now."""
    if not form_token or len(form_token) > 64 or "\0" in form_token:
        return False
    told = SolvedWithoutTicket.article_id == article.id, SolvedWithoutTicket.form_token == form_token
    if db.session.scalar(select(SolvedWithoutTicket.id).where(*told)) is not None:
        return False
    try:
        with db.session.begin_nested():
            row = SolvedWithoutTicket(article_id=article.id, form_token=form_token, at=at)
            row.customer_id = customer.id if customer else None
            db.session.add(row)
    except IntegrityError:  # the second of two clicks
        return False
    return True
