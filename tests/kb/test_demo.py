"""The demo's articles: complete, licensed, and found by what customers write."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from supportapp.demo.entitlements import PRODUCTS
from supportapp.extensions import db
from supportapp.kb import demo, queries
from supportapp.kb.exchange import article_file, links
from supportapp.kb.exchange.article_file import ArticleFile
from supportapp.kb.exchange.problems import Findings
from supportapp.kb.models import Article, ArticleState
from supportapp.kb.operations import save_article
from supportapp.kb.render import to_html
from supportapp.kb.search import suggest
from tests.factories import make_product
from tests.kb.samples import index_all

pytestmark = pytest.mark.usefixtures("session")
FOREIGN = {"windows-server": "CC BY 4.0", "vk-cloud": "CC BY-SA 4.0", "pycades": "MIT", "nginx-gost": "MIT"}
ASKED = [
    ("-2146893802 при подписании", "0x80090016", "ru"),
    ("забыл пин от токена, теперь заблокирован", "token-zablokirovan", "ru"),
    ("сайт пишет установите плагин, хотя он стоит", "plagin", "ru"),
    ("закончилась лицензия, просит серийный номер", "litsenziya", "ru"),
    ("часы на сервере отстают, подпись в будущем", "vremeni", "ru"),
    ("какие логи прислать вам", "zhurnaly", "ru"),
    ("ERR_SSL_VERSION_OR_CIPHER_MISMATCH", "gost-tls", "ru"),
    ("впн не подключается из дома", "vpn", "ru"),
    ("не ставится на astra linux NO_PUBKEY", "linux", "ru"),
    ("the token is locked, wrong PIN", "token-is-locked", "en"),
    ("0x800B0109", "0x800b0109-the", "en"),
    ("0x800B0109", "0x800b0109-tsepochka", "ru"),
    ("0xC004F074 при активации windows", "0xc004f074", "ru"),
    ("rdp пишет нет доступных лицензий", "net-dostupnykh-litsenzii", "ru"),
    ("pycades docker корневые сертификаты", "pycades", "ru"),
    ("vk cloud код 2fa не подходит", "2fa", "ru"),
]


def files() -> list[tuple[Path, ArticleFile]]:
    findings = Findings()
    found = []
    for path in sorted(demo.FOLDER.rglob("*.md")):
        article = article_file.read(path.read_text().strip(), path.name, path.stem, findings)
        assert article, findings.problems
        found.append((path, article))
    return found


def test_our_own_articles_are_whole() -> None:
    own = [article for path, article in files() if path.parent.name in ("ru", "en")]
    assert Counter(article.language for article in own) == {"ru": 25, "en": 6}
    for article in own:
        assert set(article.products) <= set(PRODUCTS)
        assert bool(re.search("[а-я]", article.title)) == (article.language == "ru")
        assert len(article.body) > 500
        assert article.phrases
        assert not article.source
        assert bool(article.translation_of) == (article.language == "en")


def test_articles_of_others_say_whose_they_are_and_by_which_licence() -> None:
    foreign = [(path.parent.name, article) for path, article in files() if path.parent.name not in ("ru", "en")]
    assert 120 <= len(foreign) <= 160
    for folder, article in foreign:
        assert article.licence == FOREIGN[folder]
        assert article.source.startswith("https://github.com/")
        assert article.licence in article.attribution
        assert "изменения:" in article.attribution
        assert set(article.products) <= set(PRODUCTS)
    listed = (demo.FOLDER.parent / "LICENCES.md").read_text()
    assert all(f"articles/{folder}/" in listed for folder in FOREIGN)


def test_no_article_has_remains_of_another_site() -> None:
    for path, article in files():
        page = str(to_html(article.body))
        assert "<img" not in page, path
        assert not links.destinations(article.body), path
        assert not re.search(r"\{\{|:::|\[!|<!--|&lt;(?:br|div|span|a|img)\b", article.body + page), path


def test_the_articles_are_published_once(at: datetime) -> None:
    vpn = make_product(name="Клиент VPN")
    assert demo.load(at=at, by=None) == len(files()) == queries.count_published()
    assert queries.count_published(language="en") == 6
    assert queries.count_published(product=vpn)
    db.session.commit()
    assert demo.load(at=at, by=None) == 0


def test_what_the_staff_of_a_demo_changed_stays(at: datetime) -> None:
    demo.load(at=at, by=None)
    article = db.session.scalars(select(Article).where(Article.language == "en")).first()
    assert article
    save_article(article, title="Changed", body="Changed", language="en", by=None, at=at)
    article.state = ArticleState.DRAFT
    demo.load(at=at, by=None)
    assert (article.title, article.state) == ("Changed", ArticleState.DRAFT)


def test_what_a_customer_writes_brings_the_right_article_first(at: datetime) -> None:
    demo.load(at=at, by=None)
    index_all()
    first = [suggest(text, "", product_id=None, language=language)[0].slug for text, _, language in ASKED]
    wrong = [(text, slug) for (text, part, _), slug in zip(ASKED, first, strict=True) if part not in slug]
    assert wrong == []
