"""Names and private data stay out of articles; what an article is found by stays in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest

from supportapp.kb.redaction import (
    LONGEST_READ,
    Kind,
    Known,
    machines,
    manners,
    numbers,
    people,
    redact,
    redact_line,
)
from supportapp.kb.redaction.canvas import Canvas

KNOWN = Known(
    names=("Анна Петровна Смирнова", "Павел Инженеров", "Лев Кравец", "John Smith"),
    organisations=("ООО «Ромашка»", "Северный завод"),
    numbers=("CERT-2024-0017", "АБ 12/345"),
    addresses=("anna@romashka.example",),
    ticket_prefix="TP",
)


def taken(text: str) -> str:
    return redact(text, KNOWN).text


@pytest.mark.parametrize(
    "word",
    ["Смирнова", "Смирновой", "Смирнову", "смирновой", "СМИРНОВА", "Анна", "Анны", "Анне", "Анной", "Петровны",
     "Петровне", "Павел", "Павла", "Павлу", "Павлом", "Инженеровым", "Кравца", "Кравцу", "Льва", "Льву", "Кравец",
     "Smirnova", "smirnov", "a.smirnova", "asmirnova", "Inzhenerov", "John", "Smith's", "smith"],
)  # fmt: skip
def test_a_name_is_found_in_every_case_and_in_latin_letters(word: str) -> None:
    assert taken(f"Файл получен от {word} вчера.") == "Файл получен от [имя] вчера."


@pytest.mark.parametrize(
    "words",
    ["Анна Петровна", "Анне Петровне Смирновой", "Смирнова А. П.", "А.П. Смирнова", "Павел  Инженеров",
     "Иванову Сергею Ильичу", "Мария Николаевна", "Сидоров И.И.", "И. И. Сидорову"],
)  # fmt: skip
def test_a_full_name_is_one_mark_even_a_stranger(words: str) -> None:
    result = redact(f"Так ответили {words} в чате.", KNOWN)
    assert result.text == "Так ответили [имя] в чате."
    assert result.removed == {Kind.NAME: 1}


@pytest.mark.parametrize(
    "text",
    ["Левая кнопка мыши", "Нажмите лев", "анализ журнала", "Проверьте павильон", "Версия плагина: верная",
     "Аннотация к сертификату", "Инженер проверит", "Smithsonian", "Льготный период"],
)  # fmt: skip
def test_words_that_only_begin_like_a_name_stay(text: str) -> None:
    assert taken(text) == text


@pytest.mark.parametrize(
    "words",
    ["ООО «Ромашка»", "ООО Ромашка", "«Ромашка»", "Ромашки", "Ромашке", "РОМАШКА", "АО «Другие люди»",
     'ЗАО "Вектор-М"', "Северного завода", "Северный завод"],
)  # fmt: skip
def test_organisations_are_found_with_their_form_and_in_every_case(words: str) -> None:
    assert taken(f"Лицензия для {words} выдана.") == "Лицензия для [организация] выдана."


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("anna@romashka.example", Kind.EMAIL),
        ("ivan.petrov+ca@sub.mail.ru", Kind.EMAIL),
        ("ivanov@corp", Kind.EMAIL),
        ("почта@пример.рф", Kind.EMAIL),
        ("+7 (495) 123-45-67", Kind.PHONE),
        ("8 800 555 35 35", Kind.PHONE),
        ("89161234567", Kind.PHONE),
        ("+79161234567", Kind.PHONE),
        ("8(812)345-67-89 доб. 12", Kind.PHONE),
        ("+375 29 123-45-67", Kind.PHONE),
        ("(495) 123-45-67", Kind.PHONE),
        ("TP-2026-000123", Kind.TICKET),
        ("tp-26-17", Kind.TICKET),
        ("CERT-2024-0017", Kind.NUMBER),
        ("cert 2024 0017", Kind.NUMBER),
        ("АБ 12/345", Kind.NUMBER),
        ("192.168.1.15", Kind.ADDRESS),
        ("10.0.0.1", Kind.ADDRESS),
        ("93.184.216.34:8080", Kind.ADDRESS),
        ("172.16.4.0/24", Kind.ADDRESS),
        ("2001:db8:85a3::8a2e:370:7334", Kind.ADDRESS),
        ("fe80::1ff:fe23:4567:890a", Kind.ADDRESS),
        ("00:1A:2B:3C:4D:5E", Kind.ADDRESS),
        ("http://server01/certsrv", Kind.HOST),
        ("https://ca.corp.local/ui", Kind.HOST),
        ("https://10.1.2.3:8443/x", Kind.HOST),
        ("https://portal.romashka.example/login?x=1", Kind.HOST),
        ("ftp://user:pass@cryptopro.ru/", Kind.HOST),
        ("dc01.corp.local", Kind.HOST),
        ("mail.romashka.example", Kind.HOST),
        ("DESKTOP-4F7K2QX", Kind.HOST),
        ("SRV-CA01", Kind.HOST),
        ("500100732259", Kind.TAX),
        ("7707083893", Kind.TAX),
        ("1027700132195", Kind.TAX),
        ("112-233-445 95", Kind.TAX),
        ("4111 1111 1111 1111", Kind.CARD),
        ("4111111111111111", Kind.CARD),
        ("40702810900000012345", Kind.CARD),
        ("4040E-G0037-EK8R3-C6K4U-HCXQG", Kind.SECRET),
        ("A1B2-C3D4-E5F6", Kind.SECRET),
        ("d1e7a3b0c9f84e55a2b1d0c9e8f7a6b5c4d3e2f1", Kind.THUMBPRINT),
        ("D1 E7 A3 B0 C9 F8 4E 55 A2 B1 D0 C9 E8 F7 A6 B5 C4 D3 E2 F1", Kind.THUMBPRINT),
        ("d1:e7:a3:b0:c9:f8:4e:55:a2:b1:d0:c9:e8:f7:a6:b5:c4:d3:e2:f1", Kind.THUMBPRINT),
        ("01D8A3F2B4C5E60000017C", Kind.SERIAL),
        ("S-1-5-21-3623811015-3361044348-30300820-1013", Kind.USER),
        (r"ROMASHKA\petrov", Kind.USER),
    ],
)
def test_private_data_leave_a_mark(text: str, kind: Kind) -> None:
    result = redact(f"Итак, {text} и дальше.", KNOWN)
    assert result.removed == {kind: 1}, result.text
    assert result.text.startswith("Итак, [")
    assert result.text.endswith("] и дальше.")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"C:\Users\ivanov\AppData\Local\Temp", r"C:\Users\[пользователь]\AppData\Local\Temp"),
        (r"c:\users\Иван Петров\Desktop", r"c:\users\[пользователь]\Desktop"),
        (r"откройте C:\Users\ivanov и удалите", r"откройте C:\Users\[пользователь] и удалите"),
        ("/home/ivanov/.cprocsp", "/home/[пользователь]/.cprocsp"),
        ("/Users/ivanov", "/Users/[пользователь]"),
        (r"\\fs01\обмен\ключи", r"\\[узел]\обмен\ключи"),
        ("Пароль: qwerty12", "Пароль: [ключ или пароль]"),
        ("PIN-код: 12345678", "PIN-код: [ключ или пароль]"),
        ("пароль = «Секрет1»", "пароль = «[ключ или пароль]»"),
        ("Лицензионный ключ: 12ab-34", "Лицензионный ключ: [ключ или пароль]"),
        ("логин: ivanov.p", "логин: [пользователь]"),
        ("ИНН 7701234567", "ИНН [реквизит]"),
        ("ИНН/КПП: 7701234567/770101001", "ИНН/КПП: [реквизит]"),
        ("КПП 770101001, ОГРН 1027700000001", "КПП [реквизит], ОГРН [реквизит]"),
        ("СНИЛС: 112-233-445 95", "СНИЛС: [реквизит]"),
        ("договор № 15-К/2024", "договор № [номер]"),
        ("по договору технической поддержки №77", "по договору технической поддержки №[номер]"),
        ("сертификат номер 00123", "сертификат номер [номер]"),
        ("паспорт 4509 123456", "паспорт [номер]"),
        ("тел. 12-34-56", "тел. [телефон]"),
        ("серийный номер: 7C 01 D8 A3 F2", "серийный номер: [серийный номер]"),
        ("Serial number 1234567890", "Serial number [серийный номер]"),
        ("имя компьютера: buh-03", "имя компьютера: [узел]"),
        ("на сервере SRVBUH01 найдено", "на сервере [узел] найдено"),
    ],
)
def test_the_words_around_private_data_stay(text: str, shown: str) -> None:
    assert redact_line(text, KNOWN).text == shown


@pytest.mark.parametrize(
    "text",
    [
        "Ошибка 0x80090016: набор ключей не существует",
        "Ошибка 80090016",
        "Код -2146893802 или 2148073494",
        "Код ошибки: 2148073494",
        "Код 0x00007FF6A1B2C3D4E5F6",
        "КриптоПро CSP 5.0.12000 и 5.0.13455.0",
        "версия 4.0.9963.5, сборка 10.0.19045.3",
        "Плагин версии 2.0.15.1",
        "Windows 10 22H2 (19045.3803), Windows Server 2019",
        "KB5006670 и 1C 8.3.24.1467",
        "ГОСТ Р 34.10-2012, RFC 5280",
        "https://www.cryptopro.ru/products/csp?x=1#download",
        "http://localhost:8080/ и 127.0.0.1",
        "маска 255.255.255.0 и порт 443",
        r"HKEY_LOCAL_MACHINE\SOFTWARE\Crypto Pro\Settings",
        r"HKLM\software\crypto",
        r"C:\Windows\System32\certutil.exe -repairstore",
        r"C:\Users\Public\Documents",
        "C:\\Users\\%USERNAME%\\AppData",
        "/opt/cprocsp/bin/amd64/csptest -keyset",
        "ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
        "std::vector и 12:30:45",
        "20.11.2026 в 14:05, через 3 дня",
        "Пароль: введите новый",
        "certmgr -inst -store uMy -file cert.cer",
        "OID 1.2.643.7.1.1.1.1 и 1.2.840.113549.1.1.11",
        "СКЗИ класса КС1, TLS 1.2, SHA-256, UTF-8",
        "{550e8400-e29b-41d4-a716-446655440000}",
        "Порт сервера 5432, сервер SQL-2019",
        "Контейнер \\\\.\\REGISTRY\\test",
        "Размер 104857600 байт, 1 700 000 записей",
    ],
)
def test_what_an_article_is_found_by_stays(text: str) -> None:
    result = redact(text, KNOWN)
    assert (result.text, result.removed) == (text, {})


@pytest.mark.parametrize(
    "greeting",
    ["Здравствуйте, Анна Петровна!", "Здравствуйте!", "Добрый день, Анна!", "Добрый день.", "Уважаемая Анна Петровна,",
     "Доброе утро,", "Здравствуйте, уважаемый клиент!", "Hello John,", "Dear Mr. Smith,", "Приветствую!",
     "Здравствуйте, Ольга!", "Добрый день", "Здравствуйте, Анна Петровна! Спасибо за обращение.",
     "Спасибо за обращение в поддержку!\nЗдравствуйте!"],
)  # fmt: skip
def test_a_greeting_is_dropped(greeting: str) -> None:
    assert redact(f"{greeting}\n\nпереустановите плагин.", KNOWN).text == "Переустановите плагин."


def test_a_greeting_in_the_same_line_takes_nothing_along() -> None:
    assert taken("Здравствуйте! Откройте панель.") == "Откройте панель."
    assert taken("Здравствуйте, Анна, откройте панель.") == "Откройте панель."
    assert taken("Добрый день откройте панель.") == "Откройте панель."
    assert taken("Приветственное окно закройте.") == "Приветственное окно закройте."


@pytest.mark.parametrize(
    "ending",
    ["С уважением,\nПавел Инженеров\nООО «Вендор»\n+7 495 123-45-67", "с уважением, Павел", "-- \nПавел",
     "Best regards,\nPavel", "Всего доброго!\nПавел", "Хорошего дня!", "Если останутся вопросы, пишите нам.",
     "Спасибо!", "Спасибо за понимание."],
)  # fmt: skip
def test_a_farewell_is_dropped_with_the_signature(ending: str) -> None:
    assert taken(f"Переустановите плагин.\n\n{ending}") == "Переустановите плагин."


def test_a_farewell_far_above_the_end_takes_nothing_along() -> None:
    text = f"Письмо клиента:\nС уважением\n{'Далее подробная инструкция. ' * 40}"
    assert taken(text) == text.strip()


def test_the_summary_counts_what_stands_in_the_draft() -> None:
    text = "Анна Смирнова и Павел писали на a@b.ru и c@d.ru о 192.168.0.7."
    assert redact(text, KNOWN).removed == {Kind.NAME: 2, Kind.EMAIL: 2, Kind.ADDRESS: 1}


def test_marks_speak_the_language_of_the_article() -> None:
    assert redact("Ask John Smith at j@corp.example", KNOWN, language="en").text == "Ask [name] at [e-mail]"


def test_nobody_can_bring_marks_along() -> None:
    result = redact("Подделка \ue000 и \uf8ff", KNOWN)
    assert (result.text, result.removed) == ("Подделка  и", {})


def test_a_title_is_one_line_without_private_data() -> None:
    assert redact_line(" Анна Смирнова:\n ошибка 0x80090016 ", KNOWN).text == "[имя]: ошибка 0x80090016"


def test_a_name_that_is_nothing_but_marks_and_blanks_harms_nothing() -> None:
    nobody = Known(names=("", "...", "Я"), organisations=("", "ООО", "«»"), numbers=("", "-", "12"), addresses=("",))
    assert redact("Обычный текст, ООО и «кавычки» 12", nobody).text == "Обычный текст, ООО и «кавычки» 12"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Пишите на ivan (at) firma.ru сегодня", "Пишите на [адрес почты] сегодня"),
        ("Пишите на ivan.petrov[собака]firma (точка) ru.", "Пишите на [адрес почты]."),
        ("Договор 44/2024-ТП подписан", "Договор [номер] подписан"),
        ("по контракту поставки 12345 работаем", "по контракту поставки [номер] работаем"),
        ("У клиента ООО Вектор всё работает", "У клиента [организация] всё работает"),
        ("Для ИП Сидоров А. Б. выдано", "Для [организация] выдано"),
        ("issued to Acme Systems LLC today", "issued to [организация] today"),
        ("серийный номер 00 11 22 33 before", "серийный номер [серийный номер] before"),
    ],
)
def test_what_is_written_without_its_usual_signs_is_found(text: str, left: str) -> None:
    assert taken(text) == left


@pytest.mark.parametrize(
    "text", ["Договор 2024 года", "Контракт за 3 дня", "договор вернул 0x80090016", "вход (at) утро", "ООО закрыто"]
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert taken(text) == text


def test_a_key_goes_whole_and_so_does_one_without_an_end() -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n" * 3
    framed = f"-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----"
    assert taken(f"Вот он:\n{framed}\nи ещё\n{framed}\nвсё") == (
        "Вот он:\n[ключ или пароль]\nи ещё\n[ключ или пароль]\nвсё"
    )
    assert taken(f"Вот он:\n-----BEGIN PRIVATE KEY-----\n{body}") == "Вот он:\n[ключ или пароль]"


def test_the_end_of_an_endless_text_is_left_out_and_that_is_said() -> None:
    result = redact("слово " * LONGEST_READ, KNOWN)
    assert result.is_cut
    assert len(result.text) <= LONGEST_READ
    assert not redact("слово " * 100, KNOWN).is_cut


# What may be repeated without end, and what would begin a match before it.
PIECES = (
    "A", "а", "1", "-", "@a", "a.", "\\", "1 ", "1-", "A-", " ", "::", "Анна ", "С уважением\n", "0" * 18 + " ", "a@",
    "И.", "http://", "Аа ", "00 ", ".", "_", "-----BEGIN A-----", "-----BEGIN PRIVATE KEY-----\n", "ООО ", "\n",
)  # fmt: skip
BEGINNINGS = (
    "", "серийный номер ", "sn ", "server ", "компьютер", "PC", "Hello", "Hello клиент", "Добрый день,", "order N",
    "паспорт 1234", "ИНН", "+7 495 123-45-67 доб", "если вопрос", "спасибо", "договор ", "ООО ", "пароль", "login",
    "TP-1", "\\\\", "AB\\a", "S-1-5-21-1-1-1", "::%", "-----BEGIN A-----", "ivan (at) ", "тел", "c:\\users\\",
)  # fmt: skip
MODULES: dict[str, Sequence[Callable[[Canvas], object]]] = {
    "numbers": (
        lambda canvas: numbers.take_known(canvas, KNOWN.numbers, "TP"),
        numbers.take_secrets,
        numbers.take_numbers,
    ),
    "machines": (
        lambda canvas: machines.take_addresses(canvas, KNOWN.addresses),
        machines.take_paths,
        lambda canvas: machines.take_hosts(canvas, KNOWN.addresses),
    ),
    "people": (
        lambda canvas: people.take_organisations(canvas, KNOWN.organisations),
        lambda canvas: people.take_names(canvas, ["Павел"]),
    ),
    "manners": (lambda canvas: manners.without_manners(canvas.text),),
}


@pytest.mark.parametrize("module", MODULES)
def test_no_text_makes_the_work_grow_faster_than_its_length(module: str) -> None:
    """Seconds where a pattern tries a place again and again: the limit is far above what a linear one takes."""
    slow: list[tuple[object, ...]] = [
        (beginning, piece, seconds)
        for beginning in BEGINNINGS
        for piece in PIECES
        if (seconds := seconds_of(module, f"{beginning}{(piece * 10_000)[:10_000]}_")) > 1.5
    ]
    slow += [(piece, seconds) for piece in PIECES if (seconds := seconds_of(module, (piece * 50_000)[:50_000])) > 5]
    assert slow == []


def seconds_of(module: str, text: str) -> float:
    started = time.thread_time()
    canvas = Canvas(text)
    for take in MODULES[module]:
        take(canvas)
    return time.thread_time() - started


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    started = time.thread_time()
    redact((piece * 200_000)[:200_000], KNOWN)
    assert time.thread_time() - started < 10


def test_a_long_serial_number_with_a_wrong_end_is_read_once() -> None:
    text = f"серийный номер {'0123456789ABCDEF' * 3}_x"
    assert taken(text) == text
