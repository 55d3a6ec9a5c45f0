"""Addresses of machines, mail and people's places on disks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

from supportapp.kb.redaction.canvas import Canvas, Kind

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*")
_SPELT_EMAIL = re.compile(  # ivan (at) firma.ru
    r"(?<![\w.+-])[\w.+-]{1,64}[ \t]{0,2}[(\[{<][ \t]?(?:at|@|собака|эт)[ \t]?[)\]}>][ \t]{0,2}"
    r"[\w-]{1,63}(?:(?:\.|[ \t]?[(\[{<][ \t]?(?:dot|точка)[ \t]?[)\]}>][ \t]?)[\w-]{1,63}){1,5}",
    re.I,
)
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://(?P<host>[^\s/?#<>\"'»)\]]+)[^\s<>\"'»)\]]*", re.I)
_PRIVATE_ENDS = "local|lan|corp|internal|intranet|intra|loc|localdomain|priv|private"
_PRIVATE_NAME = re.compile(rf"(?<![\w./\\-])(?:[\w-]+\.)+(?:{_PRIVATE_ENDS})\b(?!\.?\w)", re.I)
_UNC = re.compile(r"(?<![\w\\])\\\\(?P<what>[\w-][\w.-]*)(?=\\|\b)")
_WORKSTATION = re.compile(
    r"(?<![\w-])(?:DESKTOP-[A-Z0-9]{5,8}|LAPTOP-[A-Z0-9]{5,9}|WIN-[A-Z0-9]{9,12}"
    r"|(?:SRV|PC|WS|ARM|АРМ|NB|BUH|DC|TS|RDP)-?(?=[A-Z0-9]*\d)[A-Z0-9-]++)(?![\w-])"
)
_HOST_WORDS = (
    r"компьютер\w{0,3}|машин\w{1,3}|хост\w{0,3}|узл\w{1,2}|узел|сервер\w{0,3}"
    r"|hostname|host|computer(?: name)?|server|fqdn"
)
_NAMED_HOST = re.compile(
    rf"\b(?:{_HOST_WORDS})[ \t]*+(?:[:=«\"(][ \t]*+)?+"
    r"(?P<what>[A-Z][A-Z0-9]{0,62}+(?:-[A-Z0-9]{1,63}+)++|[A-Z]{2,63}+\d{1,63}+)(?![\w.-])",
    re.I,
)
_KNOWN_SERVERS = re.compile(r"(?:x|win|arm|amd|sql|iis|http|tls|ssl|ssh|smb|ldap|utf|sha|md)-?\d+", re.I)
# fmt: off
_FREE_MAIL = frozenset({
    "mail.ru", "bk.ru", "list.ru", "inbox.ru", "yandex.ru", "ya.ru", "yandex.com", "rambler.ru", "gmail.com", "vk.com",
    "outlook.com", "hotmail.com", "icloud.com", "proton.me", "protonmail.com", "yahoo.com",
})
_SHARED_HOMES = frozenset({
    "public", "default", "user", "username", "имя_пользователя", "пользователь", "all users", "default user",
})
_NO_DOMAINS = frozenset({
    "HKLM", "HKCU", "HKCR", "HKU", "SYSTEM32", "SYSWOW64", "WINDOWS", "SOFTWARE", "SYSTEM", "BUILTIN", "AUTHORITY",
    "NT", "WOW6432NODE", "BIN", "ETC",
})
# fmt: on

_IPV4 = re.compile(r"(?<![\w.])(?P<ip>\d{1,3}(?:\.\d{1,3}){3})(?P<tail>:\d{1,5}\b|/\d{1,2}\b)?(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?P<ip>(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?:%\w+|/\d{1,3})?(?![\w:])", re.I)
_MAC = re.compile(r"(?<![\w:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![\w:-])", re.I)
_VERSION_BEFORE = re.compile(
    r"(?:верси\w*|version|ver\.?|\bv\.?|сборк\w*|build|релиз\w*|release|csp|плагин\w*|plug-?in)[ \t:=]*\Z", re.I
)
_ADDRESS_BEFORE = re.compile(
    r"(?:\bip\w*|адрес\w*|address|хост\w*|host|сервер\w*|server|узл\w*|ping|шлюз\w*|gateway|dns)[ \t:=-]*\Z", re.I
)

_WINDOWS_HOME = re.compile(
    r"(?i:\b[a-z]:[\\/](?:Users|Documents and Settings|Пользователи)[\\/])"
    r"(?P<what>[^\\/:*?\"<>|%\s][^\\/:*?\"<>|%\r\n]{0,38}(?=[\\/])|[^\\/:*?\"<>|%\s.,;)]+)"
)
_UNIX_HOME = re.compile(r"(?<![\w.])/(?:home|Users|export/home|var/home)/(?P<what>[^\s/\"'<>$*:,;)]+)")
_SID = re.compile(r"\bS-1-5-21(?:-\d+){3,5}\b")
_DOMAIN_USER = re.compile(
    r"(?<![\w\\:/.-])(?P<domain>[A-Z][A-Z0-9-]{1,14})\\(?P<user>[a-zа-яё][\w-]*(?:\.[\w-]+)*)(?![\w\\])"
)
_FILE_END = re.compile(r"\.(?:exe|dll|sys|log|txt|ini|cfg|msi|cer|pfx|key|reg|bat|cmd|ps1|xml|dat)\Z", re.I)
_LOGIN = re.compile(
    r"\b(?:логин|login|user(?:name)?|имя пользователя|уч[её]тная запись|пользователь|account)[ \t]*[:=][ \t]*"
    r"[«\"']?(?P<what>[\w.\\@-]{2,40})",
    re.I,
)


def take_addresses(canvas: Canvas, known: Iterable[str]) -> None:
    """Addresses of mail, the known ones and any others."""
    for address in filter(None, known):
        canvas.take(re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-])", re.I), Kind.EMAIL)
    canvas.take(_EMAIL, Kind.EMAIL)
    canvas.take(_SPELT_EMAIL, Kind.EMAIL)


def take_paths(canvas: Canvas) -> None:
    """Whose folder a path leads to; the rest of the path stays, since it is what a reader needs."""
    canvas.take(_WINDOWS_HOME, Kind.USER, accept=_is_somebody)
    canvas.take(_UNIX_HOME, Kind.USER, accept=_is_somebody)
    canvas.take(_SID, Kind.USER)
    canvas.take(_DOMAIN_USER, Kind.USER, accept=_is_account)
    canvas.take(_LOGIN, Kind.USER, accept=lambda found: found["what"].lower() not in _SHARED_HOMES)


def take_hosts(canvas: Canvas, addresses: Iterable[str]) -> None:
    """Machines of a network that is not everybody's: by name, by address, in links. Versions and public links stay."""
    domains = {address.rpartition("@")[2].lower() for address in addresses} - _FREE_MAIL - {""}
    canvas.take(_URL, Kind.HOST, accept=lambda found: _is_private(found["host"], domains))
    for domain in domains:
        canvas.take(re.compile(rf"(?<![\w.-])(?:[\w-]+\.)*{re.escape(domain)}(?![\w-]|\.\w)", re.I), Kind.HOST)
    canvas.take(_PRIVATE_NAME, Kind.HOST)
    canvas.take(_UNC, Kind.HOST)
    canvas.take(_WORKSTATION, Kind.HOST)
    canvas.take(_NAMED_HOST, Kind.HOST, accept=lambda found: _KNOWN_SERVERS.fullmatch(found["what"]) is None)
    canvas.take(_MAC, Kind.ADDRESS)
    canvas.take(_IPV4, Kind.ADDRESS, accept=_is_address)
    canvas.take(_IPV6, Kind.ADDRESS, accept=_is_long_address)


def _is_private(authority: str, domains: set[str]) -> bool:
    if "@" in authority:
        return True
    host = re.sub(r":\d+\Z", "", authority).rstrip(".").lower()
    if host in ("localhost", "127.0.0.1", "[::1]"):
        return False
    with suppress(ValueError):
        IPv4Address(host)
        return True
    inside = re.search(rf"\.(?:{_PRIVATE_ENDS})\Z", host) is not None
    return inside or "." not in host or any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _is_address(found: re.Match[str]) -> bool:
    """Four numbers are an address unless they look like a version: small ones, or words before them say so."""
    try:
        address = IPv4Address(found["ip"])
    except ValueError:
        return False
    before = found.string[max(0, found.start() - 24) : found.start()]
    if _VERSION_BEFORE.search(before) or address.is_loopback or int(address) == 0 or found["ip"].startswith("255."):
        return False
    if found["tail"] or address.is_private or _ADDRESS_BEFORE.search(before):
        return True
    return max(address.packed) > 40


def _is_long_address(found: re.Match[str]) -> bool:
    try:
        address = IPv6Address(found["ip"])
    except ValueError:
        return False
    return not address.is_loopback and int(address) > 0xFFFF


def _is_somebody(found: re.Match[str]) -> bool:
    return found["what"].strip().lower() not in _SHARED_HOMES


def _is_account(found: re.Match[str]) -> bool:
    return found["domain"] not in _NO_DOMAINS and _FILE_END.search(found["user"]) is None
