"""What waits at the door, what was given up, and changes that could not be passed on: listed, and done again."""

import json
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chalicelib.flows.dead_letters import CHANGES, CHANGES_FOLDER, NEWS, DeadLetters, list_dead, revive_dead
from chalicelib.flows.replay_door import replay_door
from chalicelib.flows.sweep_clocks import Pause, never
from chalicelib.handlers.on_change import on_change
from chalicelib.handlers.on_mail_event import hear_given_up
from chalicelib.records.ports import Deps, StoreUnavailable

log = logging.getLogger("leadline")


@dataclass(frozen=True, slots=True)
class Waits:
    """`door` is how many submissions wait there, as far as that can be asked."""

    door: int
    dead: DeadLetters


@dataclass(frozen=True, slots=True)
class Replay:
    """Submissions that are in the store now, messages that were given again or heard by topic, files of changes that
    were passed on."""

    door: int
    dead: dict[str, int]
    changes: int


def list_waiting(deps: Deps) -> Waits:
    door = 0
    with suppress(StoreUnavailable):
        door = deps.door.waiting()
    return Waits(door, list_dead(deps))


def replay(deps: Deps, mail_topic: str, pause: Pause = never) -> Replay:
    """Each once: what is done twice is seen to be done by whoever takes it. What a pause leaves is the clock's.
    Of news of mail, that of `mail_topic` is believed."""
    again = revive_dead(deps)
    if heard := hear_given_up(deps, mail_topic):
        again[NEWS] = heard
    done = Replay(replay_door(deps, pause), again, replay_changes(deps))
    log.info("replayed: %s submissions, %s messages, %s changes", done.door, sum(done.dead.values()), done.changes)
    return done


def replay_changes(deps: Deps) -> int:
    """Pass on the changes that the stream gave up; how many files held them."""
    keys = deps.blobs.list(CHANGES_FOLDER)
    for key in keys:
        body = deps.blobs.get(key)
        records = _records(body) if body is not None else None
        if records:
            on_change(deps, records)
        else:
            # The clock holds the read model against the store all the same, and finds what this may have named.
            log.error("%s names no changes", key)
        deps.blobs.delete(key)
    # What told of the files is done with them.
    with suppress(StoreUnavailable):
        while told := deps.queue.receive(f"{CHANGES}-dead"):
            for delivery in told:
                deps.queue.done(f"{CHANGES}-dead", delivery.receipt)
    return len(keys)


def _records(body: bytes) -> list[dict[str, Any]]:
    """Lambda's record of a failed batch holds the whole event as text: {"payload": "{\\"Records\\": […]}", …}."""
    try:
        told = json.loads(body)
        payload = told.get("payload", told)
        event = json.loads(payload) if isinstance(payload, str) else payload
        records = [record for record in event["Records"] if record["dynamodb"]["Keys"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    return records
