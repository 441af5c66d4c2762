"""Where each noun lies: its partition, its sort key, and when it is due. A row of the table is a noun's repository.

A lead's partition holds everything about that person as own items, so that no item grows without bound.
Ids must not contain "#"; sort keys of one kind share their prefix.

A noun's class is named, not imported, as views are in handlers/routes.py: making a dataclass takes up to a millisecond,
every function opens the store, and each of them meets a handful of the nouns."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Ref
from chalicelib.records.touch import MOST_ESCALATIONS, WAITING_STATES, Request

if TYPE_CHECKING:
    from chalicelib.records.promise import Promise
    from chalicelib.records.upload import Upload

# A row left in `sending` longer than this belongs to a sender that died (SES answers within seconds).
SENDING_GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Kind:
    """`record` is "module:Class" below records. `parents` ids make the partition `pk#…`, the rest the sort key. `ids`
    reads them from a record."""

    record: str
    pk: str
    sk: str
    parents: int
    ids: Callable[[Any], tuple[str, ...]]
    due: Callable[[Any], datetime | None] = lambda _record: None

    @property
    def name(self) -> str:
        """What the records are called in the store."""
        return self.record.partition(":")[2]

    @property
    def type(self) -> type[Any]:
        """Their class; its module is loaded when a record of it is first met."""
        return _class_of(self.record)

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


@cache
def _class_of(record: str) -> type[Any]:
    module, _, name = record.partition(":")
    found: type[Any] = getattr(import_module(f"chalicelib.records.{module}"), name)
    return found


def _message_due(message: Message) -> datetime | None:
    if message.state is MessageState.PENDING:
        return message.due_at
    if message.state is MessageState.SENDING and message.claimed_at:
        return message.claimed_at + SENDING_GRACE
    return None


def _request_due(request: Request) -> datetime | None:
    waiting = request.state in WAITING_STATES
    return request.respond_by if waiting and request.escalations < MOST_ESCALATIONS else None


def _promise_due(promise: "Promise") -> datetime | None:
    from chalicelib.records.promise import PromiseState

    return (promise.remind_at or promise.due_at) if promise.state is PromiseState.OPEN else None


def _upload_due(upload: "Upload") -> datetime | None:
    from chalicelib.records.upload import TO_BE_BEGUN

    return upload.file_by if upload.state in TO_BE_BEGUN else None


_TABLE = (
    Kind("lead:Lead", "LEAD", "LEAD", 1, lambda r: (r.lead_id,)),
    Kind("touch:Touch", "LEAD", "TOUCH", 1, lambda r: (r.lead_id, r.touch_id)),
    Kind("touch:Request", "LEAD", "REQUEST", 1, lambda r: (r.lead_id, r.request_id), _request_due),
    Kind("message:Message", "LEAD", "MESSAGE", 1, lambda r: (r.lead_id, r.message_id), _message_due),
    Kind("lead:Note", "LEAD", "NOTE", 1, lambda r: (r.lead_id, r.note_id)),
    Kind("opportunity:Opportunity", "LEAD", "OPPORTUNITY", 1, lambda r: (r.lead_id, r.opportunity_id)),
    Kind("promise:Promise", "LEAD", "PROMISE", 1, lambda r: (r.lead_id, r.promise_id), _promise_due),
    Kind("task:Task", "LEAD", "TASK", 1, lambda r: (r.lead_id, r.task_id)),
    Kind("quote:Quote", "LEAD", "QUOTE", 1, lambda r: (r.lead_id, r.quote_id)),
    Kind("undo:BeforeImport", "LEAD", "BEFORE", 1, lambda r: (r.lead_id, r.import_id)),
    Kind("undo:BeforeDeal", "LEAD", "BEFOREDEAL", 1, lambda r: (r.lead_id, r.import_id, r.deal_id)),
    Kind("undo:TakenBack", "LEAD", "TAKENBACK", 1, lambda r: (r.lead_id, r.import_id), lambda r: r.forget_at),
    Kind("undo:TakenItems", "LEAD", "TAKENITEMS", 1, lambda r: (r.lead_id, r.import_id, r.part), lambda r: r.forget_at),
    Kind("merge:Merge", "LEAD", "MERGE", 1, lambda r: (r.lead_id,), lambda r: r.work_at),
    Kind("merge:Carried", "LEAD", "CARRIED", 1, lambda r: (r.lead_id, r.part)),
    Kind("merge:PartedFrom", "LEAD", "PARTEDFROM", 1, lambda r: (r.lead_id, r.gone_id)),
    Kind("receipt:MatchKey", "KEY", "KEY", 1, lambda r: (r.digest,)),
    Kind("receipt:Receipt", "RECEIPT", "RECEIPT", 1, lambda r: (r.token,)),
    Kind("kept:Kept", "KEPT", "KEPT", 1, lambda r: (r.kept_id,), lambda r: r.forget_at),
    Kind("deliveries:GivenUp", "GIVENUP", "GIVENUP", 1, lambda r: (r.topic, r.message_id), lambda r: r.forget_at),
    Kind("kept:Replayed", "REPLAYED", "REPLAYED", 1, lambda r: (r.post_id,)),
    Kind("audit:Audit", "AUDIT", "AUDIT", 1, lambda r: (r.place, r.audit_id), lambda r: r.forget_at),
    Kind("company:Company", "COMPANY", "", 0, lambda r: (r.company_id,)),
    Kind("company:Subsidiary", "COMPANY", "SUBSIDIARY", 1, lambda r: (r.parent_id, r.company_id)),
    Kind("company:CompanyName", "COMPANYNAME", "COMPANYNAME", 1, lambda r: (r.digest,)),
    Kind("campaign:Campaign", "CAMPAIGN", "", 0, lambda r: (r.campaign_id,)),
    Kind("spend:Spend", "SPEND", "", 0, lambda r: (r.spend_id,)),
    Kind("quote:Product", "PRODUCT", "", 0, lambda r: (r.product_id,)),
    Kind("quote:PriceBook", "PRICEBOOK", "PRICEBOOK", 1, lambda r: (r.book_id,)),
    Kind("quote:QuoteNumbers", "QUOTENUMBERS", "", 0, lambda r: (r.year,)),
    Kind("rep:Rep", "REP", "", 0, lambda r: (r.rep_id,)),
    Kind("form:Form", "FORM", "", 0, lambda r: (r.form_id,)),
    Kind("consent_wording:ConsentWording", "FORM", "WORDING", 1, lambda r: (r.form_id, r.wording_id)),
    Kind("brand:BrandLogo", "BRANDLOGO", "", 0, lambda r: (r.brand_id,)),
    Kind("intake:Intake", "INTAKE", "", 0, lambda r: (r.intake_id,)),
    Kind("intake:NotTakenIn", "NOTTAKENIN", "", 0, lambda r: (r.day.isoformat(),)),
    Kind("visit:Visit", "VISITOR", "VISIT", 1, lambda r: (r.visitor, r.visit_id), lambda r: r.forget_at),
    Kind("visit:Website", "WEBSITE", "", 0, lambda r: (r.host,)),
    Kind("visit:MachineViews", "MACHINEVIEWS", "", 0, lambda r: (r.day.isoformat(),)),
    Kind("event:Seminar", "SEMINAR", "", 0, lambda r: (r.event_id,)),
    Kind("event:SeatCount", "SEMINAR", "SEATS", 1, lambda r: (r.event_id,)),
    Kind("event:Registration", "SEMINAR", "REGISTRATION", 1, lambda r: (r.event_id, r.lead_id)),
    Kind("upload:Upload", "UPLOAD", "", 0, lambda r: (r.import_id,), _upload_due),
    Kind("upload:RowResults", "UPLOAD", "ROWS", 1, lambda r: (r.import_id, f"{r.chunk:06d}")),
    Kind("upload:ColumnMemory", "COLUMNS", "", 0, lambda r: (r.layout,)),
    Kind("api_key:ApiKey", "APIKEY", "", 0, lambda r: (r.digest,)),
    Kind("made_once:MadeOnce", "MADEONCE", "MADEONCE", 1, lambda r: (r.token,)),
    Kind("report_asked:ReportAsked", "REPORT", "", 0, lambda r: (r.report,)),
    Kind("house:Workload", "WORKLOAD", "", 0, lambda r: (r.workload_id,)),
    Kind("sign_in:Session", "SESSION", "SESSION", 1, lambda r: (r.rep_id, r.digest), lambda r: r.expires_at),
    Kind("sign_in:Ticket", "TICKET", "TICKET", 1, lambda r: (r.digest,), lambda r: r.expires_at),
    Kind("sign_in:Identity", "IDENTITY", "IDENTITY", 1, lambda r: (r.digest,)),
    Kind("sign_in:RateWindow", "RATE", "RATE", 1, lambda r: (r.digest,), lambda r: r.expires_at),
    Kind("erasure:Suppression", "SUPPRESSION", "", 0, lambda r: (r.digest,), lambda r: r.until),
    Kind("erasure:Erasure", "ERASURE", "", 0, lambda r: (r.lead_id,), lambda r: r.finish_at),
    Kind("mail_news:DeadAddress", "DEADADDRESS", "", 0, lambda r: (r.digest,)),
    Kind("mail_news:StrayNews", "STRAYNEWS", "", 0, lambda r: (r.news_id,), lambda r: r.expires_at),
    Kind("doubt:SamePerson", "SAMEPERSON", "", 0, lambda r: (r.pair_id,)),
    Kind("doubt:KeptApart", "KEPTAPART", "KEPTAPART", 1, lambda r: (r.pair_id,)),
    Kind("hold:Hold", "HOLD", "", 0, lambda r: (r.hold_id,)),
    Kind("sign_in:TurnedAway", "TURNEDAWAY", "", 0, lambda r: (r.day.isoformat(),)),
)
BY_NAME = {kind.name: kind for kind in _TABLE}
# The noun of a partition, whether it has a parent, and the first word of the sort key tell the kind.
_BY_KEY = {(kind.pk, kind.parents > 0, kind.sk): kind for kind in _TABLE}


class _ByClass(Mapping[type, Kind]):
    """The kinds by the class of their records. Looking one up loads no class but the one that is asked with."""

    def __getitem__(self, record: type) -> Kind:
        kind = BY_NAME.get(record.__name__)
        if kind is None or kind.type is not record:
            raise KeyError(record)
        return kind

    def __iter__(self) -> Iterator[type]:
        return (kind.type for kind in _TABLE)

    def __len__(self) -> int:
        return len(_TABLE)


KINDS = _ByClass()


def ref_to(record: Any) -> Ref[Any]:
    """What a record is named by. KeyError for what is stored nowhere."""
    kind = KINDS[type(record)]
    return Ref(kind.type, kind.ids(record))


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
