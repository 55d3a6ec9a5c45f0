"""The tree of topics is written, moved, ordered and pruned; it never closes to a circle."""

from __future__ import annotations

import pytest

from supportapp.errors import Refused
from supportapp.extensions import db
from supportapp.kb import operations, queries
from supportapp.kb.models import Topic
from tests.kb.samples import make_article

pytestmark = pytest.mark.usefixtures("session")


def plant(name: str, parent: Topic | None = None) -> Topic:
    return operations.save_topic(None, name_ru=name, name_en=f"{name} en", parent=parent)


def drawn() -> str:
    """The tree in one line: a dash for each step down."""
    return " ".join("-" * depth + topic.name_ru for topic, depth, _number in queries.topic_rows())


def test_topics_stand_where_they_were_put_new_ones_last() -> None:
    a, _b = plant("а"), plant("б")
    plant("а1", a)
    a2 = plant("а2", a)
    plant("а21", a2)
    assert drawn() == "а -а1 -а2 --а21 б"


def test_a_topic_changes_places_with_its_neighbours_only() -> None:
    a, b, c = plant("а"), plant("б"), plant("в")
    plant("б1", b)
    operations.move_topic(c, up=True)
    assert drawn() == "а в б -б1"
    operations.move_topic(a, up=True)
    operations.move_topic(b, up=False)
    assert drawn() == "а в б -б1"
    operations.move_topic(a, up=False)
    assert drawn() == "в а б -б1"


def test_topics_that_share_a_position_can_be_ordered_all_the_same() -> None:
    db.session.add_all([Topic(name_ru=name, name_en=name, position=0) for name in "абв"])
    db.session.flush()
    operations.move_topic(queries.topic_rows()[2][0], up=True)
    assert drawn() == "а в б"


def test_a_branch_moves_with_all_that_grows_on_it() -> None:
    a, b = plant("а"), plant("б")
    a1 = plant("а1", a)
    plant("а11", a1)
    plant("б1", b)
    operations.save_topic(a1, name_ru="а1", name_en="x", parent=b)
    assert drawn() == "а б -б1 -а1 --а11"
    operations.save_topic(a1, name_ru="новое имя", name_en="x", parent=b)
    assert drawn() == "а б -б1 -новое имя --а11"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_topic_cannot_lie_below_itself(place: int) -> None:
    a = plant("а")
    line = [a, plant("а1", a)]
    line.append(plant("а11", line[1]))
    with pytest.raises(Refused, match="circle"):
        operations.save_topic(a, name_ru="а", name_en="a", parent=line[place])
    assert drawn() == "а -а1 --а11"


@pytest.mark.parametrize(("name", "reason"), [("", "empty"), (" \0", "empty"), ("ж" * 121, "too_long"), ("б", "taken")])
def test_a_name_that_cannot_be_is_refused_at_its_field(name: str, reason: str) -> None:
    a, _b = plant("а"), plant("б")
    with pytest.raises(Refused) as refused:
        operations.save_topic(a, name_ru=name, name_en="x", parent=None)
    assert (refused.value.reason, refused.value.field) == (reason, "name_ru")


def test_a_topic_in_use_is_not_deleted_and_the_sentence_says_why() -> None:
    upper = plant("верх")
    lower = plant("низ", upper)
    make_article(topic=lower, published=False)
    with pytest.raises(Refused) as refused:
        operations.delete_topic(upper)
    assert refused.value.text("ru") == "В разделе «верх» есть подразделы. Сначала перенесите или удалите их."
    with pytest.raises(Refused) as refused:
        operations.delete_topic(lower)
    assert refused.value.text("ru") == "В разделе «низ» есть статьи: 1. Сначала перенесите их в другой раздел."
    assert drawn() == "верх -низ"


def test_an_unused_topic_is_deleted() -> None:
    upper = plant("верх")
    operations.delete_topic(plant("низ", upper))
    assert drawn() == "верх"
