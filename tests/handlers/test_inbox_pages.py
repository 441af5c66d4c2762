"""The inbox over HTTP: a tap does it, the next line takes it back, an old page does nothing."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from chalicelib.flows.work_lead import change_status
from chalicelib.records.lead import Lead, LeadStatus
from chalicelib.records.touch import Request, RequestState
from tests.handlers.desk import NOW, Desk, given_to, open_desk, words
from tests.stories.conftest import HTML

DAY = timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path, "anna")
    made.ask()
    path = made.lead_path()
    given_to(made, path, "anna")
    lead = stored(made)
    requests = [replace(r.value, respond_by=NOW + 9 * DAY) for r in made.world.deps.store.query(Request, lead.lead_id)]
    made.world.put(replace(lead, respond_by=NOW + 9 * DAY), *requests)
    made.world.work()
    return made


def stored(desk: Desk) -> Lead:
    found = desk.world.deps.store.get(Lead, desk.lead_path().rpartition("/")[2])
    assert found
    return found.value


def fields(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the first form that goes there."""
    form = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', html, re.DOTALL)
    assert form, action
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group(0)))


def tap(desk: Desk, page: str, **button: str) -> httpx.Response:
    action = f"/app/inbox/{stored(desk).lead_id}"
    sent = {**fields(page, action), **button}
    return desk.world.client.post(action, data=sent, headers=HTML)


def undo(desk: Desk, answer: httpx.Response) -> httpx.Response:
    action = f"/app/inbox/{stored(desk).lead_id}/undo"
    page = desk.get(answer.headers["location"]).text
    return desk.world.client.post(action, data=fields(page, action), headers=HTML)


@pytest.mark.parametrize(
    ("button", "view", "said", "status"),
    [
        ({"step": "accept"}, "work", "Accepted: Jana Beispiel", LeadStatus.ACCEPTED),
        ({"reason": "no budget"}, "", "Rejected: Jana Beispiel · no budget", LeadStatus.REJECTED),
        ({"step": "workday"}, "snoozed", "Snoozed until Tue 3 Mar, 09:00: Jana Beispiel", LeadStatus.NEW),
        ({"step": "tomorrow"}, "snoozed", "Snoozed until Tue 3 Mar, 09:00: Jana Beispiel", LeadStatus.NEW),
        ({"step": "until", "until": "2026-03-04T10:30"}, "snoozed", "Snoozed until Wed 4 Mar, 10:30", LeadStatus.NEW),
    ],
)
def test_a_tap_on_the_row_does_it_and_the_next_line_takes_it_back(
    desk: Desk, button: dict[str, str], view: str, said: str, status: LeadStatus
) -> None:
    answer = tap(desk, desk.get("/app/inbox").text, **button)
    assert answer.status_code == 303
    assert stored(desk).status is status
    desk.world.work()
    assert said in desk.page(answer.headers["location"])
    assert "Nothing to decide." in desk.page("/app/inbox?view=new")
    if view:
        assert "Jana Beispiel" in desk.page(f"/app/inbox?view={view}")
    back = undo(desk, answer)
    assert back.status_code == 303
    desk.world.work()
    page = desk.page(back.headers["location"])
    assert "Taken back: Jana Beispiel" in page
    assert 'name="step" value="accept"' in desk.get("/app/inbox?view=new").text
    (request,) = desk.world.deps.store.query(Request, stored(desk).lead_id)
    assert request.value.state is RequestState.OPEN


@pytest.mark.parametrize(
    ("button", "counts"),
    [({"step": "accept"}, "To decide 0 In work 1"), ({"reason": "no budget"}, "To decide 0 In work 0")],
)
def test_the_counts_are_right_before_the_read_model_knows(desk: Desk, button: dict[str, str], counts: str) -> None:
    page = desk.get("/app/inbox?view=new").text
    assert "To decide 1 In work 0" in words(page)
    assert counts in words(desk.get(tap(desk, page, **button).headers["location"]).text)


@pytest.mark.parametrize(
    ("phones", "called"), [((), []), (("+4930901820", "+4930901821"), ["+4930901820"]), (("030 901820",), [])]
)
def test_whoever_has_a_number_is_called_from_the_row(desk: Desk, phones: tuple[str, ...], called: list[str]) -> None:
    desk.world.put(replace(stored(desk), phones=phones))
    assert re.findall(r'href="tel:([^"]+)"', desk.get("/app/inbox").text) == called


def test_what_was_snoozed_is_taken_up_again(desk: Desk) -> None:
    tap(desk, desk.get("/app/inbox").text, step="workday")
    desk.world.work()
    answer = tap(desk, desk.get("/app/inbox?view=snoozed").text, step="wake")
    desk.world.work()
    assert "Back in the inbox: Jana Beispiel" in desk.page(answer.headers["location"])
    assert "Jana Beispiel" in desk.page("/app/inbox?view=new")
    timeline = desk.page(desk.lead_path())
    assert "Snoozed until Tue 3 Mar, 09:00 Anna Example" in timeline
    assert "Back in the inbox Anna Example" in timeline


def test_whoever_acts_on_an_old_page_is_told_what_happened_meanwhile(desk: Desk) -> None:
    old = desk.get("/app/inbox").text
    desk.world.now = NOW + timedelta(minutes=1)
    change_status(desk.world.deps, stored(desk).lead_id, LeadStatus.QUALIFIED, "wants a visit", "eva")
    answer = tap(desk, old, reason="no budget")
    assert answer.status_code == 409
    page = words(answer.text)
    assert "Nothing was done: Jana Beispiel has changed meanwhile" in page
    assert "Qualified Eva Example wants a visit" in page
    assert stored(desk).status is LeadStatus.QUALIFIED


def test_an_undo_that_comes_too_late_changes_nothing(desk: Desk) -> None:
    answer = tap(desk, desk.get("/app/inbox").text, step="accept")
    old = desk.get(answer.headers["location"]).text
    desk.world.now = NOW + timedelta(minutes=1)
    change_status(desk.world.deps, stored(desk).lead_id, LeadStatus.QUALIFIED, "", "eva")
    action = f"/app/inbox/{stored(desk).lead_id}/undo"
    late = desk.world.client.post(action, data=fields(old, action), headers=HTML)
    assert late.status_code == 409
    assert "has changed meanwhile" in words(late.text)
    assert stored(desk).status is LeadStatus.QUALIFIED


@pytest.mark.parametrize("what", ["", "/undo"])
def test_a_lead_of_somebody_else_is_as_if_it_were_not_there(desk: Desk, what: str) -> None:
    old = desk.get("/app/inbox").text
    given_to(desk, desk.lead_path(), "ben")
    sent = {**fields(old, f"/app/inbox/{stored(desk).lead_id}"), "step": "accept", "note_id": "x"}
    answers = [
        desk.world.client.post(f"/app/inbox/{lead_id}{what}", data=sent, headers=HTML)
        for lead_id in (stored(desk).lead_id, "nobody")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert words(answers[0].text) == words(answers[1].text)
    assert "not yours any more" in answers[0].text
    assert "Jana" not in answers[0].text
    assert stored(desk).status is LeadStatus.NEW


def test_a_wrong_time_is_named_in_its_row_and_kept(desk: Desk) -> None:
    page = desk.get("/app/inbox").text
    for until in ("", "soon", "2026-03-01T10:00", "2036-03-01T10:00"):
        answer = tap(desk, page, step="until", until=until)
        assert answer.status_code == 422, until
        assert 'aria-invalid="true"' in answer.text, until
        assert f'value="{until}"' in answer.text, until
    assert stored(desk).snooze is None


def test_what_is_past_its_limit_is_offered_no_snooze_and_an_old_page_is_told_why(desk: Desk) -> None:
    page = desk.get("/app/inbox").text
    assert 'value="workday"' in page
    requests = desk.world.deps.store.query(Request, stored(desk).lead_id)
    desk.world.put(*(replace(r.value, respond_by=NOW + timedelta(minutes=50)) for r in requests))
    desk.world.work()
    late = desk.get("/app/inbox").text
    assert 'value="workday"' not in late
    assert 'value="until"' not in late
    assert "Too late to snooze" in words(late)
    answer = tap(desk, page, step="workday")
    assert answer.status_code == 422
    assert re.search(r'role="alert".*it falls due within the hour', answer.text, re.DOTALL)
    assert stored(desk).snooze is None


def test_what_no_button_sends_is_refused(desk: Desk) -> None:
    page = desk.get("/app/inbox").text
    for button in ({}, {"step": "sell"}, {"reason": "bad weather"}, {"step": "accept", "csrf": ""}):
        assert tap(desk, page, **button).status_code in (403, 422), button
    assert stored(desk).status is LeadStatus.NEW


def test_an_address_that_was_typed_shows_the_inbox(desk: Desk) -> None:
    for query in (
        "view=all",
        "offset=-1",
        "offset=99999999999",
        "done=accepted&lead=nobody",
        "done=x&note=%00&view=%00",
    ):
        assert "Jana Beispiel" in desk.page(f"/app/inbox?{query}"), query


def test_a_rep_begins_the_day_in_the_inbox_and_goes_where_they_were_going(desk: Desk) -> None:
    from chalicelib.handlers.web import first_page
    from tests.stories.people import ANNA, EVA

    assert [first_page(who, "/app") for who in (ANNA, EVA, None)] == ["/app/inbox", "/app/board", "/app"]
    assert first_page(ANNA, "/app/leads?sort=score") == "/app/leads?sort=score"
    assert urlsplit(first_page(ANNA, "https://example.com/app")).netloc == ""


def test_every_view_says_what_to_do_where_it_is_empty(desk: Desk) -> None:
    assert "Nothing in work." in desk.page("/app/inbox?view=work")
    assert "comes back by itself" in desk.page("/app/inbox?view=snoozed")


def test_the_reasons_for_the_order_are_said_in_the_reader_s_language(desk: Desk) -> None:
    for language, said in (("zh-Hans", "按通常金额计算"), ("zh-Hant", "按通常金額計算")):
        page = desk.page("/app/inbox", **{"Accept-Language": language})
        assert "no deal yet" not in page, language
        assert said in page, language


def test_the_sheet_of_shortcuts_names_every_key_that_does_something(desk: Desk) -> None:
    for path in ("/app/inbox", desk.lead_path()):
        html = desk.get(path).text
        sheet = html[html.index('<dialog id="keys"') :]
        told = set(re.findall(r"<kbd>(.)</kbd>", sheet))
        does = set(re.findall(r'data-key="(.)"', html))
        assert does <= told, path
        assert '<script src="/assets/keys.js" type="module"></script>' in html
    assert desk.get("/assets/keys.js").status_code == 200
