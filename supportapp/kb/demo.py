"""The articles that a demo starts with: an import like any other, from a folder that comes with the product."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from supportapp.accounts.models import StaffUser
from supportapp.kb.exchange.importing import Import
from supportapp.kb.exchange.plan import Wishes, make_plan

FOLDER = Path(__file__).parent.parent / "demo_content" / "articles"


def load(*, at: datetime, by: StaffUser | None) -> int:
    """Add the demo's articles that are not there yet; how many. What is there stays, and the search follows later."""
    plan = make_plan(FOLDER, Wishes(only_new=True, create_products=True))
    if plan.findings.problems:
        raise ValueError(f"the demo's articles are wrong: {plan.findings.problems[0]}")
    work = Import(plan, by_id=by.id if by else None, at=at)
    for steps in work.groups:
        for _ in work.write(steps):
            pass
    return plan.new
