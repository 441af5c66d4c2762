"""What visitors see: the form, the status page, the seat, preferences, problems; and coming in."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.records.event import Registration
from chalicelib.records.form import FieldKind, FormField
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from tests.handlers.desk import JANA, Desk, open_desk, without_an_address, words
from tests.stories.conftest import HTML
from tests.stories.people import CONTACT

ASSETS = Path(__file__).resolve().parents[2] / "templates" / "assets"
MORE = (
    FormField("topic", FieldKind.CHOICE, {"en": "Topic"}, options=("Oil", "Water")),
    FormField("news", FieldKind.CONSENT, {"en": "Send me news"}),
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path, "", replace(CONTACT, fields=(*CONTACT.fields, *MORE)))


def test_each_field_has_a_label_and_tells_the_browser_what_it_is(desk: Desk) -> None:
    html = desk.get("/f/contact").text
    names = re.findall(r'<(?:input|textarea|select) id="([^"]+)"', html)
    assert set(names) == {f"f-{name}" for name in ("name", "email", "company", "phone", "message", "topic", "news")}
    assert all(f'<label for="{name}">' in html for name in names)
    assert 'type="email"' in html
    assert 'inputmode="tel"' in html
    assert '<option value="Oil">' in html


def test_a_wrong_field_is_named_beside_it_and_on_top_and_the_rest_is_kept(desk: Desk) -> None:
    sent = {**JANA, "email": "nope", "topic": "Water", "news": "yes", "message": 'a "quoted" <b>word</b>'}
    answer = desk.world.client.post("/f/contact", data=sent, headers=HTML)
    assert answer.status_code == 422
    assert '<a href="#f-email">E-mail</a>' in answer.text
    assert re.search(r'value="nope" aria-invalid="true" aria-describedby="f-email-error"', answer.text)
    assert 'value="Jana Beispiel"' in answer.text
    assert '<option value="Water" selected>' in answer.text
    assert 'value="yes" checked' in answer.text
    assert "<b>word" not in answer.text


def test_a_page_sent_twice_with_other_words_comes_back_with_a_fresh_token(desk: Desk) -> None:
    sent = {**JANA, "once": "token-1"}
    desk.world.client.post("/f/contact", data=sent, headers=HTML)
    answer = desk.world.client.post("/f/contact", data={**sent, "message": "Other words"}, headers=HTML)
    assert answer.status_code == 422
    assert "this page was sent before with other words" in answer.text
    assert 'name="once" value="token-1"' not in answer.text


def test_switching_the_language_keeps_where_the_visitor_came_from(desk: Desk) -> None:
    html = desk.get("/f/contact?utm_source=a%26b&gclid=G-1").text
    found = re.search(r'name="next" value="([^"]+)"', html)
    assert found
    answer = desk.world.client.post(
        "/language", data={"language": "zh-Hans", "next": found.group(1).replace("&amp;", "&")}, headers=HTML
    )
    html = desk.get(answer.headers["location"]).text
    assert 'name="utm_source" value="a&amp;b"' in html
    assert 'name="gclid" value="G-1"' in html
    assert "联系我们" in html


def test_the_form_of_a_seminar_says_when_in_its_zone_and_where(desk: Desk) -> None:
    shown = desk.page("/f/seminar")
    assert "Friday, 20 March 2026, 14:00 (Central European Standard Time)" in shown
    assert "Hall 2" in shown


def test_the_status_page_shows_each_step(desk: Desk) -> None:
    path = desk.ask()
    shown = desk.page(path)
    for text in ("We have your request.", "Received", "Confirmation sent", "With ", "You get an answer by"):
        assert text in shown, text
    desk.world.later(days=3)
    assert "Taken over by" in desk.page(path)
    desk.world.sign_in("ada")
    desk.post(f"{desk.lead_path()}/note", kind="call")
    assert "Your request was answered." in desk.page(path)
    desk.post(f"{desk.lead_path()}/status", status="rejected", reason="no budget")
    assert "Answered by" in desk.page(path)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (MessageState.PENDING, "Confirmation on its way"),
        (MessageState.UNKNOWN, "Confirmation handed over"),
        (MessageState.FAILED, "Confirmation not sent"),
    ],
)
def test_the_status_page_says_why_there_is_no_confirmation_yet(desk: Desk, state: MessageState, said: str) -> None:
    path = desk.ask()
    lead_id = desk.lead_path().rpartition("/")[2]
    for stored in desk.world.deps.store.query(Message, lead_id):
        desk.world.put(replace(stored.value, state=state, sent_at=None))
    assert said in desk.page(path)


def test_without_an_address_the_status_page_is_the_confirmation(desk: Desk) -> None:
    assert "this page is your confirmation" in desk.page(desk.ask(email=""))


def test_a_seat_is_confirmed_the_next_waits_and_a_cancelled_one_passes_on(desk: Desk) -> None:
    first = desk.ask("seminar")
    second = desk.ask("seminar", name="Kim Muster", email="kim@other.example.com", phone="")
    assert "You have a seat." in desk.page(first)
    assert "You are on the waiting list." in desk.page(second)
    found = re.search(r'href="(/e/[^"]+)"', desk.get(first).text)
    assert found
    seat = found.group(1)
    assert "Seat confirmed" in desk.page(seat)
    assert f'href="{seat}/seminar.ics"' in desk.get(seat).text
    assert "You have a seat." in desk.page(first), "looking must not cancel"
    action = re.search(r'action="([^"]+/cancel)"', desk.get(seat).text)
    assert action
    assert desk.world.client.post(action.group(1), headers=HTML).status_code == 303
    assert "Your sign-up is cancelled." in desk.page(seat)
    assert "Your sign-up is cancelled." in desk.page(first)
    assert "You have a seat." in desk.page(second)


def test_who_waits_may_leave_the_waiting_list(desk: Desk) -> None:
    desk.ask("seminar")
    second = desk.ask("seminar", name="Kim Muster", email="kim@other.example.com", phone="")
    found = re.search(r'href="(/e/[^"]+)"', desk.get(second).text)
    assert found
    assert "Leave the waiting list" in desk.page(found.group(1))


def test_opening_the_preferences_changes_nothing_and_the_button_does(desk: Desk) -> None:
    desk.ask()
    lead_id = desk.lead_path().rpartition("/")[2]
    path = f"/u/{desk.world.deps.links.make('preferences', lead_id)}"
    shown = desk.page(path)
    assert "j…@customer.example.com" in shown
    assert "jana@" not in shown
    stored = desk.world.deps.store.get(Lead, lead_id)
    assert stored
    assert stored.value.opted_out_at is None
    assert desk.world.client.post(path, headers=HTML).status_code == 303
    assert "You get no news and no offers from us since" in desk.page(path)


def test_a_problem_page_names_the_problem_and_a_way_on(desk: Desk) -> None:
    answer = desk.get("/s/forged")
    assert answer.status_code == 404
    assert "open the mail again and use the whole link" in words(answer.text)
    sent = {"Content-Type": "application/xml", **HTML}
    assert desk.world.client.post("/f/contact", content=b"<a/>", headers=sent).status_code == 415
    desk.world.sign_in("anna")
    assert "To the home page" in desk.get("/app/leads/none").text


def test_a_visitors_page_with_all_it_loads_is_under_60_kilobytes(desk: Desk) -> None:
    loaded = sum((ASSETS / name).stat().st_size for name in ("app.css", "app.js", "favicon.svg"))
    for path in ("/f/contact", "/f/seminar", desk.ask(), desk.ask("seminar"), "/s/forged"):
        assert len(desk.get(path).content) + loaded < 60_000


def test_visitor_pages_are_there_in_three_languages_without_inline_code(desk: Desk) -> None:
    pages = ["/f/contact", "/f/seminar", desk.ask(), desk.ask("seminar"), "/nothing", "/app/sign-in"]
    registration = desk.world.deps.store.query(Registration, "sensors")[0].value
    pages.append(f"/e/{desk.world.deps.links.make('seminar', 'sensors', registration.lead_id)}")
    pages.append(f"/u/{desk.world.deps.links.make('preferences', registration.lead_id)}")
    for path in pages:
        for language in ("en", "zh-Hans", "zh-Hant"):
            html = desk.get(path, **{"Accept-Language": language}).text
            assert f'<html lang="{language}">' in html
            assert html.count("<h1") == 1
            assert not re.search(r"<style|<script(?! src=\"/)| style=| on[a-z]+=", html)


def sign_in_page(desk: Desk, host: str = "127.0.0.1:8000") -> str:
    return desk.get("/app/sign-in?next=/app/leads", Host=host).text


def test_the_sample_people_are_offered_only_with_sample_data_and_on_this_machine(desk: Desk) -> None:
    assert "Nobody can sign in yet" in words(sign_in_page(desk))
    without_an_address(desk).world.deps.blobs.put("sample", b"yes")
    assert "Anna Example" in sign_in_page(desk)
    assert "Anna Example" not in sign_in_page(desk, "evil.example.com")


def test_choosing_a_sample_person_opens_the_page_that_was_asked_for(desk: Desk) -> None:
    without_an_address(desk).world.deps.blobs.put("sample", b"yes")
    found = re.search(r'name="csrf" value="([^"]+)"', sign_in_page(desk))
    assert found
    sent = {"csrf": found.group(1), "rep_id": "anna", "next": "/app/leads"}
    here = {**HTML, "Host": "127.0.0.1:8000"}
    answer = desk.world.client.post("/app/sign-in", data=sent, headers=here)
    assert answer.headers["location"] == "/app/leads"
    assert "HttpOnly" in answer.headers["set-cookie"]
    desk.world.client.cookies.clear()
    found = re.search(r'name="csrf" value="([^"]+)"', sign_in_page(desk))
    assert found
    sent |= {"csrf": found.group(1), "next": "https://evil.example"}
    away = desk.world.client.post("/app/sign-in", data=sent, headers=here)
    assert away.headers["location"] == "/app/inbox"


@pytest.mark.parametrize(
    ("changed", "host", "status"),
    [
        ({"csrf": "x"}, "127.0.0.1", 403),
        ({"rep_id": "nobody"}, "127.0.0.1", 404),
        ({}, "evil.example.com", 403),
    ],
)
def test_nobody_else_gets_in(desk: Desk, changed: dict[str, str], host: str, status: int) -> None:
    without_an_address(desk).world.deps.blobs.put("sample", b"yes")
    found = re.search(r'name="csrf" value="([^"]+)"', sign_in_page(desk))
    assert found
    sent = {"csrf": found.group(1), "rep_id": "anna", **changed}
    answer = desk.world.client.post("/app/sign-in", data=sent, headers={**HTML, "Host": host})
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers


def test_signing_out_ends_the_session(desk: Desk) -> None:
    desk.world.sign_in("anna")
    answer = desk.post("/app/sign-out", "/app")
    assert answer.headers["location"] == "/app/sign-in"
    assert "Max-Age=0" in answer.headers["set-cookie"]
