"""A seminar is set up with its sign-up form; when it is moved or gets more seats, those who come are told."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.capture.field_catalogue import catalogue
from chalicelib.capture.form_making import slug
from chalicelib.flows.register import ANNOUNCED_BY, MOST_MOVED, moved_up, people_at, told_anew, withdrawn_reminders
from chalicelib.follow_up.seminars import counted_for, fill_seats, is_current, seminar_times
from chalicelib.records.contact import Refusal
from chalicelib.records.event import Registration, SeatCount, Seminar
from chalicelib.records.form import Form
from chalicelib.records.ports import Conflict, Deps, NotFound, Put, Ref

MOST_SEATS = 100_000
LONGEST = timedelta(days=31)
_PAGE = 200
_ROUNDS = 20
# Of the catalogue, and whether it must be filled in.
_FIELDS = (("name", True), ("email", True), ("company", False), ("phone", False))
_SIGN_UP = {"en": "Sign up: {}", "zh-Hans": "报名：{}", "zh-Hant": "報名：{}"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person chose: wall times such as "2026-12-03T14:00" in an IANA zone."""

    title: str
    wall_start: str
    wall_end: str
    zone: str
    place: str
    seats: int
    description: str = ""
    campaign_id: str = ""


def plan_seminar(deps: Deps, plan: Plan) -> Seminar | Refusal:
    """Set up a seminar and its sign-up form in one commit; both have the same id."""
    times = _times(plan)
    if isinstance(times, Refusal):
        return times
    if times[0] <= deps.clock():
        return Refusal("wall_start", "this time is in the past")
    event_id = slug(plan.title) or deps.new_id().lower()
    if deps.directory.seminar(event_id) or deps.directory.form(event_id):
        event_id = f"{event_id}-{deps.new_id()[-6:].lower()}"
    seminar = Seminar(
        event_id, plan.title, *times, plan.zone, plan.wall_start, plan.place, plan.seats,
        description=plan.description, campaign_id=plan.campaign_id, told_sequence=0,
    )  # fmt: skip
    count = counted_for(SeatCount(event_id), seminar)
    deps.store.commit([Put(seminar, if_version=0), Put(_form(seminar), if_version=0), Put(count, if_version=0)])
    deps.wake()
    return seminar


def change_seminar(deps: Deps, event_id: str, plan: Plan) -> Seminar | Refusal:
    """Change it. A new time or place raises `sequence` and goes to everybody who has a seat, with new reminders;
    added seats go to those who wait, in their order. Fewer seats take nobody's away. What was cut off after an earlier
    change is finished. Raises NotFound."""
    times = _times(plan)
    if isinstance(times, Refusal):
        return times
    while True:
        stored = deps.store.get(Seminar, event_id)
        if stored is None:
            raise NotFound
        if times[0] != stored.value.starts_at and times[0] <= deps.clock():
            return Refusal("wall_start", "this time is in the past")
        changed = _changed(stored.value, plan, times)
        try:
            deps.store.commit([Put(changed, stored.version), *_seats(deps, changed)])
            break
        except Conflict:
            continue
    _move_up(deps, changed)
    if changed.untold:
        _tell(deps, event_id)
    deps.wake()
    return changed


def _times(plan: Plan) -> tuple[datetime, datetime] | Refusal:
    try:
        starts_at, ends_at = seminar_times(plan.wall_start, plan.wall_end, plan.zone)
    except ValueError as error:
        if "zone" in str(error):
            return Refusal("zone", "no such time zone; choose one such as Europe/Berlin")
        if "end after" in str(error):
            return Refusal("wall_end", "the end must be after the start")
        return Refusal("wall_start", "a day and a time such as 2026-12-03T14:00")
    if ends_at - starts_at > LONGEST:
        return Refusal("wall_end", "a seminar lasts at most a month")
    return starts_at, ends_at


def _changed(before: Seminar, plan: Plan, times: tuple[datetime, datetime]) -> Seminar:
    moved = (before.starts_at, before.ends_at, before.place) != (*times, plan.place)
    told = before.sequence if before.told_sequence is None else before.told_sequence
    return replace(
        before, title=plan.title, starts_at=times[0], ends_at=times[1], zone=plan.zone, wall_start=plan.wall_start,
        place=plan.place, seats=plan.seats, sequence=before.sequence + moved, description=plan.description,
        campaign_id=plan.campaign_id, told_sequence=told,
    )  # fmt: skip


def _seats(deps: Deps, seminar: Seminar) -> Iterator[Put]:
    """The count with the seminar as it is now, and the first who move up from the waiting list when there are more
    seats: as many as fit into one transaction on every engine. `_move_up` takes the others."""
    stored = deps.store.get(SeatCount, seminar.event_id)
    count = counted_for(stored.value if stored else SeatCount(seminar.event_id), seminar)
    filled, promoted = fill_seats(count, seminar, MOST_MOVED)
    yield Put(filled, stored.version if stored else 0)
    now = deps.clock()
    for registration, lead in people_at(deps, seminar.event_id, promoted):
        yield from moved_up(deps, seminar, registration, lead, now)


def _move_up(deps: Deps, seminar: Seminar) -> int:
    """Give free seats to those who wait, a few in each commit, until there are none; how many moved."""
    moved = 0
    while True:
        stored = deps.store.get(SeatCount, seminar.event_id)
        if stored is None:
            return moved
        filled, promoted = fill_seats(stored.value, seminar, MOST_MOVED)
        if not promoted:
            return moved
        now = deps.clock()
        writes = [Put(filled, stored.version)]
        for registration, lead in people_at(deps, seminar.event_id, promoted):
            writes += moved_up(deps, seminar, registration, lead, now)
        with suppress(Conflict):
            deps.store.commit(writes)
            moved += len(promoted)


def move_up_waiting(deps: Deps) -> int:
    """Finish what was cut off after seats were added; how many moved up. One read where a seminar is ahead."""
    now = deps.clock()
    ahead = [seminar for seminar in deps.directory.seminars() if seminar.starts_at > now]
    counts = deps.store.get_many([Ref(SeatCount, (seminar.event_id,)) for seminar in ahead]) if ahead else []
    moved = 0
    for seminar, stored in zip(ahead, counts, strict=True):
        # The directory may be a moment old: seats taken away a moment ago are not given.
        if stored and is_current(seminar, stored.value) and fill_seats(stored.value, seminar, 1)[1]:
            moved += _move_up(deps, seminar)
    if moved:
        deps.wake()
    return moved


def tell_changes(deps: Deps) -> int:
    """Finish telling what was cut off after a change; how many people were told. One look into the directory when
    there is nothing to do."""
    return sum(_tell(deps, seminar.event_id) for seminar in deps.directory.seminars() if seminar.untold)


def _tell(deps: Deps, event_id: str) -> int:
    """The confirmation again, with the new time in its calendar entry, and reminders for it. That somebody was told
    is written with the mails, and that all were at the end: cut off anywhere, it goes on from there."""
    told = 0
    for _ in range(_ROUNDS):
        stored = deps.store.get(Seminar, event_id)
        if stored is None or not stored.value.untold:
            break
        done, left = _tell_each(deps, stored.value)
        told += done
        if left:
            continue
        try:
            deps.store.commit([Put(replace(stored.value, told_sequence=stored.value.sequence), stored.version)])
        except Conflict:
            continue
        deps.directory.forget()
    deps.wake()
    return told


def _tell_each(deps: Deps, seminar: Seminar) -> tuple[int, int]:
    """(how many were told, how many changed meanwhile and are to be looked at again)."""
    told = left = 0
    after = ""
    while page := deps.store.page(Registration, seminar.event_id, after=after, limit=_PAGE):
        groups = _tellings(deps, seminar, [stored.value for stored in page])
        conflicts = [conflict for conflict in deps.store.commit_each(groups) if conflict] if groups else []
        told, left = told + len(groups) - len(conflicts), left + len(conflicts)
        after = page[-1].value.lead_id
    return told, left


def _tellings(deps: Deps, seminar: Seminar, found: Sequence[Registration]) -> list[list[Put]]:
    """For each who does not know yet: the mail and the reminders, and the old ones withdrawn. Nobody is told of what
    is over."""
    now = deps.clock()
    if seminar.ends_at <= now:
        return []
    ids = [r.lead_id for r in found if r.state in ANNOUNCED_BY and r.told < seminar.sequence]
    return [
        told_anew(deps, ANNOUNCED_BY[registered.value.state], seminar, registered, lead, now)
        + withdrawn_reminders(deps, registered.value, "the seminar was moved")
        for registered, lead in people_at(deps, seminar.event_id, ids)
        if registered.value.state in ANNOUNCED_BY
    ]


def _form(seminar: Seminar) -> Form:
    fields = tuple(replace(catalogue()[key].field, required=required) for key, required in _FIELDS)
    title = {language: text.format(seminar.title) for language, text in _SIGN_UP.items()}
    return Form(seminar.event_id, title, fields, seminar.campaign_id, seminar.event_id)
