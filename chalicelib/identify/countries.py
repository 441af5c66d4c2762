"""Countries as people write them."""

import unicodedata
from functools import lru_cache

from chalicelib.identify.word_lists import word_list, words_of


@lru_cache(maxsize=1024)
def country_code(text: str) -> str:
    """ISO 3166-1 alpha-2 for a name (en, de, fr, es, ja, zh), an alpha-2 or an alpha-3 code; "" if unknown."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(letter for letter in decomposed if letter.isalnum())
    upper = folded.upper()
    if upper in words_of("countries", "codes"):
        return upper
    names = word_list("countries")["names"]
    code: str = names.get(folded) or names.get(folded.removeprefix("the"), "")
    return code
