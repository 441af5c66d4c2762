"""S2, a rep: "I spend much time on these leads". Ten of them are decided from the list, a tap each, on both engines."""

import re
from dataclasses import replace

from chalicelib.records.lead import LeadStatus
from chalicelib.records.ports import Put
from chalicelib.records.touch import Request, RequestState
from tests.stories.people import ANNA
from tests.stories.story import Story

STEPS = ({"step": "accept"}, {"reason": "no budget"}, {"step": "workday"})


def own_rep(story: Story) -> str:
    """A rep who serves nobody but this story's people: a key account's keeps their time for it."""
    accounts, email = (f"{story.mark}.example.com",), f"anna@{story.mark}.example.net"
    rep = replace(ANNA, rep_id=f"anna-{story.mark}", email=email, accounts=accounts, countries=())
    story.hire(rep)
    return rep.rep_id


def rows(html: str) -> list[str]:
    return re.findall(r'id="lead-([^"]+)" data-row', html)


def hidden(html: str, action: str) -> dict[str, str]:
    form = re.search(rf'action="{re.escape(action)}".*?</form>', html, re.DOTALL)
    assert form, action
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group(0)))


def test_ten_leads_are_decided_from_the_inbox_and_one_of_them_is_taken_back(story: Story) -> None:
    rep_id = own_rep(story)
    leads = [story.lead_of(story.submit(**story.person(f"Guest{n}", message=f"Question {n}"))) for n in range(10)]
    story.rest(*leads)
    for lead_id in leads:
        far_from_its_limit(story, lead_id, rep_id)
    with story.colleague(rep_id) as anna:
        page = anna.wait_until(lambda: whole(anna, set(leads)))
        done: dict[str, str] = {}
        for n, lead_id in enumerate(rows(page)):
            sent = {**hidden(page, f"/app/inbox/{lead_id}"), **STEPS[n % 3]}
            answer = anna.post(f"/app/inbox/{lead_id}", **sent)
            assert answer.status_code == 303, answer.text
            done[lead_id] = answer.headers["location"]
        anna.wait_until(lambda: not rows(anna.get("/app/inbox?view=new").text))
        anna.wait_until(lambda: [shown(anna, view) for view in ("work", "snoozed")] == [4, 3])
        rejected = next(i for i in leads if story.stored(i).status is LeadStatus.REJECTED)
        path = f"/app/inbox/{rejected}/undo"
        assert anna.post(path, **hidden(anna.get(done[rejected]).text, path)).status_code == 303
        anna.wait_until(lambda: rows(anna.get("/app/inbox?view=new").text) == [rejected])
    (request,) = story.deps.store.query(Request, rejected)
    assert request.value.state is RequestState.OPEN


def far_from_its_limit(story: Story, lead_id: str, rep_id: str) -> None:
    """Its owner's, whoever the rules chose, with days to go."""
    lead = story.stored(lead_id)
    assert lead.assignment
    assert lead.respond_by
    far = lead.respond_by.replace(year=lead.respond_by.year + 1)
    requests = story.deps.store.query(Request, lead_id)
    given = replace(lead, assignment=replace(lead.assignment, owner_id=rep_id), respond_by=far)
    moved = [Put(replace(r.value, owner_id=rep_id, respond_by=far), r.version) for r in requests]
    story.deps.store.commit([Put(given), *moved])


def shown(anna: Story, view: str) -> int:
    return len(rows(anna.get(f"/app/inbox?view={view}").text))


def whole(anna: Story, leads: set[str]) -> str:
    """The inbox, once it shows all of them."""
    page = anna.get("/app/inbox?view=new").text
    return page if set(rows(page)) == leads else ""


def test_a_task_and_a_message_reach_who_they_are_for_where_the_day_begins(story: Story) -> None:
    rep_id = own_rep(story)
    lead_id = story.lead_of(story.submit(**story.person("Jana", message="When?")))
    story.rest(lead_id)
    far_from_its_limit(story, lead_id, rep_id)
    path = f"/app/leads/{lead_id}"
    title = f"Send the sheet {story.mark}"
    with story.colleague(rep_id) as anna, story.colleague("eva") as eva:
        assert eva.post(f"{path}/note", csrf=eva.csrf(path), kind="note", text=f"@{rep_id} look").status_code == 303
        assert anna.post(f"{path}/tasks", csrf=anna.csrf(path), title=title, due_on="").status_code == 303
        page = anna.wait_until(lambda: told(anna, title, f"@{rep_id} look"))
        task = re.search(rf'action="({path}/tasks/[^"]+)"', page)
        assert task
        done = anna.post(task.group(1), csrf=anna.csrf("/app/inbox"), step="done", page="inbox")
        assert done.status_code == 303
        anna.wait_until(lambda: not told(anna, title, f"@{rep_id} look"))


def told(desk: Story, *said: str) -> str:
    page = desk.get("/app/inbox").text
    return page if all(text in page for text in said) else ""
