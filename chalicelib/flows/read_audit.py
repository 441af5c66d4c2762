"""The audit trail for people: who changed what, when, from what to what, in names instead of ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.flows.audit_steps import BY_NAME
from chalicelib.flows.rep_names import rep_name
from chalicelib.records.audit import EXPORT, KEY, RULES, Audit, AuditQuery, Change
from chalicelib.records.lead import Lead
from chalicelib.records.merge import Merge
from chalicelib.records.money import Money
from chalicelib.records.ports import BadRecord, Deps, Ref
from chalicelib.records.rep import Rep

PAGE = 50
KINDS = (*BY_NAME, EXPORT)
# Of a lead's page.
SHORT = 10
_PEOPLE = frozenset({"owner_id", "manager_id"})
# What a record is called by, whichever of them it has.
_TITLES = ("full_name", "name", "title", "file_name", "number", "text", "subject")


@dataclass(frozen=True, slots=True)
class Shown:
    """A field's values: text, or a datetime, date or Money; "" for none."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class StepLine:
    """One record's part. `name` is what the record is called now, "" once it is not there any more."""

    kind: str
    act: str
    name: str
    changes: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One transaction. `who` is the person's or key's name, "" for a rule of ours; `lead` is whose it was, with the
    name as it is now ("" once it is not there any more)."""

    audit_id: str
    at: datetime
    who: str
    program: bool
    rep: Rep | None
    lead_id: str
    lead_name: str
    steps: tuple[StepLine, ...]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """`after` is where the next page begins, "" on the last."""

    lines: tuple[AuditLine, ...]
    after: str = ""


def read_audit(deps: Deps, query: AuditQuery) -> AuditPage:
    """A page of the trail. What has been kept for long enough and goes within the hour is not shown."""
    ids = deps.model.audits(AuditQuery(query.by, query.kind, query.lead_id, query.since, query.until, query.before,
                                       query.limit + 1))  # fmt: skip
    shown = ids[: query.limit]
    refs: list[Ref[Any]] = [Ref(Audit, tuple(pair)) for pair in shown]
    stored = deps.store.get_many(refs) if refs else []
    now = deps.clock()
    audits = [one.value for one in stored if one and one.value.forget_at > now]
    return AuditPage(_lines(deps, audits), shown[-1][1] if len(ids) > len(shown) else "")


def audit_of_lead(deps: Deps, lead_id: str) -> tuple[AuditLine, ...]:
    """The newest changes of one lead, from the store."""
    found = [one.value for one in deps.store.query(Audit, lead_id)]
    return _lines(deps, found[::-1][:SHORT])


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """When a day began and ended in that zone, in UTC."""
    local, utc = ZoneInfo(zone), ZoneInfo("UTC")
    return tuple(datetime.combine(day + timedelta(days=n), time(), local).astimezone(utc) for n in (0, 1))  # type: ignore[return-value]


def name_of(deps: Deps, by: str) -> str:
    """Who that is in words; "" for a rule of ours."""
    return by.removeprefix(KEY) if by.startswith(KEY) else rep_name(deps, by)


def _lines(deps: Deps, audits: Sequence[Audit]) -> tuple[AuditLine, ...]:
    names = _names(deps, audits)
    return tuple(
        AuditLine(
            audit_id=audit.audit_id,
            at=audit.at,
            who=name_of(deps, audit.by),
            program=audit.by.startswith(KEY),
            rep=deps.directory.rep(audit.by) if audit.by != RULES else None,
            lead_id=audit.lead_id,
            lead_name=names.get(("Lead", (audit.lead_id,)), ""),
            steps=tuple(
                StepLine(step.kind, step.act, names.get((step.kind, step.ids), ""), _shown(deps, step.changes))
                for step in audit.steps
            ),
        )
        for audit in audits
    )


def _shown(deps: Deps, changes: Iterable[Change]) -> tuple[Shown, ...]:
    return tuple(Shown(c.field, _value(deps, c.field, c.before), _value(deps, c.field, c.after)) for c in changes)


def _value(deps: Deps, field: str, said: str) -> Any:
    """As a page shows it: ids by their names; a time, a day and an amount as what they are."""
    if not said:
        return ""
    if field in _PEOPLE:
        return rep_name(deps, said)
    if field == "campaign_id":
        campaign = deps.directory.campaign(said)
        return campaign.name if campaign else said
    if field.endswith("_at") or field == "snoozed_until":
        return datetime.fromisoformat(said)
    if field.endswith("_on") or field == "valid_until":
        return date.fromisoformat(said)
    if field in ("amount", "total"):
        minor, _, currency = said.partition(" ")
        return Money(int(minor), currency)
    return said


def _names(deps: Deps, audits: Sequence[Audit]) -> dict[tuple[str, tuple[str, ...]], str]:
    """What the records are called now, by kind and ids; of a file its own name."""
    refs: dict[tuple[str, tuple[str, ...]], Ref[Any]] = {}
    found: dict[tuple[str, tuple[str, ...]], str] = {}
    for audit in audits:
        if audit.lead_id:
            refs["Lead", (audit.lead_id,)] = Ref(Lead, (audit.lead_id,))
    for step in (step for audit in audits for step in audit.steps):
        if step.kind == EXPORT:
            found[step.kind, step.ids] = step.ids[0]
        elif step.kind in BY_NAME:
            refs[step.kind, step.ids] = Ref(BY_NAME[step.kind], step.ids)
    for key, record in zip(refs, _read(deps, list(refs.values())), strict=True):
        found[key] = _title(record) if record is not None else ""
    return found


def _read(deps: Deps, refs: Sequence[Ref[Any]]) -> list[Any]:
    if not refs:
        return []
    try:
        return [stored.value if stored else None for stored in deps.store.get_many(refs)]
    except BadRecord:
        return [None] * len(refs)


def _title(record: Any) -> str:
    if isinstance(record, Merge):
        return _title(record.gone) if record.gone else ""
    if isinstance(record, Lead):
        return record.full_name or next(iter(record.emails), "")
    found = (getattr(record, name, "") for name in _TITLES)
    return next((one if isinstance(one, str) else next(iter(one.values()), "") for one in found if one), "")
