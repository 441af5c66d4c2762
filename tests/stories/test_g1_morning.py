"""G-1, G-6: a manager's morning. What the clock should have done overnight is done, no more; and two reps' words to one
customer are held against each other."""

import re
from datetime import timedelta
from html import unescape

from chalicelib.assign.working_time import add_working_hours
from chalicelib.records.touch import Request
from tests.handlers.desk import words
from tests.stories.conftest import HTML, World
from tests.stories.people import ADA, BERLIN, EVERYBODY

URGENT = "Please send us a quotation. It is urgent, we decide this week."
_FIGURE = re.compile(r'<a href="(/app/board/[^"]+)"[^>]*>(?:\s*<span class="figure-value">)?([0-9,]+)<')


def ask(world: World, name: str, message: str) -> str:
    """Somebody writes; the lead_id."""
    sent = {"name": f"{name} Beispiel", "email": f"{name}@customer.example.com".lower(), "message": message}
    answer = world.client.post("/f/contact", data=sent, headers=HTML)
    assert answer.status_code == 303, answer.text
    return world.lead_id(answer)


def request_of(world: World, lead_id: str) -> Request:
    (stored,) = world.deps.store.query(Request, lead_id)
    return stored.value


def page(world: World, path: str) -> str:
    answer = world.client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def figures(world: World) -> dict[str, int]:
    """Every figure of everybody's board by the address it opens to."""
    found = _FIGURE.findall(page(world, "/app/board?people=all"))
    return {unescape(address): int(number) for address, number in found}


def post(world: World, lead_id: str, path: str, **fields: str) -> None:
    token = world.csrf(f"/app/leads/{lead_id}")
    sent = world.client.post(f"/app/leads/{lead_id}/{path}", data={"csrf": token, **fields}, headers=HTML)
    assert sent.status_code == 303, words(sent.text)


def opened(world: World, path: str) -> set[str]:
    """The leads behind a figure."""
    return set(re.findall(r'href="/app/leads/([^"/]+)"', page(world, path)))


def test_a_working_day_later_exactly_what_ran_out_is_escalated(world: World) -> None:
    world.put(*EVERYBODY, ADA)
    asked = {name: ask(world, name, URGENT if name in "AC" else "Hello") for name in "ABCD"}
    world.work()
    world.sign_in("ada")
    post(world, asked["C"], "note", kind="call", text="Talked.")
    world.later(hours=7)
    asked["E"] = ask(world, "E", URGENT)
    world.work()
    limits = {name: request_of(world, lead_id).respond_by for name, lead_id in asked.items()}
    # The same hour of the next working day.
    then = add_working_hours(world.now - timedelta(hours=7), 8, BERLIN) + timedelta(minutes=1)
    expected = {asked[name] for name, limit in limits.items() if limit < then and name != "C"}
    assert expected
    assert expected < set(asked.values()) - {asked["C"]}
    world.now = then
    world.work()
    world.sign_in("eva")
    escalations = {lead_id: request_of(world, lead_id).escalations for lead_id in asked.values()}
    assert {lead_id for lead_id, times in escalations.items() if times} == expected
    assert set(escalations.values()) == {0, 1}
    assert opened(world, "/app/board/late?people=all") == expected
    for address, number in figures(world).items():
        text = page(world, address)
        assert text.count("<li data-row>") + text.count('<li id="promise-') == number, address


def test_nothing_runs_out_over_a_weekend(world: World) -> None:
    world.put(*EVERYBODY, ADA)
    # Friday afternoon: what is left of the day is less than any limit.
    world.now += timedelta(days=4, hours=7, minutes=50)
    lead_id = ask(world, "A", URGENT)
    world.work()
    world.later(days=2, hours=12)
    assert request_of(world, lead_id).escalations == 0


def test_what_two_reps_promised_one_customer_differently_is_on_the_board(world: World) -> None:
    world.put(*EVERYBODY, ADA)
    lead_id = ask(world, "A", URGENT)
    world.work()
    for who, text in (("ada", "Within two weeks"), ("eva", "Within four weeks")):
        world.sign_in(who)
        said = {"promise_subject": "delivery date", "promise": text, "promise_due": "2026-03-02"}
        post(world, lead_id, "note", kind="note", text="", **said)
    world.work()
    world.sign_in("eva")
    told = figures(world)
    assert told["/app/board/contradictions?people=all"] == 2
    assert told["/app/board/promises?people=all"] == 2
    text = words(page(world, "/app/board/contradictions?people=all"))
    assert "Within two weeks" in text
    assert "Within four weeks" in text


def test_the_reasons_of_rejection_reach_the_page_of_the_source(world: World) -> None:
    world.put(*EVERYBODY, ADA)
    leads = [ask(world, name, "Hello") for name in "ABC"]
    world.work()
    world.sign_in("ada")
    for lead_id, reason in zip(leads, ("no budget", "no budget", "bought elsewhere"), strict=True):
        post(world, lead_id, "status", status="rejected", reason=reason)
    world.work()
    text = page(world, "/app/campaigns/ads")
    found = {
        unescape(path): int(n) for path, n in re.findall(r'<a href="(/app/leads\?[^"]*reason=[^"]*)">(\d+)</a>', text)
    }
    assert sorted(found.values()) == [1, 2]
    for path, number in found.items():
        assert len(opened(world, path)) == number
