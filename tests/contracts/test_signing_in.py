"""What signing in asks of a store, on every engine: sessions, tickets used once, bindings, windows, and their end."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from chalicelib import wiring
from chalicelib.flows.first_admin import first_admin, name_first_admin
from chalicelib.flows.forget_expired import forget_expired
from chalicelib.flows.sessions import LIFE, end_all, find_session, sessions_of, start_session
from chalicelib.flows.sign_in_link import LinkState, SignedIn, make_link, use_link
from chalicelib.flows.sign_in_oidc import forget_identity, person_of, spend_state
from chalicelib.records.ports import Delete, Deps, Put, Ref
from chalicelib.records.rep import Rep, Role
from chalicelib.records.sign_in import Session, SignInWay
from chalicelib.settings import Settings
from chalicelib.store.directory import CachedDirectory
from chalicelib.store.limits import StoredLimits, rules
from chalicelib.store.record_store import RecordStore

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANNA = Rep("anna", "Anna", "anna@example.com")
ISSUER = "https://id.example.com"


@dataclass
class House:
    """The service's ports over the engine's store, and a clock."""

    deps: Deps
    now: datetime = NOW

    def clock(self) -> datetime:
        return self.now


@pytest.fixture
def house(store: RecordStore, tmp_path: Path) -> House:
    service = wiring.open_service(Settings(data=tmp_path / "data", rate_limits=False))
    made = House(service.deps)
    directory = CachedDirectory(store, cast("Any", None), seconds=0.0)
    made.deps = replace(service.deps, store=store, directory=directory, clock=made.clock)
    store.commit([Put(ANNA, 0)])
    return made


def test_a_session_is_found_seen_listed_and_ended(house: House) -> None:
    cookie = start_session(house.deps, "anna", SignInWay.LINK, "Firefox, Linux")
    other = start_session(house.deps, "anna", SignInWay.OIDC)
    house.now += timedelta(hours=1)
    found = find_session(house.deps, cookie)
    assert found
    assert (found[0].browser, found[1]) == ("Firefox, Linux", ANNA)
    again = find_session(house.deps, cookie)
    assert again
    assert again[0].last_seen_at == house.now
    assert [s.last_seen_at for s in sessions_of(house.deps, "anna")] == [house.now, NOW]
    assert end_all(house.deps, "anna", but=found[0].digest) == 1
    assert find_session(house.deps, other) is None
    assert find_session(house.deps, cookie)


def test_a_link_is_used_once_and_in_one_transaction_with_its_session(house: House) -> None:
    token = make_link(house.deps, ANNA).rpartition("/")[2]
    assert isinstance(use_link(house.deps, token, "", "Firefox", ""), SignedIn)
    assert use_link(house.deps, token, "", "Firefox", "") is LinkState.USED
    assert len(house.deps.store.query(Session, "anna")) == 1


def test_a_state_is_spent_once(house: House) -> None:
    assert [spend_state(house.deps, "s"), spend_state(house.deps, "s"), spend_state(house.deps, "t")] == [
        True, False, True,
    ]  # fmt: skip


def test_an_account_is_bound_to_a_person_and_let_go(house: House) -> None:
    assert person_of(house.deps, ISSUER, "1", "ANNA@example.com") == ANNA
    assert person_of(house.deps, ISSUER, "1", "") == ANNA
    assert person_of(house.deps, ISSUER, "2", "anna@example.com") is None
    forget_identity(house.deps, ISSUER, "anna")
    assert person_of(house.deps, ISSUER, "1", "") is None
    assert person_of(house.deps, ISSUER, "2", "anna@example.com") == ANNA


def test_a_window_counts_up_to_its_limit(house: House) -> None:
    limits = StoredLimits(house.deps.store, house.deps.digest, house.clock, lambda: house.now.timestamp())
    most = rules()["link-mailbox"].most
    assert [limits.take("link-mailbox", "a") > 0 for _ in range(most + 2)] == [False] * most + [True] * 2
    assert limits.turned_away() == 2
    house.now += timedelta(seconds=rules()["link-mailbox"].seconds)
    assert limits.take("link-mailbox", "a") == 0


def test_what_has_expired_goes_and_nothing_else(house: House) -> None:
    start_session(house.deps, "anna", SignInWay.LINK)
    make_link(house.deps, ANNA)
    spend_state(house.deps, "s")
    StoredLimits(house.deps.store, house.deps.digest, house.clock).take("link-mailbox", "a")
    assert forget_expired(house.deps) == 0
    house.now += timedelta(hours=2)
    assert forget_expired(house.deps) == 3
    assert len(house.deps.store.query(Session, "anna")) == 1
    house.now += LIFE
    assert forget_expired(house.deps) == 1
    assert house.deps.store.query(Session, "anna") == []
    assert forget_expired(house.deps) == 0


def test_an_empty_service_gets_its_first_administrator_by_the_setting(house: House) -> None:
    assert first_admin(house.deps, "", "") is None
    assert first_admin(house.deps, "chief@example.com", "anna@example.com") is None
    chief = first_admin(house.deps, "Chief@example.com", "chief@EXAMPLE.com")
    assert chief
    assert (chief.rep_id, chief.role) == ("chief", Role.ADMIN)
    assert first_admin(house.deps, "chief@example.com", "chief@example.com") is None


def test_the_clock_names_the_first_administrator_where_there_is_nobody_at_all(house: House) -> None:
    assert name_first_admin(house.deps, "chief@example.com") is None
    house.deps.store.commit([Delete(Ref(Rep, (stored.value.rep_id,))) for stored in house.deps.store.query(Rep)])
    house.deps.directory.forget()
    assert name_first_admin(house.deps, "") is None
    chief = name_first_admin(house.deps, "chief@example.com")
    assert chief
    assert (chief.rep_id, chief.role, chief.active) == ("chief", Role.ADMIN, True)
    house.deps.store.commit([Put(replace(chief, active=False))])
    house.deps.directory.forget()
    assert name_first_admin(house.deps, "chief@example.com") is None
