"""How far two values of one kind agree: the same, nearly, in part, or not.

Distances: Damerau (1964) in the restricted form, where no letter moves twice; Winkler (1990) on top of Jaro (1989).
"""

from enum import StrEnum
from functools import lru_cache

from chalicelib.identify.names import Likeness, likeness
from chalicelib.identify.table import Kind

_ALIKE = 0.88  # Jaro-Winkler from which two words are alike in part


class Level(StrEnum):
    """From full agreement to none; the value is the word in the explanation and in `data/linkage.json`."""

    SAME = "same"
    NEAR = "near"
    PART = "part"
    DOMAIN = "domain"
    OTHER = "other"


def level(kind: Kind, a: str, b: str) -> Level:
    """Both values are given, in the one spelling of `table`."""
    if a == b:
        return Level.SAME
    if kind is Kind.CLASS:
        return Level.OTHER
    if kind is Kind.DATE:
        return _dates(a, b)
    if kind is Kind.EMAIL:
        return _emails(a, b)
    if kind is Kind.CODE:
        return Level.NEAR if distance(a, b, 1) <= 1 else Level.OTHER
    if kind in (Kind.NUMBER, Kind.PHONE):
        return (Level.NEAR, Level.NEAR, Level.PART, Level.OTHER)[distance(a, b, 2)]
    return _names(a, b) if kind is Kind.NAME else _words(kind, a, b)


def _dates(a: str, b: str) -> Level:
    """A slip of one digit, two digits or parts swapped; else the same year or the same day."""
    if len(a) != 8 or len(b) != 8:
        return Level.NEAR if distance(a, b, 1) <= 1 else Level.OTHER
    changed = sum(x != y for x, y in zip(a, b, strict=True))
    if changed <= 1 or distance(a, b, 1) <= 1 or (a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6]):
        return Level.NEAR
    return Level.PART if changed == 2 or a[:4] == b[:4] or a[4:] == b[4:] else Level.OTHER


def _emails(a: str, b: str) -> Level:
    gap = distance(a, b, 3)
    if gap <= 1:
        return Level.NEAR
    local, _, domain = a.partition("@")
    other_local, _, other_domain = b.partition("@")
    if gap <= 3 or local == other_local:
        return Level.PART
    return Level.DOMAIN if domain == other_domain else Level.OTHER


_NAME_LEVELS = {
    Likeness.EQUAL: Level.SAME,
    Likeness.NICKNAME: Level.NEAR,
    Likeness.TYPO: Level.NEAR,
    Likeness.PART: Level.NEAR,
    Likeness.INITIALS: Level.PART,
    Likeness.SINGLE: Level.PART,
}


def _names(a: str, b: str) -> Level:
    found = _NAME_LEVELS.get(likeness(a.split(), b.split()), Level.OTHER)
    if found is Level.OTHER and distance(a, b, 2) <= 2 < min(len(a), len(b)) - 3:
        return Level.PART
    return found


def _words(kind: Kind, a: str, b: str) -> Level:
    longer = max(len(a), len(b))
    gap = distance(a, b, 2)
    if gap == 1 and longer > 2:
        return Level.NEAR
    if kind is Kind.GIVEN and likeness((a,), (b,)) is Likeness.NICKNAME:
        return Level.NEAR
    return Level.PART if (gap == 2 and longer > 4) or winkler(a, b) > _ALIKE else Level.OTHER


@lru_cache(maxsize=200_000)
def distance(a: str, b: str, most: int) -> int:
    """Letters added, dropped, changed or neighbours swapped to make one of the other; `most` + 1 for more."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    a, b = a[start:], b[start:]
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


@lru_cache(maxsize=200_000)
def winkler(a: str, b: str) -> float:
    """Jaro-Winkler similarity from 0 to 1, with the usual tenth for each of the first four letters in common."""
    alike = _jaro(a, b)
    start = 0
    while start < min(4, len(a), len(b)) and a[start] == b[start]:
        start += 1
    return alike + start * 0.1 * (1 - alike)


def _jaro(a: str, b: str) -> float:
    if len(a) > len(b):
        a, b = b, a
    window = max(len(b) // 2 - 1, 0)
    used = [False] * len(b)
    found = []
    for i, letter in enumerate(a):
        for j in range(max(0, i - window), min(len(b), i + window + 1)):
            if not used[j] and b[j] == letter:
                used[j] = True
                found.append(letter)
                break
    if not found:
        return 0.0
    matched = [letter for letter, hit in zip(b, used, strict=True) if hit]
    moved = sum(x != y for x, y in zip(found, matched, strict=True)) / 2
    count = len(found)
    return (count / len(a) + count / len(b) + (count - moved) / count) / 3
