"""Legal basis: does what was recorded for a list allow promotional mail in a country?

A first, small table (data/legal_basis.json): per country the grounds that suffice, with the law; a country that
is not in it is held to the strictest row. Nothing is inferred from the country alone: without a recorded text
there is no basis anywhere. A text that names several grounds counts as each of them; one that names none of the
known grounds is taken at its word ("stated"): whoever uploaded the list answers for it, and the text stays on
the message. Take "stated" out of a row to hold such mails.
"""

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

NO_BASIS = "no legal basis is recorded for this list"
NOT_ENOUGH = "the recorded basis is not enough in this country"
STATED = "stated"


def promotional_basis(country: str, recorded: str) -> str:
    """The recorded text when it suffices for promotional mail in the country, else "" (none).

    `country` is ISO 3166-1 alpha-2 or "" for unknown, which counts as the strictest."""
    return "" if basis_gap(country, recorded) else _clean(recorded)


@lru_cache(maxsize=1024)
def basis_gap(country: str, recorded: str) -> str:
    """Why promotional mail may not go on this ground, or "" when it may."""
    text = _clean(recorded)
    if not text or _denied(text.casefold()):
        return NO_BASIS
    table = _table()
    row = table["countries"].get(country.strip().upper(), table["default"])
    if _grounds(text) & set(row["accepts"]):
        return ""
    return f"{NOT_ENOUGH}: {country.strip().upper() or 'unknown'}"


def _denied(text: str) -> bool:
    """Whether the text says in words that there is none ("none", "no consent")."""
    denials = _table()["denials"]
    return text in denials["whole"] or any(words in text for words in denials["within"])


def _grounds(text: str) -> set[str]:
    """Which grounds the text names. The longest wording counts: "soft opt-in" is not also an "opt-in"."""
    rest, found = text.casefold(), set()
    wordings = [(word, ground) for ground, words in _table()["grounds"].items() for word in words]
    for word, ground in sorted(wordings, key=lambda entry: -len(entry[0])):
        if word in rest:
            found.add(ground)
            rest = rest.replace(word, " ")
    return found or {STATED}


def _clean(recorded: str) -> str:
    return " ".join(recorded.split())


@cache
def _table() -> dict[str, Any]:
    path = Path(__file__).parent.parent / "data" / "legal_basis.json"
    table: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return table
