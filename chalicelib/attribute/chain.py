"""A Markov chain of journeys: its states, its transitions, and what is lost when states are taken out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chalicelib.attribute.paths import Flags, Floats, Integers, PathTable

# The inverse costs states³, following the flow costs channels · transitions · steps; this is the measured
# ratio of the two. Beyond MOST_DENSE states the matrix alone takes half a gigabyte.
_DENSE_PER_FLOW = 15_000
_MOST_DENSE = 8_000
# Codes up to here are renumbered through a table, not by sorting.
_TABLE_CODES = 5_000_000
_SETTLED = 1e-17


@dataclass(frozen=True, slots=True)
class Chain:
    """An absorbing chain over `k` states, estimated from `walks` journeys.

    `start` is the share of journeys that begin in each state; `origin[t] -> target[t]` has the probability
    `probability[t]`; `reward[s]` is (conversions, value) gained per visit of the state by ending there.
    `holds[s, c]` says that state s contains channel c. `visits` is how often a journey visits each state: it
    needs no solving, because the transitions are estimated from the very journeys.
    """

    start: Floats
    origin: Integers
    target: Integers
    probability: Floats
    reward: Floats
    holds: Flags
    visits: Floats

    @property
    def states(self) -> int:
        return len(self.start)


def chain_of(table: PathTable, order: int) -> Chain:
    """The chain of order 1, 2 or 3: a state is a run of `order` touches, repeats included; a journey shorter
    than that is one state of its own. Journeys count as often as they were walked, with or without success."""
    walked = table.only(table.conversions + table.null > 0)
    states, offsets, holds = _states(walked, order)
    count = len(holds)
    weight = walked.conversions + walked.null
    first, last = states[offsets[:-1]], states[offsets[1:] - 1]
    origin, target, moves = _transitions(states, offsets, weight, count)
    started = np.bincount(first, weights=weight, minlength=count)
    seen = started + np.bincount(target, weights=moves, minlength=count)
    gained = [np.bincount(last, weights=of, minlength=count) for of in (walked.conversions, walked.value)]
    walks = weight.sum()
    # A channel that is only in paths nobody walked is a state that is never seen.
    per_visit = 1 / np.maximum(seen, np.finfo(np.float64).tiny)
    return Chain(
        start=started / walks,
        origin=origin,
        target=target,
        probability=moves / seen[origin],
        reward=np.stack(gained, axis=1) * per_visit[:, None],
        holds=holds,
        visits=seen / walks,
    )


def _states(table: PathTable, order: int) -> tuple[Integers, Integers, Flags]:
    """Each journey as a run of states numbered from 0, their offsets, and which channels each state holds."""
    base = len(table.channels) + 1
    if order == 1:
        return table.codes, table.offsets, np.eye(len(table.channels), dtype=bool)
    place = np.arange(len(table.codes)) - np.repeat(table.offsets[:-1], table.lengths)
    runs = table.codes.astype(np.int64) + 1
    for back in range(1, order):
        behind = (table.codes[:-back].astype(np.int64) + 1) * base**back
        runs[back:] += np.where(place[back:] >= back, behind, 0)
    complete = place >= np.repeat(np.minimum(table.lengths, order), table.lengths) - 1
    numbers, states = _renumbered(runs[complete], base**order)
    holds = np.zeros((len(numbers), base), dtype=bool)
    for back in range(order):
        holds[np.arange(len(numbers)), numbers // base**back % base] = True
    lengths = np.maximum(table.lengths - order + 1, 1)
    return states, np.concatenate(([0], np.cumsum(lengths))), holds[:, 1:]


def _renumbered(values: Integers, limit: int) -> tuple[Integers, Integers]:
    """np.unique with its inverse, through a table of occurrences where the range allows it."""
    if limit > _TABLE_CODES:
        numbers, inverse = np.unique(values, return_inverse=True)
        return numbers, inverse
    present = np.zeros(limit, dtype=bool)
    present[values] = True
    numbers = np.flatnonzero(present)
    return numbers, (np.cumsum(present) - 1)[values]


def _transitions(states: Integers, offsets: Integers, weight: Floats, count: int) -> tuple[Integers, Integers, Floats]:
    """From, to, and how often, over all journeys; steps from one journey into the next are taken out again."""
    pairs = states[:-1].astype(np.int64)
    pairs *= count
    pairs += states[1:]
    edges = offsets[1:-1] - 1
    if count * count > _TABLE_CODES:
        keep = np.ones(len(pairs), dtype=bool)
        keep[edges] = False
        numbers, inverse = np.unique(pairs[keep], return_inverse=True)
        moves: Floats = np.bincount(inverse, weights=np.repeat(weight, np.diff(offsets) - 1)).astype(np.float64)
        return numbers // count, numbers % count, moves
    counted = _counted(pairs, edges, offsets, weight, count * count)
    numbers = np.flatnonzero(counted)
    return numbers // count, numbers % count, counted[numbers]


def _counted(pairs: Integers, edges: Integers, offsets: Integers, weight: Floats, size: int) -> Floats:
    if (weight == 1).all():
        return (np.bincount(pairs, minlength=size) - np.bincount(pairs[edges], minlength=size)).astype(float)
    spread = np.repeat(weight, np.diff(offsets))[:-1]
    spread[edges] = 0.0
    return np.bincount(pairs, weights=spread, minlength=size).astype(float)


def losses(chain: Chain) -> Floats:
    """What each channel's removal loses, as shares of (conversions, value): an array channels × 2, in 0 … 1.

    Removal ends every journey that reaches a state holding the channel. The loss is the chance of first
    reaching each such state times what was still to be gained from it, so that small effects lose no digits.
    """
    dense = _is_dense(chain)
    inverse = _inverse(chain) if dense else np.zeros((0, 0))
    ahead = inverse @ chain.reward if dense else _ahead(chain)
    gained = chain.visits @ chain.reward
    lost = np.zeros((chain.holds.shape[1], 2))
    for channel, holding in enumerate(chain.holds.T):
        taken = np.flatnonzero(holding)
        if len(taken):
            reached = _reached_dense(chain, inverse, taken) if dense else _reached(chain, holding)[taken]
            lost[channel] = reached @ ahead[taken]
    shares: Floats = np.divide(lost, gained, out=np.zeros_like(lost), where=gained > 0)
    return shares


def _is_dense(chain: Chain) -> bool:
    flow = _DENSE_PER_FLOW * chain.holds.shape[1] * len(chain.origin)
    return chain.states <= 500 or (chain.states**3 <= flow and chain.states <= _MOST_DENSE)


def _inverse(chain: Chain) -> Floats:
    matrix = np.eye(chain.states)
    matrix[chain.origin, chain.target] -= chain.probability
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _reached_dense(chain: Chain, inverse: Floats, taken: Integers) -> Floats:
    """Chance that the first of the taken states a journey reaches is this one: visits = reached · inverse."""
    block: npt.NDArray[np.float64] = inverse[np.ix_(taken, taken)]
    return np.asarray(np.linalg.solve(block.T, chain.visits[taken]), dtype=np.float64)


def _reached(chain: Chain, holding: Flags) -> Floats:
    """The same without a matrix: the flow is followed until nothing of it is left outside the taken states.
    A state's loop onto itself is summed in closed form."""
    moving = (~holding)[chain.origin]
    origin, target, probability, _ = _without_loops(
        chain.origin[moving], chain.target[moving], chain.probability[moving], chain.states
    )
    flow, total = chain.start.copy(), chain.start.copy()
    while flow.sum() > _SETTLED:
        flow = np.bincount(target, weights=flow[origin] * probability, minlength=chain.states).astype(np.float64)
        total += flow
    return total


def _ahead(chain: Chain) -> Floats:
    """Expected (conversions, value) still to come from each state, by the same iteration backwards."""
    origin, target, probability, stay = _without_loops(chain.origin, chain.target, chain.probability, chain.states)
    total = np.zeros((chain.states, 2))
    for of in range(2):
        flow = chain.reward[:, of] / (1 - stay)
        while flow.sum() > _SETTLED * total[:, of].sum():
            total[:, of] += flow
            flow = np.bincount(origin, weights=flow[target] * probability, minlength=chain.states).astype(np.float64)
    return total


def _without_loops(
    origin: Integers, target: Integers, probability: Floats, states: int
) -> tuple[Integers, Integers, Floats, Floats]:
    """Transitions between different states, given that the state is left; and each state's chance of staying."""
    loop = origin == target
    stay = np.zeros(states)
    stay[origin[loop]] = probability[loop]
    return origin[~loop], target[~loop], (probability / (1 - stay[origin]))[~loop], stay
