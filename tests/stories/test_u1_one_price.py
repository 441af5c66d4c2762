"""U1, a customer: "two salesmen, two quotations" """

import re
from datetime import UTC, datetime, timedelta

import httpx

from chalicelib.records.quote import ListPrice, Product
from tests.stories.story import Story


def ask(story: Story, name: str) -> str:
    """A visitor of the story's one company sends the form; the path of the lead's page."""
    sent = story.person(name, company=f"{story.mark} AG", message="Price?")
    lead_id = story.lead_of(story.submit(**sent))
    story.rest(lead_id)
    return f"/app/leads/{lead_id}"


def quote(desk: Story, path: str, price: str, **more: str) -> httpx.Response:
    valid_until = datetime.now(UTC).date() + timedelta(days=30)
    sent = {"currency": "EUR", "valid_until": valid_until.isoformat(), "product-0": f"s200-{desk.mark}",
            "quantity-0": "10", "price-0": price}  # fmt: skip
    return desk.post(f"{path}/quotes", csrf=desk.csrf(f"{path}/quotes/new"), **sent, **more)


def owner(story: Story, path: str) -> str:
    assignment = story.stored(path.rpartition("/")[2]).assignment
    assert assignment
    return assignment.owner_id


def test_a_second_price_for_the_same_company_is_stopped_until_a_manager_agrees(story: Story) -> None:
    story.put(Product(f"s200-{story.mark}", f"Sensor {story.mark}", "piece", (ListPrice("EUR", 12900, 10900),)))
    jana, jonas = ask(story, "Jana"), ask(story, "Jonas")
    with story.colleague("eva") as eva, story.colleague(owner(story, jonas)) as rep:
        assert quote(eva, jana, "120").status_code == 303
        stopped = quote(rep, jonas, "115")
        assert stopped.status_code == 409
        assert "a colleague quotes this customer another price" in stopped.text
        asked = quote(rep, jonas, "115", reason="they buy four times as much")
        made = asked.headers["location"].partition("?")[0]
        assert "Waits for a manager" in rep.get(made).text
        story.rest(jonas.rpartition("/")[2])
        told = [letter.text for letter in story.place.letters("eva@example.com") if "for your word" in letter.text]
        assert any(made in text or story.mark in text for text in told)
        decided = eva.post(f"{made}/decision", csrf=eva.csrf(made), decision="approve", text="agreed")
        assert decided.status_code == 303
        offer = re.search(r'href="[^"]*(/o/[^"]+)"', eva.get(made).text)
    assert offer
    assert "is valid until" in story.get(offer.group(1)).text
