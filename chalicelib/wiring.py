"""Settings to Deps: which engine stands behind each port. Everything is opened on first use."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.engine import Engine
from chalicelib.flows.audited_store import AuditedStore
from chalicelib.messaging.links import SignedLinks
from chalicelib.records.limits import UNLIMITED, Limits
from chalicelib.records.ports import Deps, Store
from chalicelib.settings import Settings, read_settings
from chalicelib.store.digest import KeyedDigest, derived
from chalicelib.store.directory import CachedDirectory
from chalicelib.store.ids import UlidMaker
from chalicelib.store.kinds import ref_to
from chalicelib.store.table import Table

if TYPE_CHECKING:
    from chalicelib.records.mail_ports import Mail, Renderer
    from chalicelib.records.message import Message


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """The ports and the settings they were made from; `woken` is set when something was written; `table` and `check` (a
    digest that tells one secret from another) are for backups."""

    settings: Settings
    deps: Deps
    woken: threading.Event
    close: Callable[[], None]
    table: Table
    check: str


def open_service(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Service:
    """The engine the settings choose; embedded, what is missing in the data folder is made."""
    return service_over(_open_engine(settings), settings, clock)


def service_over(engine: Engine, settings: Settings, clock: Callable[[], datetime] = utc_now) -> Service:
    """A service over an engine that is open."""
    woken = threading.Event()
    digest = KeyedDigest(engine.secret.encode())
    deps = Deps(
        store=AuditedStore(engine.store, ref_to),
        feed=engine.feed,
        model=engine.model,
        directory=CachedDirectory(engine.store, engine.loads, engine.fresh_seconds),
        blobs=engine.blobs,
        queue=engine.queue,
        door=engine.door,
        transport=engine.transport,
        renderer=_LazyRenderer(settings),
        links=links_of(settings, engine.secret, clock),
        digest=digest,
        suppression_digest=KeyedDigest(derived(engine.secret, "suppression")),
        journal=engine.journal,
        clock=clock,
        new_id=UlidMaker(),
        wake=woken.set,
        presigned=engine.presigned,
        downloads=engine.downloads,
        limits=_limits(settings, engine.store, digest, clock),
        keep_raw=timedelta(days=settings.keep_raw_days),
        keep_audit=timedelta(days=settings.audit_days),
        currency=settings.base_currency,
    )
    return Service(settings, deps, woken, engine.close, engine.table, digest("backup"))


def links_of(settings: Settings, secret: str, clock: Callable[[], datetime]) -> SignedLinks:
    """Signed with the newest link secret there is, else with the store's own, which always opens what it signed."""
    newest, *former = (*settings.link_secrets, secret)
    return SignedLinks(newest, settings.address, former[::-1], clock)


def _open_engine(settings: Settings) -> Engine:
    # Imported here: an embedded service needs nothing of AWS, and on AWS imports are a visitor's waiting time.
    if settings.engine == "dynamodb":
        from chalicelib.engine_aws import open_aws

        return open_aws(settings)
    from chalicelib.engine_embedded import open_embedded

    return open_embedded(settings)


def _limits(settings: Settings, store: Store, digest: KeyedDigest, clock: Callable[[], datetime]) -> Limits:
    """In the memory of the one embedded process; where many processes serve, in the store."""
    if not settings.rate_limits:
        return UNLIMITED
    from chalicelib.store.limits import MemoryLimits, StoredLimits

    return MemoryLimits(store, clock) if settings.engine == "embedded" else StoredLimits(store, digest, clock)


@lru_cache(maxsize=4)
def provider_secret(settings: Settings) -> str:
    """The client secret at the identity provider: given, or on AWS by its parameter's name, read when it is needed."""
    if settings.oidc_client_secret or not settings.oidc_secret_parameter:
        return settings.oidc_client_secret
    from chalicelib.store.aws_clients import AwsClients
    from chalicelib.store.aws_secret import read_secret

    clients = AwsClients(settings.region, settings.aws_endpoint)
    return read_secret(clients, settings.oidc_secret_parameter, "LEADLINE_OIDC_SECRET_PARAMETER", shortest=1)


def exists(settings: Settings) -> bool:
    """Whether there is a store to open. On AWS that is made by the deployment: raises BadSetting with what is wrong."""
    if settings.engine == "dynamodb":
        from chalicelib.engine_checks import check_aws

        check_aws(settings)
        return True
    return (settings.data / "leadline.db").exists()


class _LazyRenderer:
    """The mail renderer, made when the first mail is: jinja2 and babel stay out of the capture path."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._renderer: Renderer | None = None

    def mail(self, message: "Message", values: dict[str, Any]) -> "Mail":
        if self._renderer is None:
            from chalicelib.messaging.render import MailRenderer

            chosen = self._settings
            self._renderer = MailRenderer(chosen.sender, chosen.brand, chosen.postal_address)
        return self._renderer.mail(message, values)


_service: Service | None = None
_opening = threading.Lock()


def use(service: Service) -> None:
    """Make a service the one the handlers work with: the embedded server and tests bring their own."""
    global _service
    _service = service


def service() -> Service:
    """The process's service, opened from the environment on first use."""
    global _service
    if _service is None:
        with _opening:
            if _service is None:
                _service = open_service(read_settings())
    return _service
