"""Who may import whom: the house as docs/architecture.md draws it, read from the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "supportapp"

# A feature and the features it may use; nothing upward, and no ring.
FEATURES = {
    "tickets": {"certificates", "accounts", "notifications", "files", "worktime", "guard"},
    "reports": {"tickets", "kb", "certificates", "accounts", "notifications", "files", "worktime"},
    "mailbox": {"tickets", "accounts", "notifications", "files", "guard"},
    "kb": {"certificates", "accounts", "files", "guard"},
    "certificates": {"accounts", "notifications"},
    "files": {"accounts", "guard"},
    "accounts": {"notifications"},
    "notifications": set(),
    "worktime": set(),
    "guard": set(),
    "audit": {"accounts"},
}
WEB = {"flask", "flask_wtf", "flask_login", "flask_babel", "flask_limiter", "flask_appbuilder", "wtforms", "werkzeug"}
FOUNDATION = {"clock", "errors", "extensions", "database", "i18n"}
EDGES = {"portal", "staff", "commands", "cli", "demo", "web", "page_words", "stale_form", "wiring", "demo_content"}
# Inside a feature: each layer may use those before it, never those after.
LAYERS = ("rules", "models", "queries", "operations", "jobs")
# Flask-AppBuilder's user is a table that accounts extends; a password hash is werkzeug's only job here.
ALLOWED = {("accounts/models.py", "flask_appbuilder"), ("accounts/hashing.py", "werkzeug")}


def modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def imports(path: Path) -> set[str]:
    """The dotted names that a module imports, those inside functions included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms(path: Path) -> set[str]:
    """The parts of supportapp that a module imports from."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("supportapp.")}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


FEATURE_MODULES = [path for feature in FEATURES for path in modules(PACKAGE / feature)]


@pytest.mark.parametrize("path", FEATURE_MODULES, ids=name_of)
def test_a_feature_knows_nothing_of_the_web(path: Path) -> None:
    used = {name.split(".")[0] for name in imports(path)} & WEB
    assert {tool for tool in used if (name_of(path), tool) not in ALLOWED} == set()


@pytest.mark.parametrize("path", FEATURE_MODULES, ids=name_of)
def test_a_feature_uses_only_the_features_below_it(path: Path) -> None:
    feature = path.relative_to(PACKAGE).parts[0]
    assert rooms(path) <= FEATURES[feature] | {feature, "jobs"} | FOUNDATION


@pytest.mark.parametrize("path", FEATURE_MODULES, ids=name_of)
def test_a_feature_uses_of_the_jobs_only_the_bell(path: Path) -> None:
    assert {name for name in imports(path) if name.startswith("supportapp.jobs.")} <= {
        "supportapp.jobs.queue",
        *(name for name in imports(path) if name.startswith("supportapp.jobs.queue.")),
    }


@pytest.mark.parametrize("path", FEATURE_MODULES, ids=name_of)
def test_inside_a_feature_no_layer_uses_a_later_one(path: Path) -> None:
    feature, layer = path.relative_to(PACKAGE).parts[0], path.relative_to(PACKAGE).parts[1].removesuffix(".py")
    if layer not in LAYERS:
        return
    later = LAYERS[LAYERS.index(layer) + 1 :]
    used = {name.split(".")[2] for name in imports(path) if name.startswith(f"supportapp.{feature}.")}
    assert used.isdisjoint(later)


@pytest.mark.parametrize("path", [p for p in FEATURE_MODULES if p.name == "rules.py"], ids=name_of)
def test_rules_know_no_session_no_clock_and_no_flask(path: Path) -> None:
    forbidden = {"sqlalchemy", "flask", "redis", "rq"}
    assert {name.split(".")[0] for name in imports(path)}.isdisjoint(forbidden)
    assert rooms(path).isdisjoint({"clock", "extensions", "database"})


@pytest.mark.parametrize(("door", "other"), [("portal", "staff"), ("staff", "portal")])
def test_the_two_doors_never_import_each_other(door: str, other: str) -> None:
    assert {name_of(path) for path in modules(PACKAGE / door) if other in rooms(path)} == set()


def test_nothing_below_the_edges_commits() -> None:
    committing = {
        name_of(path)
        for path in FEATURE_MODULES
        if path.name != "jobs.py" and "jobs" not in path.parts and "session.commit()" in path.read_text()
    }
    assert committing == set()


def test_all_imports_are_absolute() -> None:
    relative = {
        name_of(path)
        for path in modules(PACKAGE)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
    }
    assert relative == set()


def test_the_features_form_no_ring() -> None:
    def reach(feature: str, seen: tuple[str, ...] = ()) -> None:
        assert feature not in seen, f"a ring: {' -> '.join((*seen, feature))}"
        for below in FEATURES[feature]:
            reach(below, (*seen, feature))

    for feature in FEATURES:
        reach(feature)


def test_every_folder_has_its_place_in_this_picture() -> None:
    known = set(FEATURES) | EDGES | FOUNDATION | {"jobs", "templates", "static", "translations", "migrations"}
    found = {p.name.removesuffix(".py") for p in PACKAGE.iterdir() if not p.name.startswith(("__", "."))}
    assert found <= known
