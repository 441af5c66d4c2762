"""An instance of a function: the engine's own code over the models, on a machine with a clock of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from chalicelib import wiring
from chalicelib.engine_aws import engine_over
from chalicelib.identify import search_words
from chalicelib.messaging.pace import SharedPace
from chalicelib.messaging.ses import SesTransport, allowance
from chalicelib.records.ports import Deps
from chalicelib.settings import Settings
from chalicelib.store.aws_clients import AwsClients
from chalicelib.store.directory import CachedDirectory
from chalicelib.store.index_blobs import BlobReadModel
from chalicelib.store.journal import SealedJournal
from chalicelib.store.journal_blobs import BlobKeys, BlobLines
from tests.worlds.faults import Fate
from tests.worlds.scheduler import SeededIds, Skewed
from tests.worlds.wire import Wire


@dataclass
class Instance:
    deps: Deps
    service: wiring.Service
    clock: Skewed
    folder: Path
    model: BlobReadModel


class OneByOne(BlobKeys):
    """Puts its keys one after the other: threads are not the world's."""

    def keep(self, keys: Mapping[str, bytes]) -> None:
        for name, key in keys.items():
            super().keep({name: key})


def open_instance(fate: Fate, settings: Settings, models: tuple[Any, ...], clock: Skewed, folder: Path) -> Instance:
    """`models` are DynamoDB, SQS, S3 and SES; each client tries as often as the service's own does."""
    scheduler, ids = fate.scheduler, SeededIds(fate.chance, clock)

    def wire(model: Any, service: str, attempts: int) -> Callable[[], Any]:
        made = Wire(model, service, fate, scheduler.trace, attempts)
        return lambda: made

    dynamodb, sqs, s3, ses = models
    clients = SimpleNamespace(
        dynamodb=wire(dynamodb, "dynamodb", 4), sqs=wire(sqs, "sqs", 4), s3=wire(s3, "s3", 4), ses=wire(ses, "ses", 1),
        close=lambda: None,
    )  # fmt: skip
    opened = engine_over(cast("AwsClients", clients), settings, lambda _: scheduler.sleep(0.2))
    model = BlobReadModel(opened.blobs, folder, ids, search_words, clock=clock, monotonic=lambda: scheduler.now)
    transport = SesTransport(clients.ses, settings.sender, settings.configuration_set, clock)
    transport.pace = SharedPace(lambda: allowance(clients.ses), monotonic=lambda: scheduler.now, sleep=scheduler.sleep)
    journal = SealedJournal(BlobLines(opened.blobs, ids), OneByOne(opened.blobs), ids)
    engine = replace(opened, model=model, transport=transport, journal=journal)
    service = wiring.service_over(engine, settings, clock)
    directory = CachedDirectory(engine.store, engine.loads, 10.0, monotonic=lambda: scheduler.now)
    service = replace(service, deps=replace(service.deps, new_id=ids, directory=directory))
    return Instance(service.deps, service, clock, folder, model)
