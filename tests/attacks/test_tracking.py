"""Attacks on and by links (cases tracking-…), as far as links exist (those in mails), and on visits that are told."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.capture.form_making import address_problem
from chalicelib.flows.keep_visit import machines_lately, visitor_digest
from chalicelib.records.lead import Lead
from chalicelib.records.touch import Request
from chalicelib.records.visit import Visit, Website
from tests.attacks.cases import given, statuses
from tests.handlers.desk import JANA, Desk
from tests.handlers.test_uploads_pages import load
from tests.stories.conftest import HTML
from tests.stories.people import CONTACT

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
SCANNERS = ("BarracudaCentral", "Microsoft Office/16.0 (Microsoft Outlook; ATP)", "Mozilla/5.0 (Proofpoint)")
LIST = "name,email,country\nPia Pump,pia@customer.example.net,US\n"


def mailed(desk: Desk) -> None:
    """A confirmation, a seminar's and a thank-you mail."""
    desk.ask()
    desk.ask("seminar")
    load(desk, LIST, basis="consent at the stand")
    desk.world.later(days=1)


def links(desk: Desk, to: str = "customer.example") -> Iterator[str]:
    for mail in desk.world.mails(to):
        headers = " ".join(value for name, value in mail.headers if name.lower() == "list-unsubscribe")
        for link in re.findall(r"https?://[^\s\"'<>]+", mail.text + mail.html + headers):
            yield link.replace("&amp;", "&")


@pytest.mark.parametrize("path", ["/r?u=https://attacker.example", "/t/https%3A%2F%2Fattacker.example",
                                  "/r/https://attacker.example", "/click?url=https://attacker.example"])  # fmt: skip
def test_tracking_01_no_address_sends_a_visitor_where_a_query_says(desk: Desk, path: str) -> None:
    for method in ("GET", "HEAD", "POST"):
        answer = desk.world.client.request(method, path, headers=HTML)
        assert answer.status_code in statuses("tracking-01", 400, 404)
        assert "location" not in answer.headers


def test_tracking_03_a_gateway_that_fetches_every_link_changes_nothing(desk: Desk) -> None:
    mailed(desk)
    before = _state(desk)
    found = sorted(set(links(desk)))
    assert len(found) >= 4
    for link in found:
        for agent in SCANNERS:
            for method in ("HEAD", "GET", "GET"):
                path = link.removeprefix("http://leadline.example")
                answer = desk.world.client.request(method, path, headers={"User-Agent": agent, **HTML})
                assert answer.status_code in (200, 303, 405), link
    desk.world.work()
    assert _state(desk) == before, "no score, no task, no opting out"


def _state(desk: Desk) -> list[object]:
    deps = desk.world.deps
    leads = [deps.store.get(Lead, lead_id) for lead_id in sorted(_ids(desk))]
    requests = [stored for lead_id in sorted(_ids(desk)) for stored in deps.store.query(Request, lead_id)]
    return [leads, requests, deps.model.counts()]


def _ids(desk: Desk) -> set[str]:
    return {lead_id for lead_id, _ in desk.world.deps.model.messages(limit=100)}


def test_tracking_05_no_mail_has_a_pixel_or_a_link_that_is_not_what_it_says(desk: Desk) -> None:
    mailed(desk)
    mails = desk.world.mails("customer.example")
    assert mails
    for mail in mails:
        assert not re.search(r"<img|background(-image)?\s*[:=]|<link|@import", mail.html, re.IGNORECASE)
    assert {link.split("/")[2] for link in links(desk)} == {"leadline.example"}


def test_tracking_07_no_link_tells_who_it_was_sent_to(desk: Desk) -> None:
    mailed(desk)
    for link in links(desk):
        for private in ("@", "%40", "jana", "beispiel", "pia", "pump", JANA["phone"].replace(" ", "")):
            assert private not in link.lower(), link
        answer = desk.get(link.removeprefix("http://leadline.example"))
        # Of a page's address other sites are told the host alone, and it is kept by nobody.
        assert answer.headers["referrer-policy"] in ("strict-origin-when-cross-origin", "no-referrer")
        assert answer.headers["cache-control"] == "no-store"
    for lead_id in _ids(desk):
        forged = f"/s/{lead_id}.{lead_id}"
        assert desk.get(forged).status_code == 404, "the ids alone open nothing"


def told(desk: Desk, agent: str = BROWSER, path: str = "/prices", **headers: str) -> list[Visit]:
    """A page of a site of ours tells of a visit; what is kept of anybody's."""
    store = desk.world.deps.store
    desk.world.put(Website("www.site.example", desk.world.now))
    body = {"visitor": "0a" * 16, "visit": "0123456789ab", "sent": 0, "age": 1, "views": [[0, path]]}
    sent = {"Origin": "https://www.site.example", "User-Agent": agent, **headers}
    assert desk.world.client.post("/t", json=body, headers=sent).status_code == 204
    return [stored.value for stored in store.query(Visit, visitor_digest(desk.world.deps, "0a" * 16))]


def test_tracking_03_a_scanner_that_opens_a_page_is_no_visit(desk: Desk) -> None:
    for agent in SCANNERS:
        assert told(desk, agent) == []
    assert machines_lately(desk.world.deps) == (0, len(SCANNERS))


@pytest.mark.parametrize("signal", ["Sec-GPC", "DNT"])
def test_tracking_05_of_whoever_objects_by_their_browser_no_visit_is_kept(desk: Desk, signal: str) -> None:
    assert told(desk, **{signal: "1"}) == []
    assert len(told(desk, **{signal: "0"})) == 1, "else it is"


def test_tracking_07_an_address_in_a_pages_path_is_not_kept(desk: Desk) -> None:
    (visit,) = told(desk, path="/hello/jana%40customer.example/now")
    assert visit.views == ((0, "/hello/…/now"),)
    assert "0a0a" not in visit.visitor


def test_tracking_09_a_stored_address_ends_no_header_line(desk: Desk) -> None:
    target = given("tracking-09", "https://ok.example/%0d%0aX-A:1\r\nX-B:1", "target")
    assert address_problem(target), "it cannot be stored"
    # Were it stored all the same, by an older release say:
    desk.world.put(replace(CONTACT, goes_to=target))
    answer = desk.world.client.post("/f/contact", data=JANA, headers=HTML)
    assert answer.status_code == 303
    assert not {"x-a", "x-b"} & {name.lower() for name in answer.headers}
    assert not {"\r", "\n"} & set(answer.headers["location"])
