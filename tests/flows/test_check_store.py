"""The shape of `check`, and the promises it looks after."""

from pathlib import Path

from chalicelib.flows.check_store import LAG_LIMIT, check_store
from chalicelib.records.campaign import Campaign
from tests.handlers.desk import given_to, open_desk


def test_the_shape_is_the_one_scripts_rely_on(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.ask()
    found = check_store(desk.world.deps)
    assert list(found) == [
        "received", "accepted", "merged", "quarantined", "rejected", "leads", "touches", "outbox", "violations",
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
    for number in range(LAG_LIMIT // 500):
        desk.world.put(*(Campaign(f"c-{number}-{n}", "C") for n in range(500)))
    assert check_store(desk.world.deps)["violations"] == [
        "changes that lists and reports do not show yet: 5000 or more"
    ]
