"""Rules by which new tickets find their engineer."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.certificates.models import Product, SupportLevel
from supportapp.extensions import db
from supportapp.staff.forms import row_choices
from supportapp.staff.interface import StaffInterface, readable_id
from supportapp.staff.model_view import StaffModelView
from supportapp.staff.security import signed_in_staff
from supportapp.tickets.assigning.models import AssignmentRule
from supportapp.tickets.assigning.queries import desk


class AssignmentRuleForm(DynamicForm):
    place = IntegerField(
        _l("Place"),
        [InputRequired(), NumberRange(1, 999)],
        description=_l("Of several rules that fit the one with the smallest place holds: 1 to 999."),
    )
    product = SelectField(_l("Product"), description=_l("Without one: tickets of any product, and of none."))
    level = SelectField(_l("Support level"), description=_l("Without one: tickets of any level, and of none."))
    engineers = SelectMultipleField(
        _l("Engineers"),
        [InputRequired(_l("Choose at least one."))],
        description=_l("The one with the fewest open tickets gets it; for one who is absent his deputy."),
    )
    active = BooleanField(_l("Active"), default=True)

    @classmethod
    def refresh(cls, obj: Any = None) -> AssignmentRuleForm:
        form = cls(obj=obj) if not isinstance(obj, AssignmentRule) else cls()
        form.product.choices, form.level.choices = row_choices(Product), row_choices(SupportLevel)
        form.engineers.choices = [(str(person.id), person.display_name) for person in desk()]
        return form


class AssignmentRuleView(StaffModelView):
    """Without a rule that fits, a ticket waits in the queue until somebody takes it."""

    datamodel = StaffInterface(AssignmentRule)
    route_base = "/staff/assignment-rules"
    list_title, add_title = _l("Assignment rules"), _l("New assignment rule")
    edit_title = _l("Assignment rule")
    list_template = "staff/assignment_rules.html"
    label_columns = {
        "place": _l("Place"),
        "product": _l("Product"),
        "level": _l("Support level"),
        "engineers": _l("Engineers"),
        "active": _l("Active"),
        "changed_at": _l("Changed"),
    }
    list_columns = show_columns = list(label_columns)
    search_columns = ["product", "level", "engineers", "active"]
    order_columns = ["place", "changed_at"]
    base_order = ("place", "asc")
    add_form = edit_form = AssignmentRuleForm

    def create(self, form: FlaskForm) -> AssignmentRule:
        rule = AssignmentRule()
        self.change(rule, form)
        db.session.add(rule)
        return rule

    def change(self, item: Any, form: FlaskForm) -> None:
        item.place, item.active = form["place"].data, form["active"].data
        item.product, item.level = _row(Product, form["product"].data), _row(SupportLevel, form["level"].data)
        keys = [int(key) for key in form["engineers"].data]
        item.engineers = list(db.session.scalars(select(StaffUser).where(StaffUser.id.in_(keys))))
        item.changed_at, item.changed_by_id = clock.now(), signed_in_staff().id

    def prefill(self, form: FlaskForm, item: Any) -> None:
        form["place"].data, form["active"].data = item.place, item.active
        form["product"].data = str(item.product_id or "")
        form["level"].data = str(item.level_id or "")
        form["engineers"].data = [str(person.id) for person in item.engineers]

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        widgets = super()._list(**kwargs)
        widgets["list"].template_args["formatters_columns"] |= {
            "product": lambda product: product or _("any product"),
            "level": lambda level: level or _("any level"),
        }
        return widgets


def _row(model: Any, key: str | None) -> Any:
    wanted = readable_id(key or "")
    return db.session.get(model, wanted) if wanted else None
