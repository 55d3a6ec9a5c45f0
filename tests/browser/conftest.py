"""A real Chromium before a real portal. The portal starts once for all of these tests; each test has a browser context
of its own, which at its end must have seen no error in the console, no refused script or style and no foreign host."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState, sync_playwright

from tests import catalogues
from tests.browser.people import Person, Watch
from tests.browser.stage import Stage
from tests.services import RedisServer, SmtpServer, own_database, redis_binary

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "demo-portal-2026"

Meet = Callable[..., Person]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They share one portal, so they stay on one worker. Without a Chromium each is skipped, by its name."""
    missing = "" if chromium_binary() else "there is no Chromium: looked for " + ", ".join(NAMES)
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"{item.name}: {missing}"))


def chromium_binary() -> str | None:
    """The Chromium of this machine, or what goes for one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Chromium, running."""
    binary = chromium_binary()
    assert binary is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def stage(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The portal with the demo's content, ready."""
    binary = redis_binary()
    if binary is None:
        pytest.skip("there is no redis-server")
    catalogues.compile_stale()
    sockets = Path(tempfile.mkdtemp(prefix="redis-"))  # the path of a socket may not be long
    redis, smtp = RedisServer(binary, sockets), SmtpServer()
    folder = tmp_path_factory.mktemp("stage")
    try:
        redis.start()
        smtp.start()
        with own_database(folder) as url:
            stage = Stage(folder, url, redis, smtp)
            try:
                stage.start()
                yield stage
            finally:
                stage.close()
    finally:
        smtp.stop()
        if redis.process:
            redis.process.kill()
        shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture(scope="package")
def signed_in(chromium: Browser, stage: Stage) -> Callable[[str], StorageState]:
    """The cookies of a person of the demo who has signed in, by hand and once."""
    states: dict[str, StorageState] = {}

    def state(who: str) -> StorageState:
        if who not in states:
            context = chromium.new_context(base_url=stage.url, locale="ru-RU")
            person = Person(context, "ru")
            person.sign_in(who, PASSWORD) if "@" in who else person.sign_in_staff(who, PASSWORD)
            states[who] = context.storage_state()
            context.close()
        return states[who]

    return state


@pytest.fixture
def meet(chromium: Browser, stage: Stage, signed_in: Callable[[str], StorageState]) -> Iterator[Meet]:
    """Meet a person with a browser context of his own: ``meet("anna@example.com", language="en")``; without a name a
    visitor. Further keywords are those of Playwright's ``new_context``. At the end nobody may have seen an error.
    """
    met: list[tuple[Person, Watch]] = []

    def person(who: str = "", *, language: str = "ru", **options: object) -> Person:
        state = signed_in(who) if who else None
        context = chromium.new_context(
            base_url=stage.url,
            locale={"ru": "ru-RU", "en": "en-GB"}[language],
            storage_state=state,
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(10_000)
        watch = Watch(context, stage.url)
        one = Person(context, language)
        met.append((one, watch))
        if language == "en":
            one.switch_to_english(at="/staff/" if who and "@" not in who else "/regulation")
        return one

    yield person
    for one, watch in met:
        one.context.close()
        assert watch.troubles == []
