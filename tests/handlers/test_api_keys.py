"""API keys: who made one, until when it is good, and when it was last used."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.records.api_key import ApiKey
from tests.handlers.desk import Desk, open_desk, words


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def make(desk: Desk, **fields: str) -> tuple[str, ApiKey]:
    """The secret, and what is stored."""
    made = desk.post("/app/api-keys", "/app/api-keys", name="Shop", **{"scope-campaigns:write": "yes", **fields})
    secret = made.text.partition('class="code" value="')[2].partition('"')[0]
    return secret, stored(desk)


def stored(desk: Desk) -> ApiKey:
    return next(s.value for s in desk.world.deps.store.query(ApiKey) if s.value.name == "Shop")


def use(desk: Desk, secret: str, name: str = "Fair") -> httpx.Response:
    client: Any = desk.world.client
    answer: httpx.Response = client.post(
        "/v1/campaigns", json={"name": name}, headers={"Authorization": f"Bearer {secret}"}
    )
    return answer


def test_a_key_says_who_made_it_and_when_it_was_last_used(desk: Desk) -> None:
    secret, key = make(desk)
    assert (key.made_by, key.last_used_at, key.expires_at) == ("ada", None, None)
    assert "never" in words(desk.get("/app/api-keys").text)
    use(desk, secret)
    assert stored(desk).last_used_at == desk.world.now
    assert "Ada Example" in desk.get("/app/api-keys").text.partition("<tbody>")[2]


def test_the_use_of_a_key_is_written_once_an_hour_at_most(desk: Desk) -> None:
    secret, _ = make(desk)
    use(desk, secret)
    first = desk.world.now
    desk.world.now += timedelta(minutes=59)
    use(desk, secret, "Second fair")
    assert stored(desk).last_used_at == first
    desk.world.now += timedelta(minutes=1)
    use(desk, secret, "Third fair")
    assert stored(desk).last_used_at == desk.world.now


def test_a_key_is_good_until_its_day_and_says_so(desk: Desk) -> None:
    secret, key = make(desk, days="90")
    assert key.expires_at == desk.world.now + timedelta(days=90)
    assert use(desk, secret).status_code == 201
    desk.world.now += timedelta(days=90)
    answer = use(desk, secret, "Second fair")
    assert (answer.status_code, answer.json()["title"]) == (401, "API key expired")
    desk.world.sign_in("ada")
    assert "Shop expired" in desk.page("/app/api-keys")


def test_a_length_that_is_not_offered_is_none(desk: Desk) -> None:
    assert make(desk, days="-1")[1].expires_at is None


def test_a_key_refused_for_its_scope_is_not_used(desk: Desk) -> None:
    secret, _ = make(desk)
    answer = desk.world.client.post("/v1/leads", json={}, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403
    assert stored(desk).last_used_at is None
