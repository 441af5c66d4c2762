"""Where each noun lies: its partition, its sort key, and when it is due. A row of KINDS is a noun's repository.

A lead's partition holds everything about that person as own items, so that no item grows without bound.
Ids must not contain "#"; sort keys of one kind share their prefix."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.records.arrival import Kept, Replayed
from chalicelib.records.campaign import Campaign, Opportunity, Spend
from chalicelib.records.doubt import KeptApart, SamePerson
from chalicelib.records.erasure import Erasure, Suppression
from chalicelib.records.event import Registration, SeatCount, Seminar
from chalicelib.records.form import ConsentWording, Form
from chalicelib.records.hold import Hold
from chalicelib.records.house import ReportAsked, Workload
from chalicelib.records.lead import Lead, Note
from chalicelib.records.mail_news import DeadAddress, StrayNews
from chalicelib.records.merge import Carried, Merge, PartedFrom
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Ref
from chalicelib.records.promise import Promise, PromiseState
from chalicelib.records.queue_ports import GivenUp
from chalicelib.records.quote import PriceBook, Product, Quote, QuoteNumbers
from chalicelib.records.receipt import ApiKey, MatchKey, Receipt, RowResults
from chalicelib.records.rep import Rep
from chalicelib.records.sign_in import Identity, RateWindow, Session, Ticket, TurnedAway
from chalicelib.records.task import Task
from chalicelib.records.touch import MOST_ESCALATIONS, WAITING_STATES, Request, Touch
from chalicelib.records.undo import BeforeImport, TakenBack
from chalicelib.records.upload import TO_BE_BEGUN, ColumnMemory, Upload

# A row left in `sending` longer than this belongs to a sender that died (SES answers within seconds).
SENDING_GRACE = timedelta(minutes=10)


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


def _promise_due(promise: Promise) -> datetime | None:
    return (promise.remind_at or promise.due_at) if promise.state is PromiseState.OPEN else None


def _upload_due(upload: Upload) -> datetime | None:
    return upload.file_by if upload.state in TO_BE_BEGUN else None


KINDS: dict[type, Kind] = {
    k.type: k
    for k in (
        Kind(Lead, "LEAD", "LEAD", 1, lambda r: (r.lead_id,)),
        Kind(Touch, "LEAD", "TOUCH", 1, lambda r: (r.lead_id, r.touch_id)),
        Kind(Request, "LEAD", "REQUEST", 1, lambda r: (r.lead_id, r.request_id), _request_due),
        Kind(Message, "LEAD", "MESSAGE", 1, lambda r: (r.lead_id, r.message_id), _message_due),
        Kind(Note, "LEAD", "NOTE", 1, lambda r: (r.lead_id, r.note_id)),
        Kind(Opportunity, "LEAD", "OPPORTUNITY", 1, lambda r: (r.lead_id, r.opportunity_id)),
        Kind(Promise, "LEAD", "PROMISE", 1, lambda r: (r.lead_id, r.promise_id), _promise_due),
        Kind(Task, "LEAD", "TASK", 1, lambda r: (r.lead_id, r.task_id)),
        Kind(Quote, "LEAD", "QUOTE", 1, lambda r: (r.lead_id, r.quote_id)),
        Kind(BeforeImport, "LEAD", "BEFORE", 1, lambda r: (r.lead_id, r.import_id)),
        Kind(TakenBack, "LEAD", "TAKENBACK", 1, lambda r: (r.lead_id, r.import_id), lambda r: r.forget_at),
        Kind(Merge, "LEAD", "MERGE", 1, lambda r: (r.lead_id,), lambda r: r.work_at),
        Kind(Carried, "LEAD", "CARRIED", 1, lambda r: (r.lead_id, r.part)),
        Kind(PartedFrom, "LEAD", "PARTEDFROM", 1, lambda r: (r.lead_id, r.gone_id)),
        Kind(MatchKey, "KEY", "KEY", 1, lambda r: (r.digest,)),
        Kind(Receipt, "RECEIPT", "RECEIPT", 1, lambda r: (r.token,)),
        Kind(Kept, "KEPT", "KEPT", 1, lambda r: (r.kept_id,), lambda r: r.forget_at),
        Kind(GivenUp, "GIVENUP", "GIVENUP", 1, lambda r: (r.topic, r.message_id), lambda r: r.forget_at),
        Kind(Replayed, "REPLAYED", "REPLAYED", 1, lambda r: (r.post_id,)),
        Kind(Campaign, "CAMPAIGN", "", 0, lambda r: (r.campaign_id,)),
        Kind(Spend, "SPEND", "", 0, lambda r: (r.spend_id,)),
        Kind(Product, "PRODUCT", "", 0, lambda r: (r.product_id,)),
        Kind(PriceBook, "PRICEBOOK", "PRICEBOOK", 1, lambda r: (r.book_id,)),
        Kind(QuoteNumbers, "QUOTENUMBERS", "", 0, lambda r: (r.year,)),
        Kind(Rep, "REP", "", 0, lambda r: (r.rep_id,)),
        Kind(Form, "FORM", "", 0, lambda r: (r.form_id,)),
        Kind(ConsentWording, "FORM", "WORDING", 1, lambda r: (r.form_id, r.wording_id)),
        Kind(Seminar, "SEMINAR", "", 0, lambda r: (r.event_id,)),
        Kind(SeatCount, "SEMINAR", "SEATS", 1, lambda r: (r.event_id,)),
        Kind(Registration, "SEMINAR", "REGISTRATION", 1, lambda r: (r.event_id, r.lead_id)),
        Kind(Upload, "UPLOAD", "", 0, lambda r: (r.import_id,), _upload_due),
        Kind(RowResults, "UPLOAD", "ROWS", 1, lambda r: (r.import_id, f"{r.chunk:06d}")),
        Kind(ColumnMemory, "COLUMNS", "", 0, lambda r: (r.layout,)),
        Kind(ApiKey, "APIKEY", "", 0, lambda r: (r.digest,)),
        Kind(ReportAsked, "REPORT", "", 0, lambda r: (r.report,)),
        Kind(Workload, "WORKLOAD", "", 0, lambda r: (r.workload_id,)),
        Kind(Session, "SESSION", "SESSION", 1, lambda r: (r.rep_id, r.digest), lambda r: r.expires_at),
        Kind(Ticket, "TICKET", "TICKET", 1, lambda r: (r.digest,), lambda r: r.expires_at),
        Kind(Identity, "IDENTITY", "IDENTITY", 1, lambda r: (r.digest,)),
        Kind(RateWindow, "RATE", "RATE", 1, lambda r: (r.digest,), lambda r: r.expires_at),
        Kind(Suppression, "SUPPRESSION", "", 0, lambda r: (r.digest,), lambda r: r.until),
        Kind(Erasure, "ERASURE", "", 0, lambda r: (r.lead_id,), lambda r: r.finish_at),
        Kind(DeadAddress, "DEADADDRESS", "", 0, lambda r: (r.digest,)),
        Kind(StrayNews, "STRAYNEWS", "", 0, lambda r: (r.news_id,), lambda r: r.expires_at),
        Kind(SamePerson, "SAMEPERSON", "", 0, lambda r: (r.pair_id,)),
        Kind(KeptApart, "KEPTAPART", "KEPTAPART", 1, lambda r: (r.pair_id,)),
        Kind(Hold, "HOLD", "", 0, lambda r: (r.hold_id,)),
        Kind(TurnedAway, "TURNEDAWAY", "", 0, lambda r: (r.day.isoformat(),)),
    )
}
BY_NAME = {kind.type.__name__: kind for kind in KINDS.values()}
# The noun of a partition, whether it has a parent, and the first word of the sort key tell the kind.
_BY_KEY = {(kind.pk, kind.parents > 0, kind.sk): kind for kind in KINDS.values()}


def ref_of_key(pk: str, sk: str) -> Ref[Any] | None:
    """Which record lies under a key; None for a key of no kind we know (a newer release may have written it)."""
    noun, _, parent = pk.partition("#")
    kind = _BY_KEY.get((noun, bool(parent), sk.partition("#")[0] if parent else ""))
    return Ref(kind.type, kind.ids_of(pk, sk)) if kind else None


def words_of(ref: Ref[Any]) -> list[str]:
    """A ref as a message carries it: the kind's name and the ids."""
    return [ref.kind.__name__, *ref.ids]


def known(words: list[str]) -> bool:
    """Whether a ref is of a kind this release knows."""
    return words[0] in BY_NAME


def ref_of(words: list[str]) -> Ref[Any]:
    """Raises KeyError for an unknown kind."""
    return Ref(BY_NAME[words[0]].type, tuple(words[1:]))
