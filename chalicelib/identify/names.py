"""Whether two written names can be one person's."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache
from itertools import permutations

from chalicelib.identify.folding import cjk, loose
from chalicelib.identify.han import in_pinyin
from chalicelib.identify.word_lists import word_list

_SHORTEST_TYPO = 5
_VOWELS = frozenset("aeiou")


class Likeness(StrEnum):
    """How two names agree; the value is the reason in words. Order of the words never matters."""

    EQUAL = "same name"
    NICKNAME = "same name in its familiar form"
    PINYIN = "same name in Han and in pinyin"
    PART = "one name has further parts"
    TYPO = "names differ by one letter"
    INITIALS = "same name with initials"
    SINGLE = "only one part of the name is known"
    OTHER_SCRIPT = "names in different scripts"
    ONE_MISSING = "one name is missing"
    BOTH_MISSING = "both names are missing"
    OTHER_GIVEN = "another given name"
    OTHER = "another name"


STRANGERS = frozenset({Likeness.OTHER_GIVEN, Likeness.OTHER})


def compatible(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether nothing in the two names speaks against one person. Tokens as in Identity.name_tokens."""
    return likeness(a, b) not in STRANGERS


def likeness(a: Sequence[str], b: Sequence[str]) -> Likeness:
    """The degree of agreement of two names given as folded tokens.

    Umlauts and their spellings agree ("mueller", "muller"), so do initials, known familiar forms, left out
    parts and one mistyped letter; a second family name in common does not outweigh another given name."""
    if not a or not b:
        return Likeness.BOTH_MISSING if not a and not b else Likeness.ONE_MISSING
    if a == b:
        return Likeness.EQUAL
    for alphabet, compare in _ALPHABETS:
        left = [loose(token) for token in a if alphabet(token)]
        right = [loose(token) for token in b if alphabet(token)]
        if left and right:
            return compare(left, right)
    return Likeness.PINYIN if _read_aloud(a, b) or _read_aloud(b, a) else Likeness.OTHER_SCRIPT


def _read_aloud(name: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the one is Han and the other its pinyin. Kana and Hangul have no pinyin and never agree."""
    whole = "".join(name)
    return _is_blankless(whole) and in_pinyin(whole, tuple(words))


def _in_blankless_script(a: list[str], b: list[str]) -> Likeness:
    """Han, kana and Hangul: one token each. 王 alone (from 王先生) is a family name, nothing against 王小明."""
    left, right = "".join(a), "".join(b)
    if _rotated(left, right):
        return Likeness.EQUAL
    if left[0] != right[0]:
        return Likeness.OTHER
    return Likeness.SINGLE if len(left) == 1 or len(right) == 1 else Likeness.OTHER_GIVEN


def _rotated(a: str, b: str) -> bool:
    """Family name moved to the other end: 王小明 and 小明王."""
    return len(a) == len(b) and a in b + b


def _in_letters(a: list[str], b: list[str]) -> Likeness:
    if sorted(a) == sorted(b):
        return Likeness.EQUAL
    short, long = sorted((a, b), key=len)
    left, rest = _without_common(short, long)
    if len(left) == 1 and _run_together(left[0], rest):
        return Likeness.EQUAL
    shared = len(short) - len(left)
    found: list[Likeness] = []
    for token in left:
        partner, degree = _partner(token, rest)
        if degree is None:
            return Likeness.OTHER_GIVEN if shared else Likeness.OTHER
        rest.remove(partner)
        found.append(degree)
    only_initials = all(degree is Likeness.INITIALS for degree in found)
    if found.count(Likeness.TYPO) > 1 or (only_initials and not _share_a_word(short, long)):
        return Likeness.OTHER
    return _weakest(found, len(short), len(rest))


def _run_together(word: str, parts: list[str]) -> bool:
    """Whether the word is the parts without a blank, as in Xiaoming and Xiao Ming."""
    return 2 <= len(parts) <= 3 and any("".join(order) == word for order in permutations(parts))


def _share_a_word(a: list[str], b: list[str]) -> bool:
    return any(len(token) > 1 and token in b for token in a)


def _weakest(found: list[Likeness], matched: int, unmatched: int) -> Likeness:
    for degree in (Likeness.INITIALS, Likeness.TYPO, Likeness.NICKNAME):
        if degree in found:
            return degree if matched > 1 or not unmatched else Likeness.SINGLE
    return Likeness.PART if matched > 1 else Likeness.SINGLE


def _without_common(short: list[str], long: list[str]) -> tuple[list[str], list[str]]:
    rest = list(long)
    left = []
    for token in short:
        if token in rest:
            rest.remove(token)
        else:
            left.append(token)
    return left, rest


def _partner(token: str, candidates: list[str]) -> tuple[str, Likeness | None]:
    """The best of the other name's left-over words for this one, nicknames first."""
    for agrees, degree in (
        (_familiar, Likeness.NICKNAME),
        (_one_letter_apart, Likeness.TYPO),
        (_initial, Likeness.INITIALS),
    ):
        for candidate in candidates:
            if agrees(token, candidate):
                return candidate, degree
    return "", None


def _familiar(a: str, b: str) -> bool:
    groups = _familiar_forms()
    return not groups.get(a, frozenset()).isdisjoint(groups.get(b, frozenset()))


@cache
def _familiar_forms() -> dict[str, frozenset[int]]:
    """Each given name to the numbers of its groups. Two familiar forms of one name agree as well."""
    groups: dict[str, set[int]] = {}
    for number, group in enumerate(word_list("nicknames")["groups"]):
        for name in group.split():
            groups.setdefault(loose(name), set()).add(number)
    return {name: frozenset(numbers) for name, numbers in groups.items()}


def _initial(a: str, b: str) -> bool:
    return (len(a) == 1 or len(b) == 1) and a[0] == b[0]


def _one_letter_apart(a: str, b: str) -> bool:
    """One slip of the finger, not the other form of a pair (Mario and Maria, Martin and Martina): the first
    letter stands, and a last letter that is a vowel on either side is taken as meant."""
    if a[0] != b[0] or max(len(a), len(b)) < _SHORTEST_TYPO or not one_slip(a, b):
        return False
    return a[-1] == b[-1] or (a[-1] not in _VOWELS and b[-1] not in _VOWELS)


def one_slip(a: str, b: str) -> bool:
    """Whether one letter was added, dropped or changed, or two neighbours swapped (Damerau 1964); not equal."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    start = next((at for at, pair in enumerate(zip(a, b, strict=False)) if pair[0] != pair[1]), min(len(a), len(b)))
    left, right = a[start:], b[start:]
    if len(left) == len(right):
        swapped = left[1::-1] == right[:2] and left[2:] == right[2:]
        return left[1:] == right[1:] or swapped
    return left == right[1:] or right == left[1:]


def _is_blankless(token: str) -> bool:
    return not token.isascii() and cjk().search(token) is not None


def _is_foreign(token: str) -> bool:
    return not (token.isascii() or _is_blankless(token))


_ALPHABETS: tuple[tuple[Callable[[str], bool], Callable[[list[str], list[str]], Likeness]], ...] = (
    (_is_blankless, _in_blankless_script),
    (str.isascii, _in_letters),
    (_is_foreign, _in_letters),
)
