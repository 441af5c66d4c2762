"""The protocols flows need. Engines implement them; flows never import an engine."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from chalicelib.records.campaign import Campaign
from chalicelib.records.event import Seminar
from chalicelib.records.form import Form
from chalicelib.records.message import Message
from chalicelib.records.rep import Rep
from chalicelib.records.search import LeadPage, LeadQuery, TouchFact, WonFact

R = TypeVar("R")


class Conflict(Exception):
    """A condition of a commit did not hold: somebody else wrote first. Nothing was written.

    `ref` names the record whose condition failed, where the engine knows it."""

    def __init__(self, ref: "Ref[Any] | None" = None) -> None:
        super().__init__(f"changed meanwhile: {ref}")
        self.ref = ref


class StoreUnavailable(Exception):
    """The engine cannot be reached or is full; nothing is known to be written."""


@dataclass(frozen=True, slots=True)
class Ref(Generic[R]):
    """Names one record by its type and ids: Ref(Lead, lead_id), Ref(Message, lead_id, message_id)."""

    kind: type[R]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stored(Generic[R]):
    """A record as read, with the version a later condition is put on (1 for the first write)."""

    value: R
    version: int


@dataclass(frozen=True, slots=True)
class Put:
    """Write a record. `if_version`: 0 = must be absent, n = must be at n, None = whatever is there."""

    record: Any
    if_version: int | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    ref: Ref[Any]
    if_version: int | None = None


Write = Put | Delete


@dataclass(frozen=True, slots=True)
class Due:
    """An entry of the due index: the record to look at, and since when it has been due."""

    ref: Ref[Any]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry of the change feed: this record was written or deleted; read it for its present state."""

    sequence: int
    ref: Ref[Any]


class Store(Protocol):
    """The records, on either engine."""

    def get(self, kind: type[R], *ids: str) -> Stored[R] | None: ...

    def get_many(self, refs: Sequence[Ref[Any]]) -> list[Stored[Any] | None]:
        """One batch read, in the order asked."""
        ...

    def query(self, kind: type[R], *parent_ids: str) -> list[Stored[R]]:
        """All records of a kind below its parent (all touches of a lead, all reps), in order of id."""
        ...

    def page(self, kind: type[R], *parent_ids: str, after: str = "", limit: int = 100) -> list[Stored[R]]:
        """Like query, `limit` at a time after an id."""
        ...

    def everything_of(self, lead_id: str) -> list[Stored[Any]]:
        """Every record that belongs to one lead, in one read."""
        ...

    def commit(self, writes: Sequence[Write]) -> None:
        """All or nothing. Raises Conflict."""
        ...

    def commit_each(self, groups: Sequence[Sequence[Write]]) -> list[Conflict | None]:
        """Each group all or nothing on its own, as few round trips as the engine can; one answer a group."""
        ...

    def due(self, until: datetime, limit: int = 500, kind: type[Any] | None = None) -> list[Due]:
        """What is due by then over all shards, oldest first; of one kind where it is given."""
        ...

    def counts(self) -> dict[str, int]:
        """How many records of each kind are stored, by the kind's name."""
        ...


class Feed(Protocol):
    """The change feed, with a cursor per consumer."""

    def read(self, consumer: str, limit: int = 1000) -> list[Changed]: ...

    def done(self, consumer: str, sequence: int) -> None: ...

    def repeat(self) -> None:
        """Tell every record again: a read model that was lost or changed its shape is made anew from this."""
        ...


class ReadModel(Protocol):
    """Search, sort and filter over all leads, and the facts of reports; fed by the feed, rebuilt at will."""

    def leads(self, query: LeadQuery) -> LeadPage: ...

    def open_by_owner(self) -> dict[str, int]:
        """How many open leads each rep owns, as far as the feed has been read."""
        ...

    def touches(self) -> Iterable[TouchFact]:
        """Every touch, by lead and time."""
        ...

    def wins(self) -> Iterable[WonFact]: ...

    def lead_campaigns(self) -> Iterable[tuple[str, str, str]]:
        """(lead_id, status, first campaign_id) of every lead that has a touch of a campaign."""
        ...

    def messages(self, state: str = "", limit: int = 200) -> list[tuple[str, str]]:
        """(lead_id, message_id) of outbox rows, newest first."""
        ...

    def requests(self, state: str = "", limit: int = 200) -> list[tuple[str, str]]:
        """(lead_id, request_id), the most urgent first."""
        ...

    def opportunities(self, stage: str = "", limit: int = 500) -> list[tuple[str, str]]: ...

    def counts(self) -> dict[str, int]:
        """How many records of each kind and state, named as in `check`."""
        ...

    def apply(self, changes: Sequence[tuple[Ref[Any], Stored[Any] | None]]) -> None:
        """Bring the model up to date with records as they were read (None = deleted). An older version never
        replaces a newer one, so that two readers of the feed may overtake each other."""
        ...


class Directory(Protocol):
    """The small configuration every decision needs, cached for a moment."""

    def reps(self) -> Sequence[Rep]: ...
    def rep(self, rep_id: str) -> Rep | None: ...
    def campaigns(self) -> Sequence[Campaign]: ...
    def campaign(self, campaign_id: str) -> Campaign | None: ...
    def forms(self) -> Sequence[Form]: ...
    def form(self, form_id: str) -> Form | None: ...
    def seminars(self) -> Sequence[Seminar]: ...
    def seminar(self, event_id: str) -> Seminar | None: ...
    def load(self) -> dict[str, int]:
        """Open leads per rep, at most a few seconds old."""
        ...

    def forget(self) -> None:
        """Read anew next time: for whoever has just changed the configuration."""
        ...


class Blobs(Protocol):
    """Files by key ("uploads/01J…/source")."""

    def put(self, key: str, body: bytes) -> None: ...
    def get(self, key: str) -> bytes | None: ...
    def delete(self, key: str) -> None: ...
    def list(self, prefix: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message taken from the queue; give `receipt` back to say it is done."""

    body: dict[str, Any]
    receipt: str
    attempt: int


class Queue(Protocol):
    """Work for later, at least once, in no promised order."""

    def send(self, topic: str, body: dict[str, Any]) -> None: ...
    def receive(self, topic: str, limit: int = 10) -> list[Delivery]: ...
    def done(self, topic: str, receipt: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Mail:
    """A rendered mail. `calendar` is an iCalendar body to attach, or ""; `message_id` without brackets."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    calendar: str = ""
    calendar_method: str = "REQUEST"
    headers: tuple[tuple[str, str], ...] = ()


class Transport(Protocol):
    """Hands one mail to the outside world, once. Raises TransportError; never retries by itself."""

    def send(self, mail: Mail) -> None: ...


class TransportError(Exception):
    """`final` means the address or content is refused for good; otherwise it may be tried later."""

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Renderer(Protocol):
    def mail(self, message: Message, values: dict[str, Any]) -> Mail:
        """Render the message's template in its language. An unknown name in the template is an error."""
        ...


class Links(Protocol):
    """Signed addresses for people without an account."""

    def status(self, lead_id: str, request_id: str) -> str:
        """The token of a status page."""
        ...

    def read(self, purpose: str, token: str) -> tuple[str, ...] | None:
        """The ids inside a token of that purpose, or None for a forged, foreign or expired one."""
        ...

    def make(self, purpose: str, *ids: str) -> str: ...

    def absolute(self, path: str) -> str:
        """The path below the service's public address."""
        ...


class Digest(Protocol):
    def __call__(self, value: str) -> str:
        """A keyed hash, safe to use in a key."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """What a flow needs from the world."""

    store: Store
    feed: Feed
    model: ReadModel
    directory: Directory
    blobs: Blobs
    queue: Queue
    transport: Transport
    renderer: Renderer
    links: Links
    digest: Digest
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    wake: Callable[[], None]
