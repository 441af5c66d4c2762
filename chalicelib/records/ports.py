"""The protocols flows need. Engines implement them; flows never import an engine."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from chalicelib.records.limits import UNLIMITED, Limits
from chalicelib.records.outside_ports import Blobs as Blobs
from chalicelib.records.outside_ports import Digest as Digest
from chalicelib.records.outside_ports import Links as Links
from chalicelib.records.outside_ports import PostForm as PostForm
from chalicelib.records.outside_ports import PresignedDownloads as PresignedDownloads
from chalicelib.records.outside_ports import PresignedUploads as PresignedUploads
from chalicelib.records.queue_ports import Door as Door
from chalicelib.records.queue_ports import Queue as Queue
from chalicelib.records.read_model import ReadModel as ReadModel

if TYPE_CHECKING:
    from chalicelib.records.brand import BrandLogo
    from chalicelib.records.campaign import Campaign
    from chalicelib.records.changes import Changed, Due
    from chalicelib.records.event import Seminar
    from chalicelib.records.form import Form
    from chalicelib.records.intake import Intake
    from chalicelib.records.journal import Journal
    from chalicelib.records.mail_ports import Renderer, Transport
    from chalicelib.records.rep import Rep
    from chalicelib.records.visit import Website

R = TypeVar("R")


class Conflict(Exception):
    """A condition of a commit did not hold: somebody else wrote first. Nothing was written.

    `ref` names the record whose condition failed, where the engine knows it."""

    def __init__(self, ref: "Ref[Any] | None" = None) -> None:
        super().__init__(f"changed meanwhile: {ref}")
        self.ref = ref


class NotFound(Exception):
    """No record of that id is visible to whoever asked."""


class Gone(Exception):
    """An address of ours that leads nowhere any more: what was sent was erased, or a restore did not bring it back.
    Which of these is not told, and nothing of the person: who holds the address learns that it was ours, no more."""


class StoreUnavailable(Exception):
    """The engine cannot be reached or is full; nothing is known to be written."""


class TooLarge(ValueError):
    """A record that the engine cannot hold. `kind` is its type's name, where it is one record that is to blame."""

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__(text)
        self.kind = kind


class BadRecord(Exception):
    """What is stored is not a record of its kind. Others are readable; whoever reads many passes this one by."""

    def __init__(self, ref: "Ref[Any]") -> None:
        super().__init__(f"not readable: {ref}")
        self.ref = ref


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
    """Take a record away, when it is at that version if one is given."""

    ref: Ref[Any]
    if_version: int | None = None


Write = Put | Delete

# What every engine writes at once, all or nothing.
MOST_WRITES = 100
# What a flow puts into one transaction: the audit of it has its place.
MOST_CHANGES = MOST_WRITES - 1


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

    def refs_of(self, lead_id: str) -> list[Ref[Any]]:
        """The names of all records that belong to one lead, in one read; also of those that cannot be read."""
        ...

    def commit(self, writes: Sequence[Write]) -> None:
        """All or nothing, MOST_WRITES at most. Raises Conflict; ValueError for more; TooLarge (a record, or all)."""
        ...

    def commit_each(self, groups: Sequence[Sequence[Write]]) -> list[Conflict | None]:
        """Each group all or nothing on its own, as few round trips as the engine can; one answer a group."""
        ...

    def forget(self, lead_id: str, but: Collection[type[Any]] = ()) -> list[Ref[Any]]:
        """Delete all that lies with one lead, also what cannot be read; kinds in `but` stay. Which records went."""

    def purge(self) -> None:
        """After an erasure: what was deleted is to be found in no file any more."""

    def due(self, until: datetime, limit: int = 500, kind: type[Any] | None = None) -> "list[Due]":
        """What is due by then over all shards, oldest first; of one kind where it is given."""
        ...

    def counts(self) -> dict[str, int]:
        """How many records of each kind are stored, by the kind's name."""
        ...

    def part(self, number: int, of: int) -> list[tuple[Ref[Any], int]]:
        """Every record of one of `of` parts (0 to of - 1) with its version, a moment old: a record is in one part and
        stays there, so that the parts one after another are all of the store."""
        ...


class Feed(Protocol):
    """The change feed, with a cursor per consumer."""

    def read(self, consumer: str, limit: int = 1000) -> "list[Changed]": ...

    def done(self, consumer: str, sequence: int) -> None: ...

    def repeat(self) -> None:
        """Tell every record again: a read model that was lost or changed its shape is made anew from this."""
        ...


class Directory(Protocol):
    """The small configuration every decision needs, cached for a moment."""

    def reps(self) -> Sequence["Rep"]: ...
    def rep(self, rep_id: str) -> "Rep | None": ...
    def campaigns(self) -> Sequence["Campaign"]: ...
    def campaign(self, campaign_id: str) -> "Campaign | None": ...
    def forms(self) -> Sequence["Form"]: ...
    def form(self, form_id: str) -> "Form | None": ...
    def logo(self) -> "BrandLogo | None": ...
    def intakes(self) -> Sequence["Intake"]: ...
    def intake(self, intake_id: str) -> "Intake | None": ...
    def websites(self) -> Sequence["Website"]: ...
    def website(self, host: str) -> "Website | None": ...
    def seminars(self) -> Sequence["Seminar"]: ...
    def seminar(self, event_id: str) -> "Seminar | None": ...
    def load(self) -> dict[str, int]:
        """Open leads per rep, at most a few seconds old."""
        ...

    def forget(self) -> None:
        """Read anew next time: for whoever has just changed the configuration."""


@dataclass(frozen=True, slots=True)
class Deps:
    """What a flow needs from the world. `presigned` where files are sent to the blob store by whoever has them,
    `downloads` where large ones are fetched from there; `suppression_digest` has a key of its own, so that who was
    erased cannot be joined with the keys of who is known. `door` is where submissions wait while the store is down;
    what was sent is kept for `keep_raw` where nothing came of it, the audit trail for `keep_audit`. `currency` is the
    house's own (ISO 4217)."""

    store: Store
    feed: Feed
    model: ReadModel
    directory: Directory
    blobs: Blobs
    queue: Queue
    transport: "Transport"
    renderer: "Renderer"
    links: Links
    digest: Digest
    suppression_digest: Digest
    journal: "Journal"
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    wake: Callable[[], None]
    door: Door
    presigned: PresignedUploads | None = None
    downloads: PresignedDownloads | None = None
    limits: Limits = UNLIMITED
    keep_raw: timedelta = timedelta(days=30)
    keep_audit: timedelta = timedelta(days=1095)
    currency: str = "EUR"
