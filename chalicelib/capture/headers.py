"""The words above the columns of lists, in seven languages, compared without case, accents and punctuation."""

import functools
import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_DATA = Path(__file__).parent.parent / "data" / "columns.json"


@dataclass(frozen=True, slots=True)
class Words:
    """The data file, with each header word reduced to its letters and digits ("ours" and "leave" are no fields).

    `whole_only` are words that name a column alone but not at the end of others ("Name", but not "List name");
    `languages` are the languages a word belongs to.
    """

    field_of: dict[str, str]
    ours: tuple[str, ...]
    phrases: tuple[tuple[str, str], ...]
    whole_only: frozenset[str]
    languages: dict[str, frozenset[str]]


@functools.cache
def words() -> Words:
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    field_of = {header_key(word): "leave" for word in data["leave"]}
    ours = [header_key(word) for listed in data["ours"].values() for word in listed]
    field_of |= dict.fromkeys(ours, "ours")
    languages: dict[str, set[str]] = {}
    for field, by_language in data["fields"].items():
        for language, listed in by_language.items():
            for key in map(header_key, listed):
                field_of[key] = field
                languages.setdefault(key, set()).add(language)
    phrases = [(phrase, "opt_out") for phrase in data["opt_out_phrases"]]
    phrases += [(phrase, "consent") for phrase in data["consent_phrases"]]
    long_ours = tuple(word for word in ours if len(word) > 2 or not word.isascii())
    spoken = {key: frozenset(found) for key, found in languages.items()}
    return Words(field_of, long_ours, tuple(phrases), frozenset(data["whole_only"]), spoken)


@functools.lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    folded = unicodedata.normalize("NFKD", header).casefold()
    return "".join(char for char in folded if char.isalnum())


def header_language(header: Sequence[str]) -> str:
    """The language whose words alone stand above most columns (BCP 47), "" where no language has more than others."""
    alone = [words().languages.get(header_key(name), frozenset()) for name in header]
    counted = Counter(next(iter(found)) for found in alone if len(found) == 1)
    ranked = counted.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return ""
    return ranked[0][0]
