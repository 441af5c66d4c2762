"""The shape of `check`, and the promises it looks after."""

import re
from datetime import timedelta
from pathlib import Path

from chalicelib.flows.check_store import LAG_LIMIT, check_store
from chalicelib.flows.reactions import CONSUMERS
from chalicelib.records.campaign import Campaign
from chalicelib.records.merge import Merge, MergeState
from chalicelib.records.message import Message
from chalicelib.records.ports import Put
from chalicelib.records.receipt import Receipt, ReceiptOutcome
from tests.handlers.desk import given_to, open_desk


def test_the_shape_is_the_one_scripts_rely_on(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.ask()
    found = check_store(desk.world.deps)
    assert list(found) == [
        "received", "accepted", "merged", "quarantined", "rejected", "turned_away", "leads", "touches", "outbox",
        "at_the_door", "given_up", "violations",
    ]  # fmt: skip
    assert (found["received"], found["leads"], found["touches"], found["violations"]) == (1, 1, 1, [])
    assert set(found["outbox"]) == {"held", "pending", "sending", "sent", "unknown", "suppressed", "failed"}


def test_a_request_that_is_nobodys_is_named(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.ask()
    given_to(desk, desk.lead_path(), "unassigned")
    told = check_store(desk.world.deps)["violations"]
    assert told[0] == "open leads without an owner: 1"
    assert told[1].startswith("open requests without an owner: 1 (")


def test_a_read_model_that_stays_behind_is_named(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.world.work()
    desk.world.deps.store.commit_each([[Put(Campaign(f"c-{number}", "C"), 0)] for number in range(LAG_LIMIT)])
    assert check_store(desk.world.deps)["violations"] == [
        "changes that lists and reports do not show yet: 5000 or more"
    ]


def test_a_read_model_that_was_never_told_is_named(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.ask()
    deps = desk.world.deps
    ((lead_id, message_id),) = deps.model.messages(limit=1)
    stored = deps.store.get(Message, lead_id, message_id)
    assert stored is not None
    deps.store.commit(
        [Put(stored.value, stored.version), Put(Receipt("r", "", ReceiptOutcome.ACCEPTED, desk.world.now))]
    )
    for consumer in CONSUMERS:
        deps.feed.done(consumer, 1 << 40)
    assert check_store(deps)["violations"] == [
        "the read model does not show what is stored: receipt (1 of 2)",
        "the read model does not show records as they are stored: 2",
    ]


def test_each_broken_promise_is_explained_to_whoever_meets_it() -> None:
    root = Path(__file__).resolve().parents[2]
    told = re.findall(r'yield f"([^:{]+): ', (root / "chalicelib" / "flows" / "check_store.py").read_text("utf-8"))
    explained = re.findall(r"^\| `([^`]+)` \|", (root / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(explained)


def test_a_merge_that_does_not_come_to_its_end_is_named(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    now = desk.world.now
    desk.world.put(Merge("L1", "L2", MergeState.MERGING, now, "eva", now))
    assert check_store(desk.world.deps)["violations"] == []
    desk.world.now += timedelta(minutes=6)
    assert check_store(desk.world.deps)["violations"] == ["merges that do not come to their end: 1 (L1)"]
