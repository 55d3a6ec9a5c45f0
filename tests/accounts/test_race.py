"""Two acts of one person at once, on connections of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from flask import Flask
from sqlalchemy import update

from supportapp.accounts.models import Customer, LinkPurpose
from supportapp.accounts.operations.links import issue_link, use_link, void_links
from supportapp.accounts.operations.sessions import sign_out_everywhere
from supportapp.extensions import db
from tests.conftest import NOON
from tests.factories import make_customer


def test_of_two_sign_outs_at_once_each_ends_the_sessions_the_other_began(session: object, at: datetime) -> None:
    customer = make_customer()
    before = customer.session_epoch
    meanwhile = update(Customer).where(Customer.id == customer.id).values(session_epoch=before + 1)
    db.session.execute(meanwhile.execution_options(synchronize_session=False))  # another process was quicker
    sign_out_everywhere(customer)
    assert customer.session_epoch == before + 2


def test_using_a_link_and_changing_the_password_at_once_do_not_lock_each_other(own_app: Flask) -> None:
    with own_app.app_context():
        customer = make_customer()
        token, _link = issue_link(customer, LinkPurpose.RESET_PASSWORD, at=NOON)
        customer_id = customer.id
        db.session.commit()
    link_used, failures = threading.Event(), []

    def use() -> None:
        link = use_link(token, LinkPurpose.RESET_PASSWORD, at=NOON)
        link_used.set()
        time.sleep(0.5)  # meanwhile the other has come to the links
        sign_out_everywhere(link.customer)

    def change() -> None:
        link_used.wait(10)
        person = db.session.get_one(Customer, customer_id)
        sign_out_everywhere(person)
        void_links(person, at=NOON)

    def run(act: Callable[[], None]) -> None:
        with own_app.app_context():
            try:
                act()
                db.session.commit()
            except Exception as error:
                failures.append(error)
                db.session.rollback()

    threads = [threading.Thread(target=run, args=[act]) for act in (use, change)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    with own_app.app_context():
        assert db.session.get_one(Customer, customer_id).session_epoch == 3
