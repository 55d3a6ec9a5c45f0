"""The demo's articles: complete, and found by what customers write."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from supportapp.extensions import db
from supportapp.kb import demo, queries
from supportapp.kb.search import suggest
from tests.factories import make_product
from tests.kb.samples import index_all

pytestmark = pytest.mark.usefixtures("session")
PRODUCTS = {"Криптопровайдер", "Сервер подписи", "Плагин для браузера", "Клиент VPN", "Удостоверяющий центр"}


def test_every_file_names_a_known_topic_and_known_products() -> None:
    for source in demo.sources():
        assert source.topic in demo.TOPICS
        assert set(source.products) <= PRODUCTS
        assert source.language in ("ru", "en")
        assert bool(re.search("[а-я]", source.title)) == (source.language == "ru")
        assert len(source.body) > 500
        assert source.phrases


def test_the_articles_are_published_once(at: datetime) -> None:
    vpn = make_product(name="Клиент VPN")
    added = demo.load(at=at, by=None)
    assert added == len(demo.sources()) == queries.count_published()
    assert queries.count_published(language="en") == 6
    assert queries.published_articles(product=vpn)
    assert len(queries.topics()) == len(demo.TOPICS)
    db.session.commit()
    assert demo.load(at=at, by=None) == 0


@pytest.mark.parametrize(
    ("text", "slug_part", "language"),
    [
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
    ],
)
def test_what_a_customer_writes_brings_the_right_article_first(
    text: str, slug_part: str, language: str, at: datetime
) -> None:
    demo.load(at=at, by=None)
    index_all()
    assert slug_part in suggest(text, "", product_id=None, language=language)[0].slug
