"""Time passes for a story: what is stored of its people is moved back, so that for them it is later.

The product has no clock to turn. A record's times all move by as much; so do the times inside a mail's context, and a
seminar with all who come to it. What is about other people stays where it is."""

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.follow_up.outbox import FIRST_DUE
from chalicelib.records.event import Registration, Seminar
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Conflict, Put, Store, Stored
from chalicelib.records.touch import Request
from chalicelib.store.kinds import KINDS

_ROUNDS = 20
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def age(store: Store, lead_ids: Iterable[str], by: timedelta) -> None:
    """Move back all that is stored of these people, and the seminars they are signed up for with everybody there."""
    for _ in range(_ROUNDS):
        writes = [Put(aged(stored.value, by), stored.version) for stored in _all_of(store, lead_ids)]
        try:
            store.commit(writes)
        except Conflict:
            # The service works on them just now.
            continue
        return
    raise AssertionError("the service never let go of these records")


def due(store: Store, lead_ids: Iterable[str]) -> list[Any]:
    """What of these people is being worked on, or should be now or in a moment: new mail waits for the feed first."""
    soon = datetime.now(UTC) + FIRST_DUE
    found = [stored.value for lead_id in lead_ids for stored in store.everything_of(lead_id)]
    return [record for record in found if _is_due(record, soon)]


def _is_due(record: Any, soon: datetime) -> bool:
    if isinstance(record, Message) and record.state is MessageState.SENDING:
        return True
    at = KINDS[type(record)].due(record)
    return at is not None and at <= soon


def _all_of(store: Store, lead_ids: Iterable[str]) -> list[Stored[Any]]:
    people, events = list(dict.fromkeys(lead_ids)), set[str]()
    found: list[Stored[Any]] = []
    for lead_id in people:
        mine = store.everything_of(lead_id)
        found += mine
        asked = {stored.value.event_id for stored in mine if isinstance(stored.value, Request)} - {""}
        for event_id in asked - events:
            events.add(event_id)
            seminar = store.get(Seminar, event_id)
            registered = store.query(Registration, event_id)
            found += [*([seminar] if seminar else []), *registered]
            people += [r.value.lead_id for r in registered if r.value.lead_id not in people]
    return found


def aged(value: Any, by: timedelta) -> Any:
    """The value with every time in it moved back."""
    if isinstance(value, date):
        # Of a date only whole days.
        return value - by
    if isinstance(value, str):
        return _aged_text(value, by)
    if isinstance(value, tuple):
        return tuple(aged(item, by) for item in value)
    if isinstance(value, dict):
        return {name: aged(item, by) for name, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        moved = replace(value, **{f.name: aged(getattr(value, f.name), by) for f in fields(value)})
        return _at_its_wall_time(moved) if isinstance(moved, Seminar) else moved
    return value


def _aged_text(text: str, by: timedelta) -> str:
    """A date, or a time written out with its offset, as mails carry them in their context; other text as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    if _DATE.fullmatch(text):
        return aged(at.date(), by).isoformat()
    return (at - by).isoformat() if at.tzinfo else text


def _at_its_wall_time(seminar: Seminar) -> Seminar:
    wall = seminar.starts_at.astimezone(ZoneInfo(seminar.zone))
    return replace(seminar, wall_start=f"{wall:%Y-%m-%dT%H:%M}")
