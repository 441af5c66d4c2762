"""A visitor who agreed to be recognised: the visits before their form are told with it, where they agreed to that too,
and are gone at a word, with the person, and by themselves after a while."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from chalicelib.flows.erase_person import erase_person
from chalicelib.flows.forget_expired import forget_expired
from chalicelib.flows.keep_visit import KEEP
from chalicelib.records.form import FieldKind, FormField
from chalicelib.records.lead import Lead
from chalicelib.records.touch import Touch, TouchKind
from chalicelib.records.visit import Visit
from chalicelib.store.codec import decode, encode
from tests.stories.conftest import HTML, World
from tests.stories.people import ADA, CONTACT, EVERYBODY
from tests.stories.test_intakes import leads, touch_of

SITE = "https://www.site.example"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
VISITOR, VISIT = "0a" * 16, "0123456789ab"
JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "message": "Which sensor fits oil?"}
ASKED = FormField("visits", FieldKind.CONSENT, {"en": "My earlier visits may be linked to my request."}, wording=1)


def opened(world: World) -> None:
    form = replace(CONTACT, fields=(*CONTACT.fields, ASKED))
    world.put(*EVERYBODY, ADA, form)
    world.sign_in("ada")
    csrf = world.csrf("/app/forms/website")
    answer = world.client.post("/app/forms/website", data={"csrf": csrf, "host": "www.site.example"}, headers=HTML)
    assert answer.status_code == 303, answer.text
    world.client.cookies.clear()


def tell(
    world: World, origin: str = SITE, agent: str = CHROME, more: dict[str, str] | None = None, **changed: Any
) -> httpx.Response:
    body = {
        "visitor": VISITOR, "visit": VISIT, "sent": 0, "age": 30, "views": [[0, "/products/oil"]],
        "source": {"utm_source": "letter", "utm_medium": "email", "landing_url": f"{SITE}/products/oil"}, **changed,
    }  # fmt: skip
    headers = {"Origin": origin, "User-Agent": agent, "Content-Type": "text/plain;charset=UTF-8", **(more or {})}
    return world.client.post("/t", content=json.dumps(body), headers=headers)


def visits(world: World) -> list[Visit]:
    """All there are, be they anybody's."""
    refs = (ref for number in range(4) for ref, _ in world.deps.store.part(number, 4) if ref.kind is Visit)
    return [stored.value for stored in world.deps.store.get_many(list(refs)) if stored]


def timeline(world: World, lead: Lead) -> str:
    world.sign_in("ada")
    page = world.client.get(f"/app/leads/{lead.lead_id}", headers=HTML)
    world.client.cookies.clear()
    assert page.status_code == 200
    return page.text


def asked(world: World, **sent: str) -> Lead:
    answer = world.client.post("/f/contact", data={**JANA, **sent}, headers=HTML)
    assert answer.status_code == 303, answer.text
    (lead,) = leads(world)
    return lead


def test_the_visits_before_a_form_are_on_the_timeline_after_it_where_that_was_agreed_to(world: World) -> None:
    opened(world)
    answer = tell(world)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == SITE
    assert "set-cookie" not in answer.headers
    assert tell(world, sent=1, age=90, views=[[0, "/products/oil"], [60, "/prices"]]).status_code == 204
    world.later(hours=3)
    tell(world, visit="ba9876543210", source={}, views=[[0, "/contact"]])
    lead = asked(world, visits="yes", visitor=VISITOR, **{"wording.visits": "1"})
    touch = touch_of(world, lead)
    assert touch.details["consent: visits"] == "yes"
    assert touch.details["wording: visits"].startswith("1 ")
    world.later(hours=1)
    tell(world, visit="cccccccccccc", views=[[0, "/after"]])
    shown = timeline(world, lead)
    for told in ("/products/oil", "/prices", "/contact", "letter / email"):
        assert told in shown
    assert "/after" not in shown, "what came later is not of before"
    assert VISITOR not in repr(visits(world)), "the id on the device is kept by a keyed hash alone"


@pytest.mark.parametrize("sent", [{}, {"visits": "yes"}, {"visitor": VISITOR}, {"visits": "yes", "visitor": "nobody"},
                                  {"visits": "no", "visitor": VISITOR}])  # fmt: skip
def test_without_the_consent_or_the_id_no_visit_is_anybodys(world: World, sent: dict[str, str]) -> None:
    opened(world)
    tell(world)
    lead = asked(world, **sent)
    assert touch_of(world, lead).visits_of == ""
    assert "/products/oil" not in timeline(world, lead)


def test_a_visit_is_one_record_also_when_messages_are_lost_doubled_or_overtaken(world: World) -> None:
    opened(world)
    pages = [[10 * n, f"/page{n}"] for n in range(4)]
    for sent, seen in ((0, 1), (0, 1), (2, 3), (1, 2), (3, 4)):
        assert tell(world, sent=sent, age=60, views=pages[:seen]).status_code == 204
    (visit,) = visits(world)
    assert [path for _, path in visit.views] == ["/page0", "/page1", "/page2", "/page3"]
    tell(world, visit="ba9876543210", sent=5, views=pages[:1])
    assert len(visits(world)) == 2


def test_by_a_word_all_of_a_visitor_is_deleted(world: World) -> None:
    opened(world)
    tell(world)
    tell(world, visit="ba9876543210")
    tell(world, visitor="0b" * 16)
    answer = world.client.post("/t", content=json.dumps({"forget": VISITOR}), headers={"User-Agent": "x"})
    assert answer.status_code == 204
    assert len(visits(world)) == 1


def test_visits_go_by_themselves_and_with_the_person(world: World) -> None:
    opened(world)
    tell(world)
    lead = asked(world, visits="yes", visitor=VISITOR)
    erase_person(world.deps, lead.lead_id, KEEP)
    assert visits(world) == []
    tell(world, visitor="0b" * 16)
    world.later(days=KEEP.days - 1)
    forget_expired(world.deps)
    assert len(visits(world)) == 1
    world.later(days=2)
    forget_expired(world.deps)
    assert visits(world) == []


def test_whoever_objects_afterwards_is_shown_without_visits(world: World) -> None:
    opened(world)
    tell(world)
    lead = asked(world, visits="yes", visitor=VISITOR)
    assert "/products/oil" in timeline(world, lead)
    world.later(minutes=1)
    world.put(replace(lead, opted_out_at=world.now))
    assert "/products/oil" not in timeline(world, lead)


@pytest.mark.parametrize("signal", [{"Sec-GPC": "1"}, {"DNT": "1"}])
def test_a_browser_that_objects_is_answered_and_nothing_is_kept(world: World, signal: dict[str, str]) -> None:
    opened(world)
    assert tell(world, more=signal).status_code == 204
    assert visits(world) == []


def test_machines_are_answered_counted_and_nothing_else_is_kept_of_them(world: World) -> None:
    opened(world)
    for agent in ("Googlebot/2.1", "", "BarracudaCentral"):
        assert tell(world, agent=agent).status_code == 204
    assert visits(world) == []
    world.sign_in("ada")
    page = world.client.get("/app/forms/website", headers=HTML).text
    assert '<span class="figure-value">2</span> <span class="figure-label">crawlers turned away' in page
    assert '<span class="figure-value">1</span> <span class="figure-label">mail scanner turned away' in page


@pytest.mark.parametrize(
    "origin", ["https://other.example", "https://www.site.example.evil.example", "null", "", "http://["]
)
def test_another_site_tells_nothing(world: World, origin: str) -> None:
    opened(world)
    answer = tell(world, origin=origin)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert visits(world) == []


def test_a_site_that_was_taken_away_tells_nothing_any_more(world: World) -> None:
    opened(world)
    world.sign_in("ada")
    csrf = world.csrf("/app/forms/website")
    path = "/app/forms/website/www.site.example/remove"
    assert world.client.post(path, data={"csrf": csrf}, headers=HTML).status_code == 303
    assert world.client.post(path, data={"csrf": csrf}, headers=HTML).status_code == 404
    assert tell(world).status_code == 403


@pytest.mark.parametrize("typed", ["", "no site", "a.example b.example", "localhost", "www.site.example"])
def test_what_is_no_site_or_there_already_is_said_in_place(world: World, typed: str) -> None:
    opened(world)
    world.sign_in("ada")
    csrf = world.csrf("/app/forms/website")
    answer = world.client.post("/app/forms/website", data={"csrf": csrf, "host": typed}, headers=HTML)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize(("changed", "status"), [({"views": []}, 400), ({"x": "y" * 17_000}, 413), ({"age": -1}, 400)])
def test_what_is_wrong_is_refused_and_kept_nowhere(world: World, changed: dict[str, Any], status: int) -> None:
    opened(world)
    assert tell(world, **changed).status_code == status
    assert visits(world) == []


def test_a_touch_of_before_there_were_visits_has_none() -> None:
    told = json.loads(encode(Touch("T", "L", TouchKind.FORM, datetime(2026, 3, 2, tzinfo=UTC), visits_of="visitor")))
    assert told.pop("visits_of") == "visitor"
    assert decode(Touch, json.dumps(told).encode()).visits_of == ""
