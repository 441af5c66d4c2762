"""Work that was given up after its last attempt: noted with the reason, listed, and given again."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.records.deliveries import DeadLetter, GivenUp
from chalicelib.records.ports import Deps, Put, StoreUnavailable
from chalicelib.records.queue_ports import ATTEMPTS

# The queues whose messages may be given up; embedded there are those of uploads and reports.
TOPICS = ("index", "outbox", "mail-events", "reports", "uploads", "chunks", "door")
# Its queue is filled by the mail service's topic and by nobody else, so that nobody can make news up: what was given
# up of it is heard where it lies.
NEWS = "mail-events"
# Where AWS puts changes of the stream that could not be passed on, and what tells of each.
CHANGES, CHANGES_FOLDER = "changes", "aws/lambda/"
# As long as the queues keep dead letters.
KEPT_FOR = timedelta(days=14)
# Of these a message names records and files by id alone; the others hold what somebody sent.
_NAMING = frozenset({"index", "outbox", "reports", "uploads", "chunks"})
_SHOWN = 200
# So many of a topic are given again at once; who has more asks again.
AT_ONCE = 300
UNKNOWN = "the function ended before it could say why"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message that was given up. `what` names what it was about, "" where that is not for everybody."""

    topic: str
    message_id: str
    what: str
    reason: str
    attempts: int
    given_up_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Some of them, and how many there are by topic, without those that have none. `changes` are files of changes
    that could not be passed on."""

    letters: tuple[Letter, ...]
    totals: dict[str, int]
    changes: int

    @property
    def total(self) -> int:
        return sum(self.totals.values()) + self.changes


def note_failure(deps: Deps, topic: str, message_id: str, attempt: int, why: str) -> None:
    """At the last attempt, why it failed; the first reason that is noted counts. Noting it is no work that may fail."""
    if attempt < ATTEMPTS or not message_id:
        return
    with suppress(Exception):
        now = deps.clock()
        deps.store.commit([Put(GivenUp(topic, message_id, why[:_SHOWN], now, now + KEPT_FOR), 0)])


def list_dead(deps: Deps, limit: int = 20) -> DeadLetters:
    """At most `limit` of each topic. A queue that cannot be asked is passed over."""
    letters: list[Letter] = []
    totals: dict[str, int] = {}
    for topic in TOPICS:
        with suppress(StoreUnavailable):
            found, total = deps.queue.dead(topic, limit)
            if total:
                totals[topic] = total
                letters += _letters(deps, topic, found)
    return DeadLetters(tuple(letters), totals, len(deps.blobs.list(CHANGES_FOLDER)))


def _letters(deps: Deps, topic: str, found: list[DeadLetter]) -> Iterator[Letter]:
    noted = {stored.value.message_id: stored.value for stored in deps.store.query(GivenUp, topic)}
    for letter in found:
        why = noted.get(letter.message_id)
        what = letter.body[:_SHOWN] if topic in _NAMING else ""
        reason, at = (why.reason, why.at) if why else (UNKNOWN, None)
        yield Letter(topic, letter.message_id, what, reason, letter.attempts, at)


def revive_dead(deps: Deps) -> dict[str, int]:
    """Give all of them again but the news of mail, as new messages: how many by topic. Whoever takes one may have done
    it already, and does it no second time."""
    revived: dict[str, int] = {}
    for topic in TOPICS:
        if topic == NEWS:
            continue
        with suppress(StoreUnavailable):
            if count := deps.queue.revive(topic, AT_ONCE):
                revived[topic] = count
    return revived
