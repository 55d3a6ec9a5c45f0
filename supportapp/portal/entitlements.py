"""What a customer may send a ticket under, and what each certificate promises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from supportapp import clock
from supportapp.accounts.models import Customer
from supportapp.certificates import queries
from supportapp.certificates.models import Certificate, Product, SupportLevel
from supportapp.extensions import settings
from supportapp.notifications.moments import zone_name
from supportapp.portal.language import language
from supportapp.tickets import targets


@dataclass(frozen=True)
class Choice:
    """A certificate as the form offers it."""

    certificate: Certificate
    answer_by: datetime | None  # when the first answer is promised, were the ticket sent now

    @property
    def product_ids(self) -> str:
        return " ".join(str(product.id) for product in self.certificate.products)


def choices_for(customer: Customer, *, at: datetime) -> list[Choice]:
    """Every certificate that may be chosen now, the soonest answer first."""
    certificates = queries.choosable_certificates(customer, today=queries.today(at))
    levels = {certificate.level_id: certificate.level for certificate in certificates}
    answers = {key: targets.promised(level, level.first_response_hours, at=at) for key, level in levels.items()}
    offered = [Choice(certificate, answers[certificate.level_id]) for certificate in certificates]
    return sorted(offered, key=lambda choice: choice.certificate.level.priority)


def products_for(choices: Iterable[Choice]) -> list[Product]:
    """What can be named on the form: every product on offer, and those that only an older certificate covers."""
    products = {product.id: product for product in queries.active_products()}
    for choice in choices:
        products.update((product.id, product) for product in choice.certificate.products)
    return sorted(products.values(), key=lambda product: product.name.casefold())


def promise_words(level: SupportLevel) -> str:
    """ "8 working hours, on working days from 09:00 to 18:00"; empty when nothing is promised."""
    hours = level.first_response_hours
    if hours is None:
        return ""
    if level.around_the_clock:
        return str(ngettext("within %(num)d hour, around the clock", "within %(num)d hours, around the clock", hours))
    amount = ngettext("within %(num)d working hour", "within %(num)d working hours", hours)
    opens, closes = (f"{moment:%H:%M}" for moment in (level.opens_at, level.closes_at))
    zone = zone_name(clock.now().astimezone(settings.timezone), language())
    times = _("working days from %(opens)s to %(closes)s, %(zone)s", opens=opens, closes=closes, zone=zone)
    return f"{amount} ({times})"
