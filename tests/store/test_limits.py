"""Rate limits: the same suite over memory and store, and what each costs."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.records.limits import UNLIMITED, Limits
from chalicelib.records.sign_in import RateWindow, TurnedAway
from chalicelib.store.digest import KeyedDigest
from chalicelib.store.limits import MOST_KEYS, MemoryLimits, StoredLimits, rules
from chalicelib.store.record_store import RecordStore
from chalicelib.store.sqlite_table import SqliteTable

LINKS = rules()["link-mailbox"]


@dataclass
class Time:
    now: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def clock(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecordStore]:
    table = SqliteTable(tmp_path / "t.db", ())
    yield RecordStore(table)
    table.close()


def made(kind: str, store: Any, time: Time) -> Limits:
    if kind == "memory":
        return MemoryLimits(store, time.clock, time.seconds)
    return StoredLimits(store, KeyedDigest(b"k" * 16), time.clock, time.seconds)


@pytest.fixture(params=["memory", "stored"])
def limits(request: pytest.FixtureRequest, store: RecordStore, time: Time) -> Limits:
    return made(request.param, store, time)


def test_so_many_are_allowed_and_no_more_until_time_has_passed(limits: Limits, time: Time) -> None:
    assert [limits.take("link-mailbox", "a") for _ in range(LINKS.most)] == [0] * LINKS.most
    wait = limits.take("link-mailbox", "a")
    assert 0 < wait <= LINKS.seconds
    assert limits.take("link-mailbox", "b") == 0, "another key has its own"
    assert limits.take("link-address", "a") == 0, "and so has another rule"
    time.pass_by(wait)
    assert limits.take("link-mailbox", "a") == 0


def test_who_asks_in_vain_does_not_wait_the_longer(limits: Limits) -> None:
    for _ in range(LINKS.most):
        limits.take("link-mailbox", "a")
    waits = {limits.take("link-mailbox", "a") for _ in range(20)}
    assert len(waits) == 1


def test_who_is_turned_away_is_counted_for_thirty_days(limits: Limits, time: Time) -> None:
    assert limits.turned_away() == 0
    for _ in range(LINKS.most + 7):
        limits.take("link-mailbox", "a")
    assert limits.turned_away() == 7
    time.pass_by(29 * 86400)
    assert limits.turned_away() == 7 or limits.turned_away() == 6 + 1
    time.pass_by(2 * 86400)
    assert limits.turned_away() <= 6, "what was written down on that day is not shown any more"


def test_a_flood_is_a_write_a_minute(store: RecordStore, time: Time) -> None:
    limits = made("memory", store, time)
    for second in range(150):
        limits.take("link-mailbox", "a")
        time.pass_by(0.8)
        if second == 0:
            assert store.counts().get("TurnedAway", 0) == 0
    written = store.get(TurnedAway, date(2026, 3, 2).isoformat())
    assert written
    assert written.version == 2
    assert limits.turned_away() == 150 - LINKS.most


def test_the_memory_keeps_so_many_keys_and_no_more(store: RecordStore, time: Time) -> None:
    limits = MemoryLimits(store, time.clock, time.seconds)
    for number in range(MOST_KEYS + 10):
        limits.take("public-post", str(number))
    assert len(limits._buckets) == MOST_KEYS


def test_the_store_holds_a_digest_and_a_number_and_costs_a_write_while_it_is_allowed(
    store: RecordStore, time: Time
) -> None:
    limits = made("stored", store, time)
    for _ in range(LINKS.most + 20):
        limits.take("link-mailbox", "ben@example.com")
    (digest,) = {key[0] for key in _windows(store)}
    found = store.get(RateWindow, digest)
    assert found
    assert (found.version, found.value.count) == (LINKS.most, LINKS.most)
    assert "ben" not in digest


def _windows(store: RecordStore) -> list[tuple[str, ...]]:
    return [due.ref.ids for due in store.due(datetime(2027, 1, 1, tzinfo=UTC), kind=RateWindow)]


@pytest.mark.parametrize("kind", ["memory", "stored"])
def test_what_is_given_back_counts_no_more_and_nobody_gains_by_it(store: RecordStore, time: Time, kind: str) -> None:
    limits, most = made(kind, store, time), rules()["asking-events"].most
    limits.give_back("asking-events", "a")
    assert [limits.take("asking-events", "a") for _ in range(most)] == [0] * most
    limits.give_back("asking-events", "a")
    assert [bool(limits.take("asking-events", "a")) for _ in range(2)] == [False, True]
    for _ in range(most + 5):
        limits.give_back("asking-events", "a")
    assert [bool(limits.take("asking-events", "a")) for _ in range(most + 1)] == [False] * most + [True]


def test_what_costs_no_sign_in_is_limited_in_memory_and_not_written_down(store: RecordStore, time: Time) -> None:
    limits = made("stored", store, time)
    for rule in ("public-post", "api-key"):
        most = rules()[rule].most
        assert [bool(limits.take(rule, "a")) for _ in range(most + 2)] == [False] * most + [True] * 2
        assert limits.take(rule, "b") == 0
    assert store.query(RateWindow) == []
    assert limits.turned_away() == 4


def test_many_at_once_are_counted_one_by_one(store: RecordStore, time: Time) -> None:
    limits = made("stored", store, time)
    allowed: list[bool] = []
    threads = [
        threading.Thread(target=lambda: allowed.append(limits.take("link-mailbox", "a") == 0)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= sum(allowed) <= LINKS.most
    (ids,) = _windows(store)
    found = store.get(RateWindow, *ids)
    assert found
    assert found.value.count == sum(allowed)


def test_switched_off_everything_is_allowed() -> None:
    assert {UNLIMITED.take("link-mailbox", "a") for _ in range(100)} == {0}
    assert UNLIMITED.turned_away() == 0
