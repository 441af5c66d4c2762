"""Which rows of a table are worth comparing: those that share keys. All against all would be n² / 2 pairs."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from chalicelib.identify.table import Kind, Table
from chalicelib.identify.word_lists import word_list

_WHOLE = frozenset({Kind.EMAIL, Kind.PHONE, Kind.DATE, Kind.NUMBER, Kind.TEXT})
_NAMES = frozenset({Kind.GIVEN, Kind.FAMILY})
# A key of these is a person's own and is enough by itself.
_OWN = frozenset({Kind.EMAIL, Kind.PHONE, Kind.NUMBER})

Key = tuple[object, ...]


def candidate_pairs(table: Table) -> set[tuple[int, int]]:
    """Pairs (i, j) of rows with i < j that share a key: a whole value, a word of the name, either half of an e-mail
    address, a code or part of a date with a name's first letters. Two rows that both fill `full_columns` columns must
    share two, or one that is a person's own: strangers with one surname are most of the pairs there.

    A key that more than `largest_block` rows share tells too little and is passed over, which keeps the work in step
    with the rows."""
    rules = word_list("linkage")
    blocks: dict[Key, list[int]] = defaultdict(list)
    for row, record in enumerate(table.records):
        for key in set(_keys(table, record)):
            blocks[key].append(row)
    own = {place for kind in _OWN for place in table.at(kind)}
    full = [sum(map(bool, record)) >= rules["full_columns"] for record in table.records]
    shared: Counter[tuple[int, int]] = Counter()
    pairs: set[tuple[int, int]] = set()
    for key, rows in blocks.items():
        if not 1 < len(rows) <= rules["largest_block"]:
            continue
        if len(key) == 2 and key[0] in own:
            pairs.update(combinations(rows, 2))
        else:
            shared.update(combinations(rows, 2))
    pairs.update(pair for pair, keys in shared.items() if keys > 1 or not (full[pair[0]] and full[pair[1]]))
    return pairs


def _keys(table: Table, record: tuple[str, ...]) -> Iterator[Key]:
    """The keys as readable tuples: the column's place, or "name" for all its columns, and the value."""
    words = [w for c, value in zip(table.columns, record, strict=True) if value for w in _words(c.kind, value)]
    for word in words:
        yield "name", word
    for place, (column, value) in enumerate(zip(table.columns, record, strict=True)):
        if not value:
            continue
        if column.kind in _WHOLE:
            yield place, value
        if column.kind is Kind.EMAIL:
            local, _, domain = value.partition("@")
            yield from ((place, "local part", local), (place, "domain", domain))
        elif column.kind is Kind.CODE:
            yield from ((place, value, word[:2]) for word in words)
        elif column.kind is Kind.DATE:
            yield from ((place, part, word[0]) for word in words for part in (value[:4], value[4:]))


def _words(kind: Kind, value: str) -> list[str]:
    return [value] if kind in _NAMES else value.split() if kind is Kind.NAME else []
