"""What the editor's script asks for while somebody writes. Everything works without it."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.kb.intricacy import require_plain
from supportapp.kb.operations import MAX_BODY
from supportapp.kb.render import preview
from supportapp.staff.forms import sentence
from supportapp.staff.frame import StaffScreen
from supportapp.staff.knowledge import pictures
from supportapp.web import only_reads


class WritingTools(StaffScreen):
    """For whoever writes, be it a draft made from a ticket. Answers are JSON: ``error`` holds a sentence for people."""

    route_base = "/staff/writing"
    default_view = "preview"

    @expose("/preview", methods=["POST"])
    @only_reads
    @has_access
    @permission_name("write")
    def preview(self) -> ResponseReturnValue:
        body = request.form.get("body", "")
        if len(body) > MAX_BODY:
            return _error(_("The text is too long to be shown: %(limit)s characters fit.", limit=MAX_BODY))
        try:
            require_plain(body)
        except Refused as refused:
            return _error(sentence(refused))
        return jsonify(html=str(preview(body)))

    @expose("/pictures", methods=["POST"])
    @has_access
    @permission_name("write")
    def upload(self) -> ResponseReturnValue:
        sent = request.files.get("file")
        if sent is None:
            return _error(_("No file arrived. Choose the picture again."))
        try:
            stored = pictures.take_picture(sent)
        except Refused as refused:
            db.session.rollback()
            return _error(sentence(refused))
        return jsonify(address=pictures.address(stored)), 201


def _error(words: Any) -> ResponseReturnValue:
    return jsonify(error=str(words)), 422
