"""The words a person is found by: folded, in both Han scripts as one, and read aloud."""

import re
from collections.abc import Iterable, Iterator

from chalicelib.identify.folding import cjk, company_key, fold, loose
from chalicelib.identify.han import is_han, simplified, sounds_of, syllables
from chalicelib.identify.phones import national_digits
from chalicelib.records.lead import Lead
from chalicelib.records.search import Document

_WORD = re.compile(r"[^\W_]+")
# A name in Han is four characters at most; of a company's so many are read aloud.
_LONGEST_NAME, _LONGEST_COMPANY = 4, 12
# How lü is typed: lv, lu, lyu.
_UMLAUT = ("v", "u", "yu")
_SYLLABLE = (
    "(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?(?:a(?:i|o|ng?)?|e(?:i|ng?|r)?|i(?:a(?:o|ng?)?|e|ng?|u|ong)?|o(?:u|ng)?"
    "|u(?:a(?:i|ng?)?|e|i|n|o)?|ve?)"
)
_PINYIN = re.compile(f"(?:{_SYLLABLE}){{1,3}}")


def pieces(text: str) -> list[str]:
    """The words of a text, folded so that Müller, Mueller and Muller are one; what is written without blanks (Han,
    kana, Hangul) is one piece for each run, in simplified characters."""
    words = _WORD.findall(loose(fold(text)))
    return words if text.isascii() else [piece for word in words for piece in _runs(word)]


def _runs(word: str) -> Iterator[str]:
    at = 0
    for run in cjk().finditer(word):
        if run.start() > at:
            yield word[at : run.start()]
        yield simplified(run.group())
        at = run.end()
    if at < len(word):
        yield word[at:]


def is_run(piece: str) -> bool:
    return not piece.isascii() and cjk().match(piece) is not None


def document(lead: Lead) -> Document:
    return Document(
        name=" ".join(_unique(_name_words(lead.full_name or f"{lead.given_name} {lead.family_name}"))),
        company=" ".join(_unique(_company_words(lead.company))) if lead.company else "",
        email=" ".join(word for email in lead.emails for word in _spaced(pieces(email))),
        phone=" ".join(_unique(digits for phone in lead.phones for digits in (phone[1:], national_digits(phone)))),
        product=" ".join(word for product in lead.products for word in _spaced(pieces(product))),
    )  # fmt: skip


def _unique(words: Iterable[str]) -> Iterable[str]:
    """Each run of characters must stay as it is, so only what is no single character is told once."""
    seen: set[str] = set()
    for word in words:
        if len(word) == 1 or word not in seen:
            seen.add(word)
            yield word


def _spaced(found: Iterable[str]) -> Iterator[str]:
    for piece in found:
        yield from piece if is_run(piece) else (piece,)


def _name_words(name: str) -> Iterator[str]:
    found = pieces(name)
    yield from _spaced(found)
    latin = [piece for piece in found if not is_run(piece)]
    if 2 <= len(latin) <= _LONGEST_NAME and all(map(_PINYIN.fullmatch, latin)):
        # Xiaoming Wang, which a search in Han reads aloud as wangxiaoming.
        yield from ("".join(latin), "".join((latin[-1], *latin[:-1])))
    for run in found:
        if is_run(run) and is_han(run) and len(run) <= _LONGEST_NAME:
            for sounds in sounds_of(run):
                yield from _aloud(sounds)
                yield from ("".join((*sounds[at:], *sounds[:at])) for at in (1, 2) if at < len(sounds))


def _company_words(company: str) -> Iterator[str]:
    found = pieces(company)
    yield from _spaced(found)
    # Without its legal form, under its best known name.
    key = company_key(company)
    yield from _spaced(pieces(key))
    for run in dict.fromkeys([*pieces(key), *found]):
        if is_run(run) and is_han(run):
            yield from _aloud(syllables(run)[:_LONGEST_COMPANY], words=False)


def _aloud(sounds: tuple[str, ...], words: bool = True) -> Iterator[str]:
    """What is read aloud, from each syllable on (so that any part may be typed), by its initials, and for a name by
    syllables."""
    if words:
        yield from (_loosened for sound in sounds for _loosened in spellings(sound))
    for at in range(len(sounds)):
        yield from spellings("".join(sounds[at:]))
    if len(sounds) > 1:
        yield "".join(sound[:1] for sound in sounds)


def spellings(sound: str) -> list[str]:
    """A syllable or several as people type them."""
    return [loose(sound.replace("v", letter)) for letter in _UMLAUT] if "v" in sound else [loose(sound)]
