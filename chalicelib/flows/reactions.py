"""Who reacts to a change of what: names alone, so that whoever only passes changes on loads none of the reactions."""

from collections.abc import Iterable
from typing import Any

from chalicelib.records.audit import Audit
from chalicelib.records.campaign import Campaign
from chalicelib.records.event import Registration
from chalicelib.records.kept import Kept, Replayed
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.ports import Ref
from chalicelib.records.promise import Promise
from chalicelib.records.quote import Quote
from chalicelib.records.receipt import Receipt
from chalicelib.records.spend import Spend
from chalicelib.records.task import Task
from chalicelib.records.touch import Request, Touch

INDEX, OUTBOX, REPORTS, JOURNAL = "index", "outbox", "reports", "journal"
CONSUMERS = (INDEX, OUTBOX, REPORTS, JOURNAL)

# Which kinds of record matter to which reaction, on every engine.
REACTIONS: dict[str, frozenset[type]] = {
    INDEX: frozenset({Lead, Touch, Opportunity, Message, Request, Receipt, Promise, Quote, Task, Kept, Audit}),
    OUTBOX: frozenset({Message}),
    REPORTS: frozenset({Lead, Touch, Opportunity, Spend, Campaign}),
    JOURNAL: frozenset({Receipt, Registration, Replayed, Kept}),
}
# Reports are made of the read model: they are asked for by whoever has just brought it up to date, never before. The
# journal needs no queue of its own.
FOLLOWS: dict[str, tuple[str, ...]] = {INDEX: (INDEX, REPORTS, JOURNAL), OUTBOX: (OUTBOX,)}


def concerned(reaction: str, refs: Iterable[Ref[Any]]) -> list[Ref[Any]]:
    """What matters to a reaction, each once, in order."""
    return [ref for ref in dict.fromkeys(refs) if ref.kind in REACTIONS[reaction]]
