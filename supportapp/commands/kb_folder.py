"""``flask kb import`` and ``flask kb export``: the knowledge base as a folder of Markdown files."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.commands.progress import progress
from supportapp.database import reading
from supportapp.extensions import db
from supportapp.kb.exchange.exporting import Export, check_target, export
from supportapp.kb.exchange.importing import Import
from supportapp.kb.exchange.plan import Plan, Wishes, make_plan
from supportapp.kb.exchange.problems import Problem, Unusable

log = logging.getLogger(__name__)
group = AppGroup("kb", help="The knowledge base as a folder of Markdown files.")
FOLDER = click.Path(file_okay=False, path_type=Path)
MOST_SHOWN = 200
PAUSE = 0.15  # longer than SQLite lets a writer sleep that waits for its turn


@group.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done, and what is wrong.")
@click.option("--by", "username", help="The staff user in whose name articles are changed.")
@click.option("--keep-state/--as-drafts", default=True, help="Take the state that files tell, or make new ones drafts.")
@click.option("--only-new", is_flag=True, help="Leave everything alone that is here already.")
@click.option("--create-products", is_flag=True, help="Make the products that articles name and that are not here.")
def import_command(
    folder: Path, dry_run: bool, username: str | None, keep_state: bool, only_new: bool, create_products: bool
) -> None:
    """Import every Markdown file of FOLDER, or none when the check that comes first finds a problem.

    The slug (the field, or the file's name) says which article a file is; what is the same stays untouched. More than
    200 articles are written 50 at a time, so that the portal goes on working: when that is interrupted, those written
    stay; run it again. Ends with 1 when there are problems.
    """
    by = _staff_user(username)
    wishes = Wishes(as_drafts=not keep_state, only_new=only_new, create_products=create_products)
    with reading(), progress("Checking") as show:
        plan = make_plan(folder, wishes, progress=show)
        db.session.rollback()
    _complain(plan)
    if not (dry_run or plan.is_empty):
        _write(plan, by)
    would = "would be " if dry_run else ""
    click.echo(
        f"{would}{plan.new} new, {plan.changed} changed, {plan.unchanged} unchanged; {plan.topic_changes} topics."
    )


@group.command("export")
@click.argument("folder", type=FOLDER)
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
@click.option("--prune", is_flag=True, help="Remove what an earlier export wrote and this one does not.")
@click.option("--public-only", is_flag=True, help="Only what everybody may read; prunes what is not.")
def export_command(folder: Path, force: bool, prune: bool, public_only: bool) -> None:
    """Write every article into FOLDER as <language>/<slug>.md, with topics.yaml and the images they show."""
    try:
        check_target(folder, force=force)
        with reading(), progress("Exporting") as show:
            done = export(folder, public_only=public_only, prune=prune, progress=show)
            db.session.rollback()
    except Unusable as unusable:
        raise click.ClickException(f"{folder} {unusable.sentence}") from unusable
    except OSError as error:
        raise click.ClickException(
            f"{error.filename or folder}: {error.strerror}; the folder is incomplete."
        ) from error
    _summarise(done)


def _staff_user(username: str | None) -> int | None:
    if username is None:
        return None
    with reading():
        found = db.session.scalar(select(StaffUser.id).where(StaffUser.username == username))
        db.session.rollback()
    if found is None:
        raise click.ClickException(f"there is no staff user {username!r}")
    return found


def _complain(plan: Plan) -> None:
    _show(plan.findings.remarks, "Remark: ")
    if plan.findings.problems:
        _show(sorted(plan.findings.problems), "")
        raise click.ClickException(f"{len(plan.findings.problems)} problems; nothing was imported.")


def _show(findings: list[Problem], label: str) -> None:
    for found in findings[:MOST_SHOWN]:
        click.echo(f"{label}{found}", err=True)
    if len(findings) > MOST_SHOWN:
        click.echo(f"... and {len(findings) - MOST_SHOWN} more like these.", err=True)


def _write(plan: Plan, by_id: int | None) -> None:
    work, written = Import(plan, by_id=by_id, at=clock.now()), 0
    try:
        work.store_pictures()
        with progress("Importing") as show:
            for steps in work.groups:
                for number, _step in enumerate(work.write(steps), 1):
                    show(written + number, len(plan.steps))
                db.session.commit()
                written += len(steps)
                time.sleep(PAUSE if written < len(plan.steps) else 0)
    except BaseException as error:  # Ctrl-C and a locked database leave no more behind than a wrong file
        kept = f"{written} articles before it were imported; run it again." if written else "Nothing was imported."
        _undo(work)
        if isinstance(error, Unusable):
            raise click.ClickException(f"{error.place}: {error.sentence} {kept}") from error
        click.echo(f"The import was interrupted. {kept}", err=True)
        raise


def _undo(work: Import) -> None:
    """Take back what was not committed, as far as the database and the storage still answer."""
    try:
        db.session.rollback()
        with reading():
            work.give_up()
            db.session.rollback()
    except Exception:
        log.exception("the pictures of an import that failed could not be taken away")


def _summarise(done: Export) -> None:
    _show(done.findings.remarks, "Remark: ")
    pruned = f", {done.pruned} files of an earlier export removed" if done.pruned else ""
    click.echo(f"{done.articles} articles, {done.pictures} pictures; {done.changed} files written{pruned}.")
