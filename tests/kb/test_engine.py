"""The engine alone: what is written is read back as arrays, in one unchanging view, or not at all."""

from __future__ import annotations

import errno
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from whoosh.filedb.structfile import StructFile

from supportapp.kb.search import folder as folder_module
from supportapp.kb.search.engine import FIELDS, BrokenIndexError, Document, Reader, unread, writing
from supportapp.kb.search.postings import Kept, frozen


def document(number: int, title: str = "токен", body: str = "", *, stamp: str = "1") -> Document:
    words = {"title": title.split(), "phrases": (), "body": body.split(), "grams": ("_ток", "токе")}
    return Document(number, f"{number}:{stamp}", "ru", (7,), **words)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index of three documents."""
    path = tmp_path / "index"
    with writing(path, new=True) as writer:
        writer.put(document(1, "токен рутокен", "пин пин код"))
        writer.put(document(2, "подпись", "токен"))
        writer.put(document(3, "часы", "пин"))
    return path


def counted(reader: Reader, field: str, key: str) -> dict[int, float]:
    """How often the key stands, by the document's id."""
    postings = reader.postings(field, key)
    if postings is None:
        return {}
    assert postings.docs.dtype == np.int32
    assert postings.counts.dtype == np.float32
    assert (np.diff(postings.docs) > 0).all()
    return {reader.facts(doc).id: count for doc, count in zip(postings.docs, postings.counts.tolist(), strict=True)}


def test_a_posting_list_says_in_which_documents_a_key_stands_and_how_often(folder: Path) -> None:
    reader = Reader(folder)
    assert counted(reader, "body", "пин") == {1: 2.0, 3: 1.0}
    assert counted(reader, "title", "токен") == {1: 1.0}
    assert counted(reader, "grams", "_ток") == {1: 1.0, 2: 1.0, 3: 1.0}
    assert reader.postings("title", "пин") is None
    assert reader.postings("phrases", "токен") is None


def test_lengths_facts_and_sizes_are_known_by_document_number(folder: Path) -> None:
    reader = Reader(folder)
    assert (reader.size, reader.doc_limit) == (3, 3)
    assert reader.lengths("body").tolist() == [3, 1, 1]
    facts = reader.facts(1)
    assert (facts.id, facts.stamp, facts.language, facts.products) == (2, "2:1", "ru", (7,))


def test_the_vocabulary_has_every_word_and_no_pieces_of_words(folder: Path) -> None:
    reader = Reader(folder)
    assert reader.vocabulary() == {"токен": 1, "рутокен": 1, "подпись": 1, "часы": 1, "пин": 2, "код": 1}
    assert reader.frequency("пин") == 2
    assert reader.frequency("токе") == 0


def test_nobody_can_write_the_shared_arrays(folder: Path) -> None:
    reader = Reader(folder)
    postings = reader.postings("body", "пин")
    assert postings is not None
    for array in (postings.docs, postings.counts, reader.lengths("body")):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_document_put_again_replaces_itself_and_a_removed_one_is_gone(folder: Path) -> None:
    with writing(folder) as writer:
        writer.put(document(1, "сертификат", stamp="2"))
        writer.remove(3)
        writer.remove(99)
    reader = Reader(folder)
    assert reader.size == 2
    assert reader.stamps() == {1: "1:2", 2: "2:1"}
    assert counted(reader, "body", "пин") == {}
    assert counted(reader, "title", "сертификат") == {1: 1.0}
    assert counted(reader, "grams", "токе") == {1: 1.0, 2: 1.0}
    assert reader.lengths("title").sum() == 2


def test_an_index_without_documents_can_be_asked(tmp_path: Path) -> None:
    with writing(tmp_path / "index", new=True):
        pass
    reader = Reader(tmp_path / "index")
    assert (reader.size, reader.doc_limit) == (0, 0)
    assert reader.postings("body", "пин") is None
    assert reader.vocabulary() == {}
    assert reader.lengths("body").tolist() == []


def test_whatever_is_written_in_whatever_steps_is_what_is_read(tmp_path: Path) -> None:
    chance, wanted = random.Random(3), dict[int, Document]()
    words = [f"слово{number}" for number in range(40)]
    path, reader = tmp_path / "index", None
    for step in range(60):
        with writing(path, new=step == 0) as writer:
            for number in chance.sample(range(1, 50), chance.randint(1, 4) if step else 30):
                if step and chance.random() < 0.3:
                    writer.remove(number)
                    wanted.pop(number, None)
                else:
                    body = " ".join(chance.choices(words, k=chance.randint(0, 30)))
                    wanted[number] = document(number, chance.choice(words), body, stamp=str(step))
                    writer.put(wanted[number])
        reader = Reader(path, reader)
        _same(reader, wanted, chance.sample(words, 5))
    assert reader is not None
    assert len(reader.segments) < 15
    _same(Reader(path), wanted, words)


def _same(reader: Reader, wanted: Mapping[int, Document], words: list[str]) -> None:
    assert reader.stamps() == {number: each.stamp for number, each in wanted.items()}
    for field in FIELDS:
        for word in words:
            expected = {number: Counter(getattr(each, field))[word] for number, each in wanted.items()}
            assert counted(reader, field, word) == {number: times for number, times in expected.items() if times}
        lengths = sum(len(getattr(each, field)) for each in wanted.values())
        assert reader.lengths(field).sum() == lengths


def test_a_reader_does_not_change_when_the_index_does_and_knows_that_it_is_old(folder: Path) -> None:
    reader = Reader(folder)
    assert reader.is_current()
    with writing(folder) as writer:
        writer.remove(1)
    assert not reader.is_current()
    assert counted(reader, "body", "пин") == {1: 2.0, 3: 1.0}


def test_a_renewed_reader_reads_only_what_is_new(folder: Path) -> None:
    reader = Reader(folder)
    with writing(folder) as writer:
        writer.put(document(4))
    assert unread(folder, reader) == 1
    renewed = Reader(folder, reader)
    assert renewed.segments[0] is reader.segments[0]
    assert renewed.size == 4


def test_threads_share_a_reader(folder: Path) -> None:
    with writing(folder) as writer:
        for number in range(10, 300):
            writer.put(document(number, f"слово{number}", f"общее слово{number} слово{number}"))
    reader = Reader(folder)

    def look(number: int) -> bool:
        own = counted(reader, "body", f"слово{number}") == {number: 2.0}
        return own and len(counted(reader, "body", "общее")) == 290

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(look, [*range(10, 300)] * 3))


def test_an_old_index_becomes_worn(tmp_path: Path) -> None:
    path = tmp_path / "index"
    with writing(path, new=True) as writer:
        for number in range(300):
            writer.put(document(number))
    assert not Reader(path).is_worn
    with writing(path) as writer:
        for number in range(180):
            writer.remove(number)
    assert Reader(path).is_worn


def test_lists_kept_in_memory_fit_the_limit_and_the_last_ones_stay() -> None:
    kept = Kept(10_000)
    for number in range(100):
        kept.keep(("body", str(number)), frozen(np.arange(100), np.ones(100)))
    assert kept.find(("body", "0")) == (False, None)
    assert kept.find(("body", "99"))[0]
    assert sum(kept.find(("body", str(number)))[0] for number in range(100)) == 10


def test_an_index_of_another_format_counts_as_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "NAME", "articles0x")
    with pytest.raises(BrokenIndexError):
        Reader(folder)


def test_every_file_cut_anywhere_or_changed_in_one_byte_is_noticed(folder: Path) -> None:
    with writing(folder) as writer:
        writer.put(document(4))
    chance = random.Random(5)
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        cuts = {0, 1, len(whole) // 2, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(40))}
        damaged = [whole[:cut] for cut in cuts]
        if path.suffix == ".seg":
            places = [chance.randrange(len(whole)) for _ in range(40)]
            damaged += [whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :] for at in places]
        for content in damaged:
            path.write_bytes(content)
            with pytest.raises(BrokenIndexError):
                Reader(folder)
        path.unlink()
        with pytest.raises(BrokenIndexError):
            Reader(folder)
        path.write_bytes(whole)
    assert Reader(folder).size == 4


def test_an_open_reader_answers_whatever_becomes_of_its_files(folder: Path) -> None:
    reader = Reader(folder)
    for path in folder.iterdir():
        with path.open("r+b") as file:
            file.truncate(10)
    assert not reader.is_current()
    assert counted(reader, "body", "пин") == {1: 2.0, 3: 1.0}
    assert reader.vocabulary()["пин"] == 2
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert not reader.is_current()
    assert counted(reader, "title", "часы") == {3: 1.0}


class FullDisk:
    """Lets so many bytes be written, and then no more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room, self._write = room, StructFile.write
        monkeypatch.setattr(StructFile, "write", lambda file, data: self.write(file, data))

    def write(self, file: StructFile, data: bytes) -> Any:
        self.room -= len(data)
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._write(file, data)


def _put_many(folder: Path) -> None:
    with writing(folder) as writer:
        for number in range(10, 40):
            writer.put(document(number, f"слово{number}", " ".join(f"слово{each}" for each in range(number))))


@pytest.mark.parametrize("room", [0, 10, 300, 1_000, 3_000, 8_000])
def test_a_disk_that_fills_up_in_a_commit_leaves_the_index_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with monkeypatch.context() as patch:
        FullDisk(patch, room)
        with pytest.raises((OSError, BrokenIndexError)):
            _put_many(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    with writing(folder) as writer:
        writer.put(document(4))
    assert Reader(folder).size == 4


def _keep_writing(folder: Path, ready: multiprocessing.synchronize.Event) -> None:
    ready.set()
    for step in range(100_000):
        with writing(folder) as writer:
            for number in (step % 7 + 1, step % 5 + 10):
                words = " ".join(f"слово{each}" for each in range(number * 20))
                writer.put(document(number, "токен", words, stamp="killed"))


def test_a_writer_killed_at_any_moment_leaves_an_index_that_can_be_read_and_written(folder: Path) -> None:
    chance, fork = random.Random(11), multiprocessing.get_context("fork")
    for _ in range(20):
        ready = fork.Event()
        process = fork.Process(target=_keep_writing, args=(folder, ready), daemon=True)
        process.start()
        assert ready.wait(20)
        time.sleep(chance.uniform(0.01, 0.15))
        process.kill()
        process.join(20)
        reader = Reader(folder)
        for word in ("слово1", "слово50"):
            ids = {number for number, stamp in reader.stamps().items() if stamp.endswith("killed")}
            assert set(counted(reader, "body", word)) == {number for number in ids if number * 20 > int(word[5:])}
        with writing(folder) as writer:
            writer.put(document(1, "жив"))
        assert counted(Reader(folder), "title", "жив") == {1: 1.0}
        files = {path.name for path in folder.iterdir()}
        assert len(files) == 1 + len(Reader(folder).segments), files
