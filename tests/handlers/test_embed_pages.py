"""The form in a frame on somebody else's page, and the script that puts it there."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.records.ports import StoreUnavailable
from chalicelib.records.touch import Touch
from tests.doubles import Down
from tests.handlers.desk import JANA, Desk, open_desk, words
from tests.page_forms import fields_of
from tests.stories.conftest import HTML
from tests.stories.people import CONTACT

FRAMED = "frame-ancestors *"
LANDING = "https://www.customer.example/products?utm_source=letter&utm_medium=email"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path, "")


def touch(desk: Desk) -> Touch:
    (found,) = (s.value for s in desk.world.deps.store.query(Touch, desk.lead_path().rpartition("/")[2]))
    return found


def sent(desk: Desk, path: str, **fields: str) -> str:
    answer = desk.world.client.post(path, data={**JANA, **fields}, headers=HTML)
    assert answer.status_code == 303, words(answer.text)
    desk.world.work()
    return str(answer.headers["location"])


def test_the_script_is_small_and_asked_for_anew_only_when_it_has_changed(desk: Desk) -> None:
    answer = desk.get("/embed.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age" in answer.headers["cache-control"]
    assert len(answer.content) < 5_000
    again = desk.get("/embed.js", **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_framed_form_goes_from_page_to_page_in_its_frame_without_a_cookie(desk: Desk) -> None:
    answer = desk.get(f"/embed/contact?lang=zh-CN&theme=light&landing_url={LANDING.replace('&', '%26')}")
    assert FRAMED in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-embedder-policy"] == "require-corp"
    assert '<html lang="zh-Hans" data-theme="light">' in answer.text
    assert 'action="/language"' not in answer.text
    assert re.search(r'href="/embed/contact\?[^"]*landing_url=[^"]*lang=en" lang="en"', answer.text)
    assert 'action="/embed/contact?lang=zh-Hans&amp;theme=light"' in answer.text
    path = sent(desk, "/embed/contact?lang=zh-Hans&theme=light", **{**fields_of(answer.text, "/embed/contact"), **JANA})
    assert re.match(r"/embed/contact/s/[^?]+\?lang=zh-Hans&theme=light$", path)
    last = desk.get(path)
    assert FRAMED in last.headers["content-security-policy"]
    token = path.partition("/s/")[2].partition("?")[0]
    assert f'href="/s/{token}?lang=zh-Hans" target="_blank"' in last.text
    assert "我们已收到" in last.text
    assert not desk.world.client.cookies
    assert (touch(desk).source.source, touch(desk).source.medium) == ("letter", "email")


def test_the_page_around_is_no_visit_from_elsewhere(desk: Desk) -> None:
    around = {"Referer": "https://www.customer.example/"}
    page = fields_of(desk.get("/embed/contact?landing_url=https://www.customer.example/", **around).text, "/embed/")
    assert "referrer" not in page
    sent(desk, "/embed/contact", **page | JANA)
    assert touch(desk).source.channel == "Direct"
    other = desk.get("/embed/contact?landing_url=https://www.customer.example/&referrer=https://www.bing.com/").text
    assert fields_of(other, "/embed/")["referrer"] == "https://www.bing.com/"


def test_what_is_wrong_is_said_in_the_frame(desk: Desk) -> None:
    answer = desk.world.client.post("/embed/contact?theme=light", data={**JANA, "email": "nope"}, headers=HTML)
    assert answer.status_code == 422
    assert FRAMED in answer.headers["content-security-policy"]
    assert 'data-theme="light"' in answer.text
    assert 'value="nope" aria-invalid="true"' in answer.text
    gone = desk.get("/embed/nothing")
    assert gone.status_code == 404
    assert FRAMED in gone.headers["content-security-policy"]


def test_thanks_are_said_in_the_frame_and_the_page_around_is_told_where_to_go_on(desk: Desk) -> None:
    desk.world.put(replace(CONTACT, thanks={"en": "Thank you <b>!"}, goes_to="https://www.customer.example/thanks"))
    shown = desk.get("/embed/contact").headers["content-security-policy"]
    assert FRAMED in shown
    assert "form-action 'self' https://www.customer.example;" in shown
    last = desk.get(sent(desk, "/embed/contact")).text
    assert "Thank you &lt;b&gt;!" in last
    assert 'data-sent-form="https://www.customer.example/thanks"' in last
    assert 'href="https://www.customer.example/thanks" target="_top"' in last


def test_a_form_that_names_sites_stands_in_a_frame_of_theirs_alone(desk: Desk) -> None:
    desk.world.put(replace(CONTACT, sites=("www.customer.example", "shop.customer.example")))
    desk.world.deps.directory.forget()
    theirs = "frame-ancestors www.customer.example shop.customer.example"
    wrong = desk.world.client.post("/embed/contact", data={**JANA, "email": "nope"}, headers=HTML)
    for answer in (desk.get("/embed/contact"), wrong, desk.get(sent(desk, "/embed/contact"))):
        assert answer.headers["content-security-policy"].endswith(theirs)
    # The hosted page itself stands in nobody's frame, whatever the form allows.
    assert desk.get("/f/contact").headers["content-security-policy"].endswith("frame-ancestors 'none'")


def test_nobody_makes_up_that_something_was_sent(desk: Desk) -> None:
    token = sent(desk, "/embed/contact").partition("/s/")[2].partition("?")[0]
    for path in ("/embed/contact/s/forged", f"/embed/nothing/s/{token}"):
        assert desk.get(path).status_code == 404
    assert desk.get(f"/embed/contact/s/{token}").status_code == 200


def test_what_is_sent_in_a_frame_while_the_store_is_down_waits_at_the_door(desk: Desk) -> None:
    found = wiring.service()
    down: Any = Down(StoreUnavailable("down"))
    wiring.use(replace(found, deps=replace(desk.world.deps, store=down)))
    answer = desk.world.client.post("/embed/contact", data=JANA, headers=HTML)
    wiring.use(found)
    assert answer.status_code == 202
    assert FRAMED in answer.headers["content-security-policy"]
    assert re.search(r'href="/s/[^"]+" target="_blank"', answer.text)
    desk.world.work()
    assert touch(desk).form_id == "contact"


def test_a_program_is_answered_at_a_frames_address_as_at_the_forms(desk: Desk) -> None:
    answer = desk.world.client.post("/embed/contact", json=JANA)
    assert answer.status_code == 201
    assert answer.json()["status_url"].startswith("http://leadline.example/s/")
    # Done at once, and nothing of it waits at the door to be done again.
    assert desk.world.deps.door.waiting() == 0


def test_the_forms_page_gives_the_script_with_a_link_for_who_has_none(desk: Desk) -> None:
    desk.world.put(replace(CONTACT, title={"en": 'Talk "to" <us>'}))
    desk.world.sign_in("ada")
    found = re.search(
        r'<textarea id="copy-embed"[^>]*>(.*?)</textarea>', desk.get("/app/forms/contact").text, re.DOTALL
    )
    assert found
    assert "&lt;script src=&#34;http://leadline.example/embed.js&#34; data-form=&#34;contact&#34; async&gt;" in found[1]
    assert "&lt;noscript&gt;&lt;a href=&#34;http://leadline.example/f/contact&#34;&gt;" in found[1]
    assert "Talk &amp;#34;to&amp;#34; &amp;lt;us&amp;gt;" in found[1]


@pytest.mark.parametrize("path", ["/f/contact", "/app/sign-in", "/embed.js", "/"])
def test_nothing_else_may_stand_in_a_frame(desk: Desk, path: str) -> None:
    assert "frame-ancestors *" not in desk.get(path).headers.get("content-security-policy", "")
