"""MeCards (NTT DoCoMo) and BizCards: one line of KEY:value; pairs, as many badge printers make them."""

import re
from collections.abc import Iterator

from chalicelib.capture.card import Card
from chalicelib.capture.names import joined_name
from chalicelib.capture.text import clean

_PAIR = re.compile(r"\s*([A-Za-z-]+):((?:\\.|[^;\\])*)(?:;|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_COMMA = re.compile(r"((?:\\.|[^,\\])*),?", re.DOTALL)
_LIMIT = 500


def read_mecard(text: str) -> Card:
    """MECARD:N:family,given;TEL:…;EMAIL:…;ORG:…;; with backslashes before ; : , and themselves."""
    fields = _fields(text)
    family, given = [*(_plain(part) for part in _COMMA.findall(_last(fields, "N", raw=True))), "", ""][:2]
    return Card(
        kind="mecard",
        given_name=given,
        family_name=family,
        full_name=joined_name(given, family) or _last(fields, "NICKNAME"),
        company=_last(fields, "ORG"),
        title=_last(fields, "TITLE"),
        emails=_all(fields, "EMAIL"),
        phones=_all(fields, "TEL", "TEL-AV"),
        urls=_all(fields, "URL"),
        address=", ".join(part for part in _last(fields, "ADR").split(",") if part.strip()).replace(",  ", ", "),
        note="\n".join(_all(fields, "NOTE", "MEMO")),
        raw=text,
    )


def read_bizcard(text: str) -> Card:
    """BIZCARD:N:given;X:family;T:title;C:company;A:address;B:phone;M:mobile;E:email;; (F: is the fax, left out)."""
    fields = _fields(text)
    given, family = _last(fields, "N"), _last(fields, "X")
    return Card(
        kind="bizcard",
        given_name=given,
        family_name=family,
        full_name=joined_name(given, family),
        company=_last(fields, "C"),
        title=_last(fields, "T"),
        emails=_all(fields, "E"),
        phones=_all(fields, "B", "M"),
        urls=_all(fields, "U"),
        address=_last(fields, "A"),
        note="\n".join(_all(fields, "O")),
        raw=text,
    )


def _fields(text: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for key, value in _pairs(text.partition(":")[2]):
        fields.setdefault(key.upper(), []).append(value)
    return fields


def _pairs(body: str) -> Iterator[tuple[str, str]]:
    for match in _PAIR.finditer(body):
        yield match[1], match[2]


def _plain(value: str) -> str:
    return clean(_ESCAPE.sub(r"\1", value), _LIMIT)


def _last(fields: dict[str, list[str]], key: str, raw: bool = False) -> str:
    value = fields.get(key, [""])[-1]
    return value if raw else _plain(value)


def _all(fields: dict[str, list[str]], *keys: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (_plain(value) for key in keys for value in fields.get(key, ())))))
