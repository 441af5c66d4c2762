"""The deployment on AWS: the real functions over the models, and what Lambda, SQS and the schedule do around them.

Each run of a function has an instance of its own, as Lambda gives it: a machine with a clock of its own, its own
copy of the read model and its own cached directory. An instance whose run was killed is gone."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from greenlet import getcurrent

from chalicelib import wiring
from chalicelib.handlers import functions
from chalicelib.records.ports import Deps
from chalicelib.settings import Settings
from tests.aws_events import queue_record, schedule_event, stream_record
from tests.contracts.places import make_table
from tests.faults.invariants import Handed
from tests.worlds.aws_instance import Instance, open_instance
from tests.worlds.dynamo_model import DynamoModel
from tests.worlds.dynamo_tables import STREAM_SHARDS, Table
from tests.worlds.faults import Fate
from tests.worlds.model_clients import ModelClients
from tests.worlds.s3_model import S3Model
from tests.worlds.scheduler import Killed, Skewed
from tests.worlds.ses_model import TOPIC, SesModel, Taken
from tests.worlds.sqs_model import SqsModel

PREFIX, BUCKET = "world-", "world"
# Topic: the function, messages at once, runs at once, hidden seconds (those of the data stack).
QUEUES: dict[str, tuple[Callable[[Any, Any], Any], int, int, int]] = {
    "index": (functions.on_index, 10, 2, 360),
    "outbox": (functions.on_outbox, 10, 3, 360),
    "uploads": (functions.on_upload, 1, 1, 1800),
    "chunks": (functions.on_chunk, 1, 2, 720),
    "reports": (functions.on_report, 10, 1, 720),
    "mail-events": (functions.on_mail_event, 10, 2, 360),
}
MOST_RECEIVES = 5
STREAM_ATTEMPTS = 11


class _Context:
    aws_request_id = "world"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class AwsPlace:
    """The world's engine on AWS. `feed_on` is the stream's mapping, which may be switched off."""

    def __init__(self, fate: Fate, folder: Path, most_skew: float = 150.0) -> None:
        self.fate, self.scheduler, self._folder, self._most_skew = fate, fate.scheduler, folder, most_skew
        chance, now = fate.chance, lambda: self.scheduler.now
        # Late by a moment, and now and then by longer.
        self.dynamodb = DynamoModel(
            now, lambda: chance.choice((0.0, 0.05, 0.5, 2.0)) if chance.random() < 0.99 else 60.0
        )
        self.sqs = SqsModel(now, chance, 0.0)
        self.s3 = S3Model()
        self.ses = SesModel(now, self._news)
        self.table = self._make_stack()
        self.settings = Settings(
            engine="dynamodb", table=self.table, bucket=BUCKET, queue_prefix=PREFIX, region="eu-central-1",
            secret="s" * 32, public_url="https://leadline.example", sender="Leadline <hello@example.com>",
            rate_limits=False, configuration_set="deliveries", mail_topic=TOPIC,
        )  # fmt: skip
        self.feed_on = True
        self._idle: dict[str, list[Instance]] = {}
        self._made = 0
        self._read = [0] * STREAM_SHARDS
        self.given_up = self.dead = 0
        self.clocks: list[Skewed] = []

    def _make_stack(self) -> str:
        clients = ModelClients()
        clients._dynamodb = self.dynamodb
        name = make_table(clients)  # type: ignore[arg-type]
        # Its name is drawn by chance, which is not the seed's.
        self.dynamodb.tables = {"world": self.dynamodb.tables.pop(name)}
        self.s3.create_bucket(BUCKET)
        for topic, (_, _, _, hidden) in QUEUES.items():
            self.sqs.create_queue(PREFIX + topic, {"VisibilityTimeout": hidden})
            self.sqs.create_queue(f"{PREFIX}{topic}-dead")
            self.sqs.dead_letters(PREFIX + topic, f"{PREFIX}{topic}-dead", MOST_RECEIVES)
        return "world"

    def _news(self, body: str) -> None:
        """SNS brings it, some of it twice, a little of it never."""
        times = 0 if self.fate.happens("news lost", 0.02) else 1 + self.fate.happens("news twice", 0.02)
        for _ in range(times):
            self.scheduler.spawn(
                "sns", lambda: self.sqs._put(f"{PREFIX}mail-events", body), self.fate.chance.uniform(1, 90)
            )

    def _skew(self) -> float:
        """As far off as it may be, in half of the cases."""
        return self.fate.chance.choice((-1.0, 1.0, 0.0, self.fate.chance.uniform(-1.0, 1.0))) * self._most_skew

    # Instances

    def _instance(self, name: str) -> Instance:
        idle = self._idle.setdefault(name, [])
        return idle.pop() if idle else self._new(name)

    def _new(self, name: str) -> Instance:
        self._made += 1
        clock = Skewed(self.scheduler, self._skew())
        self.clocks.append(clock)
        models = (self.dynamodb, self.sqs, self.s3, self.ses)
        return open_instance(self.fate, self.settings, models, clock, self._folder / f"{name}-{self._made}")

    @contextmanager
    def _running(self, name: str, longest: int = 25) -> Iterator[Instance]:
        """One run of a function in the worker that calls it. Raises Killed where its end came early."""
        worker, mind = getcurrent(), self.fate.mind(name, longest)
        before, instance = getattr(worker, "mind", None), self._instance(name)
        worker.mind = mind  # type: ignore[attr-defined]
        try:
            wiring.use(instance.service)
            yield instance
        except Exception:
            self._idle[name].append(instance)
            raise
        except Killed:
            instance.model.close()
            shutil.rmtree(instance.folder, ignore_errors=True)
            self.clocks.remove(instance.clock)
            raise
        else:
            self._idle[name].append(instance)
        finally:
            worker.mind = before  # type: ignore[attr-defined]
            self.fate.ended(mind)

    def call(self, work: Callable[[Deps], Any]) -> Any:
        """A request of HTTP. Raises what the code raises, or Killed: the caller sees an answer or none."""
        with self._running("http") as instance:
            return work(instance.deps)

    def read(self) -> Deps:
        """For looking at the world when it rests."""
        return self._new("observer").deps

    # What AWS does

    def start(self) -> None:
        for shard in range(STREAM_SHARDS):
            self.scheduler.spawn(f"stream-{shard}", lambda shard=shard: self._follow(shard))
        for topic, (_, _, at_once, _) in QUEUES.items():
            for number in range(at_once):
                self.scheduler.spawn(f"{topic}-{number}", lambda topic=topic: self._poll(topic))
        self.scheduler.spawn("schedule", self._schedule)
        self.scheduler.spawn("ntp", self._ntp)

    def _follow(self, shard: int) -> None:
        stream, pause = self._stream.stream[shard], 0.2
        while True:
            waiting = len(stream) - self._read[shard]
            if not self.feed_on or not waiting:
                pause = self._rest(pause)
                continue
            pause = 0.2
            batch = stream[self._read[shard] : self._read[shard] + self.fate.chance.randint(1, 100)]
            self._pass_on(batch, STREAM_ATTEMPTS)
            self._read[shard] += len(batch)

    def _rest(self, pause: float) -> float:
        """Who finds nothing looks again, and while nothing comes less and less often: days pass quickly so."""
        self.scheduler.sleep(pause * self.fate.chance.uniform(0.8, 1.2))
        return min(90.0, pause * 1.5)

    def _pass_on(self, batch: list[tuple[str, str]], attempts: int) -> None:
        """A batch until it succeeds; one that failed is bisected; what is given up goes to the failure destination."""
        event = {"Records": [stream_record(*key) for key in batch]}
        for attempt in range(attempts):
            try:
                with self._running("change", 8):
                    functions.on_change(event, _Context())
                return
            except (Exception, Killed):
                self.scheduler.sleep(1.0)
                if len(batch) > 1:
                    middle = len(batch) // 2
                    self.fate.counted["batch split"] += 1
                    self._pass_on(batch[:middle], attempts - attempt - 1)
                    self._pass_on(batch[middle:], attempts - attempt - 1)
                    return
        self.given_up += len(batch)

    @property
    def _stream(self) -> Table:
        return self.dynamodb.tables[self.table]

    def _poll(self, topic: str) -> None:
        function, most, _, _ = QUEUES[topic]
        url, pause = self.sqs.get_queue_url(PREFIX + topic)["QueueUrl"], 0.5
        while True:
            self.sqs._again = self.fate.rates.redelivered
            asked = self.fate.chance.randint(1, most)
            messages = self.sqs.receive_message(url, asked, WaitTimeSeconds=0)["Messages"]
            if not messages:
                pause = self._rest(pause)
                continue
            pause = 0.5
            self._deliver(topic, function, url, messages)
            if topic == "reports":
                # One is asked for by each change; one in a while will do.
                self.scheduler.sleep(600.0)

    def _deliver(
        self, topic: str, function: Callable[[Any, Any], Any], url: str, messages: list[dict[str, Any]]
    ) -> None:
        records = [
            queue_record(m["Body"], int(m["Attributes"]["ApproximateReceiveCount"]), m["MessageId"], m["ReceiptHandle"])
            for m in messages
        ]
        try:
            with self._running(topic):
                answer = function({"Records": records}, _Context()) or {}
        except (Exception, Killed):
            return
        failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", ())}
        self.fate.counted["partial batch failure"] += 0 < len(failed) < len(messages)
        for message in messages:
            if message["MessageId"] not in failed:
                self.sqs.delete_message(url, message["ReceiptHandle"])

    def _schedule(self) -> None:
        while True:
            self.scheduler.spawn("tick", self.tick)
            if self.fate.happens("clock twice", 0.01):
                self.scheduler.spawn("tick", self.tick)
            self.scheduler.sleep(self.tick_seconds)

    tick_seconds = 60.0

    def tick(self) -> None:
        try:
            with self._running("tick", 120):
                functions.on_tick(schedule_event(), _Context())
        except (Exception, Killed):
            """The next minute's run goes on."""

    def _ntp(self) -> None:
        """Clocks are set right, or wrong, and step back by it; never two further apart than five minutes."""
        while True:
            self.scheduler.sleep(self.fate.chance.uniform(60, 600))
            if self.clocks:
                clock = self.fate.chance.choice(self.clocks)
                skew = self._skew()
                self.fate.counted["clock stepped back"] += skew < clock.skew
                clock.skew = skew

    # At rest

    def redrive(self) -> int:
        """Dead letters come back; how many there were."""
        self.dead = sum(self.sqs.redrive(f"{PREFIX}{topic}-dead", PREFIX + topic) for topic in QUEUES)
        return self.dead

    def busy(self) -> bool:
        self.fate.counted["redelivered"] = self.sqs.given_twice
        self.fate.counted["dead letters"] = self.given_up + self.dead
        streams = any(len(s) > at for s, at in zip(self._stream.stream, self._read, strict=True)) and self.feed_on
        return streams or any(state.messages for state in self.sqs.queues.values())

    def handed(self) -> list[Handed]:
        return [taken.handed for taken in self.ses.taken]

    def taken(self) -> list[Taken]:
        return self.ses.taken

    def close(self) -> None:
        for instances in self._idle.values():
            for instance in instances:
                instance.model.close()
