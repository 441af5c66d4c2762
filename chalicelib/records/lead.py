"""A lead: one person who may buy, with score and owner."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class LeadStatus(StrEnum):
    """Where the person stands with sales. `qualified` and later count as SQL in reports."""

    NEW = "new"
    ACCEPTED = "accepted"
    QUALIFIED = "qualified"
    REJECTED = "rejected"
    CUSTOMER = "customer"


OPEN_STATUSES = frozenset({LeadStatus.NEW, LeadStatus.ACCEPTED, LeadStatus.QUALIFIED})
SALES_QUALIFIED = frozenset({LeadStatus.QUALIFIED, LeadStatus.CUSTOMER})


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 100 points with the reasons in words ("asked for a quotation +30") and the rules' version."""

    points: int = 0
    reasons: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Whose lead it is and why. `rule` names the rule that decided, `version` the rule file's version."""

    owner_id: str
    reasons: tuple[str, ...]
    rule: str
    version: str
    assigned_at: datetime


@dataclass(frozen=True, slots=True)
class Snooze:
    """Set aside at `at` until `until` by its owner `by` (a rep_id). It counts for as long as that person owns the lead,
    nothing of it falls due and the person does not write again; no clock stands still meanwhile."""

    until: datetime
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lead:
    """One person. `emails` normalised, `phones` E.164, best first; `extra` holds what had no field.

    `flags`: "unreachable" (no contact point), "late" (campaign over), "names differ" (same mailbox).
    `campaign_ids` are the campaigns whose lists this person is on. `respond_by` is the next contact we owe,
    by `next_channel` ("email", "phone", or "" with the reason in `next_reason`). `company_key` is the company's name
    folded, the same for all its people. `merged_ids` are the ids of records that became part of this one: mail and
    seats keep the id they were made under. `agreed_by` is the form, wording and day by which the person agreed to news
    and offers; whether that holds is `follow_up.policy`'s to say.
    """

    lead_id: str
    full_name: str = ""
    given_name: str = ""
    family_name: str = ""
    company: str = ""
    title: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    country: str = ""
    language: str = "en"
    products: tuple[str, ...] = ()
    status: LeadStatus = LeadStatus.NEW
    status_reason: str = ""
    score: Score = field(default_factory=Score)
    assignment: Assignment | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    extra: dict[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    touch_count: int = 0
    campaign_ids: tuple[str, ...] = ()
    respond_by: datetime | None = None
    next_channel: str = ""
    next_reason: str = ""
    opted_out_at: datetime | None = None
    snooze: Snooze | None = None
    company_key: str = ""
    merged_ids: tuple[str, ...] = ()
    agreed_by: str = ""

    @property
    def owner_id(self) -> str:
        """Whose it is; "" for nobody's."""
        return self.assignment.owner_id if self.assignment else ""


@dataclass(frozen=True, slots=True)
class Before:
    """How a lead stood before a step: what its undo goes back to. `closed` are the requests the step closed or
    answered, each as (request_id, its state until then).
    `taken_back`: the undo was done."""

    status: LeadStatus
    reason: str = ""
    snooze: Snooze | None = None
    closed: tuple[tuple[str, str], ...] = ()
    respond_by: datetime | None = None
    next_channel: str = ""
    next_reason: str = ""
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What a person of ours wrote on the lead's timeline: a note, or a logged call or visit. Of a step that can be
    undone `before` is how the lead stood before it; `until` is how long it was set aside; `import_id` the export
    it came with."""

    note_id: str
    lead_id: str
    author_id: str
    kind: str
    text: str
    written_at: datetime
    before: Before | None = None
    until: datetime | None = None
    import_id: str = ""
