"""A service that was restored sends nothing, lets no clock fire and takes what comes in, until a person lets it go."""

from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.flows.hold_service import held, hold, release, tell_difference
from chalicelib.handlers.on_tick import keep_house, on_tick
from chalicelib.records.message import Message
from chalicelib.records.ports import NotFound
from chalicelib.records.touch import Request
from tests.handlers.desk import NOW, Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def test_nothing_is_sent_or_escalated_while_held_and_all_of_it_after(desk: Desk) -> None:
    deps = desk.world.deps
    hold(deps, NOW - timedelta(days=1))
    status = desk.ask()
    desk.world.later(days=3)
    lead_id = desk.lead_path().rpartition("/")[2]
    assert desk.world.mails() == []
    assert deps.store.query(Request, lead_id)[0].value.escalations == 0
    assert on_tick(deps).done == 0
    keep_house(deps)
    assert {mail.value.state for mail in deps.store.query(Message, lead_id)} == {"pending"}
    assert "We have your request." in desk.page(status)
    release(deps, "ada")
    desk.world.work()
    assert [mail.entry.to for mail in desk.world.mails("jana@")] == ["jana@customer.example.com"]
    assert deps.store.query(Request, lead_id)[0].value.escalations == 1


def test_it_is_let_go_once_and_only_what_is_held(desk: Desk) -> None:
    deps = desk.world.deps
    assert held(deps) is None
    for act in (lambda: release(deps, "ada"), lambda: tell_difference(deps, {})):
        with pytest.raises(NotFound):
            act()
    hold(deps, None)
    assert tell_difference(deps, {"forms": 3}).difference == {"forms": 3}
    first = release(deps, "ada")
    desk.world.now += timedelta(hours=1)
    assert release(deps, "eva") == first
    assert held(deps) is None


def test_every_page_says_so_and_an_administrator_lets_it_go(desk: Desk) -> None:
    deps = desk.world.deps
    assert "Nothing was restored here." in desk.page("/app/restore")
    assert "Restored and held" not in desk.page("/app")
    hold(deps, NOW - timedelta(hours=5))
    tell_difference(deps, {"forms": 50, "people": 49, "unknown": 2, "late": 1, "opt_outs": 2, "erased": 1})
    assert 'href="/app/restore"' in desk.get("/app").text
    shown = desk.page("/app/restore")
    for text in ("50 submissions from the journal", "2 mails that may have left", "The service is held"):
        assert text in shown, text
    desk.world.sign_in("anna")
    assert "Whoever administers the service lets it go on." in desk.page("/app")
    assert desk.get("/app/restore").status_code == 403
    desk.world.sign_in("ada")
    assert desk.post("/app/restore/release", "/app/restore").headers["location"] == "/app/restore"
    assert held(deps) is None
    assert "by Ada Example." in desk.page("/app/restore")
    assert "Restored and held" not in desk.page("/app")
