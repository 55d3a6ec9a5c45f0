"""Who is away, and who stands in: everybody at the desk enters his own absence, managers everybody's."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.forms import DynamicForm
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.staff.forms import stripped
from supportapp.staff.interface import StaffInterface
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.roles import ASSIGN
from supportapp.staff.security import may, signed_in_staff
from supportapp.staff.widgets import TableWidget
from supportapp.tickets.assigning.going_away import LONGEST_NOTE, enter_absence
from supportapp.tickets.assigning.models import StaffAbsence
from supportapp.tickets.assigning.queries import desk


class AbsenceForm(DynamicForm):
    staff = SelectField(_l("Who is absent"), [InputRequired()])
    deputy = SelectField(
        _l("Deputy"),
        [InputRequired(_l("Say who stands in."))],
        description=_l("Gets the mails, sees these tickets among their own and may take them."),
    )
    first_day = DateField(_l("First day"), [InputRequired()])
    last_day = DateField(_l("Last day"), [InputRequired()])
    note = StringField(
        _l("Note"), [Length(max=LONGEST_NOTE)], filters=[stripped], description=_l("For colleagues, if they need it.")
    )

    @classmethod
    def refresh(cls, obj: Any = None) -> AbsenceForm:
        form = cls(obj=obj) if not isinstance(obj, StaffAbsence) else cls()
        me, people = signed_in_staff(), desk()
        absent = people if may(ASSIGN, "AbsenceView") else [me]
        form.staff.choices = [(str(person.id), person.display_name) for person in absent]
        form.deputy.choices = [("", "—"), *((str(person.id), person.display_name) for person in people)]
        form.staff.data = form.staff.data or str(me.id)
        return form


class AbsenceTable(TableWidget):
    template = "staff/absences_table.html"


class AbsenceView(StaffModelView):
    """Everybody at the desk sees who is away. The permission ``assign`` is to write the absences of others."""

    datamodel = StaffInterface(StaffAbsence)
    route_base = "/staff/absences"
    list_title, add_title, edit_title = _l("Absences"), _l("New absence"), _l("Absence")
    nothing = _l("No absence is entered yet.")
    list_widget = AbsenceTable
    label_columns = {
        "staff": _l("Who is absent"),
        "first_day": _l("First day"),
        "last_day": _l("Last day"),
        "deputy": _l("Deputy"),
        "note": _l("Note"),
    }
    list_columns = show_columns = list(label_columns)
    search_columns = ["staff", "deputy", "first_day", "last_day"]
    order_columns = ["first_day", "last_day"]
    base_order = ("last_day", "desc")
    add_form = edit_form = AbsenceForm

    def create(self, form: FlaskForm) -> StaffAbsence:
        return enter_absence(None, **_written(form), by=signed_in_staff(), at=clock.now())

    def change(self, item: Any, form: FlaskForm) -> None:
        enter_absence(item, **_written(form), by=signed_in_staff(), at=clock.now())

    def prefill(self, form: FlaskForm, item: Any) -> None:
        form["staff"].data, form["deputy"].data = str(item.staff_id), str(item.deputy_id)
        for name in ("first_day", "last_day", "note"):
            form[name].data = getattr(item, name)

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        widgets = super()._list(**kwargs)
        mine = select(StaffAbsence.id)
        if not may(ASSIGN, "AbsenceView"):
            mine = mine.where(StaffAbsence.staff_id == signed_in_staff().id)
        keys = widgets["list"].template_args["pks"]
        widgets["list"].template_args["writable"] = set(db.session.scalars(mine.where(StaffAbsence.id.in_(keys))))
        return widgets

    def _edit(self, pk: str) -> dict[str, Any] | None:
        self._require_own(pk)
        return super()._edit(pk)

    @expose("/delete/<pk>", methods=["GET", "POST"])
    @has_access
    def delete(self, pk: str) -> ResponseReturnValue:
        self._require_own(pk)
        return super().delete(pk)  # type: ignore[no-any-return]

    def _require_own(self, pk: str) -> None:
        """404 when there is none, 403 when it is a colleague's and one is no manager."""
        absence = self.datamodel.get(pk) or abort(404)
        if absence.staff_id != signed_in_staff().id and not may(ASSIGN, "AbsenceView"):
            abort(403)


def _written(form: FlaskForm) -> dict[str, Any]:
    staff, deputy = (db.session.get_one(StaffUser, int(form[name].data)) for name in ("staff", "deputy"))
    days = {name: form[name].data for name in ("first_day", "last_day")}
    return {"staff": staff, "deputy": deputy, "note": form["note"].data or "", **days}
