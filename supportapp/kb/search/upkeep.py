"""Keeping the index true to the database. Called by jobs on the queue "index" and by commands, never by a page."""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zlib import crc32

import numpy as np
from sqlalchemy import func, select

from supportapp.extensions import db, settings
from supportapp.kb.models import Article, ArticleVersion, article_product
from supportapp.kb.queries import IS_PUBLIC
from supportapp.kb.render import to_text
from supportapp.kb.search import meaning, reading, shelf, titles
from supportapp.kb.search.engine import BrokenIndexError, Document, Reader, writing
from supportapp.kb.search.grams import LEAD, grams
from supportapp.kb.search.meaning import Vectors
from supportapp.kb.search.words import keys

log = logging.getLogger(__name__)

BATCH = 200
MANY = 500  # so many articles are sooner indexed together with all others
PATIENCE = 60
_ANALYSIS = ("grams.py", "stems.py", "stopwords.py", "words.py")
_EDITION = f"{crc32(b''.join((Path(__file__).parent / name).read_bytes() for name in _ANALYSIS)):08x}"
Progress = Callable[[int, int], None]


class IndexStatus(enum.StrEnum):
    """What staff are told about the search. ``late`` is behind for longer than a repair takes: no job seems to run."""

    OK = "ok"
    MISSING = "missing"
    BEHIND = "behind"
    LATE = "late"


def index_status(*, at: datetime) -> IndexStatus:
    """Whether the index in use can be read and knows what is published now."""
    reader = reading.newest()
    if reader is None:
        return IndexStatus.MISSING
    wrong = _differences(reader.stamps(), _stamps_in_database())
    if not wrong:
        return IndexStatus.OK
    return IndexStatus.LATE if _is_late(wrong, at) else IndexStatus.BEHIND


def put_article(article_id: int) -> None:
    """Let the index follow one article: found when public, gone when not. An unusable index is built anew."""
    with shelf.lock():
        _change_or_build([article_id])


def rebuild(progress: Progress | None = None) -> int:
    """Build the index anew beside the old one and swap them; how many articles it has."""
    with shelf.lock():
        number = _build(progress)
    refresh_titles()
    return number


def repair() -> int:
    """Put right what the index has missed; how many articles were wrong. An unusable index is built anew."""
    with shelf.lock():
        reader, wanted = _checked_reader(), _stamps_in_database()
        if reader is None:
            return _build(None)  # the next refresh sees to the titles
        wrong = _differences(reader.stamps(), wanted)
        if wrong:
            log.warning("the search index had missed %d articles", len(wrong))
        if reader.is_worn or len(wrong) > MANY:
            _build(None)
        elif wrong:
            _change_or_build(wrong)
    refresh_titles()
    return len(wrong)


def refresh_titles() -> int:
    """Let the vectors of titles follow what is published, while meaning plays a part; how many were missing.

    They are an extra: whatever goes wrong, the index is as good as without them, and the next refresh tries again.
    """
    try:
        return _encode_titles() if meaning.is_wanted() else 0
    except Exception:
        log.exception("the titles could not be given vectors")
        return 0


def _encode_titles() -> int:
    known, wanted = titles.read(), _stamps_in_database()
    missing = [number for number, stamp in wanted.items() if stamp not in known.rows]
    kept = [stamp for stamp in wanted.values() if stamp in known.rows]
    if not meaning.load() if missing else len(kept) == len(known.rows):
        return 0
    stamps, vectors = _encoded(missing)
    titles.write(kept + stamps, np.concatenate([known.vectors[[known.rows[stamp] for stamp in kept]], *vectors]))
    return len(missing)


def _encoded(ids: Sequence[int]) -> tuple[list[str], list[Vectors]]:
    stamps, vectors = [], []
    columns = select(Article.id, Article.revision, Article.title).where(IS_PUBLIC)
    for start in range(0, len(ids), BATCH):
        rows = db.session.execute(columns.where(Article.id.in_(ids[start : start + BATCH]))).all()
        stamps += [_stamp(row.id, row.revision) for row in rows]
        vectors.append(meaning.encoded([row.title for row in rows]))
    return stamps, vectors


def _change_or_build(ids: Sequence[int]) -> None:
    folder = shelf.current()
    if folder is None:
        _build(None)
        return
    documents = {document.id: document for document in _documents(ids)}
    try:
        with writing(folder) as writer:
            for number in ids:
                if number in documents:
                    writer.put(documents[number])
                else:
                    writer.remove(number)
    except Exception:  # a damaged index fails in many ways, and there is one cure
        log.warning("the search index cannot be changed and is built anew", exc_info=True)
        _build(None)
    reading.look_again()


def _build(progress: Progress | None) -> int:
    folder = shelf.new_folder()
    ids = sorted(_stamps_in_database())
    try:
        _fill(folder, ids, progress)
    except BaseException:  # a full disk, say: tried again every minute, it must not be filled further
        shelf.discard(folder)
        raise
    shelf.put_in_use(folder)
    reading.look_again()
    return len(ids)


def _fill(folder: Path, ids: Sequence[int], progress: Progress | None) -> None:
    with writing(folder, new=True) as writer:
        for start in range(0, len(ids), BATCH):
            for document in _documents(ids[start : start + BATCH]):
                writer.put(document)
            if progress:
                progress(min(start + BATCH, len(ids)), len(ids))


def _checked_reader() -> Reader | None:
    """The index in use, read from its files anew and whole; None when it is missing or damaged."""
    folder = shelf.current()
    if folder is None:
        return None
    try:
        return Reader(folder)
    except BrokenIndexError:
        log.warning("the search index cannot be read", exc_info=True)
        return None


def _differences(stamps: Mapping[int, str], wanted: Mapping[int, str]) -> list[int]:
    return [number for number in stamps.keys() | wanted.keys() if stamps.get(number) != wanted.get(number)]


def _is_late(wrong: Sequence[int], at: datetime) -> bool:
    """Whether one of the articles waits for longer than the sweep and a rebuild take.

    Its last version tells since when: an import may set the moments of an article itself years back.
    """
    changed = select(func.max(ArticleVersion.saved_at).label("at")).where(ArticleVersion.article_id.in_(wrong[:MANY]))
    last = changed.group_by(ArticleVersion.article_id).subquery()
    since = db.session.scalar(select(func.min(last.c.at)))
    return since is not None and at - since > timedelta(seconds=settings.SWEEP_SECONDS + PATIENCE)


def _stamps_in_database() -> dict[int, str]:
    rows = db.session.execute(select(Article.id, Article.revision).where(IS_PUBLIC))
    return {number: _stamp(number, revision) for number, revision in rows}


def _stamp(article_id: int, revision: int) -> str:
    """Changes with the article, and with the code that makes keys of it."""
    return f"{article_id}:{revision}:{_EDITION}"


def _documents(ids: Sequence[int]) -> Iterator[Document]:
    """Public articles among ``ids``, as columns: a large knowledge base must not fill the session."""
    of_products: dict[int, list[int]] = {}
    links = select(article_product).where(article_product.c.article_id.in_(ids))
    for link in db.session.execute(links):
        of_products.setdefault(link.article_id, []).append(link.product_id)
    columns = select(
        Article.id, Article.revision, Article.language, Article.title, Article.phrases, Article.text, Article.body
    )
    chosen = columns.where(IS_PUBLIC, Article.id.in_(ids)).order_by(Article.id)  # equal hits stand in this order
    for row in db.session.execute(chosen).all():
        text = row.text or to_text(row.body)
        yield Document(
            id=row.id,
            stamp=_stamp(row.id, row.revision),
            language=row.language,
            products=tuple(sorted(of_products.get(row.id, ()))),
            title=keys(row.title),
            phrases=keys(row.phrases),
            body=keys(text),
            grams=grams(f"{row.title}\n{text[:LEAD]}"),
        )
