"""A seminar is set up with its sign-up form; when it is moved or gets more seats, those who come are told."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.flows.work_lead import NotFound
from chalicelib.follow_up.messages import seminar_mail
from chalicelib.follow_up.seminars import fill_seats, reminders, seminar_times
from chalicelib.records.contact import Refusal
from chalicelib.records.event import Registration, RegistrationState, SeatCount, Seminar
from chalicelib.records.form import FieldKind, Form, FormField
from chalicelib.records.lead import Lead
from chalicelib.records.message import MessageKind
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored

MOST_SEATS = 100_000
LONGEST = timedelta(days=31)
_FIELDS = (
    ("name", FieldKind.TEXT, True, "name", ("Your name", "姓名", "姓名")),
    ("email", FieldKind.EMAIL, True, "email", ("E-mail", "电子邮箱", "電子郵件")),
    ("company", FieldKind.TEXT, False, "organization", ("Company", "公司", "公司")),
    ("phone", FieldKind.PHONE, False, "tel", ("Phone", "电话", "電話")),
)
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
    event_id = _slug(plan.title) or deps.new_id().lower()
    if deps.directory.seminar(event_id) or deps.directory.form(event_id):
        event_id = f"{event_id}-{deps.new_id()[-6:].lower()}"
    seminar = Seminar(
        event_id, plan.title, *times, plan.zone, plan.wall_start, plan.place, plan.seats,
        description=plan.description, campaign_id=plan.campaign_id,
    )  # fmt: skip
    deps.store.commit([Put(seminar, if_version=0), Put(_form(seminar), if_version=0)])
    deps.wake()
    return seminar


def change_seminar(deps: Deps, event_id: str, plan: Plan) -> Seminar | Refusal:
    """Change it. A new time or place raises `sequence` and goes to everybody who has a seat, with new reminders;
    added seats go to those who wait, in their order. Fewer seats take nobody's away. Raises NotFound."""
    times = _times(plan)
    if isinstance(times, Refusal):
        return times
    while True:
        stored = deps.store.get(Seminar, event_id)
        if stored is None:
            raise NotFound
        changed = _changed(stored.value, plan, times)
        try:
            deps.store.commit([Put(changed, stored.version), *_seats(deps, changed)])
            break
        except Conflict:
            continue
    if changed.sequence > stored.value.sequence:
        _tell(deps, changed)
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
    return replace(
        before, title=plan.title, starts_at=times[0], ends_at=times[1], zone=plan.zone, wall_start=plan.wall_start,
        place=plan.place, seats=plan.seats, sequence=before.sequence + moved, description=plan.description,
        campaign_id=plan.campaign_id,
    )  # fmt: skip


def _seats(deps: Deps, seminar: Seminar) -> Iterator[Put]:
    """Who moves up from the waiting list when there are more seats, each with mail and reminders."""
    count = deps.store.get(SeatCount, seminar.event_id)
    filled, promoted = fill_seats(count.value, seminar) if count else (None, ())
    if count is None or not promoted:
        return
    yield Put(filled, count.version)
    now = deps.clock()
    for registration, lead in _people(deps, seminar.event_id, promoted):
        moved = replace(registration.value, state=RegistrationState.CONFIRMED, sequence=registration.value.sequence + 1)
        yield Put(moved, registration.version)
        yield from _mails(deps, MessageKind.SEMINAR_PROMOTED, seminar, moved, lead, now)


def _tell(deps: Deps, seminar: Seminar) -> None:
    """The confirmation again, with the new time in its calendar entry, and reminders for it. The old reminders see
    after their claim that the seminar was moved. The ids are made of the change: told twice is told once."""
    holding = (RegistrationState.CONFIRMED, RegistrationState.WAITING)
    ids = [s.value.lead_id for s in deps.store.query(Registration, seminar.event_id) if s.value.state in holding]
    now = deps.clock()
    kinds = {
        RegistrationState.CONFIRMED: MessageKind.SEMINAR_CONFIRMATION,
        RegistrationState.WAITING: MessageKind.SEMINAR_WAITING,
    }
    people = _people(deps, seminar.event_id, ids)
    groups = [
        list(_mails(deps, kinds[r.value.state], seminar, r.value, lead, now, f"{seminar.event_id}-{seminar.sequence}"))
        for r, lead in people
    ]
    deps.store.commit_each([group for group in groups if group])


def _mails(
    deps: Deps,
    kind: MessageKind,
    seminar: Seminar,
    registration: Registration,
    lead: Lead,
    now: datetime,
    ids: str = "",
) -> Iterator[Put]:
    if not registration.email:
        return
    names = [f"{ids}-{name}" if ids else deps.new_id() for name in ("mail", "day", "hour")]
    yield Put(seminar_mail(kind, lead, seminar, registration, names[0], now), 0)
    for reminder in reminders(seminar, registration, lead, now, names[1:]):
        yield Put(reminder, 0)


def _people(deps: Deps, event_id: str, lead_ids: Any) -> Iterator[tuple[Stored[Registration], Lead]]:
    refs: list[Ref[Any]] = [Ref(Registration, (event_id, lead_id)) for lead_id in lead_ids]
    refs += [Ref(Lead, (lead_id,)) for lead_id in lead_ids]
    found = deps.store.get_many(refs)
    half = len(refs) // 2
    for registration, lead in zip(found[:half], found[half:], strict=True):
        if registration and lead:
            yield registration, lead.value


def _form(seminar: Seminar) -> Form:
    fields = tuple(
        FormField(name, kind, dict(zip(_SIGN_UP, labels, strict=True)), required, autocomplete=autocomplete)
        for name, kind, required, autocomplete, labels in _FIELDS
    )
    title = {language: text.format(seminar.title) for language, text in _SIGN_UP.items()}
    return Form(seminar.event_id, title, fields, seminar.campaign_id, seminar.event_id)


def _slug(title: str) -> str:
    """Part of the form's address: ASCII letters, digits and dashes only."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
