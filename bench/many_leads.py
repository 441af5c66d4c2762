"""A store with as many leads as asked for, all different: `fill(folder, count)`. For latency beside a large store."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from chalicelib.flows.follow_feed import feed_index
from chalicelib.flows.place_lead import Arrival, key_writes, place, qualify_and_assign
from chalicelib.flows.reactions import JOURNAL, OUTBOX
from chalicelib.flows.rulebook import rulebook
from chalicelib.identify.normalise import identity
from chalicelib.records.contact import Contact
from chalicelib.records.ports import Deps, Put
from chalicelib.records.touch import TouchKind
from chalicelib.settings import Settings
from chalicelib.wiring import open_service

_AT_ONCE = 2_000


def fill(folder: Path, count: int) -> None:
    """Leads with their keys and a touch each, as a list brings them, written and shown in the read model."""
    service = open_service(Settings(data=folder))
    leads = _leads(service.deps, count)
    while group := list(islice(leads, _AT_ONCE)):
        service.deps.store.commit_each(group)
        while feed_index(service.deps, 20_000):
            pass
    # None of it is mail, nor a submission: those who look for such need not read all of it first.
    for reader in (OUTBOX, JOURNAL):
        if changes := service.deps.feed.read(reader, 10_000_000):
            service.deps.feed.done(reader, changes[-1].sequence)
    service.close()


def _leads(deps: Deps, count: int) -> Iterator[list[Put]]:
    now = datetime.now(UTC)
    rules = rulebook(deps.directory)
    for n in range(count):
        contact = Contact(
            full_name=f"Visitor {n:07d}", company=f"Customer {n % 9973}", emails=(f"v{n}@large.example.com",),
            phones=(f"+49 40 {10_000_000 + n}",),
        )  # fmt: skip
        who = identity(contact)
        placed = place(Arrival(contact, TouchKind.LIST, deps.new_id(), deps.new_id(), now), who, [])
        lead = qualify_and_assign(placed, rules, now).onto(placed.lead, now)
        keys = key_writes(who, lead.lead_id, {}, deps.digest)
        yield [Put(lead, 0), Put(placed.touch, 0), *keys]
