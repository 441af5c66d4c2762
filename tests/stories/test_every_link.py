"""Whoever signs in follows every link they are offered: it leads somewhere, and says in words where.

Told of the embedded service with its sample data, and of people who left next to nothing of themselves."""

import re
from collections import Counter
from html import unescape
from urllib.parse import urljoin

import httpx
import pytest

from tests.stories.conftest import HTML, Server, cli

WHO = ("sample-marketing", "sample-lead-emea", "sample-finance", "sample-admin", "sample-anna")
# Of addresses that differ in ids alone, and in what is asked of them, so many.
ALIKE = 2
_ID = re.compile(r"\b[0-9A-Z]{26}\b|[0-9a-f]{32}")
_LINK = re.compile(r'<a\b([^>]*\bhref="([^"#]*)[^>]*)>(.*?)</a>', re.DOTALL)


def kind_of(address: str) -> str:
    """The address without its ids: pages of a kind are made by the same template."""
    path, _, asked = address.partition("?")
    names = sorted(part for part in asked.split("&") if part.partition("=")[0] in ("what", "queue", "outcome"))
    return _ID.sub("ID", path) + "?".join(("", *names))


def sign_in(client: httpx.Client, rep_id: str) -> None:
    csrf = client.get("/app/sign-in").text.partition('name="csrf" value="')[2].partition('"')[0]
    assert client.post("/app/sign-in", data={"csrf": csrf, "rep_id": rep_id}).status_code == 303


@pytest.fixture(scope="module")
def nearly_nobody(server: Server) -> Server:
    """Asked by phone alone, by address alone: neither has a name."""
    key = cli(server.folder, "api-key", "links").stdout.strip()
    bodies = ({"phone": "+49 30 23125777", "campaign": "spring-fair"}, {"email": "nameless@customer.example.com"})
    for body in bodies:
        answer = httpx.post(f"{server.address}/v1/leads", json=body, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 201, answer.text
    return server


@pytest.mark.parametrize("rep_id", WHO)
def test_every_link_a_person_is_offered_leads_somewhere_and_has_words(nearly_nobody: Server, rep_id: str) -> None:
    seen: set[str] = set()
    looked_at: Counter[str] = Counter()
    broken: list[tuple[str, str, int]] = []
    wordless: set[tuple[str, str]] = set()
    with httpx.Client(base_url=nearly_nobody.address, headers=HTML, timeout=60) as client:
        sign_in(client, rep_id)
        to_do = [("", "/app")]
        while to_do:
            origin, address = to_do.pop(0)
            if address in seen or looked_at[kind_of(address)] >= ALIKE:
                continue
            seen.add(address)
            looked_at[kind_of(address)] += 1
            answer = client.get(address)
            if answer.status_code not in (200, 303):
                broken.append((origin, address, answer.status_code))
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            for attributes, href, inside in _LINK.findall(answer.text):
                if not re.sub(r"<[^>]+>", "", inside).strip() and "aria-label" not in attributes + inside:
                    wordless.add((address, href))
                onward = urljoin(address, unescape(href))
                if onward.startswith("/") and not onward.startswith("//"):
                    to_do.append((address, onward))
    assert broken == []
    assert wordless == set()
    assert len(looked_at) > 15
