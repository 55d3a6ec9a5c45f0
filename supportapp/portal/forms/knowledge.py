"""What a reader tells of an article."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from supportapp.kb.votes import MAX_COMMENT
from supportapp.portal.forms import PortalForm, text_field


class VoteForm(PortalForm):
    """A few words beside the answer; the answer is the button that was pressed."""

    comment = text_field(_l("Your comment"), longest=MAX_COMMENT, lines=True)
