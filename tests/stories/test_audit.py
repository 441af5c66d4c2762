"""Who changed what, when, from what to what: read by people, on every engine."""

import re

from tests.handlers.desk import words
from tests.stories.story import Story

QUESTION = "Please send us a quotation."


def trail(story: Story, **asked: str) -> str:
    """The page's rows as text, once the read model shows them."""
    page = story.get("/app/audit?" + "&".join(f"{name}={value}" for name, value in asked.items()))
    assert page.status_code == 200, page.text
    return words(page.text)


def test_a_manager_reads_what_a_colleague_did_with_a_lead(story: Story) -> None:
    lead_id = story.lead_of(story.submit(**story.person("Jana", message=QUESTION)))
    page = f"/app/leads/{lead_id}"
    other = next(rep_id for rep_id in ("anna", "ben") if rep_id != story.stored(lead_id).owner_id)
    story.sign_in("ada")
    for path, sent in (
        ("status", {"status": "rejected", "reason": "no budget"}),
        ("owner", {"owner_id": other, "reason": "knows them"}),
    ):
        done = story.post(f"{page}/{path}", csrf=story.csrf(page), **sent)
        assert done.status_code == 303, done.text
    with story.colleague("eva") as eva:
        told = story.wait_until(lambda: (text := trail(eva, lead=lead_id)) and "Owner:" in text and text)
        assert isinstance(told, str)
        assert re.search(r"Ada Example · Jana Beispiel Lead changed Status: New → became Rejected", told)
        assert "Reason: – → became no budget" in told
        assert "Ada Example" in words(eva.get(page).text)
    assert "Rejected" not in trail(story, lead=lead_id, by="ben")


def test_what_a_rule_did_and_what_a_program_did_are_told_apart(story: Story) -> None:
    lead_id = story.lead_of(story.submit(**story.person("Jana", message=QUESTION)))
    story.api("/v1/opportunities", {"lead_id": lead_id, "name": "First order", "amount": "100", "currency": "EUR"})
    story.later(lead_id, days=14)
    story.sign_in("eva")
    by_rule = story.wait_until(lambda: (text := trail(story, lead=lead_id, by="-")) and "Escalated" in text and text)
    assert "A rule of ours" in str(by_rule)
    assert "First order" not in str(by_rule)
    assert "First order" in trail(story, lead=lead_id, kind="Opportunity")


def test_a_list_of_leads_taken_out_of_the_house_is_written_down(story: Story) -> None:
    story.lead_of(story.submit(**story.person("Jana", message=QUESTION)))
    story.sign_in("ada")
    assert story.get(f"/app/leads.csv?text={story.mark}").status_code == 200
    told = story.wait_until(lambda: (text := trail(story, kind="Export", by="ada")) and "leads.csv" in text and text)
    assert story.mark not in str(told)


def test_what_a_company_belongs_to_and_goes_by_is_written_down(story: Story) -> None:
    lead_id = story.lead_of(story.submit(**story.person("Jana", company=f"{story.mark} Werk GmbH", message=QUESTION)))
    page = f"/app/leads/{lead_id}/company"
    story.sign_in("ada")
    for alias in ("Werkstatt", "Werkhof"):
        sent = {"parent": f"{story.mark} Holding AG", "aliases": f"{story.mark} {alias}", "domain": ""}
        assert story.post(page, csrf=story.csrf(page), **sent).status_code == 303
    told = story.wait_until(lambda: (text := trail(story, kind="Company")) and "Werkhof" in text and text)
    assert f"{story.mark} Werk GmbH Belongs to: {story.mark} Holding AG Other names: {story.mark} Werkstatt" in str(
        told
    )
    assert f"Other names: {story.mark} Werkstatt → became {story.mark} Werkhof" in str(told)
