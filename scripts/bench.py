"""Measure the pages of a running demo: how long one visitor waits, and what several at once get.

``make bench`` while ``make run`` runs; ``make bench ARGS="--clients 16 --requests 400"``.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

VISITOR = ("/healthz", "/", "/kb/", "/regulation", "/sign-in", "/sign-up")
CUSTOMER = ("/tickets", "/tickets/new", "/certificates", "/profile")
ACCOUNT = {"email": "anna@example.com", "password": "demo-portal-2026"}


class Visitor:
    """A browser without a screen: it keeps cookies and goes by no proxy."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def get(self, path: str) -> str:
        """Open one page and return it; raises HTTPError for anything but success."""
        with self._opener.open(self._base_url + path, timeout=30) as answer:
            return str(answer.read().decode())

    def sign_in(self) -> None:
        """Sign in as the demo's customer."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get("/sign-in"))
        form = ACCOUNT | ({"csrf_token": token.group(1)} if token else {})
        with self._opener.open(self._base_url + "/sign-in", urllib.parse.urlencode(form).encode(), timeout=30):
            pass
        if "/sign-in" in self.get("/tickets"):
            raise SystemExit("The demo's customer could not sign in.")

    def timed(self, path: str) -> float:
        """Open one page and return the milliseconds it took."""
        started = time.perf_counter()
        self.get(path)
        return (time.perf_counter() - started) * 1000


def measure(path: str, visitors: list[Visitor], requests: int) -> str:
    """One line of the table: a visitor alone, then all of them at once."""
    visitors[0].timed(path)
    alone = [visitors[0].timed(path) for _ in range(max(requests // 10, 10))]
    started = time.perf_counter()
    with ThreadPoolExecutor(len(visitors)) as pool:
        together = list(pool.map(lambda n: visitors[n % len(visitors)].timed(path), range(requests)))
    rate = requests / (time.perf_counter() - started)
    p95 = statistics.quantiles(together, n=20)[-1]
    return f"{path:<16}{statistics.median(alone):>10.1f}{statistics.median(together):>14.1f}{p95:>10.1f}{rate:>12.0f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="http://localhost:8000")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=200, help="for each page")
    options = parser.parse_args()
    strangers = [Visitor(options.base_url) for _ in range(options.clients)]
    customer = Visitor(options.base_url)
    customer.sign_in()
    print(f"{'page':<16}{'alone, ms':>10}{'together, ms':>14}{'p95':>10}{'pages/s':>12}")
    for path in VISITOR:
        print(measure(path, strangers, options.requests))
    for path in CUSTOMER:
        print(measure(path, [customer] * options.clients, options.requests))


if __name__ == "__main__":
    main()
