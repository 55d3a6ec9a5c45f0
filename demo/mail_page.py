"""The page on which the demo's mails are read, and the same as JSON for scripts.

``GET /api/messages?to=anna@example.com&limit=50`` answers ``{"messages": [...]}``, newest first, without bodies;
``GET /api/messages/<id>`` answers one mail with ``text``, ``html``, ``headers`` and ``links``.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from demo.mail_answer import CannotAnswer, compose_answer, compose_letter, send_answer
from demo.mail_store import LINK, CaughtMail, MailStore

MAX_LISTED = 1000
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def create_page(
    store: MailStore,
    *,
    timezone: str = "Europe/Moscow",
    receiver: Path | None = None,
    portal: str = "support@localhost",
) -> Flask:
    """The web application over one store of mails; answers, and mails to the address ``portal``, go to the LMTP socket
    ``receiver``, where there is one."""
    page = Flask("demo.mail_page")
    page.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1"]
    page.json.ensure_ascii = False  # type: ignore[attr-defined]
    page.jinja_env.filters["local"] = lambda moment: _local(moment, ZoneInfo(timezone))
    page.jinja_env.filters["with_links"] = with_links
    page.after_request(_protect)

    def get_mail(mail_id: str) -> CaughtMail:
        return store.find(mail_id) or abort(404)

    @page.get("/")
    def mails() -> str:
        to = request.args.get("to", "")
        return render_template("mails.html", mails=store.mails(to=to), to=to, may_write=receiver is not None)

    @page.route("/write", methods=["GET", "POST"])
    def write_mail() -> ResponseReturnValue:
        """A mail to the portal from any address: of a customer, or of somebody whom nobody knows."""
        if receiver is None:
            abort(404)
        problem, typed = "", {name: request.form.get(name, "") for name in ("sender", "subject", "text")}
        if request.method == "POST":
            refuse_other_sites()
            try:
                send_answer(compose_letter(portal, **typed), receiver)
                return redirect(url_for("write_mail", sent=1), 303)
            except CannotAnswer as error:
                problem = str(error)
        page = render_template("write.html", portal=portal, problem=problem, sent="sent" in request.args, **typed)
        return page, 422 if problem else 200

    def refuse_other_sites() -> None:
        here = request.host_url.rstrip("/")
        if request.headers.get("Origin", here) != here:
            abort(403)

    @page.get("/messages/<mail_id>")
    def mail(mail_id: str) -> str:
        return show(get_mail(mail_id), sent="answered" in request.args)

    def show(mail: CaughtMail, *, sent: bool = False, text: str = "", problem: str = "") -> str:
        may_answer = receiver is not None and bool(mail.recipients)
        return render_template("mail.html", mail=mail, may_answer=may_answer, sent=sent, text=text, problem=problem)

    @page.post("/messages/<mail_id>/answer")
    def answer_mail(mail_id: str) -> ResponseReturnValue:
        mail, text = get_mail(mail_id), request.form.get("text", "")
        if receiver is None or not mail.recipients:
            abort(404)
        refuse_other_sites()
        if not text.strip():
            return show(mail, problem="Напишите несколько слов."), 422
        try:
            send_answer(compose_answer(mail, text), receiver)
        except CannotAnswer as error:
            return show(mail, text=text, problem=f"Портал не принял письмо: {error}"), 503
        return redirect(url_for("mail", mail_id=mail_id, answered=1), 303)

    @page.get("/messages/<mail_id>/html")
    def mail_html(mail_id: str) -> Response:
        # links of the mail open in a tab of their own: the frame itself may not go anywhere
        answer = Response('<base target="_blank">' + get_mail(mail_id).html)
        answer.headers["Content-Security-Policy"] = MAIL_POLICY
        return answer

    @page.get("/messages/<mail_id>/source")
    def mail_source(mail_id: str) -> Response:
        return Response(store.source(mail_id) or abort(404), mimetype="text/plain")

    @page.get("/api/messages")
    def api_mails() -> Response:
        limit = min(request.args.get("limit", 200, type=int), MAX_LISTED)
        return jsonify(messages=[_summary(mail) for mail in store.mails(to=request.args.get("to", ""), limit=limit)])

    @page.get("/api/messages/<mail_id>")
    def api_mail(mail_id: str) -> Response:
        mail = get_mail(mail_id)
        bodies = {"text": mail.text, "html": mail.html, "links": mail.links}
        return jsonify(_summary(mail) | bodies | {"headers": mail.headers, "attachments": mail.attachments})

    @page.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    return page


def with_links(text: str) -> Markup:
    """The text of a mail as HTML in which the web addresses can be clicked."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        link = found.group()
        parts += [escape(text[end : found.start()]), Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(link)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _summary(mail: CaughtMail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "from": mail.sender,
        "to": mail.recipients,
        "subject": mail.subject,
        "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
        "received_at": mail.received_at.isoformat(),
    }


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S")


def _protect(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "same-origin")  # without one a browser hides where a form comes from
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer
