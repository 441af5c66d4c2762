"""Which part of a text as it is shown was found by a search."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from chalicelib.identify.folding import cjk
from chalicelib.identify.found_by import is_run, pieces, spellings
from chalicelib.identify.han import is_han, simplified, sounds_of, syllables
from chalicelib.records.search import Wanted

_WORD = re.compile(r"[^\W_]+")
_NAME = 4

# A text in pieces, each with whether it was found.
Marked = tuple[tuple[str, bool], ...]


def marked(text: str, wanted: Sequence[Wanted]) -> Marked:
    """The text as it is written, its parts that were found marked; together they are the text."""
    found = bytearray(len(text))
    for start, end in (span for each in wanted for span in _spans(text, each)):
        found[start:end] = b"\1" * (end - start)
    signs = groupby(zip(text, found, strict=True), key=lambda sign: sign[1])
    return tuple(("".join(letter for letter, _ in group), bool(is_found)) for is_found, group in signs)


def marked_phone(phone: str, wanted: Sequence[Wanted]) -> Marked:
    """The same of a number, in which blanks and signs do not count."""
    places = [at for at, sign in enumerate(phone) if sign.isdigit()]
    digits = "".join(phone[at] for at in places)
    for word in (way[0] for each in wanted for way in each.ways if len(way) == 1 and way[0].isdigit()):
        at = digits.find(word)
        if at >= 0:
            start, end = places[at], places[at + len(word) - 1] + 1
            return tuple(part for part in ((phone[:start], False), (phone[start:end], True), (phone[end:], False))
                         if part[0])  # fmt: skip
    return ((phone, False),)


def _spans(text: str, wanted: Wanted) -> Iterator[tuple[int, int]]:
    beginnings = [way for way in wanted.ways if way]
    for word in _WORD.finditer(text):
        for run in cjk().finditer(word.group()):
            yield from _in_run(word.start() + run.start(), run.group(), wanted)
        latin = [piece for piece in pieces(word.group()) if not is_run(piece)]
        if len(latin) == 1:
            yield from _in_word(word.start(), word.group(), latin[0], wanted, beginnings)


def _in_word(
    start: int, written: str, folded: str, wanted: Wanted, beginnings: Sequence[tuple[str, ...]]
) -> Iterator[tuple[int, int]]:
    if folded in wanted.close or (wanted.sounds and any(folded in sound for sound in wanted.sounds)):
        yield start, start + len(written)
    for way in beginnings:
        for part in way:
            if folded.startswith(part):
                # Where folding changed the letters' number, the whole word is meant.
                length = len(part) if len(folded) == len(written) else len(written)
                yield start, start + length


def _in_run(start: int, run: str, wanted: Wanted) -> Iterator[tuple[int, int]]:
    simple = simplified(run)
    for way in wanted.ways:
        at = simple.find("".join(way)) if way and is_run(way[0]) else -1
        if at >= 0:
            yield start + at, min(start + at + len(way), start + len(run))
            return
    spoken = [way[0] for way in wanted.ways if len(way) == 1 and way[0].isascii()]
    if (spoken or wanted.sounds) and is_han(run) and _said(run, (*spoken, *wanted.sounds)):
        yield start, start + len(run)


def _said(run: str, sounds: Sequence[str]) -> bool:
    """Whether any of these is the run read aloud, or a part of that from some syllable on."""
    readings = sounds_of(run) if len(run) <= _NAME else [syllables(run)]
    said = {
        way
        for sound in readings
        for at in range(len(sound))
        for way in (*spellings("".join(sound[at:])), "".join(s[:1] for s in sound), "".join((*sound[at:], *sound[:at])))
    }
    return any(way.startswith(sound) for sound in sounds for way in said)
