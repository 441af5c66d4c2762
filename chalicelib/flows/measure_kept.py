"""How often a sign of spam was wrong: of what was quarantined for it, how much was let in: by a person, or
by the work of the visitor's browser where that was all that had been missing.

A submission with two signs counts with both. What was sent is kept for a limited time, and its record with it, so that
these figures go back no further than that."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chalicelib.records.kept import Kept, KeptState
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.receipt import ReceiptOutcome
from chalicelib.records.search import KeptQuery

# The newest of each state; more say hardly more.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class SignFigures:
    """`sign` "" is all of them together, each submission once."""

    sign: str
    let_in: int
    dropped: int
    waiting: int

    @property
    def quarantined(self) -> int:
        return self.let_in + self.dropped + self.waiting

    @property
    def share(self) -> float | None:
        """Of what somebody has decided on, how much was let in; None before anything was."""
        decided = self.let_in + self.dropped
        return self.let_in / decided if decided else None


def measure_kept(deps: Deps, query: KeptQuery) -> list[SignFigures]:
    """All together first, then by sign, the most frequent first; of the days of the query. Nothing where there was no
    quarantine."""
    found = list(_quarantined(deps, query))
    signs = Counter(sign for kept in found for sign in signs_of(kept))
    return [_figures("", found)] * bool(found) + [_figures(sign, found) for sign, _ in signs.most_common()]


def signs_of(kept: Kept) -> tuple[str, ...]:
    """The reasons without what is particular of this one: "a throw-away mailbox: …" is one sign."""
    return tuple(dict.fromkeys(reason.partition(": ")[0] for reason in kept.reasons))


def _quarantined(deps: Deps, query: KeptQuery) -> Iterator[Kept]:
    for state in KeptState:
        asked = replace(query, outcome=ReceiptOutcome.QUARANTINED, state=state, limit=MOST, offset=0)
        ids, _ = deps.model.kept(asked)
        yield from (s.value for s in deps.store.get_many([Ref(Kept, (kept_id,)) for kept_id in ids]) if s)


def _figures(sign: str, found: Iterable[Kept]) -> SignFigures:
    states = Counter(kept.state for kept in found if not sign or sign in signs_of(kept))
    return SignFigures(sign, states[KeptState.RELEASED], states[KeptState.DROPPED], states[KeptState.WAITING])
