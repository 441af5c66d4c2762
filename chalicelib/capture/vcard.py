"""vCards: 2.1 (versit, quoted-printable), 3.0 (RFC 2426) and 4.0 (RFC 6350), as phones and organisers write them."""

import codecs
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from chalicelib.capture.card import Card
from chalicelib.capture.names import joined_name
from chalicelib.capture.text import clean

_LIMIT = 500
_NOTE_LIMIT = 10_000
_MANY = 20  # of one kind on a card
_UNSPLIT = re.compile(r"(?<!\\)(?:\\\\)*;")
_OLD = re.compile(r"^VERSION:2\.1\s*$", re.MULTILINE | re.IGNORECASE)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LAST_PREFERENCE = 101  # PREF runs from 1 to 100 (RFC 6350 5.3)


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    parameters: dict[str, tuple[str, ...]]
    value: str

    def has_type(self, kind: str) -> bool:
        return kind in self.parameters.get("TYPE", ())

    @property
    def preference(self) -> int:
        given = self.parameters.get("PREF", ("",))[0]
        if given.isdigit():
            return int(given)
        return 1 if self.has_type("PREF") or "PREF" in self.parameters else _LAST_PREFERENCE


def read_vcard(text: str) -> Card:
    """The first card in the text; a missing END and unknown properties are no matter, pictures are passed over."""
    found: dict[str, list[_Property]] = {}
    for line in _unfolded(text):
        read = _property(line)
        if read is None or (read.name == "BEGIN" and not found):
            continue
        if read.name in {"BEGIN", "END"}:
            break
        found.setdefault(read.name, []).append(read)
    family, given = ([*_parts(_first(found, "N")), "", ""])[:2]
    company, *units = _parts(_first(found, "ORG"))
    return Card(
        kind="vcard",
        given_name=given,
        family_name=family,
        full_name=_text(_first(found, "FN")) or joined_name(given, family) or _text(_first(found, "NICKNAME")),
        company=company,
        department=", ".join(filter(None, units)),
        title=_text(_first(found, "TITLE")) or _text(_first(found, "ROLE")),
        emails=_all(found, "EMAIL"),
        phones=_all(found, "TEL"),
        urls=_all(found, "URL"),
        address=", ".join(part for part in _parts(_first(found, "ADR")) if part) or _text(_first(found, "LABEL")),
        note="\n".join(filter(None, (_text(note.value, lines=True) for note in found.get("NOTE", ())))),
        badge_id=_text(_first(found, "X-BADGE-ID") or _first(found, "X-BADGEID")),
        raw=text,
    )


def _unfolded(text: str) -> Iterator[str]:
    """Logical lines: folded ones joined (RFC 6350 3.2; 2.1 folds before a blank that belongs to the text), and in
    2.1 quoted-printable ones that end in "="."""
    line = ""
    fold = 0 if _OLD.search(text) else 1
    for physical in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line.endswith("=") and "QUOTED-PRINTABLE" in line.partition(":")[0].upper():
            line = line[:-1] + physical.lstrip(" \t")
        elif physical[:1] in {" ", "\t"} and line:
            line += physical[fold:]
        else:
            yield line
            line = physical
    yield line


def _property(line: str) -> _Property | None:
    head, colon, value = _split_unquoted(line)
    if not colon:
        return None
    name, *given = _outside_quotes(head)
    parameters: dict[str, tuple[str, ...]] = {}
    for parameter in given:
        key, equals, values = parameter.strip().partition("=")
        if not equals:  # 2.1 writes TEL;WORK;VOICE and N;QUOTED-PRINTABLE
            key, values = ("ENCODING", key) if key.upper() in {"QUOTED-PRINTABLE", "BASE64"} else ("TYPE", key)
        kinds = tuple(kind.strip().upper() for kind in values.replace('"', "").split(","))
        parameters[key.upper()] = parameters.get(key.upper(), ()) + kinds
    name = name.rpartition(".")[2].strip().upper()  # a group: item1.EMAIL
    if "QUOTED-PRINTABLE" in parameters.get("ENCODING", ()):
        value = _unquoted(value, parameters.get("CHARSET", ("",))[0])
    return _Property(name, parameters, value)


def _split_unquoted(line: str) -> tuple[str, str, str]:
    """The line at its first colon that is not inside quotation marks."""
    quoted = False
    for index, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == ":" and not quoted:
            return line[:index], ":", line[index + 1 :]
    return line.partition(":")


def _outside_quotes(head: str) -> list[str]:
    return ["".join(part) for part in re.findall(r'((?:"[^"]*"?|[^;"])+)', head)] or [""]


def _unquoted(value: str, charset: str) -> str:
    octets = quopri.decodestring(value.encode("utf-8", "replace"))
    try:
        return octets.decode(codecs.lookup(charset or "utf-8").name)
    except (LookupError, ValueError):
        return octets.decode("utf-8", "replace")


def _first(found: dict[str, list[_Property]], name: str) -> str:
    return found[name][0].value if name in found else ""


def _text(value: str, lines: bool = False) -> str:
    plain = _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)
    return clean(plain, _NOTE_LIMIT if lines else _LIMIT, lines)


def _parts(value: str) -> list[str]:
    """A structured value's components; an escaped semicolon belongs to its component."""
    parts, start = [], 0
    for match in _UNSPLIT.finditer(value):
        parts.append(value[start : match.end() - 1])
        start = match.end()
    return [_text(part) for part in [*parts, value[start:]]]


def _all(found: dict[str, list[_Property]], name: str) -> tuple[str, ...]:
    """The values of a property, the preferred first, each once; no fax and pager numbers."""
    ranked = sorted(found.get(name, ()), key=lambda each: each.preference)
    kept = (each for each in ranked[:_MANY] if not each.has_type("FAX") and not each.has_type("PAGER"))
    return tuple(dict.fromkeys(filter(None, (_without_scheme(_text(each.value)) for each in kept))))


def _without_scheme(value: str) -> str:
    """ "tel:+1-202-555-0188;ext=12" (RFC 3966) as people write it, and "mailto:" left out."""
    scheme, colon, rest = value.partition(":")
    if colon and scheme.lower() in {"tel", "callto"}:
        number, _, parameters = unquote(rest).partition(";")
        extension = re.search(r"ext=([\d*#-]+)", parameters)
        return f"{number} ext. {extension[1]}" if extension else number
    if colon and scheme.lower() == "mailto":
        return unquote(rest.partition("?")[0])
    return value
