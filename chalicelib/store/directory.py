"""The small configuration every decision needs (reps, campaigns, forms, seminars), read at most once a second."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from chalicelib.records.campaign import Campaign
from chalicelib.records.form import Form
from chalicelib.records.house import OPEN_LEADS, Workload
from chalicelib.records.ports import Store
from chalicelib.records.rep import Rep
from chalicelib.store.kinds import KINDS

if TYPE_CHECKING:
    from chalicelib.records.brand import BrandLogo
    from chalicelib.records.event import Seminar
    from chalicelib.records.intake import Intake
    from chalicelib.records.visit import Website

R = TypeVar("R")

# Somebody else may have made it just now: what is asked for and not known is looked for so often at most.
UNKNOWN_SECONDS = 1.0


class Loads(Protocol):
    """Who knows the open leads of each person: the read model where it is at hand, else what was last counted."""

    def open_by_owner(self) -> dict[str, int]: ...


class CountedLoads:
    """As last counted and written down, so that assigning needs no read model."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open_by_owner(self) -> dict[str, int]:
        stored = self._store.get(Workload, OPEN_LEADS)
        return dict(stored.value.leads) if stored else {}


class CachedDirectory:
    """Directory port. Another process may change the configuration: it is seen after `seconds`, and what it has added
    when somebody asks for it by its id."""

    def __init__(
        self, store: Store, loads: Loads, seconds: float = 1.0, unknown_seconds: float = UNKNOWN_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._unknown_seconds = unknown_seconds
        self._store = store
        self._loads = loads
        self._seconds = seconds
        self._monotonic = monotonic
        self._cached: dict[Any, tuple[float, Any]] = {}
        self._read_at: dict[Any, float] = {}
        self._reading: set[Any] = set()
        self._lock = threading.Lock()
        self._generation = 0

    def forget(self) -> None:
        """The next reading asks the store: for tests, and after a change made here."""
        with self._lock:
            self._generation += 1
            self._cached.clear()

    def _fresh(self, key: Any, read: Callable[[], R]) -> R:
        kept = self._cached.get(key)
        if kept is None or (self._monotonic() > kept[0] and self._begin(key)):
            kept = self._read_anew(key, read)
        value: R = kept[1]
        return value

    def _begin(self, key: Any) -> bool:
        """Whether nobody is reading it already: the others do with what they have rather than all ask at once."""
        with self._lock:
            free = key not in self._reading
            self._reading.add(key)
        return free

    def _read_anew(self, key: Any, read: Callable[[], R]) -> tuple[float, R]:
        began, generation = self._monotonic(), self._generation
        try:
            value = read()
            now = self._monotonic()
            # Counting a million leads takes a while: so that visitors wait for it one twentieth of the time at most.
            kept = (now + max(self._seconds, 20 * (now - began)), value)
            with self._lock:
                # What was being read when forget() was called may be older than the change it was called for.
                if generation == self._generation:
                    self._cached[key], self._read_at[key] = kept, now
        finally:
            with self._lock:
                self._reading.discard(key)
        return kept

    def _by_id(self, kind: type[R]) -> dict[str, R]:
        return self._fresh(kind, lambda: self._read(kind))

    def _read(self, kind: type[R]) -> dict[str, R]:
        return {KINDS[kind].ids(found.value)[0]: found.value for found in self._store.query(kind)}

    def _one(self, kind: type[R], record_id: str) -> R | None:
        known = self._by_id(kind)
        unknown = bool(record_id) and record_id not in known
        if unknown and self._monotonic() - self._read_at.get(kind, 0.0) > self._unknown_seconds and self._begin(kind):
            known = self._read_anew(kind, lambda: self._read(kind))[1]
        return known.get(record_id)

    def reps(self) -> Sequence[Rep]:
        # The same object while nothing changed, so that callers can cache what they make of it.
        return self._fresh("reps", lambda: tuple(self._by_id(Rep).values()))

    def rep(self, rep_id: str) -> Rep | None:
        return self._one(Rep, rep_id)

    def campaigns(self) -> Sequence[Campaign]:
        return tuple(self._by_id(Campaign).values())

    def campaign(self, campaign_id: str) -> Campaign | None:
        return self._one(Campaign, campaign_id)

    def forms(self) -> Sequence[Form]:
        return tuple(self._by_id(Form).values())

    def form(self, form_id: str) -> Form | None:
        return self._one(Form, form_id)

    def logo(self) -> "BrandLogo | None":
        from chalicelib.records.brand import LOGO, BrandLogo

        return self._by_id(BrandLogo).get(LOGO)

    def intakes(self) -> Sequence["Intake"]:
        from chalicelib.records.intake import Intake

        return tuple(self._by_id(Intake).values())

    def intake(self, intake_id: str) -> "Intake | None":
        from chalicelib.records.intake import Intake

        return self._one(Intake, intake_id)

    def websites(self) -> Sequence["Website"]:
        from chalicelib.records.visit import Website

        return tuple(self._by_id(Website).values())

    def website(self, host: str) -> "Website | None":
        from chalicelib.records.visit import Website

        return self._one(Website, host)

    def seminars(self) -> Sequence["Seminar"]:
        from chalicelib.records.event import Seminar

        return tuple(self._by_id(Seminar).values())

    def seminar(self, event_id: str) -> "Seminar | None":
        from chalicelib.records.event import Seminar

        return self._one(Seminar, event_id)

    def load(self) -> dict[str, int]:
        return self._fresh("load", self._loads.open_by_owner)
