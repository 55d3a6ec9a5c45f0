"""A few tickets in different states, so that no page of the demo is empty."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from supportapp.accounts.models import Customer, StaffUser
from supportapp.certificates.models import Certificate, Product
from supportapp.extensions import db
from supportapp.notifications.models import Notification, NotificationState
from supportapp.notifications.operations import delivered
from supportapp.tickets import operations
from supportapp.tickets.models import Ticket

HOUR = timedelta(hours=1)


def seed(customer: Customer, certificate: Certificate, *, engineer: StaffUser, at: datetime) -> None:
    """Three tickets: one that waits in the queue, one that awaits the customer, one that was solved."""
    if db.session.scalar(select(func.count(Ticket.id))):
        return
    product = db.session.scalars(select(Product).where(Product.name == "Криптопровайдер")).one()

    solved = operations.submit(
        customer=customer,
        subject="Не обновляется список отзыва",
        body="При проверке подписи пишет, что список отзыва недоступен. Прокси настроен.",
        product=product,
        product_version="5.0 R3",
        operating_system="Windows 11",
        certificate_id=certificate.id,
        at=at - 50 * HOUR,
    )
    operations.take(solved, by=engineer, at=at - 49 * HOUR)
    answer = "Разрешите на прокси доступ к адресу списка отзыва без аутентификации: служба не может ввести пароль."
    operations.propose_solution(solved, answer, by=engineer, at=at - 48 * HOUR)
    operations.accept_solution(solved, by=customer, at=at - 47 * HOUR)

    asked = operations.submit(
        customer=customer,
        subject="Ошибка 0x80090016 при подписании",
        body="После переноса ключа на новый компьютер подпись не создаётся: 0x80090016.",
        product=product,
        product_version="5.0 R2",
        operating_system="Astra Linux 1.8",
        certificate_id=certificate.id,
        at=at - 6 * HOUR,
    )
    operations.take(asked, by=engineer, at=at - 5 * HOUR)
    operations.add_note(asked, "Похоже, контейнер скопировали не целиком.", by=engineer, at=at - 5 * HOUR)
    question = "Пришлите, пожалуйста, список контейнеров и полный текст ошибки."
    operations.request_information(asked, question, by=engineer, at=at - 4 * HOUR)

    operations.submit(
        customer=customer,
        subject="Вопрос о переходе на новую версию",
        body="Можно ли обновиться с версии 4.0 сразу на 5.0 R3, не теряя ключей?",
        product=product,
        product_version="4.0",
        at=at - 2 * HOUR,
    )
    _deliver(at=at - 2 * HOUR)


def _deliver(*, at: datetime) -> None:
    """These mails belong to the past: they count as delivered instead of arriving all at once."""
    for mail in db.session.scalars(select(Notification).where(Notification.state == NotificationState.QUEUED)):
        mail.state, mail.sent_at, mail.attempts, mail.next_attempt_at = NotificationState.SENT, at, 1, None
        delivered.send(mail, at=at)
    db.session.flush()
