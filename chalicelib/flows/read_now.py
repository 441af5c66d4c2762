"""Whether a lead is still as a page shows it, asked every few seconds by whoever has it open: one read of the lead and
one of what the audit trail has since; everything else only once there is something to tell."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.assign.visibility import sight_of
from chalicelib.flows.audit_steps import NOTED
from chalicelib.flows.read_audit import name_of
from chalicelib.flows.read_lead import Entry, entries_since
from chalicelib.records.audit import Audit
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, NotFound
from chalicelib.records.rep import Rep

# More of them than this is "and more" for whoever reads a line.
MOST = 20
# What happens by itself, or stands in the audit trail already.
_TOLD = frozenset({"touch", "note"})
_OF_A_STEP = frozenset({"status", "owner", "snoozed", "awake", "undone"})


@dataclass(frozen=True, slots=True)
class Changed:
    """One person's doing: `who` by name ("" for a rule of ours), of which kinds of record."""

    who: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Now:
    """`tag` names the state; `changed` and `entries` (touches and notes) are what made it another."""

    tag: str
    changed: tuple[Changed, ...] = ()
    entries: tuple[Entry, ...] = ()


def tag_of(version: int, audit_id: str) -> str:
    """The entity tag of a lead as it is stored at that version, its trail ending with that record."""
    return f'"{version}-{audit_id}"'


def read_now(deps: Deps, person: Rep, lead_id: str, after: str, since: datetime, shown: str) -> Now:
    """How the lead is, held against the state `shown`, whose trail ended with `after`; `since` is when that was read.
    Raises NotFound for a lead that person may not see."""
    stored = deps.store.get(Lead, lead_id)
    if stored is None or not sight_of(person, deps.directory.reps()).sees(stored.value):
        raise NotFound
    newer = [one.value for one in deps.store.page(Audit, lead_id, after=after, limit=MOST)]
    tag = tag_of(stored.version, newer[-1].audit_id if newer else after)
    if tag == shown:
        return Now(tag)
    entries = [entry for entry in entries_since(deps, lead_id, since, person.week.zone) if _is_told(entry)]
    return Now(tag, _by_person(deps, newer), tuple(entries))


def _is_told(entry: Entry) -> bool:
    return entry.kind in _TOLD and not (entry.kind == "note" and entry.record.kind in _OF_A_STEP)


def _by_person(deps: Deps, audits: list[Audit]) -> tuple[Changed, ...]:
    found: dict[str, set[str]] = {}
    for audit in audits:
        found.setdefault(audit.by, set()).update(audit.kinds)
    order = [kind.__name__ for kind in NOTED]
    return tuple(
        Changed(name_of(deps, by), tuple(kind for kind in order if kind in kinds)) for by, kinds in found.items()
    )
