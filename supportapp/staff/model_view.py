"""Flask-AppBuilder's ModelView made fit for several people at once and for bad input.

Differences from the original: a request's filters are its own (the original keeps them on the view, which all threads
share); sizes, orders and filters from the address are checked; forms keep what was typed when an operation refuses;
deleting and actions need a POST; every change is logged with its author.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import ModelView, expose, has_access
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.models.filters import Filters
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from supportapp.audit.operations import object_of
from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.i18n import N_
from supportapp.staff import arguments, cells, changes, labels
from supportapp.staff.forms import sentence, show_refusal
from supportapp.staff.frame import StaffScreen
from supportapp.staff.widgets import FactsWidget, FormWidget, SearchWidget, TableWidget

PAGE_SIZE_LIMIT = 100
STAMP = "row_stamp"  # the hidden field with the state of the row that a form was opened on


class StaffModelView(StaffScreen, ModelView):
    """Permissions are two: can_read for list and show, can_write for everything that changes."""

    method_permission_name = {"list": "read", "show": "read", "add": "write", "edit": "write", "delete": "write"}
    exclude_route_methods = {"download", "action", "action_post"}
    page_size = 25
    nothing: Any = _l("Nothing is here yet.")  # what the list says while it is empty
    unique: tuple[str, ...] = ()  # columns that may not hold the same value twice
    list_template = "staff/list.html"
    show_template = "staff/show.html"
    add_template = edit_template = "staff/edit.html"
    list_widget = TableWidget
    show_widget = FactsWidget
    add_widget = edit_widget = FormWidget
    search_widget = SearchWidget
    search_form = DynamicForm  # the search widget makes its own fields

    def _init_properties(self) -> None:
        super()._init_properties()
        for column in {*self.list_columns, *self.show_columns}:
            shown = cells.formatter(self.datamodel, column)
            if shown is not None:
                self.formatters_columns.setdefault(column, shown)

    @expose("/")
    @has_access
    def list(self) -> ResponseReturnValue:
        return self.render_template(self.list_template, title=self.list_title, widgets=self._list())

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: str) -> ResponseReturnValue:
        item = self.datamodel.get(pk, self._base_filters) or abort(404)
        widgets = self._get_show_widget(pk, item)
        context = self.show_context(item)
        return self.render_template(
            self.show_template, title=labels.row_name(item), item=item, widgets=widgets, **context
        )

    @expose("/delete/<pk>", methods=["GET", "POST"])
    @has_access
    def delete(self, pk: str) -> ResponseReturnValue:
        item = self.datamodel.get(pk) or abort(404)
        if request.method == "GET":
            context = {"name": labels.row_name(item), **self.delete_context(item)}
            return self.render_template("staff/confirm_delete.html", title=_("Delete record"), **context)
        self._delete_item(item)
        return redirect(self.get_redirect(), 303)

    # What an own view may say about writing. These flush; the caller commits.

    def create(self, form: FlaskForm) -> Any:
        """Make the row from a valid form; may raise Refused."""
        item = self.datamodel.obj()
        form.populate_obj(item)
        self.prepare(item)
        db.session.add(item)
        return item

    def change(self, item: Any, form: FlaskForm) -> None:
        """Bring the row in line with a valid form; may raise Refused."""
        form.populate_obj(item)
        self.prepare(item)

    def prepare(self, item: Any) -> None:
        """Complete a row that the form has filled; may raise Refused."""

    def prefill(self, form: FlaskForm, item: Any) -> None:
        """Complete a fresh edit form that was filled from ``item``."""

    def show_context(self, item: Any) -> dict[str, Any]:
        """What the page of one row wants to know besides its columns."""
        return {}

    def delete_context(self, item: Any) -> dict[str, Any]:
        """What the question before a deletion wants to show besides the row."""
        return {}

    def before_change(self) -> None:
        """What must be known before anything is changed, in the same transaction."""

    def after_change(self, item: Any) -> None:
        """What follows from a change, in the same transaction."""

    # Flask-AppBuilder's own steps, mended.

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        filters = self.requested_filters()
        order_column, order_direction = arguments.order(type(self).__name__, self.order_columns)
        widgets: dict[str, Any] = self._get_list_widget(
            filters=filters,
            order_column=order_column,
            order_direction=order_direction,
            page=arguments.page(type(self).__name__),
            page_size=arguments.page_size(type(self).__name__, PAGE_SIZE_LIMIT),
            **kwargs,
        )
        widgets["list"].template_args.update(nothing=self.nothing, narrowed=bool(filters.filters))
        widgets["search"] = self.search_widget(
            route_base=self.route_base,
            include_cols=self.search_columns,
            label_columns=self.label_columns,
            filters=filters,
        )
        return widgets

    def requested_filters(self) -> Filters:
        """The filters of this request's address; 400 when they make no sense."""
        return self.filters_of(request.args)

    def filters_of(self, args: MultiDict[str, str]) -> Filters:
        """The filters of any address of this list; 400 when they make no sense."""
        filters = copy.copy(self._filters)
        filters.clear_filters()
        arguments.add_filters(filters, self.datamodel, args)
        return filters

    def _add(self) -> dict[str, Any] | None:
        form = self.add_form.refresh()
        if request.method == "POST" and form.validate() and self._saved(form, None):
            return None
        return self._get_add_widget(form=form)  # type: ignore[no-any-return]

    def _edit(self, pk: str) -> dict[str, Any] | None:
        item = self.datamodel.get(pk, self._base_filters) or abort(404)
        if request.method == "POST":
            form = self.edit_form.refresh(request.form)
            if form.validate() and self._saved(form, item):
                return None
        else:
            form = self.edit_form.refresh(obj=item)
            self.prefill(form, item)
        widgets = self._get_edit_widget(form=form)
        # after a refusal the state that was seen stays: only who opens the form anew has seen what others wrote
        stamp = request.form.get(STAMP, "") if request.method == "POST" else changes.stamp(item)
        widgets["edit"].template_args["stamp"] = stamp
        return widgets  # type: ignore[no-any-return]

    def _saved(self, form: FlaskForm, item: Any) -> bool:
        act, before = ("added", {}) if item is None else ("changed", changes.snapshot(item))
        try:
            if item is not None:
                self._check_unchanged(item)
            self._check_unique(form, item)
            self.before_change()
            if item is None:
                item = self.create(form)
            else:
                self.change(item, form)
            db.session.flush()
            self.after_change(item)
            changes.note(act, item, before=before)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            show_refusal(form, refused)
            return False
        except IntegrityError:
            db.session.rollback()
            flash(_("The database refused it: a row like this exists already, or a value is out of range."), "danger")
            return False
        flash(_("Saved."), "success")
        return True

    def _check_unchanged(self, item: Any) -> None:
        """Refused when somebody has saved the row since this form was opened: what he wrote is not overwritten."""
        seen = request.form.get(STAMP)
        if seen is None:
            return
        db.session.refresh(item, with_for_update={"of": type(item)})
        if seen != changes.stamp(item):
            raise Refused(
                "changed_meanwhile",
                N_(
                    "Somebody has changed this since you opened it. Nothing was saved, and what you typed stands below:"
                    " open the page in another window to see what is new, and enter your change there."
                ),
            )

    def _check_unique(self, form: FlaskForm, item: Any) -> None:
        for name in self.unique:
            same = (
                self.datamodel.obj.id != (item.id if item else None),
                getattr(self.datamodel.obj, name) == form[name].data,
            )
            if db.session.scalar(select(self.datamodel.obj.id).where(*(same if item else same[1:]))) is not None:
                raise Refused("taken", N_("There is one like this already."), field=name)

    def act(
        self, pk: str, perform: Callable[[Any], object], name: str, done: str, back: str = ""
    ) -> ResponseReturnValue:
        """One act on one row: done, logged and committed, or refused with its sentence; then back to a page."""
        item = self.datamodel.get(pk) or abort(404)
        target = back or self.show_url(item)
        try:
            before = changes.snapshot(item)
            perform(item)
            db.session.flush()
            changes.note(name, item, before=before)
            db.session.commit()
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
        else:
            flash(done, "success")
        return redirect(target, 303)

    def _delete_item(self, item: Any) -> None:
        try:
            self.before_change()
            what, before = object_of(item), changes.snapshot(item)
            db.session.delete(item)
            db.session.flush()
            self.after_change(item)
            changes.note_deleted(what, before)
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            flash(_("It is in use and cannot be deleted."), "danger")
        except Refused as refused:
            db.session.rollback()
            flash(sentence(refused), "danger")
        else:
            flash(_("Deleted."), "success")

    def post_edit_redirect(self) -> ResponseReturnValue:
        return redirect(self.get_redirect(), 303)

    post_add_redirect = post_edit_redirect

    def show_url(self, item: Any) -> str:
        """The address of one row's page."""
        return url_for(f"{self.endpoint}.show", pk=item.id)
