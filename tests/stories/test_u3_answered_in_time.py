"""U3, a customer: "I wrote a month ago; why has nobody answered?" """

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.stories.people import ANNA, BEN, PLAN
from tests.stories.story import Story

QUESTION = "Please send us a quotation."
# Longer than any limit, whatever weekend or holiday the story is told on.
FORTNIGHT = 14


def asked(story: Story, name: str = "Jana") -> str:
    """A request is sent and confirmed; the path of its status page."""
    path = story.submit(**story.person(name, message=QUESTION))
    story.wait_until(lambda: story.status(path)["confirmation"] == "sent")
    return path


def test_the_status_page_says_received_with_whom_and_by_when(story: Story) -> None:
    path = asked(story)
    page = story.get(path)
    assert page.status_code == 200
    told = story.status(path)
    assert told["with"] in (ANNA.name, BEN.name)
    assert str(told["with"]) in page.text
    assert told["confirmation"] == "sent"
    assert told["state"] == "open"


def test_the_limit_runs_in_the_owners_working_time(story: Story) -> None:
    told = story.status(asked(story))
    ends = datetime.fromisoformat(told["respond_by"]).astimezone(ZoneInfo(ANNA.week.zone))
    assert ends > datetime.fromisoformat(told["received_at"])
    assert ends.isoweekday() in ANNA.week.weekdays
    assert ANNA.week.opens <= ends.hour * 60 + ends.minute <= ANNA.week.closes


def test_past_its_limit_somebody_else_has_it_and_the_page_says_so(story: Story) -> None:
    path = asked(story)
    first = story.status(path)
    story.later(story.lead_of(path), days=FORTNIGHT)
    told = story.status(path)
    assert told["state"] == "escalated"
    assert told["escalations"] == 1
    assert told["with"] != first["with"]
    new_owner = next(rep for rep in PLAN if getattr(rep, "name", "") == told["with"])
    assert any(story.email("jana") in mail.text for mail in story.place.letters(new_owner.email))  # type: ignore[union-attr]
    assert "Beispiel" not in story.get(path).text


def test_no_request_older_than_its_limit_lacks_an_escalation(story: Story) -> None:
    paths = [story.submit(**story.person(f"Jana{n}", message=QUESTION)) for n in range(6)]
    story.later(*map(story.lead_of, paths), days=FORTNIGHT)
    assert all(story.status(path)["escalations"] for path in paths)


def test_an_answer_stops_the_clock(story: Story) -> None:
    path = asked(story)
    lead_id = story.lead_of(path)
    owner = story.stored(lead_id).assignment
    assert owner
    story.sign_in(owner.owner_id)
    page = f"/app/leads/{lead_id}"
    sent = story.post(f"{page}/note", csrf=story.csrf(page), kind="call", text="Talked about the quotation.")
    assert sent.status_code == 303
    story.later(lead_id, days=FORTNIGHT)
    told = story.status(path)
    assert told["state"] == "answered"
    assert told["escalations"] == 0


def test_a_forged_status_link_opens_nothing(story: Story) -> None:
    path = story.submit(**story.person("Jana"))
    token, _, rest = path.partition("?")
    forged = token[:-2] + ("aa" if token[-2:] != "aa" else "bb")
    answer = story.client.get(f"{forged}?{rest}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
