"""Names of people as given: in parts, or whole and in either order."""

import functools
import json
import re
from pathlib import Path

_DATA = Path(__file__).parent.parent / "data" / "family_names.json"
_SUFFIXES = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?d|m\.?d|mba|esq|dr|prof|dipl|cpa)\b", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_][^\W\d_ .'’-]*(?:[ .'’-]+[^\W\d_]+)*\.?").fullmatch
_LONGEST_HAN = 4


def joined_name(given: str, family: str) -> str:
    """The parts as one name: family name first and without a blank where both are Chinese characters or Korean."""
    if given and family and _east_asian(given) and _east_asian(family):
        return family + given
    return f"{given} {family}".strip()


def _east_asian(text: str) -> bool:
    return all("\u3400" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" or char >= "\U00020000" for char in text)


@functools.cache
def _compound() -> frozenset[str]:
    return frozenset(json.loads(_DATA.read_text(encoding="utf-8"))["compound"])


def read_name(name: str) -> tuple[str, str, str]:
    """(full, given, family) of a name given whole; parts are "" where nothing tells which is which.

    "Reyes, Ana" is Ana Reyes; "REYES Ana" and "Ana REYES" say by their capitals which is the family name; a Chinese
    name of two to four characters begins with it. Everything else stays as it is written.
    """
    if name.isascii() or not _east_asian(name):
        if "," in name:
            return _turned(name)
        return (name, *_by_capitals(name)) if " " in name else (name, "", "")
    if not 2 <= len(name) <= _LONGEST_HAN or "\uac00" <= name[0] <= "\ud7a3":
        return name, "", ""
    size = 2 if len(name) > 2 and name[:2] in _compound() else 1
    return name, name[size:], name[:size]


def _turned(name: str) -> tuple[str, str, str]:
    family, _, given = (part.strip() for part in name.partition(","))
    if not (family and given) or _SUFFIXES.match(given) or not (_WORDS(family) and _WORDS(given)):
        return name, "", ""
    return f"{given} {family}", given, family


def _by_capitals(name: str) -> tuple[str, str]:
    words = name.split()
    loud = [len(word) > 1 and word.isupper() and word.isalpha() for word in words]
    if all(loud) or sum(loud) == 0:
        return "", ""
    if loud[0] and not any(loud[sum(loud) :]):
        return " ".join(words[sum(loud) :]), " ".join(words[: sum(loud)])
    if loud[-1] and not any(loud[: -sum(loud)]):
        return " ".join(words[: -sum(loud)]), " ".join(words[-sum(loud) :])
    return "", ""
