"""The little language of mails: what staff may write, and what is refused with its line."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st

from supportapp.errors import Refused
from supportapp.notifications import markup, sandbox
from supportapp.notifications.saved_words import Words, check
from supportapp.notifications.wordings import Value, Wording

AT = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)
WORDING = Wording(
    "hello",
    "A greeting.",
    (
        Value("ticket.reference", "number", ("TP-1",)),
        Value("ticket.subject", "subject", ("*x* <b> [a](b)",)),
        Value("ticket.closes_at", "closing", (AT, None)),
        Value("name", "name", ("Ann",)),
        Value("count", "files", (0, 2)),
    ),
    needs_in_subject="ticket.reference",
)
SUBJECT = "[{{ ticket.reference }}] {{ ticket.subject }}"
pytestmark = pytest.mark.usefixtures("session")


def refusal(body: str = "Hello", subject: str = SUBJECT) -> tuple[str, object, str | None]:
    with pytest.raises(Refused) as refused:
        check(WORDING, Words(subject, body))
    for language in ("ru", "en"):  # the sentence can be said, with all that it names
        assert "%(" not in refused.value.text(language)
    return refused.value.reason, refused.value.params.get("line"), refused.value.field


def test_values_filters_and_conditions_are_kept_as_they_were_written() -> None:
    body = (
        "Hello {{ name }},\r\n\r\n{% if count > 1 and not by_mail %}\r\n{{ count }} **files**\r\n"
        "{% elif ticket.closes_at %}\r\nuntil {{ ticket.closes_at | moment }}, {{ ticket.closes_at|day }}\r\n"
        "{% else %}\r\n[portal]({{ portal_url }}/kb/)\r\n{% endif %}\r\n{# a remark #}"
    )
    kept = check(WORDING, Words(f"  {SUBJECT} ", body))
    assert kept == Words(SUBJECT, body.replace("\r\n", "\n") + "\n")


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ name.__class__ }}",
        "{{ ticket.__class__ }}",
        "{{ ticket.__dict__ }}",
        "{{ ticket }}",
        "{{ ticket['reference'] }}",
        "{{ ticket.reference.upper() }}",
        "{{ ticket.reference.__len__ }}",
        "{{ self }}",
        "{{ self.__init__ }}",
        "{{ config }}",
        "{{ settings.SECRET_KEY }}",
        "{{ customer.password_hash }}",
        "{{ ticket.customer.password_hash }}",
        "{{ ticket.form_token }}",
        "{{ request.environ }}",
        "{{ session }}",
        "{{ g }}",
        "{{ lipsum.__globals__ }}",
        "{{ cycler }}",
        "{{ range(10) }}",
        "{% for x in range(100000000) %}x{% endfor %}",
        "{% for c in name %}{{ c }}{% endfor %}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ name ~ name }}",
        "{{ [name] }}",
        "{{ {} }}",
        "{{ (name, name) }}",
        "{{ name[0] }}",
        "{{ name[:1] }}",
        "{{ name if count else name }}",
        "{{ name is defined }}",
        "{{ name | upper }}",
        "{{ name | attr('__class__') }}",
        "{{ name | safe }}",
        "{{ ticket.closes_at | moment(1) }}",
        "{{ 'x' | moment }}",
        "{{ ticket.closes_at | moment | day }}",
        "{{ name | moment }}",
        "{{ count | day }}",
        "{% include 'layout.html' %}",
        "{% import 'x' as y %}",
        "{% from 'x' import y %}",
        "{% extends 'layout.html' %}",
        "{% block x %}{% endblock %}",
        "{% macro x() %}{% endmacro %}",
        "{% call name() %}{% endcall %}",
        "{% filter upper %}x{% endfilter %}",
        "{% set x = 1 %}",
        "{% set x %}y{% endset %}",
        "{% with x = 1 %}{% endwith %}",
        "{% autoescape true %}{% endautoescape %}",
        "{% do name %}",
        "{% if name.startswith('A') %}x{% endif %}",
        "{{ -count }}",
        "{{ name",
        "{% if name %}",
        "{{ }}",
        "{% endif %}",
        "{{ nmae }}",
        "{{ ticket.colour }}",
        "`{{ name }}`",
        "<{{ portal_url }}>",
        "[x]({{ name }})",
        "[x](https://evil.example/{{ name }})",
        "[x]({{ portal_url }}{{ name }})",
        "[x]({{ portal_url }}.{{ name }})",
        "{{ ticket.closes_at | moment }}",
        "{% if count > name %}x{% endif %}",
    ],
)
def test_whatever_else_is_refused_at_its_field_and_line(attack: str) -> None:
    reason, line, field = refusal(f"Hello\n\n{attack}\n")
    assert field == "body"
    assert line in (3, 4) or reason in ("may_be_missing", "unusable")


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("[x](\n{{ name }})", 2),
        ("[x][1]\n\n[1]: https://evil.example/{{ name }}", 3),
        ("[x][1]\n\n[1]:\n  {{ name }}", 4),
        ("[{{ name }}]\n\n[zqvaluezq]: https://good.example\n\n[y][z]\n\n[z]: {{ name }}", 7),
        ("[x](<https://evil.example/\\{{ name }}>)", 1),
        ("[x]({{ portal_url }}.evil.example/)", 1),
        ("[x][1]\n\n[1]: {{ portal_url }}{{ name }}", 3),
        ("{% if count %}\nfine\n{% else %}\n[x](\n{{ name }})\n{% endif %}", 5),
        ("``a ` {{ name }}``", 1),
        ("`a\n{{ name }}`", 2),
        ("```\n{{ name }}\n```", 2),
        ("Hello\n\n    {{ name }}", 3),
    ],
)
def test_a_value_that_chooses_an_address_or_stands_in_code_is_found_however_it_is_written(body: str, line: int) -> None:
    reason, found, field = refusal(body)
    assert (reason in ("value_in_link", "value_in_code"), found, field) == (True, line, "body")


@pytest.mark.parametrize(
    "body", ["[x](javascript:alert(1))", "[x](ftp://a.example)", "[x](<a b>c)", "![x](data:text/html,x)", "[x]( y z )"]
)
def test_a_link_that_would_stay_text_or_lead_nowhere_is_refused(body: str) -> None:
    assert refusal(f"Hello {{{{ name }}}}\n\n{body}")[0] == "link_unmade"


@pytest.mark.parametrize(
    "body",
    [
        "[{{ name }}][1]\n\n[1]: https://good.example/a_b",
        "[x][1]\n\n[1]: {{ portal_url }}/tickets/{{ ticket.reference }}",
        "[x](\n{{ portal_url }})",
        'Look at "href={{ name }}" and {{ portal_url }}.',
        "`code` and {{ name }}",
    ],
)
def test_a_link_to_a_fixed_address_or_into_the_portal_is_fine_in_every_form(body: str) -> None:
    assert check(WORDING, Words(SUBJECT, body)).body == body + "\n"


def test_the_same_is_refused_in_the_subject() -> None:
    assert refusal(subject="{{ ticket.reference }} {{ ''.__class__ }}") == ("not_allowed", 1, "subject")


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("", "subject_missing"),
        ("Hello", "subject_needs"),
        ("[{{ ticket.reference }}]\nBcc: x@example.com", "subject_lines"),
        ("[{{ ticket.reference }}]" + "x" * 200, "subject_long"),
        ("{% if count %}{{ ticket.reference }}{% endif %}", "becomes_empty"),
    ],
)
def test_a_subject_is_one_line_with_the_reference(subject: str, reason: str) -> None:
    assert refusal(subject=subject)[0::2] == (reason, "subject")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (" \n ", "body_missing"),
        ("x" * 20_001, "body_long"),
        ("{% if count %}\nx\n{% endif %}", "becomes_empty"),
        ("{% if name %}" * 400 + "x" + "{% endif %}" * 400, "too_deep"),
        ("{% if " + "(" * 3000 + "name" + ")" * 3000 + " %}x{% endif %}", "too_deep"),
        ("{% if " + "not " * 4000 + "name %}x{% endif %}", "too_deep"),
        ("{{name}}" * 2_400, "too_deep"),
        ("{% if count == " + "9" * 5000 + " %}x{% endif %}", "too_deep"),
    ],
)
def test_a_text_that_is_empty_endless_or_a_maze_is_refused_at_once(body: str, reason: str) -> None:
    started = time.monotonic()
    assert refusal(body)[0] == reason
    assert time.monotonic() - started < 10


def test_a_value_that_may_be_missing_is_asked_for_with_a_condition_around_it() -> None:
    with pytest.raises(Refused) as refused:
        check(WORDING, Words(SUBJECT, "Until {{ ticket.closes_at | day }}"))
    assert "{% if ticket.closes_at %}" in refused.value.text("en")
    check(WORDING, Words(SUBJECT, "Until{% if ticket.closes_at %} {{ ticket.closes_at | day }}{% endif %}"))


def test_what_slips_through_the_reading_is_stopped_by_the_sandbox() -> None:
    values = {"name": "Ann"}
    for attack in ("{{ name.__class__ }}", "{{ name.upper() }}", "{{ ''.__class__.__mro__ }}", "{{ range(3) }}"):
        with pytest.raises(Exception, match=r"unsafe|undefined|not safely callable|no attribute"):
            sandbox.render(attack, values, markup.one_line)


PIECES = [*"{}%# |.()[]'\"\n~*+-`<>", "if", "endif", "name", "ticket.subject", "for", "x"]


@given(body=st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@property_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_either_refused_with_a_sentence_or_can_be_rendered(body: str) -> None:
    try:
        kept = check(WORDING, Words(SUBJECT, body))
    except Refused:
        return
    for values in WORDING.samples({"name", "ticket.subject"}):
        sandbox.render(kept.body, values, markup.escape_markdown)
