"""The mails of a customer: which he wants, the link that switches one off, and an address that mails do not reach."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supportapp import clock
from supportapp.accounts import operations
from supportapp.accounts.models import Customer
from supportapp.accounts.queries import find_customer
from supportapp.errors import Refused
from supportapp.extensions import csrf, db
from supportapp.notifications.models import OptionalMail
from supportapp.notifications.unsubscribing import PATH, OffLink, read_off_link
from supportapp.portal import blueprint, limits
from supportapp.portal.answer import quiet
from supportapp.portal.language import language
from supportapp.portal.next_page import requested_next
from supportapp.portal.session import customer_required, the_customer

# What can be chosen.
CHOICES = {
    OptionalMail.STATUS: _l("Confirmations of what I did myself: more time taken, a certificate registered or chosen"),
    OptionalMail.REMINDERS: _l("A reminder on the first working day when you wait for my answer, before the warning"),
    OptionalMail.CERTIFICATES: _l("Reminders 60, 30 and 7 days before a certificate ends"),
}


@blueprint.app_context_processor
def _choices() -> dict[str, Any]:
    return {"optional_mails": CHOICES}


@blueprint.post("/profile/mails")
@customer_required
def choose_mails() -> ResponseReturnValue:
    """Keep what is ticked; the mails that are promised are not among it."""
    ticked = set(request.form.getlist("mails"))
    customer = the_customer()
    wanted = [kind for kind in CHOICES if kind.value in ticked]
    operations.choose_mails(customer, wanted)
    db.session.commit()
    flash(_("Your choice of mails is saved."), "success")
    return redirect(url_for("portal.profile", _anchor="mails"), 303)


@blueprint.route(f"{PATH}<token>", methods=["GET", "POST"])
@limits.links()
@limits.attempts("60 per hour", limits.visitor)
def switch_off(token: str) -> ResponseReturnValue:
    """One button, and the mail program's own (RFC 8058): only a POST acts. Nobody need be signed in."""
    try:
        link = read_off_link(token)
    except Refused as refused:
        limits.count_failure()
        return quiet((render_template("portal/mails_off.html", sentence=refused.text(language())), 404))
    customer = find_customer(link.customer_id)
    if customer is None:
        return quiet((render_template("portal/mails_off.html", sentence=_("This link leads nowhere any more.")), 404))
    done = request.method == "POST"
    if done:
        operations.switch_off(customer, link.kind)
        db.session.commit()
    with _in_language_of(customer):
        return quiet(render_template("portal/mails_off.html", link=link, words=_words(link), done=done))


csrf.exempt(switch_off)  # the signature is the permission; a mail program sends no token of ours


@blueprint.post("/mails/again")
@customer_required
@limits.attempts("10 per hour", limits.account)
def try_mails_again() -> ResponseReturnValue:
    """The customer says that his address is right: what did not arrive is sent once more."""
    customer = the_customer()
    number = operations.try_again(customer, by=customer, at=clock.now())
    db.session.commit()
    flash(_("We write to %(email)s again.", email=customer.email), "success")
    if number:
        flash(ngettext("%(num)d mail is sent once more.", "%(num)d mails are sent once more.", number), "info")
    return redirect(requested_next() or url_for("portal.home"), 303)


def _words(link: OffLink) -> str:
    return str(CHOICES[link.kind])


def _in_language_of(customer: Customer) -> AbstractContextManager[Any]:
    """The language of the mail that brought the person here, unless he has chosen one with the switch."""
    if "locale" in session:
        return nullcontext()
    locale: AbstractContextManager[Any] = force_locale(customer.language)
    return locale
