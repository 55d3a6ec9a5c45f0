"""The little language in which staff write mails: values, two filters, and conditions. Nothing else passes.

What is written is read as Jinja's tree, and every node of it must be one of the few named here: no calls, no loops, no
arithmetic, no attributes but those of the values. So a text can neither reach anything nor take long. It is run
in Jinja's sandbox all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from supportapp.errors import Refused
from supportapp.i18n import N_
from supportapp.notifications import filters
from supportapp.notifications.wordings import Wording

DEEPEST = 12
MOST_NODES = 2_000
LONGEST_RESULT = 100_000
_PLAIN = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Not, nodes.And, nodes.Or, nodes.Compare,
          nodes.Operand, nodes.Const)  # fmt: skip
_WHEN = {"moment": datetime, "day": date}

NOT_ALLOWED = N_(
    "Line %(line)s: “%(what)s” cannot be used here. There are the values, the filters moment and day, and"
    " if, elif, else and endif."
)


class _Sandbox(SandboxedEnvironment):
    """Attributes of the values alone, and nothing can be called."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return type(obj) is SimpleNamespace and attr in vars(obj)

    def is_safe_callable(self, obj: Any) -> bool:
        return False


@cache
def environment(finalize: Callable[[Any], str]) -> SandboxedEnvironment:
    """Where texts of staff are run; every value passes ``finalize``."""
    sandbox = _Sandbox(
        undefined=StrictUndefined,
        finalize=finalize,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
    )
    sandbox.globals.clear()
    filters.install(sandbox)
    return sandbox


def render(source: str, values: dict[str, Any], finalize: Callable[[Any], str]) -> str:
    """``source`` with ``values``; raises whatever goes wrong, and ValueError for a result beyond all measure."""
    result = _compiled(source, finalize).render(values)
    if len(result) > LONGEST_RESULT:
        raise ValueError("the text becomes too long")
    return result


@lru_cache(maxsize=16)
def _compiled(source: str, finalize: Callable[[Any], str]) -> Template:
    """A text is tried with hundreds of values before it is saved: compiling it each time would take minutes."""
    return environment(finalize).from_string(source)


def check_language(source: str, wording: Wording, *, field: str) -> set[str]:
    """The names of the values that ``source`` uses. Refused, with the line and what is wrong there, when it says more
    than this language has words for."""
    try:
        tree = environment(str).parse(source)
        found = list(_walk(tree, 0))
    except TemplateSyntaxError as error:
        sentence = N_("Line %(line)s cannot be read: %(detail)s")
        raise Refused("unreadable", sentence, field=field, line=error.lineno, detail=error.message) from None
    except (RecursionError, MemoryError, ValueError, OverflowError):
        raise _too_deep(field) from None
    if len(found) > MOST_NODES or any(depth > DEEPEST for _, depth in found):
        raise _too_deep(field)
    filtered = {id(node.node): node for node, _ in found if isinstance(node, nodes.Filter)}
    names = set()
    for node, _ in found:
        name = _check_node(node, wording, field=field)
        if name:
            names.add(name)
            _check_kind(name, filtered.get(id(node)), wording, field=field)
    return names


def _walk(node: nodes.Node, depth: int) -> Iterator[tuple[nodes.Node, int]]:
    """Every node but the inside of a dotted name, with how deep in conditions it stands. An elif is no deeper."""
    yield node, depth
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return
    for child in node.iter_child_nodes():
        yield from _walk(child, depth + (not isinstance(child, nodes.TemplateData)))


def _check_node(node: nodes.Node, wording: Wording, *, field: str) -> str | None:
    """The value's name, when the node is one."""
    match node:
        case nodes.Getattr(node=nodes.Name(name=head), attr=attribute):
            return _known(f"{head}.{attribute}", node, wording, field=field)
        case nodes.Name(name=name, ctx="load"):
            return _known(name, node, wording, field=field)
        case nodes.Filter(name=name, args=[], kwargs=[], dyn_args=None, dyn_kwargs=None) if node.node is not None:
            if name not in filters.NAMES:
                sentence = N_("Line %(line)s: there is no filter “%(name)s”; there are moment and day.")
                raise Refused("unknown_filter", sentence, field=field, line=node.lineno, name=name)
            if not isinstance(node.node, nodes.Name | nodes.Getattr):
                raise _not_allowed(node, field)
        case nodes.Const(value=str() | int() | float() | bool() | None) | nodes.TemplateData():
            pass
        case _ if not isinstance(node, _PLAIN):
            raise _not_allowed(node, field)
    return None


def _known(name: str, node: nodes.Node, wording: Wording, *, field: str) -> str:
    if wording.find(name) is None:
        sentence = N_("Line %(line)s: there is no value “%(name)s” in this mail. See the list of values.")
        raise Refused("unknown_value", sentence, field=field, line=node.lineno, name=name)
    return name


def _check_kind(name: str, filtering: nodes.Filter | None, wording: Wording, *, field: str) -> None:
    """A moment needs a moment and a day a day; and a moment without a filter is no words for people."""
    value = wording.find(name)
    sample = next((one for one in value.samples if one is not None), None) if value else None
    if filtering is not None and not isinstance(sample, _WHEN[filtering.name]):
        sentence = N_("Line %(line)s: “%(name)s” cannot be shown as %(filter)s.")
        raise Refused("wrong_filter", sentence, field=field, line=filtering.lineno, name=name, filter=filtering.name)


def _not_allowed(node: nodes.Node, field: str) -> Refused:
    what = _WORDS.get(type(node), type(node).__name__)
    line = node.lineno or next((inner.lineno for inner in node.find_all(nodes.Node) if inner.lineno), 1)
    return Refused("not_allowed", NOT_ALLOWED, field=field, line=line, what=what)


def _too_deep(field: str) -> Refused:
    return Refused("too_deep", N_("The conditions are nested too deeply, or there are too many."), field=field)


_WORDS: dict[type[nodes.Node], str] = {
    nodes.Call: "( )",
    nodes.Getitem: "[ ]",
    nodes.Getattr: ".",
    nodes.For: "for",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from … import",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.With: "with",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.Test: "is",
    nodes.CondExpr: "… if … else …",
    nodes.Concat: "~",
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Pow: "**",
    nodes.List: "[ ]",
    nodes.Tuple: "( )",
    nodes.Dict: "{ }",
}
