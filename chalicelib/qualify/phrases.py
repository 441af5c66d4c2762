"""Finding the phrases of rules in a text of any of our languages."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

_WORD = re.compile(r"\w+")
_KANA = "\u3040"  # kana, Han and Hangul lie from here on, what is written with blanks before
_BEFORE = 40  # how many characters before a phrase a negation is looked for


class PhraseBook:
    """Several lists of phrases, looked for together.

    Phrases of letters match as whole words, whatever their case; "*" at the start or end stands for the rest
    of a word (German compounds), alone for any one word. Chinese has no blanks, so its phrases match anywhere.
    A phrase just after a negation is not meant. `found` gives the numbers of all lists that fit a text, `first`
    the lowest or None."""

    def __init__(self, lists: Iterable[Sequence[str]], negations: Sequence[str] = ()) -> None:
        lists = list(lists)
        self._patterns = [_pattern(phrases) for phrases in lists]
        self._negation = _negation(negations)
        # A cheap look at single words first: most texts hold hardly a phrase of hardly a list.
        self._whole, self._starts, self._ends, self._marks = _clues(lists)
        self._any_start, self._any_end = tuple(self._starts), tuple(self._ends)
        self._any_mark = re.compile("|".join(map(re.escape, sorted(self._marks, reverse=True))) or "(?!)")

        # Titles repeat within a list, so their answers are kept.
        self.first: Callable[[str], int | None] = lru_cache(maxsize=1024)(self._first)

    def found(self, text: str) -> Iterator[int]:
        """The numbers of the lists of which the text has a phrase, in their order."""
        text = text.lower()
        for number in sorted(self._likely(text)):
            if any(not self._negated(text, match.start()) for match in self._patterns[number].finditer(text)):
                yield number

    def _first(self, text: str) -> int | None:
        return next(self.found(text), None)

    def _likely(self, text: str) -> set[int]:
        """The lists of which at least one telling word occurs."""
        likely: set[int] = set()
        for word in set(_WORD.findall(text)):
            if word in self._whole:
                likely |= self._whole[word]
            if word.startswith(self._any_start):
                likely.update(*[lists for start, lists in self._starts.items() if word.startswith(start)])
            if word.endswith(self._any_end):
                likely.update(*[lists for end, lists in self._ends.items() if word.endswith(end)])
        if not text.isascii() and self._any_mark.search(text):
            likely.update(*[lists for mark, lists in self._marks.items() if mark in text])
        return likely

    def _negated(self, text: str, at: int) -> bool:
        return bool(self._negation.search(text[max(0, at - _BEFORE) : at]))


def _unspaced(phrase: str) -> bool:
    """Whether it is of a script without blanks. Not by a pattern: one over so many characters takes a millisecond to
    make, which a visitor waits for at a cold start."""
    return max(phrase, default="") >= _KANA


def _pattern(phrases: Sequence[str]) -> re.Pattern[str]:
    marks = [re.escape(phrase.strip("*")) for phrase in phrases if _unspaced(phrase)]
    words = sorted([_regex(phrase) for phrase in phrases if not _unspaced(phrase)], reverse=True)
    spelled = [rf"\b(?:{'|'.join(words)})\b"] if words else []
    return re.compile("|".join([*marks, *spelled]) or "(?!)")


def _negation(words: Sequence[str]) -> re.Pattern[str]:
    """Matches at the end of what stands before a phrase: a negation with at most two words between."""
    marks = "|".join(re.escape(word) for word in words if _unspaced(word)) or "(?!)"
    spelled = "|".join(_regex(word) for word in words if not _unspaced(word)) or "(?!)"
    return re.compile(rf"(?:(?:{marks})[^。，,.;；]{{0,3}}|\b(?:{spelled})(?:\s+\w+){{0,2}}\s+)$")


def _regex(phrase: str) -> str:
    parts = [re.escape(word).replace(r"\*", r"\w*").replace("'", "['’]") for word in phrase.split()]
    return r"\s+".join(r"\w+" if part == r"\w*" else part for part in parts)


_Clues = dict[str, set[int]]


def _clues(lists: Sequence[Sequence[str]]) -> tuple[_Clues, _Clues, _Clues, _Clues]:
    """Of each phrase the longest word, which must occur (whole, as a start, as an end; Chinese as it is), and
    the numbers of the lists it stands for."""
    whole: _Clues = {}
    starts: _Clues = {}
    ends: _Clues = {}
    marks: _Clues = {}
    for number, phrase in ((number, phrase) for number, phrases in enumerate(lists) for phrase in phrases):
        clue = max(re.findall(r"\*?\w+\*?", phrase), key=len)
        kind = whole
        if _unspaced(phrase):
            clue, kind = phrase, marks
        elif "*" in clue:
            kind = starts if clue.endswith("*") else ends
        kind.setdefault(clue.strip("*"), set()).add(number)
    return whole, starts, ends, marks
