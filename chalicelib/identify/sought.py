"""What somebody looks for: read into words, widened to what is spelled nearly like them, held against people."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from string import ascii_lowercase

from chalicelib.identify.folding import company_alias
from chalicelib.identify.found_by import is_run, pieces, spellings
from chalicelib.identify.han import is_han, sounds_of
from chalicelib.records.search import Document, Wanted

_PHONE = re.compile(r"\+?[\d ()/.-]{5,30}")
_MOST_WORDS, _LONGEST_WORD = 8, 60
# Below that many letters everything is spelled like everything; from _LONG on two slips are likely to be slips.
_SHORT, _LONG = 4, 8
_BEGINNING = 2
_MOST_SOUNDS = 4
# As many names in Han are read aloud whole.
_SPOKEN = range(2, 5)


class Nearness(IntEnum):
    """How a word is found, the best first."""

    WHOLE = 0
    BEGINNING = 1
    SOUND = 2
    CLOSE = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """`field` counts the fields of a document; `word` is the one meant where it is not what was typed."""

    nearness: Nearness
    field: int
    word: str = ""


def asked(text: str) -> tuple[Wanted, ...]:
    """The words of a search; all of them are wanted. () where nothing can be looked for."""
    text = " ".join(text.split())
    if _PHONE.fullmatch(text):
        digits = "".join(filter(str.isdigit, text))
        if not digits.strip("0"):
            return ()
        # 0049 30 …, 030 …: the way out of a country or a town is no part of the number; but in Italy the 0 is.
        return (Wanted(text, tuple((each,) for each in dict.fromkeys((digits.lstrip("0"), digits)))),)
    return tuple(wanted for chunk in text.split() for wanted in _wanted(chunk))[:_MOST_WORDS]


def _wanted(chunk: str) -> Iterator[Wanted]:
    found = [piece[:_LONGEST_WORD] for piece in pieces(chunk)]
    if any(map(is_run, found)):
        yield from (_run(piece) if is_run(piece) else Wanted(piece, ((piece,),)) for piece in found)
    elif found:
        # jana@customer, nord-tech: as it is written, or run together.
        joined = "".join(found)
        ways = [tuple(found), (joined,), (company_alias(joined),)]
        if joined.isdigit() and joined.strip("0"):
            ways.append((joined.lstrip("0"),))
        yield Wanted(chunk, tuple(dict.fromkeys(ways)))


def _run(run: str) -> Wanted:
    sounds: list[str] = []
    if is_han(run) and len(run) in _SPOKEN:
        sounds = [way for sound in sounds_of(run) for way in spellings("".join(sound))][:_MOST_SOUNDS]
    alias = company_alias(run)
    return Wanted(run, tuple(dict.fromkeys([tuple(run), tuple(alias) if is_run(alias) else (alias,)])), tuple(sounds))


def beginnings(wanted: Wanted) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where to look for words spelled nearly like one: by how they begin, and by themselves where the slip is in that
    beginning. Nothing for what is too short, a number or not in Latin letters."""
    word = _misspelled(wanted)
    if not word:
        return (), ()
    first, rest = word[:_BEGINNING], word[_BEGINNING:]
    slips = {first[1] + first[0], first[0], first[1], first[0] + rest[0] + first[1]}
    for letter in ascii_lowercase:
        slips |= {letter + first[1], first[0] + letter, letter + first, first[0] + letter + first[1]}
    whole = {slip + rest for slip in slips} | {first[0] + rest[0] + first[1] + rest[1:]}
    return (first,), tuple(sorted(whole - {word}))


def nearby(wanted: Wanted, words: Iterable[str]) -> tuple[str, ...]:
    """Those of the words that are spelled nearly like it, the nearest first: one slip, in a long word two, where a slip
    is a letter too many, too few, another one, or two neighbours swapped (Damerau 1964). A word that is still being
    typed may go on after it."""
    from jellyfish import damerau_levenshtein_distance as slips_between

    word = _misspelled(wanted)
    most = 2 if len(word) >= _LONG else 1
    found = []
    for other in words if word else ():
        begun = other[: len(word)]
        if len(other) < len(word) - most or not other.isascii() or other.isdigit():
            continue
        if len(other) <= len(word) + most and (slips := slips_between(word, other)) <= most:
            found.append((slips, other))
        elif len(other) > len(word) and len(word) > _SHORT and slips_between(word, begun) <= 1:
            found.append((most + 1, other))
    return tuple(other for _, other in sorted(found) if other != word)


def _misspelled(wanted: Wanted) -> str:
    """The word that may be misspelled, "" where none is looked for."""
    word = "".join(wanted.ways[0]) if len(wanted.ways[0]) == 1 else ""
    return word if len(word) >= _SHORT and word.isascii() and word.isalpha() else ""


def hit(wanted: Wanted, person: Document) -> Hit | None:
    """How a word is found in a person's, the best way there is."""
    found = [each for number, words in enumerate(fields_of(person)) if (each := _in_field(wanted, number, words))]
    return min(found, key=lambda each: (each.nearness, each.field), default=None)


def fields_of(person: Document) -> Sequence[str]:
    return person.name, person.company, person.email, person.phone, person.product


def _in_field(wanted: Wanted, number: int, words: str) -> Hit | None:
    if not words:
        return None
    padded = f" {words} "
    begun = [f" {' '.join(way)}" for way in wanted.ways if way]
    if any(f"{way} " in padded for way in begun):
        return Hit(Nearness.WHOLE, number)
    if any(way in padded for way in begun):
        return Hit(Nearness.BEGINNING, number)
    if number == 0 and any(f" {sound}" in padded for sound in wanted.sounds):
        return Hit(Nearness.SOUND, number)
    close = next((word for word in wanted.close if f" {word} " in padded), "")
    return Hit(Nearness.CLOSE, number, close) if close else None


def rank(hits: Collection[Hit]) -> tuple[int, int, int]:
    """Better ones are less: the worst word counts first, then all of them, then where they were found."""
    return (
        max(each.nearness for each in hits), sum(each.nearness for each in hits), sum(each.field for each in hits),
    )  # fmt: skip
