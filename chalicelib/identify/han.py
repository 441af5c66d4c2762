"""Chinese names in their two scripts and in pinyin. The libraries' tables are read at the first name in Han: a form
filled in with Latin letters never loads them."""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, permutations, product
from typing import Any

_MOST_READINGS = 64
_MOST_SYLLABLES = 4
# How passports, banks and keyboards write what pinyin writes lü: 吕 is Lyu, Lu or Lv.
_UMLAUT = (("v", "u"), ("v", "yu"))


@lru_cache(maxsize=4096)
def simplified(text: str) -> str:
    """Traditional characters in their simplified form (張偉 -> 张伟); anything else stays as it is."""
    return str(_converter().convert(text)) if _has_han(text) else text


def _has_han(text: str) -> bool:
    # Not by a pattern: one over so many characters takes a millisecond to make, which a visitor waits for.
    return not text.isascii() and any(
        "\u3400" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" or "\U00020000" <= letter <= "\U0003ffff"
        for letter in text
    )


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


@lru_cache(maxsize=4096)
def in_pinyin(name: str, words: tuple[str, ...]) -> bool:
    """Whether the words, in any order, are the whole name read aloud: 王小明 and Xiaoming Wang, Wang Xiao Ming.

    Any reading of a character will do (曾 is Zeng as a name), with a double family name (欧阳) nothing is different."""
    if not (2 <= len(name) <= _MOST_SYLLABLES) or not 1 <= len(words) <= _MOST_SYLLABLES:
        return False
    written = {"".join(order) for order in permutations(words)}
    return any(spelled in written for spelled in _spellings(name))


def _spellings(name: str) -> Iterator[str]:
    readings = [_readings(character) for character in name]
    for syllables in islice(product(*readings), _MOST_READINGS):
        yield "".join(syllables)


@lru_cache(maxsize=4096)
def _readings(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.NORMAL, heteronym=True)[0]
    plain = [_plain(reading) for reading in found]
    return tuple(dict.fromkeys([*plain, *(r.replace(*swap) for r in plain for swap in _UMLAUT if "v" in r)]))


def _plain(reading: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", reading) if letter.isascii())


@lru_cache(maxsize=4096)
def syllables(text: str) -> tuple[str, ...]:
    """Han read aloud, a syllable for each character, by the words it is part of (重庆 is chong qing)."""
    from pypinyin import Style, pinyin

    return tuple(_plain(found[0]) for found in pinyin(simplified(text), style=Style.NORMAL))


def sounds_of(name: str) -> list[tuple[str, ...]]:
    """A person's name in its readings, syllable by syllable: the family name comes first and has sounds of its own (曾
    is Zeng)."""
    first, *rest = syllables(name)
    return [(sound, *rest) for sound in dict.fromkeys((first, *_readings(simplified(name)[0])))]


def is_han(text: str) -> bool:
    return all(map(_has_han, text))
