"""An export from the wish to the file, and everything that can happen to it on the way."""

from __future__ import annotations

import errno
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.errors import NotFound, Refused
from supportapp.extensions import db
from supportapp.files import storage
from supportapp.files.models import StoredFile
from supportapp.reports import operations, queries
from supportapp.reports.models import Export, SavedExport
from supportapp.reports.rules import KEPT, ExportForm, ExportState, Period
from supportapp.staff.permissions import sync_roles
from supportapp.staff.reports import jobs
from tests.factories import mails, make_staff, make_ticket


@pytest.fixture
def manager(session: object) -> StaffUser:
    sync_roles()
    return make_staff("Manager")


def ask(manager: StaffUser, at: datetime, form: ExportForm = ExportForm.CSV, query: str = "scope=all") -> Export:
    export = operations.request_export(query, form=form, conversation=False, language="ru", by=manager, at=at)
    db.session.commit()
    return export


def make(export: Export) -> Export:
    jobs.make_export(export.id)
    db.session.expire_all()
    return export


def save(manager: StaffUser, at: datetime, *recipients: StaffUser) -> SavedExport:
    saved = operations.save_export(
        "Открытые", "scope=open", form=ExportForm.XLSX, conversation=False, working_time=True, language="ru",
        period=Period.DAILY, hour=8, recipients=recipients or (manager,), by=manager, at=at,
    )  # fmt: skip
    db.session.commit()
    return saved


def stored_text(export: Export) -> str:
    assert export.file is not None
    with storage.open_key(export.file.storage_key) as file:
        return file.read().decode("utf-8-sig")


def test_the_worker_makes_the_file_offers_it_and_mails_a_link(manager: StaffUser, at: datetime) -> None:
    tickets = [make_ticket(subject=f"Вопрос {number}") for number in range(3)]
    export = make(ask(manager, at))
    assert (export.state, export.rows_done, export.expires_at) == (ExportState.READY, 3, at + KEPT)
    assert all(ticket.reference in stored_text(export) for ticket in tickets)
    (mail,) = mails("staff_export_ready")
    assert mail.recipient == manager.email
    assert f"/staff/exports/{export.id}" in mail.text_body


def test_the_filter_and_the_language_are_those_of_who_asked(manager: StaffUser, at: datetime) -> None:
    make_ticket(subject="Ошибка входа")
    make_ticket(subject="Вопрос о лицензии")
    export = operations.request_export(
        "scope=all&_flt_0_status=new&_oc_TicketView=subject&_od_TicketView=desc",
        form=ExportForm.CSV, conversation=False, language="en", by=manager, at=at,
    )  # fmt: skip
    db.session.commit()
    lines = stored_text(make(export)).splitlines()
    assert lines[0].startswith("Reference,Subject,")
    assert ["Ошибка" in line for line in lines[1:]] == [True, False]


def test_two_workers_make_one_file(manager: StaffUser, at: datetime) -> None:
    export = ask(manager, at)
    assert operations.claim(export.id, at=at) is not None
    assert operations.claim(export.id, at=at) is None
    jobs.make_export(export.id)
    assert mails("staff_export_ready") == []


def test_a_cancelled_export_stops_and_leaves_nothing(
    manager: StaffUser, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ticket()
    export = ask(manager, at)

    def cancel_first(self: jobs.Beat, done: int, total: int) -> None:
        if db.session.get_one(Export, export.id).is_unfinished:
            operations.cancel(db.session.get_one(Export, export.id), at=at)
            db.session.commit()
        monkeypatch.undo()
        self(done, total)

    monkeypatch.setattr(jobs.Beat, "__call__", cancel_first)
    make(export)
    assert (export.state, export.file_id) == (ExportState.CANCELLED, None)
    assert mails("staff_export_ready") == []
    assert list(db.session.scalars(select(StoredFile))) == []
    with pytest.raises(Refused, match="already_finished"):
        operations.cancel(export, at=at)


def test_a_full_disk_is_told_and_nothing_half_made_is_offered(
    manager: StaffUser, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(key: str, source: object) -> None:
        raise storage.StorageError(key) from OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "write", full)
    export = make(ask(manager, at))
    assert (export.state, export.reason, export.file_id) == (ExportState.FAILED, "no_space", None)
    (mail,) = mails("staff_export_failed")
    assert "нет места" in mail.text_body


def test_an_export_whose_worker_died_is_handed_on_and_at_last_given_up(manager: StaffUser, at: datetime) -> None:
    export = ask(manager, at)
    for attempt in range(3):
        moment = at + timedelta(minutes=5 * attempt)
        mine = operations.claim(export.id, at=moment)
        assert mine is not None
        assert operations.revive_stale(at=moment + timedelta(minutes=1)) == 0  # it was heard of a minute ago
        assert operations.revive_stale(at=moment + timedelta(minutes=3)) == 1
        assert not operations.progress(export.id, mine, done=1, total=2, at=moment)  # should it come to life again
    db.session.expire_all()
    assert (export.state, export.reason) == (ExportState.FAILED, "worker_died")
    assert len(mails("staff_export_failed")) == 1


def test_an_expired_file_is_removed(manager: StaffUser, at: datetime) -> None:
    make_ticket()
    export = make(ask(manager, at))
    assert export.file is not None
    key = export.file.storage_key
    assert operations.expire_old(at=at + KEPT - timedelta(seconds=1)) == 0
    assert operations.expire_old(at=at + KEPT) == 1
    db.session.commit()
    assert (export.state, export.file_id) == (ExportState.EXPIRED, None)
    assert key not in list(storage.keys())


def test_one_person_cannot_fill_the_queue(manager: StaffUser, at: datetime) -> None:
    for _ in range(5):
        ask(manager, at)
    with pytest.raises(Refused, match="too_many_exports"):
        ask(manager, at)


def test_only_its_owner_its_recipients_and_admins_see_an_export(manager: StaffUser, at: datetime) -> None:
    other, export = make_staff("Manager"), ask(manager, at)
    assert queries.get_export_for(manager, export.id, is_admin=False) is export
    assert queries.get_export_for(other, export.id, is_admin=True) is export
    with pytest.raises(NotFound):
        queries.get_export_for(other, export.id, is_admin=False)
    export.saved = save(manager, at, other)
    assert queries.get_export_for(other, export.id, is_admin=False) is export
    assert queries.exports_for(other, is_admin=False) == [export]


def test_each_period_is_made_once_however_many_schedulers_there_are(manager: StaffUser, at: datetime) -> None:
    other = make_staff("Manager")
    saved = save(manager, at, manager, other)
    due = saved.next_at
    assert operations.begin_due(at=due - timedelta(seconds=1)) == 0
    assert operations.begin_due(at=due + timedelta(days=3)) == 1  # after a downtime once for all that was missed
    assert operations.begin_due(at=due + timedelta(days=3)) == 0
    db.session.commit()
    (export,) = db.session.scalars(select(Export))
    with clock.frozen(due):
        make(export)
    assert {mail.recipient for mail in mails("staff_export_ready")} == {manager.email, other.email}
    assert "Открытые" in mails("staff_export_ready")[0].subject


def test_who_is_no_manager_any_more_gets_nothing(manager: StaffUser, at: datetime) -> None:
    saved = save(manager, at)
    manager.active = False
    db.session.commit()
    assert operations.begin_due(at=saved.next_at) == 0
    assert db.session.scalars(select(Export)).all() == []


def test_the_last_recipient_who_leaves_ends_it(manager: StaffUser, at: datetime) -> None:
    other = make_staff("Manager")
    saved = save(manager, at, manager, other)
    operations.unsubscribe(saved, by=manager)
    assert saved.recipients == [other]
    operations.unsubscribe(saved, by=other)
    assert db.session.scalars(select(SavedExport)).all() == []


def test_an_engineer_cannot_be_a_recipient(manager: StaffUser, at: datetime) -> None:
    with pytest.raises(Refused, match="bad_recipients"):
        save(manager, at, make_staff("Engineer"))


def test_an_export_whose_owner_has_left_says_so_once(manager: StaffUser, at: datetime) -> None:
    other = make_staff("Manager")
    saved = save(manager, at, manager, other)
    manager.active = False
    db.session.commit()
    for day in range(3):
        assert operations.begin_due(at=saved.next_at + timedelta(days=day)) == 0
    (mail,) = mails("staff_export_stopped")
    assert mail.recipient == other.email
    assert manager.display_name in mail.text_body


def test_when_no_recipient_is_left_all_managers_are_told(manager: StaffUser, at: datetime) -> None:
    gone, other = make_staff("Manager"), make_staff("Manager")
    saved = save(manager, at, gone)
    gone.active = False
    db.session.commit()
    operations.begin_due(at=saved.next_at)
    assert {mail.recipient for mail in mails("staff_export_stopped")} == {manager.email, other.email}


def test_a_stopped_export_is_taken_over_and_goes_on(manager: StaffUser, at: datetime) -> None:
    other = make_staff("Manager")
    saved = save(manager, at, manager)
    with pytest.raises(Refused, match="has_an_owner"):
        operations.take_over(saved, by=other, at=at)
    manager.active = False
    operations.begin_due(at=saved.next_at)
    assert queries.get_saved_for(other, saved.id, is_admin=False) is saved
    operations.take_over(saved, by=other, at=saved.next_at)
    assert (saved.owner, saved.stopped_at) == (other, None)
    assert operations.begin_due(at=saved.next_at) == 1
