"""Addresses that mail came back from: which of somebody's are, and letting mail go there again."""

from collections.abc import Iterable

from chalicelib.follow_up.mail_news import is_dead, lifted
from chalicelib.records.lead import Lead, Note
from chalicelib.records.mail_news import DeadAddress
from chalicelib.records.ports import Conflict, Deps, NotFound, Put, Ref


def address_digest(deps: Deps, address: str) -> str:
    """What an address is noted under: a keyed hash, whatever its case."""
    return deps.digest(f"dead-address:{address.strip().casefold()}")


def dead_ref(deps: Deps, address: str) -> Ref[DeadAddress]:
    return Ref(DeadAddress, (address_digest(deps, address),))


def dead_among(deps: Deps, addresses: Iterable[str]) -> dict[str, DeadAddress]:
    """Those of the addresses that get no mail at present, in one read."""
    asked = list(addresses)
    found = deps.store.get_many([dead_ref(deps, address) for address in asked]) if asked else []
    return {a: s.value for a, s in zip(asked, found, strict=True) if s and is_dead(s.value)}


def lift(deps: Deps, lead_id: str, address: str, by: str) -> None:
    """Mail goes to this address of the lead again; the timeline says who decided so. NotFound for another's address."""
    lead = deps.store.get(Lead, lead_id)
    if lead is None or address not in lead.value.emails:
        raise NotFound
    _lift(deps, address_digest(deps, address), Note(deps.new_id(), lead_id, by, "address", address, deps.clock()))


def lift_any(deps: Deps, digest: str, by: str) -> None:
    """The same for whichever address that is, one of our own people's too. NotFound where none is noted so."""
    stored = deps.store.get(DeadAddress, digest)
    if stored is None:
        raise NotFound
    lead_id = stored.value.lead_id
    told = Note(deps.new_id(), lead_id, by, "address", "", deps.clock()) if deps.store.get(Lead, lead_id) else None
    _lift(deps, digest, told, by)


def _lift(deps: Deps, digest: str, note: Note | None, by: str = "") -> None:
    while True:
        known = deps.store.get(DeadAddress, digest)
        if known is None or not is_dead(known.value):
            return
        free = lifted(known.value, note.author_id if note else by, deps.clock())
        try:
            deps.store.commit([Put(free, known.version), *([Put(note, 0)] if note else [])])
        except Conflict:
            continue
        return
