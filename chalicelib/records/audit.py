"""The audit trail: who changed what, when, from what to what. Written with the change, never changed after it."""

from dataclasses import dataclass
from datetime import datetime

# What a rule of ours did, by the clock.
RULES = ""
# Before the name of a program's key.
KEY = "key:"


@dataclass(frozen=True, slots=True)
class Change:
    """One field, its values in words as they were stored; "" for none."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one record. `kind` is its type's name or EXPORT, `act` one of made, changed, deleted, seen."""

    kind: str
    ids: tuple[str, ...]
    act: str
    changes: tuple[Change, ...] = ()


# A file that was downloaded: seen, not changed.
EXPORT = "Export"


@dataclass(frozen=True, slots=True)
class Audit:
    """What one transaction changed, of one lead or (`lead_id` "") of the house, and who did it: a rep_id, KEY with the
    name of a program's key, or RULES. The steps' values go when the person is erased, all of it at `forget_at`."""

    lead_id: str
    audit_id: str
    at: datetime
    by: str
    steps: tuple[Step, ...]
    forget_at: datetime

    @property
    def place(self) -> str:
        """What it lies below: all of a lead's together, what is of the house each apart."""
        return self.lead_id or self.audit_id

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.kind for step in self.steps))


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Filters are joined by AND; "" or None leaves one out. The newest come first, from before `before` (an audit_id)
    on; `since` and `until` bound the time."""

    by: str | None = None
    kind: str = ""
    lead_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: str = ""
    limit: int = 50
