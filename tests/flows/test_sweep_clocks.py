"""The sweep: a bad record holds up nobody, list mail does not hold up answers, and nothing goes on for ever."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.flows.reactions import INDEX, REPORTS
from chalicelib.flows.report_returns import read_report
from chalicelib.flows.sweep_clocks import sweep
from chalicelib.handlers.on_change import renew_reports
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.touch import MOST_ESCALATIONS, Request
from tests.stories.conftest import World
from tests.stories.people import EVERYBODY

FIELDS = {"name": "Jana Beispiel", "email": "jana@customer.example.com"}


def mail(world: World, number: int, **changed: object) -> Message:
    made = Message(
        f"m{number:04d}", f"lead{number:04d}", MessageKind.THANK_YOU, f"g{number}@example.com", "en",
        MessageState.PENDING, world.now - timedelta(hours=1), world.now,
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


def test_entries_that_cannot_be_acted_on_do_not_hide_those_behind_them(world: World) -> None:
    world.put(*EVERYBODY)
    # Sent rows that an older version left in the index would be such entries; here: a person that breaks rendering.
    broken = [mail(world, n, kind=MessageKind.SEMINAR_CONFIRMATION) for n in range(30)]
    world.put(*broken, *(Lead(m.lead_id, emails=(m.to,)) for m in broken))
    world.client.post("/f/contact", json=FIELDS)
    world.now += timedelta(seconds=10)
    swept = sweep(world.deps, limit=10)
    assert len(swept.failed) == 30
    assert len(world.mails("jana@customer.example.com")) == 1


def test_a_late_answer_is_escalated_before_the_mail_of_a_list(world: World) -> None:
    world.put(*EVERYBODY)
    world.client.post("/f/contact", json=FIELDS)
    world.work()
    world.now += timedelta(days=3)
    waiting = [mail(world, n) for n in range(5)]
    world.put(*waiting)
    assert sweep(world.deps, most=1).done == 1
    lead_id, request_id = world.deps.model.requests()[0]
    stored = world.deps.store.get(Request, lead_id, request_id)
    assert stored
    assert stored.value.escalations == 1


def test_a_sweep_says_whether_something_was_left(world: World) -> None:
    world.put(*EVERYBODY)
    world.client.post("/f/contact", json=FIELDS)
    world.work()
    assert sweep(world.deps, pause=lambda: True).complete
    world.put(*(mail(world, n) for n in range(3)))
    assert not sweep(world.deps, pause=lambda: True).complete
    assert not sweep(world.deps, most=2).complete
    assert sweep(world.deps).complete


def test_escalation_ends_with_whoever_has_it(world: World) -> None:
    world.put(*EVERYBODY)
    world.client.post("/f/contact", json=FIELDS)
    world.work()
    for _ in range(40):
        world.later(days=3)
    lead_id, request_id = world.deps.model.requests()[0]
    stored = world.deps.store.get(Request, lead_id, request_id)
    assert stored
    assert stored.value.escalations == MOST_ESCALATIONS
    assert len(stored.value.history) == MOST_ESCALATIONS + 1


def test_a_report_waits_for_the_read_model_and_then_shows_the_change(world: World) -> None:
    world.put(*EVERYBODY)
    world.work()
    world.client.post("/f/contact", json=FIELDS)
    assert world.deps.feed.read(INDEX)
    assert renew_reports(world.deps) is False
    assert world.deps.feed.read(REPORTS)
    world.work()
    report = read_report(world.deps)
    assert report
    assert sum(line["leads"] for line in [*report["sections"][0]["rows"], report["sections"][0]["unattributed"]]) == 1
