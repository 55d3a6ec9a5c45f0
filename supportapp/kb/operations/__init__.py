"""The verbs of the knowledge base. They lock the row they change, flush and never commit; they raise ``Refused``.

Every act on an article leaves a version, so that nothing that was ever written is lost.
"""

from supportapp.kb.operations.pictures import receive_picture, store_picture
from supportapp.kb.operations.publishing import keep_for_staff, publish, withdraw
from supportapp.kb.operations.solved import record_solved
from supportapp.kb.operations.topics import delete_topic, move_topic, save_topic
from supportapp.kb.operations.writing import (
    MAX_BODY,
    MAX_NOTE,
    MAX_PHRASES,
    MAX_TITLE,
    mark_checked,
    propose_article,
    restore,
    save_article,
)

__all__ = [
    "MAX_BODY",
    "MAX_NOTE",
    "MAX_PHRASES",
    "MAX_TITLE",
    "delete_topic",
    "keep_for_staff",
    "mark_checked",
    "move_topic",
    "propose_article",
    "publish",
    "receive_picture",
    "record_solved",
    "restore",
    "save_article",
    "save_topic",
    "store_picture",
    "withdraw",
]
