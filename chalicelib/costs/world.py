"""A deployment in the memory of this process, where every call to AWS is counted and none is made.

The engine's own requests to DynamoDB are weighed by the rules it bills by (`store/dynamo_counted`); blobs, queues and
mails are counted. What runs are the product's handlers and flows, as the functions run them."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.engine import Engine
from chalicelib.flows.hear_of_mail import hear
from chalicelib.flows.reactions import INDEX
from chalicelib.handlers.dispatch import register_routes
from chalicelib.handlers.gateway import LeadlineApp
from chalicelib.handlers.on_change import on_change, on_index, on_outbox
from chalicelib.identify import search_words
from chalicelib.records.deliveries import DeadLetter, Delivery
from chalicelib.records.mail_news import MailNews, NewsKind
from chalicelib.records.mail_ports import Mail
from chalicelib.records.ports import Put
from chalicelib.settings import Settings
from chalicelib.store.blob_keys import checked
from chalicelib.store.directory import CountedLoads
from chalicelib.store.door_aws import QueueOrBlobDoor
from chalicelib.store.dynamo_counted import CountedTable
from chalicelib.store.dynamo_meter import Bill
from chalicelib.store.ids import UlidMaker
from chalicelib.store.index_blobs import BlobReadModel
from chalicelib.store.journal import SealedJournal
from chalicelib.store.journal_blobs import BlobKeys, BlobLines
from chalicelib.store.record_feed import PushedFeed
from chalicelib.store.record_store import RecordStore
from chalicelib.store.table import Key
from chalicelib.wiring import service_over, use

SETTINGS = Settings(engine="dynamodb", public_url="https://leadline.example", secret="x" * 32, rate_limits=False)


@dataclass
class CountedBlobs:
    """Implements Blobs. `asked` counts what S3 bills for: puts, gets and lists (deleting is free)."""

    asked: Counter[str] = field(default_factory=Counter)
    _kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, body: bytes) -> None:
        self.asked["put"] += 1
        self._kept[checked(key)] = body

    def get(self, key: str) -> bytes | None:
        self.asked["get"] += 1
        return self._kept.get(checked(key))

    def delete(self, key: str) -> None:
        self._kept.pop(checked(key), None)

    def list(self, prefix: str) -> list[str]:
        self.asked["list"] += 1
        return sorted(key for key in self._kept if key.startswith(prefix))


@dataclass
class CountedQueue:
    """Implements Queue. `sent` counts messages; each is sent, received and deleted."""

    sent: int = 0
    _waiting: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def send(self, topic: str, body: dict[str, Any]) -> None:
        self.sent += 1
        self._waiting.setdefault(topic, []).append(body)

    def receive(self, topic: str, limit: int = 10) -> list[Delivery]:
        waiting = self._waiting.get(topic, [])
        taken, self._waiting[topic] = waiting[:limit], waiting[limit:]
        return [Delivery(body, f"{topic}-{number}", 1) for number, body in enumerate(taken)]

    def done(self, topic: str, receipt: str) -> None:
        """Received is done."""

    def waiting(self, topic: str) -> int:
        return len(self._waiting.get(topic, ()))

    def dead(self, topic: str, limit: int = 100) -> tuple[list[DeadLetter], int]:  # noqa: ARG002
        return [], 0

    def revive(self, topic: str, limit: int = 1000) -> int:  # noqa: ARG002
        return 0


@dataclass
class CountedMail:
    """Implements Transport: takes every mail and sends none. `taken` are those nobody has told of yet."""

    sent: int = 0
    taken: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        self.sent += 1
        self.taken.append(mail)

    def forget(self, mails: Sequence[tuple[str, str]]) -> None:
        """Nothing is kept."""


@dataclass
class Use:
    """What some work used: the table's bill; by function its runs and seconds of CPU, by (function, service) the calls
    that were waited for; what was asked of S3, SQS and SES; and `news` of mail, which come by topic and queue."""

    bill: Bill = field(default_factory=Bill)
    runs: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    waits: Counter[tuple[str, str]] = field(default_factory=Counter)
    s3: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    mails: int = 0
    news: int = 0


class World:
    """The counted deployment. `folder` is for the read model's copy."""

    def __init__(self, folder: Path, now: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) -> None:
        self.now = now
        self.table, self.blobs, self.queue, self.mail = CountedTable(), CountedBlobs(), CountedQueue(), CountedMail()
        self.use = Use()
        service = service_over(self._engine(folder), SETTINGS, self.clock)
        self.deps = service.deps
        use(service)
        self._app = LeadlineApp(app_name="leadline")
        register_routes(self._app)

    def _engine(self, folder: Path) -> Engine:
        store = RecordStore(self.table)
        return Engine(
            store=store,
            table=self.table,
            journal=SealedJournal(BlobLines(self.blobs, UlidMaker()), BlobKeys(self.blobs), UlidMaker()),
            feed=PushedFeed(self._keys, self.queue, INDEX, frozenset()),
            model=BlobReadModel(self.blobs, folder, UlidMaker(), search_words, clock=self.clock),
            loads=CountedLoads(store),
            blobs=self.blobs,
            queue=self.queue,
            door=QueueOrBlobDoor(self.queue, self.blobs, monotonic=lambda: self.now.timestamp()),
            transport=self.mail,
            secret=SETTINGS.secret,
            # Read when it is told to forget, and never by itself: what it costs is told apart.
            fresh_seconds=1e9,
            close=lambda: None,
        )

    def _keys(self) -> Iterator[tuple[Key, str]]:
        for key, item in self.table.tally.known.items():
            yield key, item["kind"]["S"]

    def clock(self) -> datetime:
        return self.now

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def take(self) -> Use:
        """What was used since the last time."""
        taken, self.use = self.use, Use()
        taken.bill = self.table.tally.take()
        taken.s3, self.blobs.asked = self.blobs.asked, Counter()
        taken.messages, self.queue.sent = self.queue.sent, 0
        taken.mails, self.mail.sent = self.mail.sent, 0
        return taken

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        """One run of a function."""
        before, begun = self._asked(), time.process_time()
        yield
        spent = time.process_time() - begun
        self.use.seconds[function] = self.use.seconds.get(function, 0.0) + spent
        for service, count in (self._asked() - before).items():
            self.use.waits[function, service] += count
        self.use.runs[function] += 1

    def _asked(self) -> Counter[str]:
        table, s3 = self.table.tally.bill.call_count, self.blobs.asked.total()
        return Counter({"dynamodb": table, "s3": s3, "sqs": self.queue.sent, "ses": self.mail.sent})

    def post(self, path: str, body: str) -> int:
        """A form as a browser posts it, through the web function; the status."""
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"host": "leadline.example", "accept": "text/html", "user-agent": "Mozilla/5.0 Firefox/140.0",
                        "content-type": "application/x-www-form-urlencoded", "accept-language": "en"},
            "requestContext": {"http": {"method": "POST", "sourceIp": "192.0.2.7"}, "requestId": "cost"},
            "body": body,
            "isBase64Encoded": False,
        }  # fmt: skip
        with self.running("api_handler"):
            answer = self._app(event, None)
        return int(answer["statusCode"])

    def follow(self) -> None:
        """What the stream and the queues bring about, batched as little as can be: the dearest case."""
        while self.table.changed or self.mail.taken:
            self._tell_of_mail()
            changed = self._changes()
            with self.running("on_change"):
                on_change(self.deps, [_record(key) for key in changed])
            for topic, function, work in (("index", "on_index", on_index), ("outbox", "on_outbox", on_outbox)):
                while deliveries := self.queue.receive(topic, 10):
                    with self.running(function):
                        work(self.deps, deliveries)

    def _tell_of_mail(self) -> None:
        """SES says of each mail that it was sent and that it has arrived: two messages by way of a topic."""
        told, self.mail.taken = self.mail.taken, []
        for mail in told:
            lead_id, message_id, attempt = mail.about
            for kind in (NewsKind.SEND, NewsKind.DELIVERY):
                self.use.news += 1
                with self.running("on_mail_event"):
                    hear(self.deps, MailNews(self.deps.new_id(), kind, self.now, lead_id, message_id, attempt))

    def _changes(self) -> list[Key]:
        """At most a hundred records of the stream, as a batch holds."""
        taken, self.table.changed = self.table.changed[:100], self.table.changed[100:]
        return taken

    def put(self, *records: Any) -> None:
        self.deps.store.commit([Put(record) for record in records])
        self.deps.directory.forget()


def _record(key: Key) -> dict[str, Any]:
    return {"dynamodb": {"Keys": {"pk": {"S": key[0]}, "sk": {"S": key[1]}}}}
