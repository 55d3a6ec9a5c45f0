"""``flask kb import``: all or nothing, again is nothing new, and every problem has its place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from supportapp.certificates.models import Product
from supportapp.extensions import db
from supportapp.files.models import StoredFile
from supportapp.kb.exchange import importing
from supportapp.kb.models import Article, ArticleAct, ArticleState, ArticleVersion, Topic
from supportapp.kb.operations import publish, save_article
from tests.factories import make_product, make_staff
from tests.kb.exchanges import article, contents, png, run, write
from tests.kb.samples import AT


@pytest.fixture
def app(own_app: Flask) -> Iterator[Flask]:
    with own_app.app_context():
        yield own_app
        db.session.rollback()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "folder"
    target.mkdir()
    return target


def number_of(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def stored_files(app: Flask) -> set[str]:
    """The keys of all that lies in the storage."""
    root = Path(app.extensions["settings"].files_url.removeprefix("file://"))
    return set(contents(root))


def acts(found: Article) -> list[ArticleAct]:
    return [version.act for version in found.versions]


def test_an_article_comes_in_with_all_that_its_file_says(app: Flask, folder: Path) -> None:
    make_product(name="Клиент VPN")
    staff = make_staff()
    db.session.commit()
    (folder / "topics.yaml").write_text("- key: net\n  ru: Сеть\n  topics:\n  - key: vpn\n    ru: ВПН\n    en: VPN\n")
    front = """
        title: VPN не подключается
        state: published
        topic: net/vpn
        products: [Клиент VPN]
        phrases: [впн, '0x80090016']
        review-on: 2027-03-01
        source: https://example.org/vpn
        licence: MIT
        attribution: Авторы
        published-at: 2026-01-02 03:04:05+00:00
        updated-at: 2026-01-03 03:04:05+00:00
    """
    write(folder, "any/where/vpn.md", "\n".join(line.strip() for line in front.splitlines()), "Проверьте порты.")
    result = run(app, "import", folder, "--by", staff.username)
    assert (result.exit_code, "1 new, 0 changed, 0 unchanged; 2 topics." in result.output) == (0, True), result.output
    found = article("vpn")
    assert (found.title, found.body, found.text) == ("VPN не подключается", "Проверьте порты.", "Проверьте порты.")
    assert (found.state, found.phrases, str(found.review_on)) == (
        ArticleState.PUBLISHED,
        "впн\n0x80090016",
        "2027-03-01",
    )
    assert found.topic
    assert found.topic.parent
    assert (found.topic.name_en, found.topic.parent.name_ru) == ("VPN", "Сеть")
    assert [product.name for product in found.products] == ["Клиент VPN"]
    assert (found.source, found.licence, found.attribution) == ("https://example.org/vpn", "MIT", "Авторы")
    assert (str(found.published_at), str(found.updated_at)) == (
        "2026-01-02 03:04:05+00:00",
        "2026-01-03 03:04:05+00:00",
    )
    assert acts(found) == [ArticleAct.PUBLISHED, ArticleAct.IMPORTED]
    assert found.versions[-1].saved_by_id == staff.id


def test_the_same_folder_again_changes_nothing(app: Flask, folder: Path) -> None:
    write(folder, "a.md", "state: published\nphrases: [раз, два]")
    write(folder, "b.md", "state: staff_only\ntranslation-of: a\nlanguage: en")
    (folder / "topics.yaml").write_text("- key: x\n  ru: Икс\n  en: X\n")
    assert "2 new, 0 changed, 0 unchanged; 1 topics." in run(app, "import", folder).output
    before = number_of(ArticleVersion), article("a").revision
    assert "0 new, 0 changed, 2 unchanged; 0 topics." in run(app, "import", folder).output
    assert (number_of(ArticleVersion), article("a").revision) == before


def test_only_the_changed_article_gets_a_version(app: Flask, folder: Path) -> None:
    write(folder, "a.md", "state: published")
    write(folder, "b.md", "state: published")
    run(app, "import", folder)
    write(folder, "b.md", "state: published\nphrases: новая фраза", "Другой текст.")
    assert "0 new, 1 changed, 1 unchanged" in run(app, "import", folder).output
    assert acts(article("a")) == [ArticleAct.PUBLISHED, ArticleAct.IMPORTED]
    assert acts(article("b")) == [ArticleAct.IMPORTED, ArticleAct.PUBLISHED, ArticleAct.IMPORTED]
    assert (article("b").body, article("b").phrases) == ("Другой текст.", "новая фраза")


@pytest.mark.parametrize(
    "field", ["topic: x", "review-on: 2027-01-01", "licence: MIT", "products: Продукт", "state: draft"]
)
def test_a_change_of_any_field_is_a_change(field: str, app: Flask, folder: Path) -> None:
    (folder / "topics.yaml").write_text("- key: x\n  ru: Икс\n")
    write(folder, "a.md", "state: published")
    run(app, "import", folder)
    write(folder, "a.md", field if field.startswith("state") else f"state: published\n{field}")
    assert "0 new, 1 changed" in run(app, "import", folder, "--create-products").output
    assert "0 new, 0 changed, 1 unchanged" in run(app, "import", folder).output


def test_a_dry_run_writes_nothing(app: Flask, folder: Path) -> None:
    write(folder, "a.md")
    result = run(app, "import", folder, "--dry-run")
    assert "would be 1 new" in result.output
    assert number_of(Article) == 0


def test_as_drafts_hides_what_is_new_and_leaves_the_state_of_the_rest(app: Flask, folder: Path) -> None:
    write(folder, "a.md", "state: published")
    run(app, "import", folder)
    write(folder, "b.md", "state: published")
    write(folder, "a.md", "state: draft")
    assert "1 new, 0 changed, 1 unchanged" in run(app, "import", folder, "--as-drafts").output
    assert article("a").state is ArticleState.PUBLISHED
    assert article("b").state is ArticleState.DRAFT


def test_only_new_leaves_what_the_staff_have_changed(app: Flask, folder: Path) -> None:
    write(folder, "a.md", "state: published")
    (folder / "topics.yaml").write_text("- key: x\n  ru: Икс\n  en: X\n")
    run(app, "import", folder)
    found = article("a")
    save_article(found, title="Своё", body="Свой текст", by=None, at=AT)
    db.session.scalars(select(Topic)).one().name_en = "Own"
    db.session.commit()
    write(folder, "b.md")
    assert "1 new, 0 changed, 1 unchanged; 0 topics." in run(app, "import", folder, "--only-new").output
    assert (article("a").title, db.session.scalars(select(Topic)).one().name_en) == ("Своё", "Own")


def test_a_translation_comes_after_its_original_whatever_the_names(app: Flask, folder: Path) -> None:
    write(folder, "a.md", "language: en\ntranslation-of: z")
    write(folder, "z.md")
    assert run(app, "import", folder).exit_code == 0
    assert article("a").translation_of is article("z")


def test_links_between_files_become_links_of_the_portal(app: Flask, folder: Path) -> None:
    write(folder, "ru/a.md", body="[Дальше](../en/b.md#s-one), [мимо](nowhere.md), [наружу](../../etc/passwd)")
    write(folder, "en/b.md", "slug: other\nlanguage: en")
    result = run(app, "import", folder)
    assert article("a").body == "[Дальше](/kb/other#s-one), [мимо](nowhere.md), [наружу](../../etc/passwd)"
    assert (
        "Remark: ru/a.md: links to 'nowhere.md', which is not in the folder; the link stays as it is." in result.output
    )
    assert "Remark: ru/a.md: links to '../../etc/passwd'" in result.output
    assert "0 new, 0 changed, 2 unchanged" in run(app, "import", folder).output


def test_pictures_come_in_once_and_belong_to_their_articles(app: Flask, folder: Path) -> None:
    (folder / "images").mkdir()
    (folder / "images" / "вид.png").write_bytes(png())
    (folder / "images" / "copy.png").write_bytes(png())
    write(folder, "a.md", body="![Вид](images/вид.png) и ещё раз ![Вид](images/copy.png)")
    write(folder, "b.md", body="![Вид](images/вид.png)")
    run(app, "import", folder)
    stored = db.session.scalars(select(StoredFile)).one()
    assert stored.attached_at
    assert article("b").body == f"![Вид](/kb/images/{stored.public_id})"
    assert article("a").images == article("b").images == [stored]
    assert "0 new, 0 changed, 2 unchanged" in run(app, "import", folder).output
    assert number_of(StoredFile) == 1


@pytest.mark.parametrize("content", [b"", b"GIF89a but no picture", b"<svg onload='alert(1)'/>"])
def test_what_is_no_picture_stops_the_import(content: bytes, app: Flask, folder: Path) -> None:
    (folder / "a.png").write_bytes(content)
    write(folder, "a.md", body="![Вид](a.png)")
    result = run(app, "import", folder)
    assert result.exit_code == 1
    assert "a.png: " in result.output
    assert number_of(Article) == number_of(StoredFile) == 0


def test_every_problem_of_every_file_is_said_and_nothing_is_imported(app: Flask, folder: Path) -> None:
    write(folder, "good.md")
    write(folder, "product.md", "products: [Неведомый]")
    write(folder, "topic.md", "topic: nowhere")
    write(folder, "language.md", "language: de")
    write(folder, "twin.md", "slug: good")
    write(folder, "translation.md", "language: en\ntranslation-of: missing")
    (folder / "title.md").write_text("---\nslug: title\n---\nТекст")
    (folder / "yaml.md").write_text("---\ntitle: [\n---\nТекст")
    (folder / "latin.md").write_bytes("---\ntitle: Ключ\n---\n".encode("cp1251"))
    (folder / "Имя.md").write_text("---\ntitle: Имя\n---\nТекст")
    (folder / "имя.md").write_text("---\ntitle: Имя\n---\nТекст")
    result = run(app, "import", folder)
    assert result.exit_code == 1
    for said in (
        "product.md (products): names the product 'Неведомый', which is not here; enter it first",
        "topic.md (topic): names the topic 'nowhere', which is neither in topics.yaml nor here.",
        "language.md (line 3): language is 'de'",
        "twin.md (slug): has the slug 'good' of good.md.",
        "translation.md (translation-of): is a translation of 'missing', which is neither in the folder nor here.",
        "title.md: title is missing.",
        "yaml.md (line 3): is not YAML",
        "latin.md (line 2): is not UTF-8",
        "имя.md: slug is 'имя'",
        "9 problems; nothing was imported.",
    ):
        assert said in result.output, said
    assert number_of(Article) == 0


@pytest.mark.parametrize(
    ("language", "original", "said"),
    [
        ("ru", "first", "which is in the same language"),
        ("en", "second", "which is a translation itself"),
        ("en", "first", "translates 'first' into the same language as second.md"),
    ],
)
def test_translations_that_make_no_sense_are_refused(
    language: str, original: str, said: str, app: Flask, folder: Path
) -> None:
    write(folder, "first.md")
    write(folder, "second.md", "language: en\ntranslation-of: first")
    write(folder, "third.md", f"language: {language}\ntranslation-of: {original}")
    assert said in run(app, "import", folder).output


def test_symbolic_links_pipes_and_huge_files_are_refused_unread(app: Flask, folder: Path, tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.md")
    (folder / "link.md").symlink_to(tmp_path / "outside" / "secret.md")
    (folder / "linked").symlink_to(tmp_path / "outside")
    os.mkfifo(folder / "pipe.md")
    with (folder / "huge.md").open("wb") as huge:
        huge.truncate(100 * 1024 * 1024)
    result = run(app, "import", folder)
    for said in (
        "link.md: is a symbolic link",
        "linked: is a symbolic link",
        "pipe.md: is not a regular file.",
        "huge.md: is larger than 1 MB.",
        "4 problems",
    ):
        assert said in result.output, result.output
    assert "secret" not in result.output


@pytest.mark.parametrize("link", ["x" * 300, "x/" * 3000, "a%00b.md"])
def test_a_link_that_no_file_can_have_is_remarked_on(link: str, app: Flask, folder: Path) -> None:
    write(folder, "a.md", body=f"[Дальше]({link})")
    result = run(app, "import", folder)
    assert (result.exit_code, "which is not in the folder; the link stays as it is." in result.output) == (0, True)
    assert link in article("a").body


def test_hidden_files_and_a_readme_are_no_articles(app: Flask, folder: Path) -> None:
    write(folder, "a.md")
    (folder / "README.md").write_text("# Так устроена эта папка")
    (folder / ".git").mkdir()
    (folder / ".git" / "description.md").write_text("x")
    (folder / ".draft.md").write_text("x")
    assert "1 new" in run(app, "import", folder).output


def test_an_empty_folder_and_an_unknown_person_are_problems(app: Flask, folder: Path) -> None:
    assert run(app, "import", folder).exit_code == 1
    write(folder, "a.md")
    result = run(app, "import", folder, "--by", "nobody")
    assert (result.exit_code, "there is no staff user 'nobody'" in result.output) == (1, True)


def test_missing_products_are_made_when_asked(app: Flask, folder: Path) -> None:
    write(folder, "a.md", "products: [Новый]")
    write(folder, "b.md", "products: [Новый]")
    assert run(app, "import", folder, "--create-products").exit_code == 0
    assert db.session.scalars(select(Product.name)).all() == ["Новый"]


def test_a_refusal_in_the_middle_undoes_everything(app: Flask, folder: Path) -> None:
    save_article(None, title="Перевод", body="x", slug="held", by=None, at=AT)
    original = save_article(None, title="Original", body="x", slug="original", language="en", by=None, at=AT)
    save_article(article("held"), title="Перевод", body="x", translation_of=original, by=None, at=AT)
    db.session.commit()
    write(folder, "a.md")
    write(folder, "z.md", "translation-of: original")
    result = run(app, "import", folder)
    assert result.exit_code == 1
    assert "z.md: translation_of: There is a translation already: Перевод. Nothing was imported." in result.output
    assert number_of(Article) == 2


def test_a_file_that_changes_during_the_import_stops_it(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder, "a.md")
    before = importing.Import.store_pictures

    def change_the_file(work: importing.Import) -> None:
        path.write_text(path.read_text() + "и ещё")
        before(work)

    monkeypatch.setattr(importing.Import, "store_pictures", change_the_file)
    result = run(app, "import", folder)
    assert "a.md: was changed while it was being imported" in result.output
    assert number_of(Article) == 0


def test_a_long_import_lets_others_write_in_between_and_goes_on_where_it_stopped(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ALL_AT_ONCE", 2)
    monkeypatch.setattr(importing, "BATCH", 2)
    save_article(None, title="Занято", body="x", slug="original", language="ru", by=None, at=AT)
    held = save_article(None, title="Held", body="x", slug="held", language="en", by=None, at=AT)
    save_article(held, title="Held", body="x", language="en", translation_of=article("original"), by=None, at=AT)
    db.session.commit()
    for name in "abc":
        write(folder, f"{name}.md")
    bad = write(folder, "d.md", "language: en\ntranslation-of: original")
    result = run(app, "import", folder)
    assert (result.exit_code, "2 articles before it were imported; run it again." in result.output) == (1, True)
    bad.unlink()
    assert "1 new, 0 changed, 2 unchanged" in run(app, "import", folder).output


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OperationalError("INSERT", {}, Exception("is locked"))])
def test_an_import_that_is_interrupted_says_how_far_it_came_and_leaves_no_pictures(
    failure: BaseException, app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "ALL_AT_ONCE", 1)
    monkeypatch.setattr(importing, "BATCH", 1)
    for name, colour in (("a", "red"), ("b", "blue"), ("c", "green")):
        (folder / f"{name}.png").write_bytes(png(colour))
        write(folder, f"{name}.md", body=f"![Вид]({name}.png)")
    finish = importing.Import._let_search_follow

    def fail(work: importing.Import) -> None:
        if work._done == 2:
            raise failure
        finish(work)

    before = stored_files(app)
    with monkeypatch.context() as patch:
        patch.setattr(importing.Import, "_let_search_follow", fail)
        result = run(app, "import", folder)
    assert result.exit_code == 1
    assert "The import was interrupted. 1 articles before it were imported; run it again." in result.output
    kept = article("a").images[0]
    assert stored_files(app) - before == {key for key in (kept.storage_key, kept.thumbnail_key) if key}
    assert "2 new, 0 changed, 1 unchanged" in run(app, "import", folder).output
    assert number_of(StoredFile) == 3


def test_what_went_wrong_is_said_even_when_nothing_can_be_taken_back(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder, "a.md")
    monkeypatch.setattr(importing.Import, "store_pictures", lambda _: path.write_text("другое"))
    monkeypatch.setattr(importing.Import, "give_up", lambda _: path.with_name("nowhere").read_text())
    result = run(app, "import", folder)
    assert "a.md: was changed while it was being imported; run the import again. Nothing was imported." in result.output


def test_a_refusal_takes_the_pictures_of_articles_before_it_away(app: Flask, folder: Path) -> None:
    save_article(None, title="Перевод", body="x", slug="held", by=None, at=AT)
    original = save_article(None, title="Original", body="x", slug="original", language="en", by=None, at=AT)
    save_article(article("held"), title="Перевод", body="x", translation_of=original, by=None, at=AT)
    db.session.commit()
    (folder / "a.png").write_bytes(png())
    write(folder, "a.md", body="![Вид](a.png)")
    write(folder, "z.md", "translation-of: original")
    before = stored_files(app)
    assert "Nothing was imported." in run(app, "import", folder).output
    assert stored_files(app) == before


def test_a_long_import_rings_once_for_the_search(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr("supportapp.jobs.queue.ring", lambda bells: rung.extend(bell.function for bell in bells))
    for number in range(importing.FEW + 1):
        write(folder, f"a-{number}.md", "state: published")
    run(app, "import", folder)
    assert rung == ["supportapp.kb.jobs.refresh_index"]
    write(folder, "a-0.md", "state: published", "Другой текст.")
    run(app, "import", folder)
    assert rung[1:] == ["supportapp.kb.jobs.index_article"]


def test_progress_is_lines_where_there_is_no_terminal(app: Flask, folder: Path) -> None:
    write(folder, "a.md")
    assert "Checking: 1 of 1\nImporting: 1 of 1\n1 new" in run(app, "import", folder).output


def test_an_article_that_is_here_keeps_its_own_moments(app: Flask, folder: Path) -> None:
    found = save_article(None, title="Статья a", body="x", slug="a", by=None, at=AT)
    publish(found, by=None, at=AT)
    db.session.commit()
    write(folder, "a.md", "state: published\npublished-at: 2020-01-01 00:00:00+00:00")
    run(app, "import", folder)
    assert article("a").published_at == AT
