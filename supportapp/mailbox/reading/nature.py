"""Who is behind a mail: a person, a machine that answers, a report of a mail that did not arrive, a list.

One header that only machines write decides by itself. Words that a person could have written decide only together
with a second sign. A mark for unsubscribing alone decides nothing: gateways of companies put it under the mails of
people, too; it takes a second sign of a newsletter, and no answer is a newsletter.
"""

from __future__ import annotations

from dataclasses import dataclass

from supportapp.mailbox.reading import nature_words as words
from supportapp.mailbox.reading.contents import Bounce, Nature
from supportapp.mailbox.reading.headers import Headers

_MACHINE_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-cpanel-autoreply",
    "x-facebook-notify",
    "x-ms-exchange-generated-message-source",
    "x-loop-autoreply",
)
_LIST_PRECEDENCE = {"bulk", "list"}


@dataclass(frozen=True)
class Facts:
    """What is known of a mail when its nature is judged. ``is_null_sender``: the envelope's sender was ``<>``."""

    headers: Headers
    sender: str
    subject: str
    text: str
    report_type: str
    action: str
    bounce: Bounce | None
    is_null_sender: bool
    is_answer: bool


def judge(facts: Facts) -> tuple[Nature, str]:
    """The nature, and the sign that decided, in a word for the log ("" for a person)."""
    for rule in (_report, _auto_submitted, _machine_headers, _precedence, _list_headers, _two_signs):
        found = rule(facts)
        if found:
            return found
    return Nature.PERSON, ""


def _report(facts: Facts) -> tuple[Nature, str] | None:
    """Reports about our own mails (RFC 3464, 8098), and what old programs send in their place."""
    if facts.report_type == "disposition-notification":
        return Nature.AUTO_REPLY, "disposition-notification"
    if facts.report_type == "feedback-report":
        return Nature.AUTO_REPLY, "feedback-report"
    if facts.report_type == "delivery-status":
        if facts.action == "delayed":
            return Nature.DELAYED, "delivery-status"
        is_good_news = facts.action in ("delivered", "relayed", "expanded")
        return (Nature.AUTO_REPLY if is_good_news else Nature.BOUNCE), "delivery-status"
    if facts.headers.has("x-failed-recipients"):
        return _late_or_lost(facts), "x-failed-recipients"
    is_robot = bool(words.ROBOT_SENDER.search(facts.sender)) or facts.is_null_sender
    is_worded = bool(words.BOUNCE_SUBJECT.search(facts.subject))
    if is_robot and (is_worded or (facts.bounce and words.NEVER_A_PERSON.search(facts.sender))):
        return _late_or_lost(facts), "bounce wording"
    return None


def _late_or_lost(facts: Facts) -> Nature:
    is_late = words.DELAY.search(facts.subject) or words.DELAY.search(facts.text[:2000])
    return Nature.DELAYED if is_late else Nature.BOUNCE


def _auto_submitted(facts: Facts) -> tuple[Nature, str] | None:
    """RFC 3834: anything but "no"."""
    value = facts.headers.ascii("auto-submitted").partition(";")[0].strip()
    if value in ("", "no"):
        return None
    is_list = value == "auto-generated" and facts.headers.has("list-id")
    return (Nature.LIST if is_list else Nature.AUTO_REPLY), "auto-submitted"


def _machine_headers(facts: Facts) -> tuple[Nature, str] | None:
    for name in _MACHINE_HEADERS:
        if facts.headers.has(name) and facts.headers.ascii(name) not in ("no", "false", "0"):
            return Nature.AUTO_REPLY, name
    if facts.is_null_sender:
        return Nature.AUTO_REPLY, "null sender"
    if words.VACATION_PROGRAM.search(facts.headers.ascii("x-mailer")):
        return Nature.AUTO_REPLY, "x-mailer"
    return None


def _precedence(facts: Facts) -> tuple[Nature, str] | None:
    value = facts.headers.ascii("precedence")
    if value in ("auto_reply", "auto-reply", "junk"):
        return Nature.AUTO_REPLY, "precedence"
    if value in _LIST_PRECEDENCE:
        is_reply = bool(words.AUTO_SUBJECT.match(facts.subject)) or (
            facts.is_answer and not facts.headers.has("list-id")
        )
        return (Nature.AUTO_REPLY if is_reply else Nature.LIST), "precedence"
    return None


def _list_headers(facts: Facts) -> tuple[Nature, str] | None:
    if facts.headers.has("list-id"):
        return Nature.LIST, "list-id"
    if facts.is_answer or not facts.headers.has("list-unsubscribe"):
        return None
    second = next((name for name in ("list-unsubscribe-post", "feedback-id", "x-campaign-id", "x-mailru-msgtype",
                                     "x-csa-complaints") if facts.headers.has(name)), "")  # fmt: skip
    if second or words.NO_REPLY_SENDER.search(facts.sender):
        return Nature.LIST, f"list-unsubscribe and {second or 'a sender that takes no reply'}"
    return None


def _two_signs(facts: Facts) -> tuple[Nature, str] | None:
    """A subject of machines with one more sign; two of words alone are enough only when both are there."""
    if facts.headers.ascii("auto-submitted") == "no":
        return None
    subject, body = words.AUTO_SUBJECT.match(facts.subject), words.AUTO_BODY.search(facts.text[:2000])
    others = {
        "x-auto-response-suppress": facts.headers.has("x-auto-response-suppress"),
        "robot sender": bool(words.ROBOT_SENDER.search(facts.sender) or words.NO_REPLY_SENDER.search(facts.sender)),
        "body wording": bool(body),
    }
    second = next((name for name, is_there in others.items() if is_there), "")
    if subject and second and (second != "body wording" or facts.is_answer or _is_label(facts.subject, subject.end())):
        return Nature.AUTO_REPLY, f"subject wording and {second}"
    if body and others["robot sender"]:
        return Nature.AUTO_REPLY, "body wording and robot sender"
    if words.NEVER_A_PERSON.search(facts.sender):
        return Nature.AUTO_REPLY, "robot sender"
    return None


def _is_label(subject: str, end: int) -> bool:
    """The words are the whole subject or stand before a colon, as programs write them: "Automatic reply: …"."""
    return subject[end:][:1] in ("", ":") or subject[:end].endswith(": ")
