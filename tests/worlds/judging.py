"""What else must hold of a seeded world at rest, beside what holds of every world (tests/faults/invariants.py)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.flows.reconcile import behind
from chalicelib.records.event import RegistrationState
from chalicelib.records.message import PROMOTIONAL
from chalicelib.records.ports import Deps
from chalicelib.records.touch import MOST_ESCALATIONS, WAITING_STATES
from tests.faults.invariants import Finished, Post, name_in_mail
from tests.worlds.ses_model import Taken


@dataclass(frozen=True, slots=True)
class Seen:
    """`excused` is how often each mail may have gone again, `opted_out` when each objection was acknowledged."""

    finished: Finished
    taken: Sequence[Taken]
    posts: Sequence[Post]
    excused: Mapping[str, int]
    opted_out: Mapping[str, float]


def more(seen: Seen) -> list[str]:
    return [found for check in (_repeats, _promotion, _received, _seats, _late) for found in check(seen)]


def not_as_stored(deps: Deps) -> list[str]:
    """The read model shows every record at the version that is stored."""
    parts = [refs for number in range(30) for refs in behind(deps, number, 30)]
    return [f"miscounted: the read model shows another {ref}" for refs in parts for ref in refs]


def _repeats(seen: Seen) -> Iterator[str]:
    """A mail goes again only where nobody knows what became of it, and each time for a reason of its own."""
    for name, times in sorted(Counter(h.message_id.split("@")[0] for h in seen.finished.handed).items()):
        unknown = seen.excused.get(name, 0)
        if times > 1 + unknown:
            yield f"mail twice: {name} was handed over {times} times, {unknown} of unknown fate"


def _promotion(seen: Seen) -> Iterator[str]:
    """Sixty seconds after somebody objected no promotion goes to them."""
    rows = {name_in_mail(message): message for message in seen.finished.of("Message")}
    for taken in seen.taken:
        message = rows.get(taken.handed.message_id.split("@")[0])
        if message is None or message.kind not in PROMOTIONAL:
            continue
        since = seen.opted_out.get(message.lead_id)
        if since is not None and taken.at > since + 60:
            yield f"opted out: {message.lead_id} got promotion {taken.at - since:.0f} seconds later"


def _received(seen: Seen) -> Iterator[str]:
    """Accepted + merged + quarantined + rejected = received: a receipt for each stored post, not one more."""
    stored = {touch.message for touch in seen.finished.of("Touch")}
    posts = sum(post.message in stored for post in seen.posts)
    if len(seen.finished.of("Receipt")) != posts:
        yield f"miscounted: {len(seen.finished.of('Receipt'))} receipts of {posts} posts"


def _seats(seen: Seen) -> Iterator[str]:
    """Never more people than seats; and the count is that of the people."""
    seats = {seminar.event_id: seminar.seats for seminar in seen.finished.of("Seminar")}
    for count in seen.finished.of("SeatCount"):
        placed = [r for r in seen.finished.of("Registration") if r.state is RegistrationState.CONFIRMED]
        if len(placed) > seats[count.event_id] or len(placed) != count.taken:
            yield f"seats: {len(placed)} people, {count.taken} counted, {seats[count.event_id]} seats"


def _late(seen: Seen) -> Iterator[str]:
    """No request is past its limit without an escalation."""
    for request in seen.finished.of("Request"):
        waits = request.state in WAITING_STATES and request.escalations < MOST_ESCALATIONS
        if waits and request.respond_by + timedelta(minutes=10) < seen.finished.now:
            yield f"late: request {request.request_id} is past its limit without an escalation"
