"""Whether a text is nothing but thanks: then it closes nothing and opens nothing again."""

from __future__ import annotations

import re

_LONGEST = 400
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_THANKS = {
    "спасибо", "спс", "спасибочки", "благодарю", "благодарим", "благодарен", "благодарна", "благодарны", "признателен",
    "признательна", "признательны", "благодарность", "благодарности", "thanks", "thank", "thx", "ty", "cheers",
    "grateful",     "appreciated", "appreciate", "thankyou",
}  # fmt: skip
_AROUND = {
    # whom, for what, how much
    "вам", "вас", "тебе", "всем", "ваша", "вашу", "ваш", "за", "и", "с", "мы", "я", "очень", "большое", "огромное",
    "преогромное", "громадное", "искренне", "сердечно", "заранее", "еще", "ещё", "раз", "помощь", "поддержку", "ответ",
    "ответы", "оперативность", "оперативный", "быстрый", "скорый", "подробный", "подробную",
    "развёрнутый", "развернутый",
    "работу",     "содействие", "внимание", "участие", "терпение", "отзывчивость", "консультацию",
    "разъяснения", "разъяснение",
    "пояснения", "пояснение", "решение", "помогли", "информацию", "совет", "рекомендации", "рекомендацию", "что", "так",
    "быстро", "оперативно", "быструю", "оперативную", "скорую", "вами", "от", "души", "всей", "нас",
    "you", "very", "much", "so", "many", "a", "lot", "for", "your", "the", "help", "support", "quick", "prompt", "fast",
    "reply", "response", "answer", "assistance", "time", "patience", "again", "in", "advance", "all", "it", "really",
    "team", "we", "i", "am", "are", "is", "to", "and", "with",
    # greetings and endings
    "здравствуйте", "здравствуй", "добрый", "доброе", "день", "утро", "вечер", "доброго", "дня", "времени", "суток",
    "привет", "уважаемая", "уважаемый", "уважаемые", "коллеги", "уважением", "наилучшими", "пожеланиями", "всего",
    "хорошего", "удачи", "хорошей", "недели", "выходных", "хороших", "служба", "службе", "поддержки", "команда",
    "команде", "техподдержка", "техподдержке", "hello", "hi", "dear", "good", "morning", "afternoon", "evening", "day",
    "kind", "regards", "sincerely", "wishes", "have", "nice", "great", "colleagues", "everyone", "sir", "madam",
    # praise
    "отлично", "прекрасно", "замечательно", "супер", "здорово", "класс", "круто", "молодцы", "лучшие", "хорошо", "ок",
    "окей", "понял", "поняла", "принято", "ясно", "perfect", "excellent", "awesome", "wonderful", "ok", "okay",
    "cool", "super", "noted",
}  # fmt: skip
_VALEDICTION = re.compile(
    r"^\s*(?:-- ?|с уважением|с наилучшими|best regards|kind regards|regards|sincerely)\b.*", re.I
)
_MACHINE = re.compile(r"^\s*(?:отправлено (?:с|из) |sent from |get outlook |получить outlook )", re.I)


def is_thanks(text: str) -> bool:
    """Thanks, greetings, praise and a signature, and nothing else, in Russian or English. In doubt False.

    A question, a figure, or one word more ("всё заработало") makes it a message like any other.
    """
    if len(text) > _LONGEST or "?" in text:
        return False
    said, has_thanks = _without_signature(text.splitlines()), False
    for word in _WORD.findall("\n".join(said).lower()):
        if word not in _THANKS | _AROUND:
            return False
        has_thanks = has_thanks or word in _THANKS
    return has_thanks and not re.search(r"[\d@/\\<>=]", "\n".join(said))


def _without_signature(lines: list[str]) -> list[str]:
    """The lines above the signature: "С уважением," with a short name, a "-- " line, a telephone's line."""
    kept: list[str] = []
    for index, line in enumerate(lines):
        if _MACHINE.match(line):
            continue
        if line.rstrip() in ("--",) or _VALEDICTION.match(line):
            return kept if _is_signature(lines[index + 1 :]) else lines
        kept.append(line)
    return kept


def _is_signature(lines: list[str]) -> bool:
    spoken = [line.strip() for line in lines if line.strip()]
    return len(spoken) <= 6 and all(len(line) <= 80 and not line.endswith(("?", "!")) for line in spoken)
