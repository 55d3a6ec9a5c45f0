"""Step 9: the manager filters the list, exports what is on the screen, and looks at everything else."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from . import words as w
from .cast import Cast
from .desk import next_page
from .people import NotSeen, Page
from .reading import Element, squeeze
from .spreadsheets import csv_rows, xlsx_rows
from .tickets import send_ticket

ROWS_OF_A_PAGE = 3  # small, so that a few tickets fill several pages
LIVE = (w.TARGET,)  # the screen shows the time left, a file the moment itself


def manage(cast: Cast) -> None:
    """Step 9."""
    manager = cast.manager
    send_ticket(cast, "=1+1 и другие формулы в теме")
    cast.sign_in_staff(manager, "manager")
    manager.follow(w.TICKETS)
    manager.follow(w.ALL_SCOPE)
    manager.press(w.STAFF_SEARCH, {w.CUSTOMER: cast.customer_name})
    _exports(cast)
    _everything_else(cast)


def _exports(cast: Cast) -> None:
    manager = cast.manager
    files = {kind: manager.look_at(str(manager.page.link(kind))) for kind in ("CSV", "XLSX")}
    address = f"{manager.page.url}&psize_TicketView={ROWS_OF_A_PAGE}"
    screen, pages = _screen(cast, address)
    if len(screen) < 7 or pages < 3:
        raise NotSeen(f"the filter leaves this run's tickets on several pages ({len(screen)} on {pages})", manager.page)
    if any(cast.customer_name not in row[w.CUSTOMER] for row in screen):
        raise NotSeen("the filter leaves only this customer's tickets", manager.page)
    for kind, answer in files.items():
        if answer.status != 200:
            raise NotSeen(f"the list as {kind}", answer)
        rows = csv_rows(answer.content) if kind == "CSV" else xlsx_rows(answer.content)
        _compare(kind, rows, screen, answer)
    cast.telling.saw(f"the filtered list has {len(screen)} tickets on {pages} pages; CSV and XLSX hold exactly these")
    manager.press(w.STAFF_SEARCH, {w.CUSTOMER: cast.customer_name, w.STATUS: w.STAFF_CLOSED})
    fewer, _pages = _screen(cast, manager.page.url)
    rows = csv_rows(manager.look_at(str(manager.page.link("CSV"))).content)
    if not 0 < len(fewer) < len(screen) or [row[0] for row in rows[1:]] != [row[w.REFERENCE] for row in fewer]:
        raise NotSeen("a narrower filter exports fewer tickets", manager.page)
    cast.telling.saw(f"a narrower filter, closed ones only, shows and exports {len(fewer)}")


def _screen(cast: Cast, address: str) -> tuple[list[dict[str, str]], int]:
    manager = cast.manager
    manager.open(address)
    rows, pages = _table(manager.page), 1
    while (following := next_page(manager.page)) is not None:
        manager.open(following)
        rows, pages = rows + _table(manager.page), pages + 1
    manager.open(address)
    return rows, pages


def _table(page: Page) -> list[dict[str, str]]:
    """The rows of the list by the headings of their columns."""
    table = next(iter(page.root.all("table")), None)
    if table is None:
        raise NotSeen("the list of tickets is a table", page)
    heads = [_heading(cell) for cell in table.all("th")]
    return [
        {head: cell.text for head, cell in zip(heads, row.all("td"), strict=True) if head}
        for body in table.all("tbody")
        for row in body.all("tr")
    ]


def _heading(cell: Element) -> str:
    return cell.text.rstrip(" ▲▼")


def _compare(kind: str, rows: list[list[str]], screen: list[dict[str, str]], page: Page) -> None:
    """The file holds the same columns, rows and words as the screen, in the same order."""
    heads = rows[0]
    if heads != list(screen[0]):
        raise NotSeen(f"the columns of the {kind} are those of the screen: {heads} and {list(screen[0])}", page)
    if len(rows) - 1 != len(screen):
        raise NotSeen(f"the {kind} has as many rows as the screen: {len(rows) - 1} and {len(screen)}", page)
    for written, shown in zip(rows[1:], screen, strict=True):
        for head, value in zip(heads, [*written, *[""] * len(heads)], strict=False):
            if head not in LIVE and _plain(value) != _plain(shown[head]):
                raise NotSeen(f"the {kind} says “{shown[head]}” under “{head}”, not “{value}”", page)


def _plain(text: str) -> str:
    """Words alone: the screen breaks a line where a file has a comma, and calls an empty cell by a name."""
    words = squeeze(text.replace(",", " ")).removeprefix("'")
    return "" if words in ("—", w.NOBODY) else words


def _everything_else(cast: Cast) -> None:
    manager, saw = cast.manager, cast.telling.saw
    pages = (
        (w.CERTIFICATES, {w.STAFF_NUMBER: cast.number("MAIN")}, (cast.number("MAIN"), "Расширенный")),
        (w.CUSTOMERS, {w.EMAIL_COLUMN: cast.mailbox.address}, (cast.customer_name, cast.mailbox.address)),
        (w.SUPPORT_LEVELS, None, ("Премиум", "Расширенный", "Базовый")),
        (w.OUTBOX, {w.RECIPIENT: cast.mailbox.address}, (cast.mailbox.address, w.SENT, w.MAIL_CLOSED_SOLVED)),
    )
    for title, search, words in pages:
        manager.open("/staff/")
        manager.follow(title)
        if search:
            manager.press(w.STAFF_SEARCH, search)
        manager.sees(*words)
    saw("the manager sees the certificates, the customers, the support levels and the outbox")
    manager.open("/staff/")
    manager.follow(w.CALENDAR)
    manager.follow(w.ADD)
    day = (cast.clock.now() + timedelta(days=300 + int(cast.stamp, 16) % 60)).date()
    manager.press(w.SAVE, {w.DAY: day.isoformat(), w.DAY_IS: w.DAY_OFF, w.SOURCE: f"Приказ {cast.stamp}"})
    manager.sees(w.SAVED, f"{day:%d.%m.%Y}", f"Приказ {cast.stamp}")
    _remove_correction(cast)
    saw(f"and the calendar corrections, where {day:%d.%m.%Y} becomes a day off, and a usual one again")


def _remove_correction(cast: Cast) -> None:
    manager = cast.manager
    row = next(row for row in manager.page.root.all("tr") if f"Приказ {cast.stamp}" in row.text)
    link = next(link for link in row.all("a") if link.text == w.DELETE)
    manager.open(urlsplit(link.get("href")).path)
    manager.press(w.DELETE)
    manager.sees_not(f"Приказ {cast.stamp}")
