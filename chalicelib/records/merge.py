"""Two records of one person made one, kept so that the old id leads on and both can be had back. Beside the record that
went, so that it goes when the person is erased."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.records.doubt import SamePerson
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.receipt import MatchKey
from chalicelib.records.task import Task
from chalicelib.records.touch import Request


class MergeState(StrEnum):
    """`asked` and `part_asked` wait for whoever works the queue; `merging` and `parting` have begun, and what is left
    to carry over follows; `parted` can be merged again as it was until `work_at`."""

    ASKED = "asked"
    MERGING = "merging"
    MERGED = "merged"
    PART_ASKED = "part_asked"
    PARTING = "parting"
    PARTED = "parted"


# There is no lead of the old id: who asks for it is led on.
LED_ON = frozenset({MergeState.MERGING, MergeState.MERGED, MergeState.PART_ASKED})


@dataclass(frozen=True, slots=True)
class Merge:
    """That `lead_id` is the same person as `into`, whose record it became part of.

    `chosen` names the fields that were taken from the record that went. `gone` is that record as it was, `before` the
    surviving one as it was (with the versions they were stored at) and `merged` as the merge left it. `keys` are the
    match keys as they were, `withdrawn` mails that had not left and would have come twice, `pair` the doubt it
    decided. What was carried over is in `parts` records of its own (`Carried`). `stays` says, after the two were
    parted, what was not as before and why. `work_at` is when the next step is due, or what is kept of two who were
    parted is forgotten."""

    lead_id: str
    into: str
    state: MergeState
    asked_at: datetime
    asked_by: str
    work_at: datetime | None
    chosen: tuple[str, ...] = ()
    merged_at: datetime | None = None
    gone: Lead | None = None
    gone_version: int = 0
    before: Lead | None = None
    before_version: int = 0
    merged: Lead | None = None
    keys: tuple[MatchKey, ...] = ()
    withdrawn: tuple[Message, ...] = ()
    pair: SamePerson | None = None
    parts: int = 0
    parted_by: str = ""
    stays: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """Some of what was carried over in one transaction, each as (kind, its id, its id with the surviving record).
    `requests`, `deals` and `tasks` are those that got another owner by it, as they were."""

    lead_id: str
    part: str
    items: tuple[tuple[str, str, str], ...]
    requests: tuple[Request, ...] = ()
    deals: tuple[Opportunity, ...] = ()
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class PartedFrom:
    """Beside a record that another was part of for a while: addresses given out meanwhile name things that went back
    to `gone_id`."""

    lead_id: str
    gone_id: str
