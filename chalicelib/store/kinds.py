"""Where each noun lies: its partition, its sort key, and when it is due. A row of KINDS is a noun's repository.

A lead's partition holds everything about that person as own items, so that no item grows without bound.
Ids must not contain "#"; sort keys of one kind share their prefix."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.records.campaign import Campaign, Opportunity, Spend
from chalicelib.records.event import Registration, SeatCount, Seminar
from chalicelib.records.form import Form
from chalicelib.records.lead import Lead, Note
from chalicelib.records.message import Message, MessageState
from chalicelib.records.receipt import ApiKey, MatchKey, Receipt, RowResults
from chalicelib.records.rep import Rep
from chalicelib.records.touch import MOST_ESCALATIONS, WAITING_STATES, Request, Touch
from chalicelib.records.upload import Upload

# A row left in `sending` longer than this belongs to a sender that died (SES answers within seconds).
SENDING_GRACE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Kind:
    """`parent` ids make the partition `pk#…`, the rest the sort key. `ids` reads them from a record."""

    type: type
    pk: str
    sk: str
    parents: int
    ids: Callable[[Any], tuple[str, ...]]
    due: Callable[[Any], datetime | None] = lambda _record: None

    def key(self, ids: tuple[str, ...]) -> tuple[str, str]:
        parent, own = ids[: self.parents], ids[self.parents :]
        return "#".join((self.pk, *parent)), "#".join((self.sk, *own)) if self.sk else "#".join(own)

    def partition(self, parents: tuple[str, ...]) -> str:
        return "#".join((self.pk, *parents))

    @property
    def prefix(self) -> str:
        return f"{self.sk}#" if self.sk else ""

    def ids_of(self, pk: str, sk: str) -> tuple[str, ...]:
        """The ids a key was made from."""
        parents = tuple(pk.split("#")[1:])
        own = tuple(sk.split("#")[1:]) if self.sk else (sk,)
        return parents + own


def _message_due(message: Message) -> datetime | None:
    if message.state is MessageState.PENDING:
        return message.due_at
    if message.state is MessageState.SENDING and message.claimed_at:
        return message.claimed_at + SENDING_GRACE
    return None


def _request_due(request: Request) -> datetime | None:
    waiting = request.state in WAITING_STATES
    return request.respond_by if waiting and request.escalations < MOST_ESCALATIONS else None


KINDS: dict[type, Kind] = {
    k.type: k
    for k in (
        Kind(Lead, "LEAD", "LEAD", 1, lambda r: (r.lead_id,)),
        Kind(Touch, "LEAD", "TOUCH", 1, lambda r: (r.lead_id, r.touch_id)),
        Kind(Request, "LEAD", "REQUEST", 1, lambda r: (r.lead_id, r.request_id), _request_due),
        Kind(Message, "LEAD", "MESSAGE", 1, lambda r: (r.lead_id, r.message_id), _message_due),
        Kind(Note, "LEAD", "NOTE", 1, lambda r: (r.lead_id, r.note_id)),
        Kind(Opportunity, "LEAD", "OPPORTUNITY", 1, lambda r: (r.lead_id, r.opportunity_id)),
        Kind(MatchKey, "KEY", "KEY", 1, lambda r: (r.digest,)),
        Kind(Receipt, "RECEIPT", "RECEIPT", 1, lambda r: (r.token,)),
        Kind(Campaign, "CAMPAIGN", "", 0, lambda r: (r.campaign_id,)),
        Kind(Spend, "SPEND", "", 0, lambda r: (r.spend_id,)),
        Kind(Rep, "REP", "", 0, lambda r: (r.rep_id,)),
        Kind(Form, "FORM", "", 0, lambda r: (r.form_id,)),
        Kind(Seminar, "SEMINAR", "", 0, lambda r: (r.event_id,)),
        Kind(SeatCount, "SEMINAR", "SEATS", 1, lambda r: (r.event_id,)),
        Kind(Registration, "SEMINAR", "REGISTRATION", 1, lambda r: (r.event_id, r.lead_id)),
        Kind(Upload, "UPLOAD", "", 0, lambda r: (r.import_id,)),
        Kind(RowResults, "UPLOAD", "ROWS", 1, lambda r: (r.import_id, f"{r.chunk:06d}")),
        Kind(ApiKey, "APIKEY", "", 0, lambda r: (r.digest,)),
    )
}
BY_NAME = {kind.type.__name__: kind for kind in KINDS.values()}
