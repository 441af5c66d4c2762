"""Segment's own library for Node, its host changed to ours. That for Python is in the stories: this one needs npm."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from chalicelib.records.arrival import Entry
from chalicelib.records.intake import Intake
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, Put
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Request, RequestState, Touch
from infra.assets import npm
from tests.stories.conftest import house  # noqa: F401
from tests.stories.place import Place

HERE = Path(__file__).parent
KEY = "abcdefABCDEF01234567890123456789"


def node() -> str:
    """The machine's, or the one beside the npm that was installed for want of it."""
    beside = npm()
    found = shutil.which("node") or (shutil.which("node", path=str(Path(beside).parent)) if beside else None)
    assert found, "there is no Node.js, and none could be installed"
    return found


def sent(house: Place, mailbox: str, key: str = KEY) -> dict[str, list[str]]:  # noqa: F811
    command = [node(), str(HERE / "send.mjs"), house.address, key, mailbox]
    # An address on this machine is asked without whatever stands between it and the world.
    environ = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(command, cwd=HERE, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, list[str]] = json.loads(done.stdout)
    return told


def of_one(deps: Deps, mailbox: str) -> list[Touch]:
    """What came of somebody, once the index of the running service has them."""
    for _ in range(100):
        if rows := deps.model.leads(LeadQuery(text=mailbox)).rows:
            break
        time.sleep(0.1)
    assert len(rows) == 1, [row.full_name for row in rows]
    return [stored.value for stored in deps.store.query(Touch, rows[0].lead_id)]


@pytest.fixture
def shop(house: Place) -> Place:  # noqa: F811
    if house.deps.store.get(Intake, KEY) is None:
        house.deps.store.commit([Put(Intake(KEY, Entry.SEGMENT, "Shop", house.deps.clock()))])
    return house


def test_segments_own_library_for_node_sends_here_when_its_host_is_changed(shop: Place) -> None:
    mailbox = "node@segment.example.com"
    for _ in range(2):
        told = sent(shop, mailbox)
        assert told["errors"] == []
        assert set(told["answers"]) == {"POST /v1/batch"}
    known, asked = sorted(of_one(shop.deps, mailbox), key=lambda touch: touch.kind)
    assert (known.kind, asked.kind) == ("api", "form")
    assert (asked.message, asked.source.source, asked.source.medium) == ("Which sensor fits oil?", "letter", "email")
    lead = shop.deps.store.get(Lead, asked.lead_id)
    assert lead
    assert (lead.value.full_name, lead.value.company) == ("Jana Knoten", "Knoten AG")
    assert lead.value.assignment
    requests = [stored.value.state for stored in shop.deps.store.query(Request, asked.lead_id)]
    assert sorted(requests) == sorted([RequestState.CLOSED, RequestState.OPEN]), "one that asks, one that only tells"


def test_with_a_write_key_of_nobodys_the_library_is_told_so(shop: Place) -> None:
    told = sent(shop, "nobody@segment.example.com", key="0" * 32)
    assert told["errors"]
    assert all("401" in error for error in told["errors"])
    assert sent(shop, "somebody@segment.example.com")["errors"] == []
    # What came later is there: what came before would be.
    assert of_one(shop.deps, "somebody@segment.example.com")
    assert not shop.deps.model.leads(LeadQuery(text="nobody@segment.example.com")).rows
