"""Takes the README's pictures from a running demo: ``python scripts/pictures.py --base-url http://localhost:8000``.

Each of the three faces, 1280 pixels wide, into docs/pictures/. Needs a Chromium on the PATH and the tools of
requirements-dev.txt; best on a fresh demo (``make clean-data``), whose tickets are those of the README.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
PASSWORD = "demo-portal-2026"  # noqa: S105 - the demo prints it for everybody
SIZE = (1280, 880)
COLOURS = 128
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def customer(page: Page) -> None:
    """A ticket that awaits its customer, with the day on which it would close."""
    page.goto("/sign-in?next=/tickets/TP-000002")
    _sign_in(page, "email", "anna@example.com")


def engineer(page: Page) -> None:
    """The same ticket on the engineer's desk."""
    page.goto("/staff/sign-in/?next=/staff/tickets/TP-000002")
    _sign_in(page, "username", "engineer")


def manager(page: Page) -> None:
    """The list of all tickets, with its filters and exports."""
    page.goto("/staff/sign-in/?next=/staff/tickets/?scope=all")
    _sign_in(page, "username", "manager")


FACES: tuple[Callable[[Page], None], ...] = (customer, engineer, manager)


def main() -> int:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="http://localhost:8000")
    base_url: str = parser.parse_args().base_url
    binary = next(filter(None, map(shutil.which, NAMES)), None)
    if binary is None:
        print("There is no Chromium: looked for " + ", ".join(NAMES), file=sys.stderr)
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"])
        for face in FACES:
            file = PICTURES / f"{face.__name__}.png"
            file.write_bytes(_take(browser, base_url, face))
            print(f"{file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file}: {_kilobytes(file)} KB")
        browser.close()
    return 0


def _take(browser: Browser, base_url: str, face: Callable[[Page], None]) -> bytes:
    """The picture of one face as a PNG of few colours, which is a small one."""
    viewport = {"width": SIZE[0], "height": SIZE[1]}
    context = browser.new_context(base_url=base_url, locale="ru-RU", color_scheme="light", viewport=viewport)  # type: ignore[arg-type]
    page = context.new_page()
    face(page)
    page.wait_for_load_state("networkidle")
    taken = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    target = io.BytesIO()
    taken.convert("RGB").quantize(COLOURS).save(target, "PNG", optimize=True)
    return target.getvalue()


def _sign_in(page: Page, field: str, name: str) -> None:
    page.locator(f"input[name={field}]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button:not([name])").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def _kilobytes(file: Path) -> int:
    return file.stat().st_size // 1000


if __name__ == "__main__":
    sys.exit(main())
