"""Pairs to people: rows are joined from the heaviest pair down, as long as the whole of both sides agrees."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log2

from chalicelib.identify.weights import Weights
from chalicelib.identify.word_lists import word_list

_ROWS = 1000  # of this many the thresholds are; in more rows more pairs agree by chance


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows compared: `joined` when this pair made one person of them; the reasons add up to the weight."""

    rows: tuple[int, int]
    weight: float
    reasons: tuple[str, ...]
    joined: bool


@dataclass(frozen=True, slots=True)
class Clusters:
    """`of_row[i]` is the number of the person of row i, counted from 0 in order of appearance. `joined` are the pairs
    that made people of rows; `doubtful` are pairs below the threshold, or above it where the rest of the two groups
    spoke against it."""

    of_row: tuple[int, ...]
    joined: tuple[Pair, ...] = ()
    doubtful: tuple[Pair, ...] = ()


def cluster(rows: int, pairs: Iterable[tuple[int, int]], weights: Weights) -> Clusters:
    """Two groups become one where a pair of theirs reaches the threshold and all pairs between them reach, on average,
    the lower one: one false bridge does not join two families. Deterministic: ties go to the earlier rows."""
    rules = word_list("linkage")
    threshold = rules["threshold"] + max(0.0, log2(max(rows, 1) / _ROWS))
    weighed = {pair: weights.of(*pair) for pair in pairs}
    heavy = sorted((-weight, pair) for pair, weight in weighed.items() if weight >= threshold)
    groups = _Groups(rows, weighed, weights, rules["average"])
    left = [pair for _, pair in heavy]
    while left:
        waiting = [pair for pair in left if not groups.join(pair)]
        if len(waiting) == len(left):
            break
        left = [pair for pair in waiting if groups.apart(pair)]
    near = sorted((-w, pair) for pair, w in weighed.items() if w >= rules["doubtful"] and groups.apart(pair))
    joined = [Pair(pair, round(weighed[pair], 1), weights.explain(*pair), True) for pair in groups.bridges]
    doubtful = [Pair(pair, round(-weight, 1), weights.explain(*pair), False) for weight, pair in near]
    return Clusters(numbered(groups.owner), tuple(joined), tuple(doubtful))


class _Groups:
    """Which rows are one person so far."""

    def __init__(self, rows: int, weighed: dict[tuple[int, int], float], weights: Weights, average: float) -> None:
        self.owner = list(range(rows))
        self.bridges: list[tuple[int, int]] = []
        self._members = [[row] for row in range(rows)]
        self._weighed, self._weights, self._average = weighed, weights, average

    def apart(self, pair: tuple[int, int]) -> bool:
        return self.owner[pair[0]] != self.owner[pair[1]]

    def join(self, pair: tuple[int, int]) -> bool:
        """Join the two groups of the pair if they agree; True when they are one afterwards."""
        first, second = (self.owner[row] for row in pair)
        if first == second:
            return True
        left, right = self._members[first], self._members[second]
        between = [self._between(min(i, j), max(i, j)) for i in left for j in right]
        if sum(between) / len(between) < self._average:
            return False
        for row in right:
            self.owner[row] = first
        left.extend(right)
        self.bridges.append(pair)
        return True

    def _between(self, i: int, j: int) -> float:
        weight = self._weighed.get((i, j))
        if weight is None:
            weight = self._weighed[i, j] = self._weights.of(i, j)
        return weight


def numbered(owners: Iterable[object]) -> tuple[int, ...]:
    """Equal owners to equal numbers, from 0 in order of appearance."""
    numbers: dict[object, int] = {}
    return tuple([numbers.setdefault(owner, len(numbers)) for owner in owners])
