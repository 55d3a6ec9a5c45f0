"""Words that say nothing about the trouble: they are not indexed, or they do not count as content."""

from __future__ import annotations

_STOP_WORDS = """
а без бы был была были было быть в вам вас весь во вот все всего всех вы где да даже для до его ее если есть еще же за
здесь и из или им их к как какой когда кто ли либо меня мне может мой моя мы на над нам нас наш не него нее нет ни них
но ну о об однако он она они оно от по под после при про с сам свой себя со так также такой там те тем то того тоже той
только том ты у уже хотя чего чей чем что чтобы эта эти это этот я
a an and are as at be but by can do does for from had has have how i if in into is it its me my no not of on or our so
that the their then there these they this to was we were what when where which who why will with you your am been did us
also just any some
"""
_GREETINGS = """
здравствуйте здравствуй привет приветствую добрый доброе доброго день дня утро утра вечер вечера коллеги уважаемые
уважаемый спасибо благодарю пожалуйста заранее помогите помочь помощь помощи подскажите прошу уважением просьба большое
вопрос вопросы вопроса проблема проблемы проблему проблемой срочно
hello hi hey good morning afternoon evening day dear sir madam colleagues thanks thank please help regards best kind
sincerely question problem urgent
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
GREETINGS = frozenset(_GREETINGS.split())
