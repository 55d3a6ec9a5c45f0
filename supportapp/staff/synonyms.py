"""Synonyms of the search: the editors' own, and the list that ships to look things up in."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import permission_name
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.extensions import db
from supportapp.kb import synonyms
from supportapp.kb.models import SynonymGroup
from supportapp.kb.search.thesaurus import shipped_lines
from supportapp.staff.interface import StaffInterface
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.security import signed_in_staff

LONGEST_QUESTION = 200


class SynonymForm(DynamicForm):
    words = TextAreaField(
        _l("Words and phrases"),
        [InputRequired(), Length(max=synonyms.LONGEST_TEXT)],
        description=_l(
            "Separated by commas, each in any form and case, a phrase of up to four words. Put together only what an"
            " article about the one answers about the other. An arrow works one way only: with “флешка -> токен” who"
            " asks for флешка is shown токен too, and not the other way round."
        ),
        render_kw={"rows": 4},
    )


def shown_name(staff_id: int | None) -> str:
    """Who changed a row."""
    person = db.session.get(StaffUser, staff_id) if staff_id else None
    return person.display_name if person else "—"


class SynonymView(StaffModelView):
    """What is saved here holds from the next question on."""

    datamodel = StaffInterface(SynonymGroup)
    route_base = "/staff/synonyms"
    list_title, add_title, edit_title = _l("Synonyms"), _l("New group of synonyms"), _l("Group of synonyms")
    nothing = _l("There is no group of your own yet: the search knows the list that ships with the portal.")
    list_template = "staff/synonyms.html"
    label_columns = {
        "words": _l("Words and phrases"),
        "updated_at": _l("Updated"),
        "updated_by_id": _l("Changed by"),
    }
    list_columns = show_columns = list(label_columns)
    formatters_columns = {"updated_by_id": shown_name}
    search_columns = ["words"]
    order_columns = ["words", "updated_at"]
    base_order = ("updated_at", "desc")
    add_form = edit_form = SynonymForm

    @expose("/shipped")
    @has_access
    @permission_name("read")
    def shipped(self) -> ResponseReturnValue:
        """What a phrase asks for besides; without one, the whole list."""
        phrase = request.args.get("q", "").strip()[:LONGEST_QUESTION]
        return self.render_template(
            "staff/shipped_synonyms.html",
            phrase=phrase,
            meetings=synonyms.meetings(phrase) if phrase else [],
            lines=synonyms.lines_with(phrase),
            number=len(shipped_lines()),
        )

    def create(self, form: FlaskForm) -> SynonymGroup:
        return synonyms.save_group(None, form["words"].data or "", by=signed_in_staff(), at=clock.now())

    def change(self, item: Any, form: FlaskForm) -> None:
        synonyms.save_group(item, form["words"].data or "", by=signed_in_staff(), at=clock.now())

    def get_redirect(self) -> str:
        return url_for("SynonymView.list")
