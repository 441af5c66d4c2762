"""What a rep does with a row of the inbox: accept, reject, set aside, and take that back.

Each is held against what the row showed: who acts on an old page is told, and nothing is done."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.assign import snooze
from chalicelib.flows.work_lead import ANSWERS, Check, before_step, change_status, on_lead, owned
from chalicelib.records.contact import Refusal
from chalicelib.records.lead import OPEN_STATUSES, Before, Lead, LeadStatus, Note, Snooze
from chalicelib.records.ports import Deps, NotFound, Put, Ref, Stored
from chalicelib.records.promise import Promise, PromiseState
from chalicelib.records.task import Task
from chalicelib.records.touch import WAITING_STATES, Request, RequestState


class Meanwhile(Exception):
    """The lead is not as it was shown any more. Nothing was done."""


def as_shown(version: int) -> Check:
    """That the lead is stored at the version a page showed; 0 for a page that does not say."""

    def check(lead: Stored[Lead]) -> None:
        if version and lead.version != version:
            raise Meanwhile

    return check


def decide(deps: Deps, lead_id: str, status: LeadStatus, reason: str, by: str, seen: int = 0) -> Note:
    """Accept or reject it, as shown at version `seen`. Raises Meanwhile, NotFound."""
    return change_status(deps, lead_id, status, reason, by, as_shown(seen))


def set_aside(deps: Deps, lead_id: str, wanted: datetime, by: str, seen: int = 0) -> Note | Refusal:
    """Out of sight until then, or shortly before something of it falls due (`assign.snooze`). Raises Meanwhile,
    NotFound."""
    written: list[Note | Refusal] = []
    check = as_shown(seen)

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        check(lead)
        until = snooze.until(wanted, _due_at(deps, lead.value, by), now)
        if isinstance(until, Refusal):
            written[:] = [until]
            return []
        written[:] = [Note(deps.new_id(), lead_id, by, "snoozed", "", now, before_step(lead.value), until)]
        changed = replace(lead.value, snooze=Snooze(until, by, now), updated_at=now)
        return [Put(changed, lead.version), Put(written[0], 0)]

    on_lead(deps, lead_id, change)
    return written[0]


def wake(deps: Deps, lead_id: str, by: str) -> None:
    """Back in the inbox now. Raises NotFound."""

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        if lead.value.snooze is None:
            return []
        note = Note(deps.new_id(), lead_id, by, "awake", "", now)
        return [Put(replace(lead.value, snooze=None, updated_at=now), lead.version), Put(note, 0)]

    on_lead(deps, lead_id, change)


def take_back(deps: Deps, lead_id: str, note_id: str, by: str) -> None:
    """Undo a step, with the requests it closed: their clocks go on as if nothing had been. Twice is once. Raises
    Meanwhile where the lead has gone on since, NotFound for what is no such step."""

    def change(lead: Stored[Lead], now: datetime) -> list[Put]:
        stored = deps.store.get(Note, lead_id, note_id)
        if stored is None or stored.value.before is None:
            raise NotFound
        step, before = stored.value, stored.value.before
        if before.taken_back:
            return []
        if not _is_result(lead.value, step):
            raise Meanwhile
        back = _back(lead.value, step, before, now)
        if back.status in OPEN_STATUSES:
            back = owned(deps, back, now)
        kind, text = _told(step, before)
        note = Note(deps.new_id(), lead_id, by, kind, text, now)
        done = Put(replace(step, before=replace(before, taken_back=True)), stored.version)
        return [Put(back, lead.version), Put(note, 0), done, *_reopened(deps, step, before.closed)]

    on_lead(deps, lead_id, change)


def _due_at(deps: Deps, lead: Lead, by: str) -> datetime | None:
    """The first that falls due of the lead: an answer, the next contact, a promise or task of the owner's."""
    requests = [r.value.respond_by for r in deps.store.query(Request, lead.lead_id) if r.value.state in WAITING_STATES]
    promises = [
        p.value.due_at
        for p in deps.store.query(Promise, lead.lead_id)
        if p.value.state is PromiseState.OPEN and p.value.promised_by == by
    ]
    tasks = [
        t.value.due_at
        for t in deps.store.query(Task, lead.lead_id)
        if t.value.done_at is None and t.value.owner_id == by and t.value.due_at
    ]
    return min([*requests, *promises, *tasks, *([lead.respond_by] if lead.respond_by else [])], default=None)


def _back(lead: Lead, step: Note, before: Before, now: datetime) -> Lead:
    if step.kind == "snoozed":
        return replace(lead, snooze=before.snooze, updated_at=now)
    if step.kind == "status":
        return replace(lead, status=before.status, status_reason=before.reason, updated_at=now)
    back = replace(
        lead, respond_by=before.respond_by, next_channel=before.next_channel, next_reason=before.next_reason,
        updated_at=now,
    )  # fmt: skip
    # What the contact itself made of the status goes with it, and nothing that was decided since.
    by_contact = before.status is LeadStatus.NEW and lead.status is LeadStatus.ACCEPTED
    return replace(back, status=before.status, status_reason=before.reason) if by_contact else back


def _told(step: Note, before: Before) -> tuple[str, str]:
    """The kind and words of the note about an undo."""
    if step.kind == "snoozed":
        return "awake", ""
    return ("status", f"{before.status.value}: taken back") if step.kind == "status" else ("undone", step.kind)


def _is_result(lead: Lead, step: Note) -> bool:
    """Whether the lead stands as the step left it."""
    if step.kind in ANSWERS:
        return (lead.respond_by, lead.next_reason) == (None, "answered")
    if step.kind == "snoozed":
        return lead.snooze is not None and (lead.snooze.until, lead.snooze.at) == (step.until, step.written_at)
    status, _, reason = step.text.partition(": ")
    return (lead.status.value, lead.status_reason) == (status, reason)


def _reopened(deps: Deps, step: Note, closed: Sequence[tuple[str, str]]) -> list[Put]:
    """Whoever answered or closed one meanwhile has the last word."""
    became = RequestState.ANSWERED if step.kind in ANSWERS else RequestState.CLOSED
    refs = [Ref(Request, (step.lead_id, request_id)) for request_id, _ in closed]
    stored = deps.store.get_many(refs) if refs else []
    return [
        Put(replace(request.value, state=RequestState(state), first_responded_at=None), request.version)
        for (_, state), request in zip(closed, stored, strict=True)
        if request and request.value.state is became
    ]
