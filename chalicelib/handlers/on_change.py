"""The change feed: routes what changed to whoever reacts.

Embedded, each reaction has its own cursor in the change table. On AWS DynamoDB Streams call `on_change`, which only
passes on the names of the records, to one queue for each reaction; `on_index` and `on_outbox` take them from there."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.flows.dead_letters import note_failure
from chalicelib.flows.follow_feed import (
    feed_index,
    feed_outbox,
    feed_reports,
    index_changes,
    reports_changed,
    send_changes,
)
from chalicelib.flows.keep_journal import journal_changes
from chalicelib.flows.reactions import FOLLOWS, INDEX, concerned
from chalicelib.flows.sweep_clocks import Pause, never
from chalicelib.records.deliveries import Delivery
from chalicelib.records.ports import Deps, Ref
from chalicelib.store.kinds import known, ref_of, ref_of_key, words_of

log = logging.getLogger("leadline")

# What one message may weigh on SQS is 256 KB; and a reaction should end well within its function's time.
MOST_BYTES = 200_000
MOST_REFS = 500


def bring_index_up_to_date(deps: Deps, pause: Pause = never) -> int:
    """Until nothing is left; how many changes there were."""
    total = 0
    while not pause() and (count := feed_index(deps, passed_by=_unreadable)):
        total += count
    return total


def _unreadable(ref: Ref[Any]) -> None:
    log.error("%s %s cannot be read and is not shown", ref.kind.__name__, "/".join(ref.ids))


def send_what_is_fresh(deps: Deps, pause: Pause = never, notices: bool = True) -> int:
    return feed_outbox(deps, pause=pause, notices=notices)


def renew_reports(deps: Deps) -> bool:
    """Queue a new report when anything it is made of has changed."""
    return feed_reports(deps)


def on_change(deps: Deps, records: Iterable[Mapping[str, Any]]) -> int:
    """Pass on the records of a DynamoDB stream (only their keys are looked at: KEYS_ONLY is enough), each once; how
    many messages that took. A failure lets the whole batch come again; telling a reaction twice does no harm."""
    keys = (record["dynamodb"]["Keys"] for record in records)
    refs = [ref for key in keys if (ref := ref_of_key(key["pk"]["S"], key["sk"]["S"]))]
    sent = 0
    for topic, reactions in FOLLOWS.items():
        wanted = dict.fromkeys(ref for reaction in reactions for ref in concerned(reaction, refs))
        for body in messages_of(wanted):
            deps.queue.send(topic, body)
            sent += 1
    return sent


def messages_of(refs: Iterable[Ref[Any]]) -> Iterator[dict[str, Any]]:
    """Message bodies that hold these refs, {"refs": [[kind, id, …], …]}, none too large for the queue."""
    held: list[list[str]] = []
    size = 0
    for ref in refs:
        words = words_of(ref)
        weight = len(json.dumps(words)) + 2
        if held and (size + weight > MOST_BYTES or len(held) >= MOST_REFS):
            yield {"refs": held}
            held, size = [], 0
        held.append(words)
        size += weight
    if held:
        yield {"refs": held}


@dataclass(frozen=True, slots=True)
class _Told:
    """What a message names: records, and words of kinds that only a newer release knows, which was taken back."""

    refs: list[Ref[Any]]
    unknown: list[list[str]]


def _read(deliveries: Sequence[Delivery]) -> tuple[dict[str, _Told], list[str]]:
    """What each message names by its receipt, and the receipts of messages that are none of ours."""
    told, failed = {}, []
    for delivery in deliveries:
        try:
            words = list(delivery.body["refs"])
            refs = [ref_of(word) for word in words if known(word)]
            told[delivery.receipt] = _Told(refs, [word for word in words if not known(word)])
        except (KeyError, IndexError, TypeError):
            log.error("message %s names no records", delivery.receipt)
            failed.append(delivery.receipt)
    failed += [receipt for receipt, each in told.items() if each.unknown and not each.refs]
    return told, failed


def on_index(deps: Deps, deliveries: Sequence[Delivery]) -> list[str]:
    """Show the records of these messages in the read model, all at once, and ask for a report where they are part of
    one. The receipts of messages that have to come again: those of a single record that cannot be read, or of kinds
    this release does not know. Among others such are sent on alone, so that the others are done with."""
    told, failed = _read(deliveries)
    everything = [ref for each in told.values() for ref in each.refs]
    by_receipt = {delivery.receipt: delivery for delivery in deliveries}
    unreadable = set(index_changes(deps, everything))
    reports_changed(deps, everything)
    journal_changes(deps, everything)
    for receipt, each in told.items():
        poison = [ref for ref in each.refs if ref in unreadable]
        for ref in poison:
            _unreadable(ref)
        alone = [[words_of(ref)] for ref in poison] + ([each.unknown] if each.unknown else [])
        if len(each.refs) == 1 and poison and not each.unknown:
            message = by_receipt[receipt]
            why = f"the record cannot be read: {'/'.join(words_of(poison[0]))}"
            note_failure(deps, INDEX, message.message_id, message.attempt, why)
            failed.append(receipt)
        elif each.refs:
            for words in alone:
                deps.queue.send("index", {"refs": words})
    return failed


def on_outbox(deps: Deps, deliveries: Sequence[Delivery], pause: Pause = never) -> list[str]:
    """Send what these messages name and is due. Nothing has to come again: what failed or was left for want of time
    stays due, and the clock finds it."""
    told, failed = _read(deliveries)
    for ids, why in send_changes(deps, [ref for each in told.values() for ref in each.refs], pause).failed:
        log.warning("outbox row %s failed: %s", ids, why)
    return failed
