import json
from typing import Any

import pytest

from chalicelib.capture.visits import MOST_BYTES, ToldToForget, ToldVisit, read_told
from chalicelib.records.contact import Refusal

SITE = "www.example.com"
TOLD: dict[str, Any] = {
    "visitor": "0a" * 16, "visit": "0123456789ab", "sent": 1, "age": 75, "views": [[0, "/"], [70, "/products"]],
    "source": {"utm_source": "letter", "gclid": "g1", "landing_url": f"https://{SITE}/", "email": "x", "referrer": 5},
}  # fmt: skip


def told(**changed: Any) -> ToldVisit | ToldToForget | Refusal:
    return read_told(json.dumps(TOLD | changed).encode(), SITE)


def test_a_visit_is_read_with_where_it_came_from() -> None:
    visit = told()
    assert isinstance(visit, ToldVisit)
    assert (visit.visit_id, visit.sent, visit.age) == ("0123456789ab", 1, 75)
    assert visit.views == ((0, "/"), (70, "/products"))
    assert (visit.source.source, visit.source.click_ids, visit.source.referrer) == ("letter", {"gclid": "g1"}, "")


@pytest.mark.parametrize("source", [None, [], "x"])
def test_a_visit_that_says_nothing_of_where_it_came_from_is_direct(source: Any) -> None:
    visit = told(source=source)
    assert isinstance(visit, ToldVisit)
    assert visit.source.channel == "Direct"


@pytest.mark.parametrize("path", ["/u/jana@customer.example/x", "/u/jana%40customer.example/x"])
def test_an_address_in_a_path_is_not_kept(path: str) -> None:
    visit = told(views=[[0, path]])
    assert isinstance(visit, ToldVisit)
    assert visit.views == ((0, "/u/…/x"),)


@pytest.mark.parametrize("name", ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid"])
@pytest.mark.parametrize("value", ["jana@customer.example", "jana%40customer.example"])
def test_an_address_in_what_names_a_campaign_is_not_kept(name: str, value: str) -> None:
    visit = told(source={"utm_campaign": "spring", "utm_medium": "email", name: value})
    assert isinstance(visit, ToldVisit)
    assert "customer" not in str(visit.source)
    assert name == "utm_campaign" or visit.source.campaign == "spring"


@pytest.mark.parametrize("field", ["landing_url", "referrer"])
@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://other.example/a/b?email=jana%40customer.example#jana@customer.example", "https://other.example/a/b"),
        ("https://other.example?utm_term=jana", "https://other.example"),
        ("https://other.example/u/jana@customer.example/x", "https://other.example/u/…/x"),
        ("https://other.example/u/jana%40customer.example", "https://other.example/u/…"),
        ("https://jana@customer.example/", ""),
        ("https:jana@customer.example", ""),
        ("https:/\t/jana@customer.example/", ""),
    ],
)
def test_of_an_address_is_kept_where_it_leads_and_nobodys_name(field: str, url: str, kept: str) -> None:
    visit = told(source={field: url})
    assert isinstance(visit, ToldVisit)
    assert getattr(visit.source, field) == kept


def test_a_visitor_who_wants_nothing_kept_says_no_more_than_who_that_is() -> None:
    assert read_told(b'{"forget": "' + b"0a" * 16 + b'"}', SITE) == ToldToForget("0a" * 16)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"visitor": "short"}, "visitor"), ({"visitor": None}, "visitor"), ({"visitor": "0A" * 16}, "visitor"),
        ({"visit": "x"}, "visit"), ({"visit": 5}, "visit"), ({"sent": -1}, "sent"), ({"sent": True}, "sent"),
        ({"sent": "1"}, "sent"), ({"age": 1e400}, "age"), ({"age": 86_401}, "age"), ({"views": []}, "views"),
        ({"views": {}}, "views"), ({"views": [[0]]}, "views"), ({"views": [[0, "javascript:x"]]}, "views"),
        ({"views": [["0", "/"]]}, "views"), ({"views": [[0, "/"]] * 51}, "views"), ({"forget": "x"}, "forget"),
    ],
)  # fmt: skip
def test_what_no_script_of_ours_says_is_refused_with_the_field(changed: dict[str, Any], field: str) -> None:
    refused = told(**changed)
    assert isinstance(refused, Refusal)
    assert refused.field == field


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b"[" * 15_000, b'{"a":"' + b"x" * MOST_BYTES + b'"}'])
def test_what_cannot_be_read_is_refused(raw: bytes) -> None:
    refused = read_told(raw, SITE)
    assert isinstance(refused, Refusal)
    assert refused.field == "body"
