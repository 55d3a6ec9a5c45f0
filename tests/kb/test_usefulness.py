"""One number from what readers say and do."""

from __future__ import annotations

import pytest

from supportapp.kb.learning.rules import OPENED_THEN_LEFT, OPENED_THEN_SENT, Reading, usefulness


def test_nothing_is_concluded_from_nothing() -> None:
    assert usefulness([]) == 0


@pytest.mark.parametrize("opinions", [[-1.0], [1.0], [-1.0, -1.0], [1.0, -0.5]])
def test_one_or_two_people_decide_nothing(opinions: list[float]) -> None:
    assert usefulness(opinions) == 0


def test_few_signals_stay_near_nothing() -> None:
    assert 0 < usefulness([1.0] * 3) < 0.25


def test_many_yes_come_near_one_and_many_no_near_minus_one() -> None:
    assert 0.9 < usefulness([1.0] * 200) < 1
    assert -1 < usefulness([-1.0] * 200) < -0.9


def test_as_many_yes_as_no_is_nothing() -> None:
    assert usefulness([1.0, -1.0] * 20) == 0


def test_one_angry_person_moves_a_good_article_hardly() -> None:
    assert usefulness([1.0] * 10) - usefulness([1.0] * 10 + [-1.0]) < 0.1


def test_who_has_no_opinion_is_no_reader() -> None:
    assert usefulness([1.0, 1.0, 0.0, 0.0]) == 0


def test_a_thousand_robots_weigh_no_more_than_three_customers() -> None:
    assert usefulness([], visitors_no=1000) == pytest.approx(usefulness([-1.0] * 3), abs=0.001)
    assert usefulness([1.0] * 20, visitors_no=1000) > 0.5


def test_a_visitor_counts_half() -> None:
    assert 0 < usefulness([], visitors_yes=4) < usefulness([1.0] * 4)


@pytest.mark.parametrize(
    ("reading", "opinion"),
    [
        (Reading(), 0.0),
        (Reading(left=1), OPENED_THEN_LEFT),
        (Reading(sent=1), OPENED_THEN_SENT),
        (Reading(left=3, sent=1), OPENED_THEN_LEFT),
        (Reading(left=1, sent=3), OPENED_THEN_SENT),
        (Reading(left=1, sent=1), OPENED_THEN_SENT),
        (Reading(solved=True, sent=2), 1.0),
        (Reading(vote=False, solved=True), -1.0),
        (Reading(vote=True, sent=5), 1.0),
    ],
)
def test_what_a_reader_says_goes_before_what_he_does(reading: Reading, opinion: float) -> None:
    assert reading.opinion == opinion


def test_however_often_one_reader_acts_he_has_one_opinion() -> None:
    assert Reading(sent=1).opinion == Reading(sent=100).opinion
