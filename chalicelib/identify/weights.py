"""How much two records of a table speak for one person: the sum of what each column says, in bits.

A column adds log2(agree / chance): how often records of one person agree so far (`data/linkage.json`), over how
often two strangers do, counted in the file itself. A rare value in common therefore weighs more than a frequent one,
and a missing one nothing (Fellegi and Sunter 1969; frequencies after Winkler 1989).
"""

import random
from collections import Counter
from math import log2

from chalicelib.identify.agreement import Level, level
from chalicelib.identify.table import Kind, Table
from chalicelib.identify.word_lists import word_list

_SAMPLED = 5_000  # pairs of rows drawn to see how often strangers agree nearly
_WORDS = {
    Level.SAME: "same {}",
    Level.NEAR: "{} nearly the same",
    Level.PART: "{} alike in part",
    Level.DOMAIN: "{} of the same domain",
    Level.OTHER: "another {}",
}


class Weights:
    """The weights of one table. Values and levels already weighed are kept, as most pairs repeat them."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rules = word_list("linkage")
        self._kinds = [column.kind for column in table.columns]
        places = range(len(self._kinds))
        self._used = [place for place, kind in enumerate(self._kinds) if kind is not Kind.LEFT]
        self._counts = [Counter(record[place] for record in table.records if record[place]) for place in places]
        self._totals = [sum(counts.values()) for counts in self._counts]
        self._chance = [self._by_level(place) for place in places]
        self._known: dict[tuple[int, str, str], float] = {}
        given, family = table.at(Kind.GIVEN), table.at(Kind.FAMILY)
        self._halves = (given[0], family[0]) if given and family else None
        self._alone = [place for place in self._used if not self._halves or place not in self._halves]

    def of(self, i: int, j: int) -> float:
        """The weight of two rows, in bits."""
        a, b = self._table.records[i], self._table.records[j]
        total = self._both_names(a, b)[0]
        for place in self._alone:
            if a[place] and b[place]:
                total += self._weight(place, a[place], b[place])
        return total

    def explain(self, i: int, j: int) -> tuple[str, ...]:
        """The same sum in words, a reason for each column both rows fill."""
        a, b = self._table.records[i], self._table.records[j]
        said = []
        points, swapped = self._both_names(a, b)
        if swapped:
            said.append(_told("given and family name swapped", points))
        for place in self._used if not swapped else self._alone:
            if a[place] and b[place]:
                words = _WORDS[level(self._kinds[place], a[place], b[place])]
                said.append(
                    _told(words.format(self._table.columns[place].header), self._weight(place, a[place], b[place]))
                )
        return tuple(said)

    def _weight(self, place: int, a: str, b: str) -> float:
        key = (place, a, b) if a < b else (place, b, a)
        known = self._known.get(key)
        if known is None:
            found = level(self._kinds[place], a, b)
            chance = self._same(place, a) if found is Level.SAME else self._chance[place][found]
            agree: float = self._rules["agree"][self._kinds[place]][found]
            known = self._known[key] = log2(agree / chance)
        return known

    def _same(self, place: int, value: str) -> float:
        """How often a stranger has this very value, at least once in the file."""
        rows: int = self._rules["prior_rows"]
        expected: float = self._rules["chance"][self._kinds[place]][Level.SAME] * rows
        return (self._counts[place][value] + expected) / (self._totals[place] + rows)

    def _by_level(self, place: int) -> dict[str, float]:
        """How often two strangers agree to each lower level: a seeded sample of the file, on top of the prior."""
        kind = self._kinds[place]
        if kind is Kind.LEFT:
            return {}
        draw = random.Random(1)  # noqa: S311  a sample, not a secret
        values = [record[place] for record in self._table.records if record[place]]
        pairs = [draw.sample(values, 2) for _ in range(min(_SAMPLED, len(values) ** 2))] if len(values) > 1 else []
        seen = Counter(level(kind, a, b) for a, b in pairs)
        prior = self._rules["chance"][kind]
        weight = self._rules["prior_rows"]
        rest = {name: (seen[Level(name)] + part * weight) / (len(pairs) + weight) for name, part in prior.items()}
        rest[Level.OTHER] = max(1 - sum(rest.values()), 0.05)
        return rest

    def _both_names(self, a: tuple[str, ...], b: tuple[str, ...]) -> tuple[float, bool]:
        """Given with given and family with family, or crosswise where that agrees better."""
        if not self._halves:
            return 0.0, False
        given, family = self._halves
        straight = sum(self._weight(p, a[p], b[p]) for p in self._halves if a[p] and b[p])
        crossed = [self._crossed(a[p], b[q]) for p, q in ((given, family), (family, given)) if a[p] and b[q]]
        swapped = sum(crossed) + float(self._rules["swapped"])
        return (swapped, True) if crossed and swapped > straight else (straight, False)

    def _crossed(self, a: str, b: str) -> float:
        """A given name against a family name: what is frequent as either is frequent."""
        assert self._halves
        found = level(Kind.FAMILY, a, b)
        agree = self._rules["agree"][Kind.FAMILY][found]
        if found is Level.OTHER:
            return log2(agree)
        chance = max(self._same(place, value) for place in self._halves for value in (a, b))
        return log2(
            agree / max(chance, self._chance[self._halves[1]].get(found, 0.0) if found is not Level.SAME else 0)
        )


def _told(words: str, points: float) -> str:
    return f"{words} {'+' if points > 0 else '−'}{abs(points):.1f}"
