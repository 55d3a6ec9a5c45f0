"""Whether a form comes back, once, and what its texts become."""

from __future__ import annotations

from supportapp.guard.asking import Choice, chosen, judge

SUBJECT = frozenset({"subject"})


def test_a_form_without_secrets_goes_on() -> None:
    verdict = judge({"body": "Не открывается контейнер"}, Choice.NONE, "", "ru", never=SUBJECT)
    assert (verdict.asks, verdict.texts["body"]) == (False, "Не открывается контейнер")


def test_a_form_with_a_secret_comes_back_as_it_was() -> None:
    verdict = judge({"body": "пин 12345678"}, Choice.NONE, "", "ru", never=SUBJECT)
    assert (verdict.asks, verdict.texts["body"], list(verdict.findings)) == (True, "пин 12345678", ["body"])


def test_removing_asks_no_more() -> None:
    verdict = judge({"body": "пин 12345678"}, Choice.REMOVE, "", "ru", never=SUBJECT)
    assert (verdict.asks, verdict.texts["body"]) == (False, "пин [удалено: пин-код]")


def test_what_was_agreed_to_is_remembered_and_a_new_secret_asks_again() -> None:
    kept = judge({"body": "пин 12345678"}, Choice.KEEP, "", "ru", never=SUBJECT)
    assert (kept.asks, kept.texts["body"]) == (False, "пин 12345678")
    again = judge({"body": "пин 12345678, проверено"}, Choice.NONE, kept.agreed, "ru", never=SUBJECT)
    assert not again.asks
    other = judge({"body": "пин 12345678, пароль: Qwe123"}, Choice.NONE, kept.agreed, "ru", never=SUBJECT)
    assert other.asks
    assert "12345678" not in kept.agreed


def test_a_line_that_goes_into_every_mail_is_cleaned_whatever_was_chosen() -> None:
    texts = {"subject": "пин 12345678", "body": "пин 12345678"}
    verdict = judge(texts, Choice.KEEP, "", "ru", never=SUBJECT)
    assert verdict.texts == {"subject": "пин [удалено: пин-код]", "body": "пин 12345678"}


def test_an_unknown_choice_is_none() -> None:
    assert chosen("keep") is Choice.KEEP
    assert chosen("everything") is chosen(None) is Choice.NONE
