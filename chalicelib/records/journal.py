"""The journal: what must survive the loss of the table, noted outside it, and the port behind which it lies."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from chalicelib.records.erasure import Suppression


class Noted(StrEnum):
    """What happened: an objection to promotion, an erasure, a mail that left, a submission that came in or was set
    aside."""

    OPT_OUT = "opt_out"
    ERASURE = "erasure"
    SENT = "sent"
    RECEIVED = "received"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. All of it is opaque (ids, keyed hashes) but `records`, which are sealed with a key of
    the person's own: a submission as it was decided (receipt, lead, touch, request, mails), a seat, or what was set
    aside (receipt, kept, raw post; that key belongs to it alone). `ids` are
    (touch_id, request_id, and the receipt's token, outcome and body) of a submission, (event_id,) of a seat,
    (post_id, receipt) of what waited at the door, (message_id, its kind, request_id) of a mail, and of an erasure the
    digests of the person's signs; `until` and `suppressions` belong to erasures and objections."""

    kind: Noted
    at: datetime
    lead_id: str
    ids: tuple[str, ...] = ()
    until: datetime | None = None
    suppressions: tuple[Suppression, ...] = ()
    records: tuple[Any, ...] = ()


class Journal(Protocol):
    """Written once, never changed. What is personal in it dies with the person's keys."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Durable on return, all of them or, where this is broken off, the first few. Raises StoreUnavailable."""
        ...

    def read(self, kinds: Collection[Noted], since: datetime | None = None) -> Iterator[Entry]:
        """Entries of these kinds in about the order they were written. Of a person whose keys are gone `records` are
        empty; a line that is damaged is told in the log and left out."""
        ...

    def forget(self, *owners: str) -> None:
        """Destroy their keys: nobody reads what they sealed again, wherever there are copies of the journal."""
        ...
