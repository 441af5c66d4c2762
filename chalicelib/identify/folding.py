"""Folding text to what it is compared by: case, accents, umlauts, widths, punctuation, legal forms.

Unicode compatibility forms (full-width letters, ligatures) go by NFKD, Unicode Standard Annex 15.
"""

import re
import unicodedata
from functools import cache, lru_cache

from chalicelib.identify.han import simplified
from chalicelib.identify.word_lists import word_list, words_of

# Letters that NFKD leaves whole; German umlauts by their spelling in passports (DIN 5007-2).
_SPELLED = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "oe", "ł": "l", "đ": "d",
    "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "'": "", "’": "", "‘": "", "ʼ": "", "`": "", "´": "",
})  # fmt: skip
_ACCENTS = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_]+")


@cache
def cjk() -> re.Pattern[str]:
    """Finds runs of the scripts that write a name without blanks: kana, Han with its extensions, Hangul. Made at the
    first name that needs it: so many characters take a millisecond."""
    return re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+")


def fold(text: str) -> str:
    """Lower case without accents, umlauts spelled out ("Jürgen" -> "juergen"), apostrophes dropped."""
    if text.isascii():
        return text.lower().replace("'", "")
    spelled = unicodedata.normalize("NFKC", text).casefold().translate(_SPELLED)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", spelled)))


def loose(text: str) -> str:
    """One more fold, for comparing only: "mueller" and "muller" both become "muller"."""
    return text.replace("ue", "u").replace("oe", "o").replace("ae", "a")


@lru_cache(maxsize=4096)
def name_tokens(name: str) -> tuple[str, ...]:
    """The folded words of a name in sorted order, so "Last, First" equals "First Last". Titles (Dr., Frau,
    先生) are left out while something remains. Han, kana and Hangul stay one token, blanks removed, traditional
    characters simplified."""
    words = _WORD.findall(fold(name))
    if not name.isascii():
        words = _joined(words)
    titles = words_of("nicknames", "titles")
    if not titles.isdisjoint(words):
        words = [word for word in words if word not in titles] or words
    return tuple(sorted(words))


def _joined(words: list[str]) -> list[str]:
    whole = "".join(part for word in words for part in cjk().findall(word))
    for title in word_list("nicknames")["han_titles"]:
        whole = whole.removesuffix(title) or whole
    rest = [part for word in words for part in cjk().sub(" ", word).split()]
    return [simplified(whole), *rest] if whole else rest


@lru_cache(maxsize=4096)
def company_key(company: str) -> str:
    """The company's name folded, without blanks and without its legal form; "" for none.

    "Nord Tech GmbH & Co. KG", "NORD TECH" and "Nord-Tech Ltd." are all "nordtech"; 華為技術有限公司 is 华为技术. One
    of several known names (`data/company_aliases.json`) becomes the first: "VW" is "volkswagen"."""
    text = fold(company).replace(".", "")
    if not text.isascii():
        text = _without_han_form(text)
    words = _WORD.findall(text)
    forms, inner, first = _forms()
    while len(words) > 1 and (words[-1] in forms or (words[-1] in inner and words[-2] in forms)):
        words.pop()
    if len(words) > 1 and words[0] in first:
        del words[0]
    key = loose("".join(words))
    return _aliases().get(key, key)


def company_alias(word: str) -> str:
    """The best known name of a company that goes by this one ("vw" -> "volkswagen"), else the word itself."""
    return _aliases().get(word, word)


@cache
def _aliases() -> dict[str, str]:
    groups = word_list("company_aliases")["groups"]
    return {loose(alias): loose(group[0]) for group in groups for alias in group}


@cache
def _forms() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    return words_of("company_forms", "words"), words_of("company_forms", "inner"), words_of("company_forms", "first")


def _without_han_form(text: str) -> str:
    bare = "".join(text.split())
    for form in word_list("company_forms")["han"] * 2:
        bare = bare.removeprefix(form) or bare
        bare = bare.removesuffix(form) or bare
    return simplified(bare) if cjk().search(text) else text
