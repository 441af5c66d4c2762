"""People, forms, seminars, operations and API keys in the console."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.records.api_key import ApiKey
from chalicelib.records.event import Registration, SeatCount, Seminar
from chalicelib.records.form import FieldKind, Form, FormField
from chalicelib.records.lead import Lead, LeadStatus
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import Deps
from chalicelib.records.rep import Rep
from chalicelib.records.touch import Request
from chalicelib.records.upload import Upload, UploadState
from tests.flows.rivals import with_rivals
from tests.handlers.desk import JANA, NOW, Desk, given_to, open_desk, words
from tests.stories.conftest import HTML

FORM = {"name": "Cara <New>", "email": "cara@example.com", "role": "rep", "manager_id": "eva", "capacity": "50",
        "countries": "gb, ie", "languages": "en，zh-Hans", "products": "Sensors; Pumps", "accounts": "@Big.example.com",
        "zone": "Europe/London", "opens": "08:30", "closes": "24:00", "holidays_of": "gb",
        "weekday-1": "yes", "weekday-3": "yes"}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def rep(deps: Deps, rep_id: str) -> Rep:
    stored = deps.store.get(Rep, rep_id)
    assert stored
    return stored.value


# People


def test_a_person_is_added_with_what_was_typed(desk: Desk) -> None:
    answer = desk.post("/app/reps", "/app/reps/new", **FORM)
    assert answer.headers["location"] == "/app/reps/cara-new?said=saved"
    made = rep(desk.world.deps, "cara-new")
    assert (made.name, made.countries, made.languages) == ("Cara <New>", ("GB", "IE"), ("en", "zh-Hans"))
    assert (made.products, made.accounts, made.capacity) == (("Sensors", "Pumps"), ("big.example.com",), 50)
    assert (made.week.opens, made.week.closes, made.week.weekdays) == (510, 1440, (1, 3))
    assert "Cara &lt;New&gt;" in desk.get("/app/reps").text
    again = desk.post("/app/reps", "/app/reps/new", **{**FORM, "email": "cara.two@example.com"})
    assert re.fullmatch(r"/app/reps/cara-new-\w{6}\?said=saved", again.headers["location"])


def test_an_address_that_somebody_else_has_is_refused(desk: Desk) -> None:
    answer = desk.post("/app/reps", "/app/reps/new", **{**FORM, "email": "ANNA@example.com"})
    assert answer.status_code == 422
    assert "somebody else has this address" in words(answer.text)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", " ", "this field is required"),
        ("email", "nobody", "not an e-mail address"),
        ("role", "emperor", "choose one of the list"),
        ("manager_id", "anna", "choose one of the list"),
        ("manager_id", "nobody", "choose one of the list"),
        ("capacity", "0", "a whole number from 1 to 100000"),
        ("zone", "Europe/Atlantis", "no such time zone"),
        ("opens", "25:00", "a time of day such as 09:00"),
        ("closes", "08:00", "the day must end after it begins"),
        ("holidays_of", "Germany", "a country code such as DE"),
        ("countries", "DE, Germany", "not a country code such as DE: GERMANY"),
        ("languages", "German", "not a language tag"),
        ("accounts", "not a domain", "not an e-mail domain"),
        ("products", ",".join(str(n) for n in range(101)), "at most 100 entries"),
    ],
)
def test_a_person_who_cannot_be_is_not_saved_and_the_field_says_why(
    desk: Desk, field: str, value: str, reason: str
) -> None:
    before = rep(desk.world.deps, "anna")
    answer = desk.post("/app/reps/anna", "/app/reps/anna", **{**FORM, field: value})
    assert answer.status_code == 422
    assert reason in words(answer.text)
    assert rep(desk.world.deps, "anna") == before


def test_somebody_works_on_some_day(desk: Desk) -> None:
    fields = {name: value for name, value in FORM.items() if not name.startswith("weekday")}
    answer = desk.post("/app/reps/anna", "/app/reps/anna", **fields)
    assert "choose at least one day" in words(answer.text)


def test_a_change_shows_in_the_form_again_and_keeps_who_it_is(desk: Desk) -> None:
    desk.post("/app/reps/anna", "/app/reps/anna", **{**FORM, "name": "Anna Changed"})
    shown = desk.get("/app/reps/anna?said=saved").text
    assert 'value="Anna Changed"' in shown
    assert 'value="08:30"' in shown
    assert 'value="24:00"' in shown
    assert shown.count("checked") == 2
    assert rep(desk.world.deps, "anna").active
    assert desk.get("/app/reps/nobody").status_code == 404


def test_who_leaves_hands_everything_open_to_others_and_nothing_is_left(desk: Desk) -> None:
    deps = desk.world.deps
    for number in range(3):
        desk.ask(
            name=f"Person {number}", email=f"p{number}@customer.example.com", phone="", message=f"Question {number}"
        )
        given_to(desk, desk.lead_path(f"p{number}"), "anna")
    path = desk.lead_path("p0").rpartition("/")[2]
    closed = Lead("CLOSED", full_name="Closed Deal", status=LeadStatus.REJECTED, created_at=NOW, updated_at=NOW)
    deal = Opportunity("d1", path, "Order", Money(1, "EUR"), owner_id="anna", created_at=NOW)
    desk.world.put(closed, deal)
    desk.world.work()
    answer = desk.post("/app/reps/anna/deactivate", "/app/reps/anna")
    assert "Nothing open is left with this person." in words(answer.text)
    assert "Ben Example 3 3 1 Total 3 3 1" in words(answer.text)
    assert not rep(deps, "anna").active
    desk.world.work()
    assert deps.model.open_by_owner() == {"ben": 3}
    moved = deps.store.get(Opportunity, path, "d1")
    assert moved
    assert (moved.value.owner_id, moved.value.stage) == ("ben", OpportunityStage.OPEN)
    (request,) = deps.store.query(Request, path)
    assert request.value.owner_id == "ben"
    assert "former owner is inactive" in request.value.history[-1][2]
    assert "Anna Example → Ben Example" in desk.page(f"/app/leads/{path}")


def test_handing_over_again_moves_only_what_came_up_since(desk: Desk) -> None:
    desk.ask()
    given_to(desk, desk.lead_path(), "anna")
    desk.post("/app/reps/anna/deactivate", "/app/reps/anna")
    desk.world.work()
    again = desk.post("/app/reps/anna/deactivate", "/app/reps/anna")
    assert "There was nothing open to hand over." in words(again.text)
    desk.post("/app/reps/anna/activate", "/app/reps/anna")
    assert rep(desk.world.deps, "anna").active
    assert desk.world.deps.model.open_by_owner() == {"ben": 1}


def test_a_save_that_races_somebodys_leaving_is_a_conflict_and_brings_nobody_back(desk: Desk) -> None:
    deps = desk.world.deps
    anna = rep(deps, "anna")

    def leaves() -> None:
        desk.world.put(replace(anna, active=False))

    given = wiring.service()
    for path, fields in (("/app/reps/anna", {**FORM, "name": "Anna Changed"}), ("/app/reps/anna/activate", {})):
        wiring.use(replace(given, deps=with_rivals(deps, leaves)))
        answer = desk.post(path, "/app/reps/anna", **fields)
        wiring.use(given)
        assert answer.status_code == 409, path
        assert "Too many changes at once; try again." in words(answer.text)
        assert not rep(deps, "anna").active
        assert ('value="Anna Changed"' in answer.text) == bool(fields)


def test_a_new_person_does_not_replace_one_who_was_added_meanwhile(desk: Desk) -> None:
    deps = desk.world.deps
    other = replace(rep(deps, "anna"), rep_id="cara-new", name="Another Cara")
    given = wiring.service()
    wiring.use(replace(given, deps=with_rivals(deps, lambda: desk.world.put(other))))
    answer = desk.post("/app/reps", "/app/reps/new", **FORM)
    wiring.use(given)
    assert answer.status_code == 409
    assert rep(deps, "cara-new") == other


# Forms


def test_a_forms_page_gives_its_link_and_html_that_works(desk: Desk) -> None:
    assert "http://leadline.example/f/contact" in desk.page("/app/forms")
    shown = desk.get("/app/forms/contact").text
    codes = re.findall(r"<textarea[^>]*class=\"code\"[^>]*>(.*?)</textarea>", shown, re.DOTALL)
    (html,) = [code for code in map(unescape, codes) if "<form" in code]
    assert '<form action="http://leadline.example/f/contact" method="post"' in html
    assert "<script" not in html
    names = re.findall(r'name="([^"]+)"', html)
    sent = {name: JANA.get(name, "en") for name in names}
    assert desk.world.client.post("/f/contact", data=sent, headers=HTML).status_code == 303
    assert desk.get("/app/forms/nobody").status_code == 404


def test_the_copied_html_escapes_what_a_form_asks(desk: Desk) -> None:
    fields = (
        FormField("agree", FieldKind.CONSENT, {"en": 'I agree to "all" <of> it'}, required=True),
        FormField("size", FieldKind.CHOICE, {"en": "Size"}, options=("S", "<L>")),
    )
    desk.world.put(Form("odd", {"en": "Odd"}, fields, active=False))
    html = unescape(desk.get("/app/forms/odd").text)
    assert "I agree to &#34;all&#34; &lt;of&gt; it" in html
    assert '<option value="&lt;L&gt;">&lt;L&gt;</option>' in html
    assert "closed" in desk.page("/app/forms")


# Seminars

PLAN = {"title": "Größe & Maß", "wall_start": "2026-03-29T02:30", "wall_end": "2026-03-29T05:00",
        "zone": "Europe/Berlin", "place": "Hall <3>", "seats": "2", "campaign_id": "fair",
        "description": "Bring\na ruler"}  # fmt: skip


def test_a_seminar_is_planned_with_its_sign_up_form(desk: Desk) -> None:
    answer = desk.post("/app/seminars", "/app/seminars/new", **PLAN)
    assert answer.headers["location"] == "/app/seminars/groe-ma?said=saved"
    stored = desk.world.deps.store.get(Seminar, "groe-ma")
    assert stored
    # 02:30 does not exist that night: it moves forward.
    assert stored.value.starts_at.isoformat() == "2026-03-29T01:30:00+00:00"
    assert desk.world.client.get("/f/groe-ma", headers=HTML).status_code == 200
    desk.ask("groe-ma")
    shown = desk.page("/app/seminars/groe-ma")
    assert "1 seats taken 1 seats free 0 waiting" in shown
    assert "Jana Beispiel Beispiel AG · jana@customer.example.com Seat confirmed" in shown
    assert "1 / 2" in desk.page("/app/seminars")
    again = desk.post("/app/seminars", "/app/seminars/new", **PLAN)
    assert again.headers["location"].startswith("/app/seminars/groe-ma-")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("title", " ", "this field is required"),
        ("place", "", "this field is required"),
        ("seats", "0", "a whole number from 1 to 100000"),
        ("seats", "many", "a whole number from 1 to 100000"),
        ("zone", "Mars/Crater", "no such time zone"),
        ("wall_start", "noon", "a day and a time such as 2026-12-03T14:00"),
        ("wall_start", "2026-01-01T10:00", "a seminar lasts at most a month"),
        ("wall_end", "2026-03-29T01:00", "the end must be after the start"),
        ("campaign_id", "nobody", "choose one of the list"),
    ],
)
def test_a_seminar_that_cannot_be_is_not_planned(desk: Desk, field: str, value: str, reason: str) -> None:
    answer = desk.post("/app/seminars", "/app/seminars/new", **{**PLAN, field: value})
    assert answer.status_code == 422
    assert reason in words(answer.text)
    assert len(desk.world.deps.store.query(Seminar)) == 1


def test_a_seminar_cannot_be_planned_in_the_past(desk: Desk) -> None:
    fields = {**PLAN, "wall_start": "2026-02-28T10:00", "wall_end": "2026-02-28T12:00"}
    assert "this time is in the past" in words(desk.post("/app/seminars", "/app/seminars/new", **fields).text)


def change(desk: Desk, **fields: str) -> str:
    shown = desk.get("/app/seminars/sensors").text
    typed = dict(re.findall(r'name="(title|wall_start|wall_end|zone|place|seats)"[^>]*value="([^"]*)"', shown))
    typed = {name: unescape(value) for name, value in typed.items()}
    assert len(typed) == 6
    sent = {**typed, "description": "", "campaign_id": "", **fields}
    answer = desk.post("/app/seminars/sensors", "/app/seminars/sensors", **sent)
    assert answer.status_code == 303, words(answer.text)
    desk.world.work()
    return str(answer.headers["location"])


def mails_to(desk: Desk, kind: MessageKind) -> list[Message]:
    path = desk.lead_path().rpartition("/")[2]
    found = [stored.value for stored in desk.world.deps.store.query(Message, path)]
    return [message for message in found if message.kind is kind]


def test_moving_a_seminar_raises_its_sequence_and_tells_everybody_once_with_new_reminders(desk: Desk) -> None:
    desk.ask("seminar")
    desk.world.later(minutes=1)
    assert change(desk, wall_start="2026-03-21T14:00", wall_end="2026-03-21T16:00").endswith("said=moved")
    desk.world.later(minutes=1)
    stored = desk.world.deps.store.get(Seminar, "sensors")
    assert stored
    assert stored.value.sequence == 1
    told = mails_to(desk, MessageKind.SEMINAR_CONFIRMATION)
    assert [m.state for m in told] == [MessageState.SENT, MessageState.SENT]
    assert sorted(m.context["sequence"] for m in told) == ["0", "1"]
    reminders = mails_to(desk, MessageKind.REMINDER_DAY)
    assert {m.context["starts_at"][:10] for m in reminders} == {"2026-03-20", "2026-03-21"}
    desk.world.later(days=18, hours=6)
    states = {m.context["starts_at"][:10]: m.state for m in mails_to(desk, MessageKind.REMINDER_DAY)}
    assert states == {"2026-03-20": MessageState.SUPPRESSED, "2026-03-21": MessageState.SENT}


def test_a_change_of_words_alone_tells_nobody(desk: Desk) -> None:
    desk.ask("seminar")
    desk.world.later(minutes=1)
    assert change(desk, description="Coffee is ready").endswith("said=saved")
    assert len(mails_to(desk, MessageKind.SEMINAR_CONFIRMATION)) == 1


def test_added_seats_go_to_those_who_wait_and_fewer_take_nobodys_away(desk: Desk) -> None:
    desk.ask("seminar", name="First", email="first@customer.example.com", phone="")
    desk.ask("seminar")
    waiting = desk.page("/app/seminars/sensors")
    assert "1 seats taken 0 seats free 1 waiting" in waiting
    change(desk, seats="2")
    assert "2 seats taken 0 seats free 0 waiting" in desk.page("/app/seminars/sensors")
    assert len(mails_to(desk, MessageKind.SEMINAR_PROMOTED)) == 1
    change(desk, seats="1")
    stored = desk.world.deps.store.get(SeatCount, "sensors")
    assert stored
    assert stored.value.taken == 2


def test_who_gave_the_place_back_is_not_told_of_a_move(desk: Desk) -> None:
    from chalicelib.flows.register import cancel_place

    desk.ask("seminar")
    lead_id = desk.lead_path().rpartition("/")[2]
    cancel_place(desk.world.deps, "sensors", lead_id)
    change(desk, place="Elsewhere")
    assert len(mails_to(desk, MessageKind.SEMINAR_CONFIRMATION)) == 1
    assert "Cancelled" in desk.page("/app/seminars/sensors")
    assert desk.world.deps.store.get(Registration, "sensors", lead_id)


def test_a_seminar_cannot_be_moved_into_the_past(desk: Desk) -> None:
    fields = {**PLAN, "wall_start": "2026-02-28T10:00", "wall_end": "2026-02-28T12:00"}
    answer = desk.post("/app/seminars/sensors", "/app/seminars/sensors", **fields)
    assert answer.status_code == 422
    assert "this time is in the past" in words(answer.text)


def test_an_unknown_seminar_is_not_found(desk: Desk) -> None:
    assert desk.get("/app/seminars/nobody").status_code == 404
    assert desk.post("/app/seminars/nobody", "/app/seminars/new", **PLAN).status_code == 404


# Operations


def test_the_operations_page_counts_what_was_received_and_finds_nothing_wrong(desk: Desk) -> None:
    desk.ask()
    desk.ask(message="Another question")
    shown = desk.page("/app/operations")
    assert "Everything is as it must be" in shown
    assert "2 received 1 accepted 1 merged 0 quarantined 0 rejected" in shown


def test_each_broken_promise_is_named(desk: Desk) -> None:
    desk.ask()
    given_to(desk, desk.lead_path(), "gone")
    broken = Upload("u1", "list.csv", "fair", UploadState.FINISHED, NOW, rows=3, created=1)
    ownerless = Lead("NOBODY", full_name="No Owner", created_at=NOW, updated_at=NOW)
    desk.world.put(broken, ownerless)
    desk.world.work()
    desk.world.now += timedelta(days=30)
    desk.world.sign_in("ada")
    shown = desk.page("/app/operations")
    for text in ("open leads of an inactive owner: gone (1)", "open leads without an owner: 1",
                 "open requests of an inactive owner: 1", "requests past their limit without an escalation: 1",
                 "the outcomes of an upload do not add up: u1 (1 of 3)"):  # fmt: skip
        assert text in shown
    assert "Everything is as it must be" not in shown


# API keys


def test_a_key_is_shown_once_works_and_opens_nothing_once_withdrawn(desk: Desk) -> None:
    made = desk.post("/app/api-keys", "/app/api-keys", name="Web shop", **{"scope-leads:write": "yes"})
    found = re.search(r'<input class="code" value="([^"]+)"', made.text)
    assert found
    secret = found[1]
    assert made.headers["cache-control"] == "no-store"
    assert secret not in desk.get("/app/api-keys").text
    bearer = {"Authorization": f"Bearer {secret}"}
    body = {"name": "Jana", "email": "jana@customer.example.com"}
    assert desk.world.client.post("/v1/leads", json=body, headers=bearer).status_code == 201
    assert desk.world.client.get("/v1/campaigns", headers=bearer).status_code == 403
    (key,) = [s.value for s in desk.world.deps.store.query(ApiKey) if s.value.name == "Web shop"]
    assert secret not in repr(key)
    desk.post(f"/app/api-keys/{key.digest}/withdraw", "/app/api-keys")
    desk.post(f"/app/api-keys/{key.digest}/withdraw", "/app/api-keys")
    assert desk.world.client.post("/v1/leads", json=body, headers=bearer).status_code == 401
    assert "Web shop withdrawn" in desk.page("/app/api-keys")
    assert desk.post("/app/api-keys/none/withdraw", "/app/api-keys").status_code == 404


def test_a_key_without_name_or_right_is_not_made(desk: Desk) -> None:
    answer = desk.post("/app/api-keys", "/app/api-keys", name="", **{"scope-everything": "yes"})
    assert answer.status_code == 422
    assert "this field is required" in words(answer.text)
    assert "choose at least one" in words(answer.text)


PAGES = (
    "/app/uploads", "/app/uploads/new", "/app/campaigns", "/app/campaigns/fair", "/app/returns", "/app/mailbox",
    "/app/mailbox?state=all", "/app/reps", "/app/reps/anna", "/app/reps/new", "/app/forms", "/app/forms/contact",
    "/app/seminars", "/app/seminars/sensors", "/app/seminars/new", "/app/operations", "/app/api-keys",
)  # fmt: skip
POSTS = (
    "/app/campaigns", "/app/campaigns/fair/spend", "/app/returns/refresh", "/app/reps", "/app/reps/anna",
    "/app/reps/anna/deactivate", "/app/reps/anna/activate", "/app/seminars", "/app/seminars/sensors",
    "/app/api-keys", "/app/api-keys/x/withdraw", "/app/uploads/x/basis",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_every_page_is_made_in_every_language_without_inline_script_or_style(desk: Desk, language: str) -> None:
    for path in PAGES:
        answer = desk.get(path, **{"Accept-Language": language})
        assert answer.status_code == 200, path
        assert f'<html lang="{language}">' in answer.text
        assert not re.search(r"<script(?! src=)|<style| style=| on[a-z]+=", answer.text), path


def test_nobody_sees_a_page_without_signing_in(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, "")
    for path in PAGES:
        assert desk.get(path).headers["location"].startswith("/app/sign-in")


@pytest.mark.parametrize("path", POSTS)
def test_a_post_that_is_not_from_a_page_of_ours_changes_nothing(desk: Desk, path: str) -> None:
    assert desk.world.client.post(path, data={"csrf": "guess"}, headers=HTML).status_code == 403
