"""A form is flooded with spam: from then on a browser works for each post, and who cannot is looked at first. Nothing
is lost, and a person sees how often a sign was wrong. On either engine."""

import re
from dataclasses import replace
from html import unescape

import httpx
import pytest

from chalicelib.capture.proof_of_work import GOOD_FOR, UNPROVEN
from chalicelib.capture.suspicion import TRAP
from chalicelib.flows.check_store import check_store
from chalicelib.flows.measure_kept import SignFigures, measure_kept
from chalicelib.records.form import FieldKind, FormField
from chalicelib.records.kept import Kept, KeptState
from chalicelib.records.ports import Ref
from chalicelib.records.search import KeptQuery
from chalicelib.store.limits import FEWEST_BAD, FLOOD, STAYS_SECONDS, Pressure
from tests.proof import worked_for
from tests.stories.conftest import HTML, World
from tests.stories.people import ADA, CONTACT, EVERYBODY

JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "message": "Which sensor fits oil?"}


@pytest.fixture
def guarded(world: World) -> World:
    world.watch()
    world.put(*EVERYBODY, ADA, replace(CONTACT, form_id="other"))
    return world


def flood(world: World, count: int = FEWEST_BAD) -> None:
    for n in range(count):
        spam = {"name": "Spam", "email": f"spam{n}@spam.example.com", TRAP: "x"}
        assert world.client.post("/f/contact", data=spam, headers=HTML).status_code == 303


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found.group(1) if found else ""


def fill_in(world: World, proof: bool = True, seconds: float = 5, **changed: str) -> httpx.Response:
    page = world.client.get("/f/contact", headers=HTML).text
    sent = {**JANA, "once": hidden(page, "once"), "opened": hidden(page, "opened"), **changed}
    if proof:
        sent["proof"] = worked_for(sent["opened"], sent["once"])
    world.later(seconds=seconds)
    return world.client.post("/f/contact", data=sent, headers=HTML)


def waiting(world: World) -> list[Kept]:
    world.work()
    ids, _ = world.deps.model.kept(KeptQuery())
    found = world.deps.store.get_many([Ref(Kept, (kept_id,)) for kept_id in ids])
    return [stored.value for stored in found if stored]


def accepted(world: World) -> int:
    world.work()
    return int(check_store(world.deps)["accepted"])


def test_nobody_is_asked_until_a_form_is_flooded_and_other_forms_never(guarded: World) -> None:
    assert 'name="proof"' not in guarded.client.get("/f/contact", headers=HTML).text
    flood(guarded, FEWEST_BAD - 1)
    assert 'name="proof"' not in guarded.client.get("/f/contact", headers=HTML).text
    flood(guarded, 1)
    page = guarded.client.get("/f/contact", headers=HTML).text
    assert 'src="/assets/proof.js"' in page
    assert "Without JavaScript somebody looks at what you send" in page
    assert 'name="proof"' not in guarded.client.get("/f/other", headers=HTML).text
    guarded.later(seconds=STAYS_SECONDS + 1)
    assert 'name="proof"' not in guarded.client.get("/f/contact", headers=HTML).text


def test_who_worked_for_it_gets_through_and_who_did_not_is_looked_at_first(guarded: World) -> None:
    flood(guarded)
    assert fill_in(guarded).status_code == 303
    assert accepted(guarded) == 1
    without = fill_in(guarded, proof=False, email="timo@customer.example.net", name="Timo Muster")
    assert without.headers["location"].startswith("/s/")
    assert accepted(guarded) == 1
    assert [kept.reasons for kept in waiting(guarded) if UNPROVEN in kept.reasons] == [(UNPROVEN,)]


def asked_for(page: str) -> dict[str, str]:
    """What the page that says where it stands has its browser do."""
    return dict(re.findall(r'data-(prove|text|bits|then)="([^"]*)"', page))


def work(asked: dict[str, str]) -> str:
    mark, token = asked["text"].rstrip(":").rsplit(":", 1)
    return worked_for(mark, token)


def test_who_was_not_asked_for_it_works_afterwards_and_nobody_has_to_look(guarded: World) -> None:
    """The page was made before the attack, or by another process than the one that takes the post."""
    page = guarded.client.get("/f/contact", headers=HTML).text
    sent = {**JANA, "once": hidden(page, "once"), "opened": hidden(page, "opened")}
    assert "proof" not in page
    guarded.later(seconds=5)
    flood(guarded)
    # One that was set aside for another reason as well waits for a person.
    spam = guarded.client.post("/f/contact", data={**sent, "once": "b", TRAP: "x"}, headers=HTML).headers["location"]
    assert asked_for(guarded.client.get(spam, headers=HTML).text) == {}
    where = guarded.client.post("/f/contact", data=sent, headers=HTML).headers["location"]
    assert accepted(guarded) == 0
    shown = guarded.client.get(where, headers=HTML).text
    asked = asked_for(shown)
    assert 'src="/assets/prove.js"' in shown
    path = where.partition("?")[0]
    for wrong in ("", "0", "x", work({**asked, "text": asked["text"].replace("afterwards", "before")})):
        assert guarded.client.post(f"{path}/proof", data={"proof": wrong}).status_code == 422
    assert guarded.client.post(f"{path}x/proof", data={"proof": work(asked)}).status_code == 404
    assert guarded.client.post(f"{spam.partition('?')[0]}/proof", data={"proof": work(asked)}).status_code == 422
    assert accepted(guarded) == 0
    for _ in range(2):
        assert guarded.client.post(asked["prove"], data={"proof": work(asked)}).status_code == 204
        assert accepted(guarded) == 1
    after = guarded.client.get(where, headers=HTML).text
    assert "data-prove" not in after
    assert "You get an answer by" in after
    guarded.later(minutes=1)
    assert len(guarded.mails(JANA["email"])) == 1
    # Sent again it is the same one.
    assert guarded.client.post("/f/contact", data=sent, headers=HTML).headers["location"].startswith("/s/")
    assert accepted(guarded) == 1
    guarded.sign_in("eva")
    (released,), _ = guarded.deps.model.kept(KeptQuery(state=KeptState.RELEASED))
    assert "The visitor's browser" in unescape(guarded.client.get(f"/app/kept/{released}", headers=HTML).text)


def test_a_proof_that_comes_too_late_leaves_it_to_a_person(guarded: World) -> None:
    flood(guarded)
    where = fill_in(guarded, proof=False).headers["location"]
    asked = asked_for(guarded.client.get(where, headers=HTML).text)
    guarded.later(seconds=GOOD_FOR.total_seconds() + 1)
    assert guarded.client.post(asked["prove"], data={"proof": work(asked)}).status_code == 422
    assert "data-prove" not in guarded.client.get(where, headers=HTML).text
    assert accepted(guarded) == 0


def test_what_its_form_would_refuse_by_now_is_not_let_in_by_work_and_the_browser_is_told(guarded: World) -> None:
    """Else its page would be shown, and worked for, again and again."""
    flood(guarded)
    where = fill_in(guarded, proof=False).headers["location"]
    asked = asked_for(guarded.client.get(where, headers=HTML).text)
    guarded.put(replace(CONTACT, fields=(*CONTACT.fields, FormField("plant", FieldKind.TEXT, {"en": "Plant"}, True))))
    guarded.deps.directory.forget()
    assert guarded.client.post(asked["prove"], data={"proof": work(asked)}).status_code == 422
    assert accepted(guarded) == 0
    guarded.put(CONTACT)
    guarded.deps.directory.forget()
    assert guarded.client.post(asked["prove"], data={"proof": work(asked)}).status_code == 204
    assert accepted(guarded) == 1


@pytest.mark.parametrize("address", ["/f/away", "/embed/away"])
def test_a_form_that_leads_elsewhere_does_so_once_the_browser_has_worked(guarded: World, address: str) -> None:
    guarded.put(replace(CONTACT, form_id="away", goes_to="https://www.site.example/thanks"))
    for n in range(FEWEST_BAD):
        spam = {"name": "Spam", "email": f"s{n}@spam.example.com", TRAP: "x"}
        guarded.client.post("/f/away", data=spam, headers=HTML)
    where = guarded.client.post(address, data=JANA, headers=HTML).headers["location"]
    assert where.startswith("/")
    asked = asked_for(guarded.client.get(where, headers=HTML).text)
    assert asked["then"] == "https://www.site.example/thanks"
    assert guarded.client.post(asked["prove"], data={"proof": work(asked)}).status_code == 204
    assert accepted(guarded) == 1
    if address.startswith("/f/"):
        # Of spam nobody is told more than before.
        again = guarded.client.post("/f/away", data={**JANA, "message": "x", TRAP: "x"}, headers=HTML)
        assert again.headers["location"] == "https://www.site.example/thanks"


def test_a_proof_is_good_for_one_post_for_a_while_and_for_its_form(guarded: World) -> None:
    flood(guarded)
    page = guarded.client.get("/f/contact", headers=HTML).text
    sent = {**JANA, "once": hidden(page, "once"), "opened": hidden(page, "opened")}
    sent["proof"] = worked_for(sent["opened"], sent["once"])
    guarded.later(seconds=5)
    for _ in range(2):
        assert guarded.client.post("/f/contact", data=sent, headers=HTML).status_code == 303
    assert accepted(guarded) == 1
    other = {**sent, "email": "other@customer.example.com"}
    changed = (
        {**other, "once": "another"},
        {**other, "opened": sent["opened"][:-1]},
        {**other, "proof": "0"},
    )
    for each in changed:
        guarded.client.post("/f/contact", data=each, headers=HTML)
    guarded.client.post("/f/contact", data=other, headers={**HTML, "Idempotency-Key": "one-more"})
    assert accepted(guarded) == 1
    fill_in(guarded, seconds=STAYS_SECONDS - 60, email="slow@customer.example.com")
    assert accepted(guarded) == 2
    assert GOOD_FOR.total_seconds() > STAYS_SECONDS


def test_the_page_shows_how_often_each_sign_was_wrong(guarded: World) -> None:
    for n in range(4):
        two = {**JANA, "email": f"p{n}@customer.example.com", "message": "http://a.x http://b.x http://c.x"}
        guarded.client.post("/f/contact", data=two | ({TRAP: "x"} if n == 3 else {}), headers=HTML)
        guarded.later(minutes=1)
    guarded.sign_in("eva")
    first, second, third, fourth = sorted(waiting(guarded), key=lambda kept: kept.received_at)
    for kept, what in ((first, "let-in"), (second, "drop"), (fourth, "drop")):
        token = guarded.csrf(f"/app/kept/{kept.kept_id}")
        guarded.client.post(f"/app/kept/{kept.kept_id}/{what}", data={"csrf": token}, headers=HTML)
    guarded.work()
    links = "more links than a question needs"
    hidden_field = "a field that people do not see was filled in"
    assert measure_kept(guarded.deps, KeptQuery()) == [
        SignFigures("", 1, 2, 1), SignFigures(links, 1, 2, 1), SignFigures(hidden_field, 0, 1, 0),
    ]  # fmt: skip
    page = " ".join(re.sub("<[^>]+>", " ", guarded.client.get("/app/kept", headers=HTML).text).split())
    assert f"All together 4 1 2 33 % {links} 4 1 2 33 % {hidden_field} 1 0 1 0 %" in page
    assert measure_kept(guarded.deps, KeptQuery(until=first.received_at)) == []
    assert "How often a sign was wrong" not in guarded.client.get("/app/kept?queue=rejected", headers=HTML).text
    assert waiting(guarded) == [third]


def test_more_posts_than_any_form_gets_are_an_attack_whatever_they_say() -> None:
    pressure, now = Pressure(lambda: now), 0.0
    for _ in range(FLOOD):
        pressure.one("contact", suspicious=False)
    assert not pressure.on("contact")
    pressure.one("contact", suspicious=False)
    assert pressure.on("contact")
