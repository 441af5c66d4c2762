"""The small configuration every decision needs (reps, campaigns, forms, seminars), read at most once a second."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chalicelib.records.campaign import Campaign
from chalicelib.records.event import Seminar
from chalicelib.records.form import Form
from chalicelib.records.ports import ReadModel, Store
from chalicelib.records.rep import Rep
from chalicelib.store.kinds import KINDS

R = TypeVar("R")


class CachedDirectory:
    """Directory port. Another process may change the configuration: it is seen after `seconds`."""

    def __init__(self, store: Store, model: ReadModel, seconds: float = 1.0) -> None:
        self._store = store
        self._model = model
        self._seconds = seconds
        self._cached: dict[Any, tuple[float, Any]] = {}
        self._lock = threading.Lock()
        self._generation = 0

    def forget(self) -> None:
        """The next reading asks the store: for tests, and after a change made here."""
        with self._lock:
            self._generation += 1
            self._cached.clear()

    def _fresh(self, key: Any, read: Callable[[], R]) -> R:
        now = time.monotonic()
        kept = self._cached.get(key)
        if kept is None or now - kept[0] > self._seconds:
            generation = self._generation
            kept = (now, read())
            with self._lock:
                # What was being read when forget() was called may be older than the change it was called for.
                if generation == self._generation:
                    self._cached[key] = kept
        value: R = kept[1]
        return value

    def _by_id(self, kind: type[R]) -> dict[str, R]:
        return self._fresh(kind, lambda: self._read(kind))

    def _read(self, kind: type[R]) -> dict[str, R]:
        return {KINDS[kind].ids(found.value)[0]: found.value for found in self._store.query(kind)}

    def reps(self) -> Sequence[Rep]:
        # The same object while nothing changed, so that callers can cache what they make of it.
        return self._fresh("reps", lambda: tuple(self._by_id(Rep).values()))

    def rep(self, rep_id: str) -> Rep | None:
        return self._by_id(Rep).get(rep_id)

    def campaigns(self) -> Sequence[Campaign]:
        return tuple(self._by_id(Campaign).values())

    def campaign(self, campaign_id: str) -> Campaign | None:
        return self._by_id(Campaign).get(campaign_id)

    def forms(self) -> Sequence[Form]:
        return tuple(self._by_id(Form).values())

    def form(self, form_id: str) -> Form | None:
        return self._by_id(Form).get(form_id)

    def seminars(self) -> Sequence[Seminar]:
        return tuple(self._by_id(Seminar).values())

    def seminar(self, event_id: str) -> Seminar | None:
        return self._by_id(Seminar).get(event_id)

    def load(self) -> dict[str, int]:
        return self._fresh("load", self._model.open_by_owner)
