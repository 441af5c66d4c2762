"""What a sign-up reads of its seminar. Apart from `register`, so that a form without one loads nothing of seminars."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, Ref, Stored

if TYPE_CHECKING:
    from chalicelib.records.event import Registration, SeatCount


@dataclass(frozen=True, slots=True)
class Seat:
    """The seat count and the registrations of the people this may be, as read."""

    event_id: str = ""
    count: "Stored[SeatCount] | None" = None
    registrations: "tuple[Stored[Registration], ...]" = field(default=())

    @staticmethod
    def read(event_id: str, counts: Sequence[Stored[Any] | None], found: Sequence[Stored[Any] | None]) -> "Seat":
        return Seat(event_id, counts[0] if counts else None, tuple(r for r in found if r))

    def of(self, lead: Lead) -> "Stored[Registration] | None":
        """The person's own, else a place that is held under an id that became part of theirs."""
        own = next((r for r in self.registrations if r.value.lead_id == lead.lead_id), None)
        held = [r for r in self.registrations if r.value.lead_id in (lead.lead_id, *lead.merged_ids)]
        if not held or (own and own.value.cancelled_at is None):
            return own
        return next((r for r in held if r.value.cancelled_at is None), own)


def registration_refs(event_id: str, lead_ids: Sequence[str] = ()) -> list[Ref[Any]]:
    """The seat count, or with people their registrations."""
    if not event_id:
        return []
    from chalicelib.records.event import Registration, SeatCount

    if lead_ids:
        return [Ref(Registration, (event_id, lead_id)) for lead_id in lead_ids]
    return [Ref(SeatCount, (event_id,))]


def places_of_merged(deps: Deps, event_id: str, people: Sequence[Stored[Lead]]) -> list[Stored[Any] | None]:
    """Places held under ids that became part of theirs; a read only where there are such."""
    ids = [lead_id for person in people for lead_id in person.value.merged_ids] if event_id else []
    return deps.store.get_many(registration_refs(event_id, ids)) if ids else []
