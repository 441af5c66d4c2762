"""V-8, a visitor: asks for a copy and to be forgotten, is answered, and a later look says that nothing is left."""

import json

from tests.stories.story import Story


def test_a_person_asks_is_answered_and_then_is_forgotten(story: Story) -> None:
    status = story.submit(**story.person("Jana", message="When?"))
    lead_id = story.lead_of(status)
    story.rest(lead_id)
    for wish in ("copy", "forget", "forget"):
        assert story.post(f"{status}/wish", wish=wish).status_code == 303
    page = f"/app/leads/{lead_id}"
    with story.colleague("ada") as ada:
        told = ada.get(page).text
        assert told.count("Asks to be forgotten") >= 1
        taken = ada.get(f"{page}/stored.json")
        assert story.email("jana") in json.dumps(json.loads(taken.text)["records"]["Lead"])
        sent = ada.post(f"{page}/erase", csrf=ada.csrf(f"{page}/erase"), sure="yes")
        assert sent.status_code == 303
        story.place.tick()
        story.wait_until(lambda: "erased" in story.get(status).text)
        assert ada.get(f"{page}/stored.json").status_code == 404
