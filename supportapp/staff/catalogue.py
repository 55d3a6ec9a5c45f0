"""Products, support levels and canned replies."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.forms import DynamicForm
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from supportapp.certificates.models import Product, SupportLevel
from supportapp.errors import Refused
from supportapp.i18n import N_
from supportapp.staff.forms import stripped
from supportapp.staff.interface import StaffInterface
from supportapp.staff.model_view import StaffModelView
from supportapp.tickets.desk.canned import check_placeholders
from supportapp.tickets.models import CannedReply

LONGEST_TEXT = 20_000


class ProductForm(DynamicForm):
    name = StringField(_l("Title"), [InputRequired(), Length(max=120)], filters=[stripped])
    versions = TextAreaField(
        _l("Versions"), [Length(max=2000)], description=_l("One a line, the newest first."), render_kw={"rows": 6}
    )
    active = BooleanField(_l("Offered on forms"), default=True)


class ProductView(StaffModelView):
    datamodel = StaffInterface(Product)
    route_base = "/staff/products"
    list_title, add_title, edit_title = _l("Products"), _l("New product"), _l("Product")
    label_columns = {"name": _l("Title"), "versions": _l("Versions"), "active": _l("Offered on forms")}
    list_columns = ["name", "versions", "active"]
    formatters_columns = {"versions": lambda versions: ", ".join(versions.splitlines()) or "—"}
    search_columns = ["name", "active"]
    order_columns = ["name"]
    base_order = ("name", "asc")
    show_columns = list_columns
    add_form = edit_form = ProductForm
    unique = ("name",)


class SupportLevelForm(DynamicForm):
    name_ru = StringField(_l("Name in Russian"), [InputRequired(), Length(max=80)], filters=[stripped])
    name_en = StringField(_l("Name in English"), [InputRequired(), Length(max=80)], filters=[stripped])
    priority = IntegerField(
        _l("Priority"), [InputRequired(), NumberRange(1, 999)], description=_l("A smaller number goes first: 1 to 999.")
    )
    first_response_hours = IntegerField(
        _l("First answer within, working hours"),
        [Optional(), NumberRange(1, 2000)],
        description=_l("Empty: no promise."),
    )
    resolution_hours = IntegerField(
        _l("Solution within, working hours"), [Optional(), NumberRange(1, 10_000)], description=_l("Empty: no promise.")
    )
    around_the_clock = BooleanField(_l("Around the clock, days off included"))
    opens_at = TimeField(_l("Support hours from"), [InputRequired()])
    closes_at = TimeField(_l("Support hours to"), [InputRequired()])


class SupportLevelView(StaffModelView):
    """What is changed here holds for tickets sent from now on; those under way keep the targets they have."""

    datamodel = StaffInterface(SupportLevel)
    route_base = "/staff/levels"
    list_title, add_title, edit_title = _l("Support levels"), _l("New support level"), _l("Support level")
    label_columns = {
        "name_ru": _l("Name in Russian"),
        "name_en": _l("Name in English"),
        "priority": _l("Priority"),
        "first_response_hours": _l("First answer within, working hours"),
        "resolution_hours": _l("Solution within, working hours"),
        "around_the_clock": _l("Around the clock, days off included"),
        "opens_at": _l("Support hours from"),
        "closes_at": _l("Support hours to"),
    }
    list_columns = show_columns = list(label_columns)
    search_columns = ["name_ru", "name_en"]
    order_columns = ["name_ru", "priority"]
    base_order = ("priority", "asc")
    add_form = edit_form = SupportLevelForm
    unique = ("name_ru",)

    def prepare(self, item: Any) -> None:
        if not item.around_the_clock and item.opens_at >= item.closes_at:
            raise Refused("bad_hours", N_("The support hours must end after they begin."), field="closes_at")


class CannedReplyForm(DynamicForm):
    title = StringField(_l("Title"), [InputRequired(), Length(max=120)], filters=[stripped])
    text_ru = TextAreaField(
        _l("Text in Russian"),
        [InputRequired(), Length(max=LONGEST_TEXT)],
        description=_l(
            "Filled in when it is inserted: {{customer}} or {{пользователь}} (the name), "
            "{{reference}} or {{обращение}}, {{product}} or {{продукт}}, {{deadline}} or {{срок}} "
            "(the last day to answer), {{engineer}} or {{инженер}}."
        ),
        render_kw={"rows": 10},
    )
    text_en = TextAreaField(
        _l("Text in English"),
        [Length(max=LONGEST_TEXT)],
        description=_l("Empty: English-speaking customers get the Russian text."),
        render_kw={"rows": 10},
    )


class CannedReplyView(StaffModelView):
    datamodel = StaffInterface(CannedReply)
    route_base = "/staff/canned-replies"
    list_title, add_title, edit_title = _l("Canned replies"), _l("New canned reply"), _l("Canned reply")
    label_columns = {"title": _l("Title"), "text_ru": _l("Text in Russian"), "text_en": _l("Text in English")}
    list_columns = ["title"]
    show_columns = ["title", "text_ru", "text_en"]
    search_columns = ["title", "text_ru"]
    base_order = ("title", "asc")
    add_form = edit_form = CannedReplyForm
    unique = ("title",)

    def prepare(self, item: Any) -> None:
        for field in ("text_ru", "text_en"):
            check_placeholders(getattr(item, field) or "", field=field)
