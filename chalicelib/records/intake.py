"""Addresses that take what a site's form sent to another product: the site changes that address and nothing else."""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.records.arrival import Entry


@dataclass(frozen=True, slots=True)
class Intake:
    """`intake_id` is how the sender names it: what the other product calls the account or the form, which stands in the
    page for everybody to read and is no secret. `return_hosts` are the sites a visitor may be sent back to,
    `events` the names of those of Segment's events that ask for something (() for the usual ones)."""

    intake_id: str
    entry: Entry
    name: str
    made_at: datetime
    made_by: str = ""
    campaign_id: str = ""
    return_hosts: tuple[str, ...] = ()
    active: bool = True
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotTakenIn:
    """How many posts of a day were sent to no intake: they are not received, but they are counted."""

    day: date
    count: int
