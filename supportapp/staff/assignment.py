"""Rules by which new tickets find their engineer."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange

from supportapp import clock
from supportapp.accounts.models import StaffUser
from supportapp.certificates.models import Product, SupportLevel
from supportapp.extensions import db
from supportapp.staff import labels
from supportapp.staff.forms import row_choices
from supportapp.staff.interface import StaffInterface, readable_id
from supportapp.staff.model_view import STAMP, StaffModelView
from supportapp.staff.roles import READ
from supportapp.staff.security import may, signed_in_staff
from supportapp.staff.widgets import FormWidget
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
        render_kw={"size": 8},
        description=_l(
            "The one with the fewest open tickets gets it; for one who is absent his deputy."
            " Hold Ctrl to choose several."
        ),
    )
    active = BooleanField(_l("Active"), default=True)

    @classmethod
    def refresh(cls, obj: Any = None) -> AssignmentRuleForm:
        form = cls(obj=obj) if not isinstance(obj, AssignmentRule) else cls()
        form.offer_choices()
        if form.place.data is None and not form.is_submitted():
            form.place.data = _next_place()
        return form

    def offer_choices(self) -> None:
        """The products, levels and people that there are."""
        self.product.choices, self.level.choices = row_choices(Product), row_choices(SupportLevel)
        self.engineers.choices = [(str(person.id), person.display_name) for person in desk()]


class RuleFormWidget(FormWidget):
    template = "staff/assignment_rule_form.html"


class AssignmentRuleView(StaffModelView):
    """Without a rule that fits, a ticket waits in the queue until somebody takes it."""

    datamodel = StaffInterface(AssignmentRule)
    route_base = "/staff/assignment-rules"
    list_title, add_title = _l("Assignment rules"), _l("New assignment rule")
    edit_title = _l("Assignment rule")
    list_template = "staff/assignment_rules.html"
    nothing = _l("There is no rule yet: a new ticket waits in the queue until somebody takes it.")
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
    add_widget = edit_widget = RuleFormWidget

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

    def _saved(self, form: FlaskForm, item: Any) -> bool:
        """Save it; or, asked what it would have done, save nothing and go to the dry run with what was typed."""
        if "try" not in request.form:
            return super()._saved(form, item)
        g.dry_run = dry_run_of(form, item)
        return True

    def get_redirect(self) -> str:
        return g.pop("dry_run", None) or url_for("AssignmentRuleView.list")

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        widgets = super()._list(**kwargs)
        widgets["list"].template_args["formatters_columns"] |= {
            "product": lambda product: product or _("any product"),
            "level": lambda level: labels.row_name(level) if level else _("any level"),
        }
        return widgets | {"may_judge": may(READ, "ReportsPage")}


def dry_run_of(form: FlaskForm, item: AssignmentRule | None) -> str:
    """The address of the dry run with the rule as the form has it; ``item`` is its saved state, if there is one."""
    typed: dict[str, Any] = {name: form[name].data for name in ("place", "product", "level", "engineers")}
    if item is not None:
        typed |= {"rule": item.id, STAMP: request.form.get(STAMP)}
    if form["active"].data:
        typed["active"] = "y"
    return url_for("AssignmentDryRunPage.show", judge="trial", **typed)


def _next_place() -> int:
    """After all rules there are, with room between them."""
    last = db.session.scalar(select(func.max(AssignmentRule.place))) or 0
    return int(min(last // 10 * 10 + 10, 999))


def _row(model: Any, key: str | None) -> Any:
    wanted = readable_id(key or "")
    return db.session.get(model, wanted) if wanted else None
