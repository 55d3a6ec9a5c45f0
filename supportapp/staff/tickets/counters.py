"""How many tickets each part and each saved list holds: never more than a capped count, and not at every request."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from flask import current_app
from flask_babel import format_decimal
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from supportapp.extensions import db
from supportapp.staff import arguments
from supportapp.staff.security import signed_in_staff
from supportapp.staff.tickets.listing import COUNT_LIMIT, TicketInterface, capped
from supportapp.staff.tickets.scopes import SCOPES, condition, scope_of
from supportapp.tickets.models import Ticket
from supportapp.tickets.saved import SavedFilter

KEPT_SECONDS = 30.0
MOST_KEPT = 2_000
Kept = dict[tuple[Any, ...], tuple[float, int]]


def shown(count: int | None) -> str:
    """A count for people; nothing when it is not known."""
    if count is None:
        return ""
    number = format_decimal(min(count, COUNT_LIMIT))
    return f"{number}+" if count > COUNT_LIMIT else str(number)


def of_scopes() -> dict[str, str]:
    """The counters of the parts, in one statement."""
    names = [name for name in SCOPES if name != "all"]
    about = ("scopes", signed_in_staff().id)
    counts = _kept(about, names)
    if None in counts:
        numbers = [capped(db.session.query(Ticket).filter(condition(name))) for name in names]
        fresh: list[int] = list(db.session.execute(select(*numbers)).one())
        _keep(about, dict(zip(names, fresh, strict=True)))
        counts = [*fresh]
    return {name: shown(count) for name, count in zip(names, counts, strict=True)} | {"all": ""}


def of_saved(lists: Sequence[SavedFilter], view: Any) -> dict[int, str]:
    """The counter of each saved list by its key; empty for one that has become senseless."""
    person = signed_in_staff().id
    found: dict[int, str] = {}
    for kept in lists:
        about = ("saved", person, kept.address)
        count = _kept(about, ["count"])[0]
        if count is None:
            count = count_of(kept.address, view)
            if count is not None:
                _keep(about, {"count": count})
        found[kept.id] = shown(count)
    return found


def count_of(address: str, view: Any) -> int | None:
    """The capped count of an address's list; None when it cannot be read, its product having gone for instance."""
    args = MultiDict(parse_qsl(address))
    try:
        datamodel: TicketInterface = view.datamodel
        tickets = datamodel.chosen(view.filters_of(args))
    except HTTPException:
        return None
    scope = scope_of(args)
    if scope != "all":
        tickets = tickets.filter(condition(scope))
    return db.session.scalar(select(capped(tickets))) or 0


def clean_address(args: Mapping[str, str]) -> list[tuple[str, str]]:
    """What of an address makes a list: filters, part and order; neither a place in it nor anything unknown."""
    pairs = args.items(multi=True) if isinstance(args, MultiDict) else args.items()
    kept = ("scope", "_oc_TicketView", "_od_TicketView")
    return [(name, value) for name, value in pairs if value and (name in kept or arguments.FILTER.fullmatch(name))]


def _store() -> Kept:
    store: Kept = current_app.extensions.setdefault("ticket_counters", {})
    return store


def _kept(about: tuple[Any, ...], names: Sequence[str]) -> list[int | None]:
    store, now = _store(), time.monotonic()
    found = [store.get((*about, name)) for name in names]
    return [one[1] if one is not None and now - one[0] < KEPT_SECONDS else None for one in found]


def _keep(about: tuple[Any, ...], counts: Mapping[str, int]) -> None:
    store = _store()
    if len(store) > MOST_KEPT:
        store.clear()
    store.update({(*about, name): (time.monotonic(), count) for name, count in counts.items()})
