"""G2, a manager: "three salesmen; what did each promise?" """

from datetime import UTC, datetime, timedelta

import httpx

from tests.stories.story import Story


def ask(story: Story, name: str) -> str:
    """A visitor of the story's one company sends the form; the path of the lead's page."""
    sent = story.person(name, company=f"{story.mark} AG", message="When?")
    lead_id = story.lead_of(story.submit(**sent))
    story.rest(lead_id)
    return f"/app/leads/{lead_id}"


def promise(desk: Story, path: str, what: str) -> httpx.Response:
    due_on = datetime.now(UTC).date() + timedelta(days=4)
    return desk.post(
        f"{path}/note", csrf=desk.csrf(path), kind="call", text="", promise_subject="delivery date",
        promise=f"{what} {desk.mark}", promise_due=due_on.isoformat(),
    )  # fmt: skip


def test_what_each_promised_is_in_one_ledger_and_contradictions_are_flagged(story: Story) -> None:
    jana, jonas = ask(story, "Jana"), ask(story, "Jonas")
    four, two = f"Delivery within four weeks {story.mark}", f"Delivery within two weeks {story.mark}"
    with story.colleague("eva") as eva, story.colleague("ben") as ben:
        assert promise(eva, jana, "Delivery within four weeks").status_code == 303
        seen = jonas if ben.get(jonas).status_code == 200 else jana
        if ben.get(seen).status_code == 404:
            # Both are Anna's; the manager gives Ben one of them.
            eva.post(f"{jonas}/owner", csrf=eva.csrf(jonas), owner_id="ben", reason="")
            seen = jonas
        assert promise(ben, seen, "Delivery within two weeks").status_code == 303
        page = eva.wait_until(lambda: both(eva, four, two))
        assert "Eva Example" in page
        assert "Ben Example" in page
        story.later(jana.rpartition("/")[2], days=6)
        eva.wait_until(lambda: four in eva.get("/app/promises?ledger=broken").text)
    told = [letter.text for letter in story.place.letters("eva@example.com") if four in letter.text]
    assert any("nobody has said that it was kept" in text for text in told)


def both(desk: Story, *said: str) -> str:
    """The ledger of contradictions, once it holds all that was said."""
    page = desk.get("/app/promises?ledger=contradictions").text
    return page if all(text in page for text in said) else ""
