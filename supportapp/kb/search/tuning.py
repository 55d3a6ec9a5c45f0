"""How much each trick of the search weighs. Measured with ``make relevance``; a weight of 0 turns a trick off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """Weights of ways to say a thing are factors of the person's own word, which has 1."""

    title: float = 5.0
    covered: float = 0.3  # how much more an article is worth of which the whole title is asked for
    phrases: float = 3.0
    subject: float = 1.5
    code: float = 3.0
    number: float = 0.4
    product: float = 1.8  # helps its product's articles up, and hides no other's
    language: float = 1.25
    usefulness: float = 0.05  # what readers taught moves an article by a twentieth at most
    layout: float = 1.0
    typos: float = 0.7
    sound: float = 0.8
    synonyms: float = 0.6
    beginning: float = 0.8
    grams: float = 0.4
    semantic: float = 0.3  # what an article's title means, beside what it says; only with the optional model
    concepts: int = 16
    # Nothing is shown when even the best article scores a smaller part of what the question is worth than ``fit``, or
    # scores less than ``good_fit`` and leaves so much of it unsaid that what it does say is worth less than ``told``.
    fit: float = 0.45
    good_fit: float = 0.8
    told: float = 0.25
    tail: float = 0.4  # what scores less than this share of the best is not shown
    name: float = 0.005  # a Latin word that at most this share of the articles has says as much as an error code


TUNING = Tuning()
