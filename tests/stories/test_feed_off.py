"""The feed is an accelerator, never the ledger: while it stands still the clock alone does all that matters.

Told in this process, where nobody else reads the feed."""

from datetime import timedelta

from chalicelib.flows.check_store import check_store
from chalicelib.flows.reconcile import STRIDE
from chalicelib.handlers.on_report import on_report
from chalicelib.handlers.on_tick import make_up_for_the_feed, on_tick
from chalicelib.records.search import LeadQuery
from tests.aws_world import FUNCTIONS
from tests.stories.conftest import World
from tests.stories.people import EVERYBODY


def minute(world: World) -> None:
    """The clock, and the queues; nobody reads the feed."""
    world.now += timedelta(minutes=1)
    if world.pump:
        world.pump.tick()
        for topic in FUNCTIONS:
            world.pump._queue(topic)
        return
    on_tick(world.deps)
    make_up_for_the_feed(world.deps)
    on_report(world.deps, "EUR")


def test_while_the_feed_stands_still_mail_leaves_and_lists_reports_and_counts_are_right(world: World) -> None:
    world.put(*EVERYBODY)
    for number in range(4):
        guest = {
            "name": f"Guest {number}",
            "email": f"g{number}@customer.example.com",
            "message": "A quotation, please",
        }
        assert world.client.post("/f/contact", data=guest).status_code in (201, 303)
    assert world.mails() == []
    minute(world)
    assert sorted(mail.entry.to for mail in world.mails() if "customer" in mail.entry.to) == [
        f"g{number}@customer.example.com" for number in range(4)
    ]
    assert sum("@example.com" in mail.entry.to for mail in world.mails()) >= 1
    for _ in range(STRIDE):
        minute(world)
    assert world.deps.model.leads(LeadQuery()).total == 4
    found = check_store(world.deps)
    assert (found["received"], found["leads"], found["touches"], found["violations"]) == (4, 4, 4, [])
    assert found["outbox"]["sent"] == len(world.mails())
    world.later(hours=25)
    assert len([mail for mail in world.mails() if "customer" in mail.entry.to]) == 4
    assert check_store(world.deps)["violations"] == []
