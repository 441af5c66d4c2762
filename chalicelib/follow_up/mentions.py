"""Who is named in a note: @ and a name of ours. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.records.rep import Rep

_MARKS = "@＠"


@dataclass(frozen=True, slots=True)
class Mentions:
    """The people named, each once; and names that could be more than one of them."""

    people: tuple[Rep, ...]
    unclear: tuple[str, ...] = ()


def mentioned(text: str, people: Sequence[Rep]) -> Mentions:
    """By full name, id, the address's first part or, where only one is called that, the first word of the name. An @
    inside a word is an e-mail address, and one before a word that is nobody's name is only that."""
    names = _names(people)
    found: dict[str, Rep] = {}
    unclear: dict[str, None] = {}
    for at, mark in enumerate(text):
        if mark not in _MARKS or (at and text[at - 1].isascii() and text[at - 1].isalnum()):
            continue
        name = _longest(text[at + 1 : at + 80], names)
        owners = names.get(name, ())
        if len(owners) == 1:
            found[owners[0].rep_id] = owners[0]
        elif owners:
            unclear[name] = None
    return Mentions(tuple(found.values()), tuple(unclear))


def _names(people: Sequence[Rep]) -> dict[str, tuple[Rep, ...]]:
    names: dict[str, tuple[Rep, ...]] = {}
    for rep in people:
        called = (rep.name, rep.rep_id, rep.email.partition("@")[0], rep.name.split(" ")[0])
        for name in {name.casefold() for name in called if name}:
            names[name] = (*names.get(name, ()), rep)
    return names


def _longest(rest: str, names: dict[str, tuple[Rep, ...]]) -> str:
    """The longest name the text goes on with; one of letters ends where the word ends."""
    folded = rest.casefold()
    fitting = [name for name in names if folded.startswith(name) and _ends(name, folded)]
    return max(fitting, key=len, default="")


def _ends(name: str, text: str) -> bool:
    after = text[len(name) : len(name) + 1]
    return not (name[-1].isascii() and after.isascii() and (after.isalnum() or after in ("-", "_")) and after)
