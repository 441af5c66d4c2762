"""Products, quotations and the customer's page of one."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from chalicelib.records.ledgers import LEDGER_PAGE
from chalicelib.records.quote import ListPrice, Product, Quote, QuoteState
from tests.handlers.desk import Desk, given_to, open_desk, words
from tests.stories.conftest import HTML

S200 = Product("s200", "Sensor <S200>", "piece", (ListPrice("EUR", 12900, 10900),))
LINE = {"currency": "EUR", "valid_until": "2026-04-01", "product-0": "s200", "quantity-0": "10", "price-0": "120"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path, "ada", S200)
    made.ask()
    given_to(made, made.lead_path(), "anna")
    made.world.sign_in("anna")
    return made


def quote(desk: Desk, path: str, **changed: str) -> httpx.Response:
    return desk.post(f"{path}/quotes", f"{path}/quotes/new", **{**LINE, **changed})


def stored(desk: Desk, path: str) -> list[Quote]:
    return [s.value for s in desk.world.deps.store.query(Quote, path.rpartition("/")[2])]


def test_a_quote_is_made_shown_and_listed(desk: Desk) -> None:
    path = desk.lead_path()
    answer = quote(desk, path)
    assert answer.status_code == 303
    page = desk.page(answer.headers["location"].partition("?")[0])
    assert "Q-2026-0001" in page
    assert "€1,200.00" in page
    assert "Sensor <S200>" in page
    desk.world.work()
    for listed in ("/app/quotes", path):
        assert "Q-2026-0001" in desk.page(listed)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"product-0": "", "price-0": ""}, "product-0"),
        ({"product-0": "none"}, "product-0"),
        ({"quantity-0": "0"}, "quantity-0"),
        ({"quantity-0": "1.5"}, "quantity-0"),
        ({"price-0": "cheap"}, "price-0"),
        ({"price-0": "1.005"}, "price-0"),
        ({"price-0": "-1"}, "price-0"),
        ({"currency": "E1R"}, "currency"),
        ({"valid_until": ""}, "valid_until"),
        ({"valid_until": "2026-03-01"}, "valid_until"),
        ({"valid_until": "soon"}, "valid_until"),
        ({"product-1": "s200", "quantity-1": "", "price-1": "1"}, "quantity-1"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_is_kept(desk: Desk, changed: dict[str, str], field: str) -> None:
    path = desk.lead_path()
    answer = quote(desk, path, terms="Within four weeks", **changed)
    assert answer.status_code == 422
    wrong = re.search(rf'<(?:input|select)[^>]*name="{field}"[^>]*>', answer.text)
    assert wrong
    assert 'aria-invalid="true"' in wrong.group()
    assert "Within four weeks" in answer.text
    assert stored(desk, path) == []


def test_more_lines_are_offered_and_what_was_typed_stays(desk: Desk) -> None:
    answer = quote(desk, desk.lead_path(), more="yes")
    assert 'name="product-7"' in answer.text
    assert 'value="120"' in answer.text


def test_a_price_below_the_floor_is_stopped_and_with_a_reason_a_manager_decides(desk: Desk) -> None:
    path = desk.lead_path()
    stopped = quote(desk, path, **{"price-0": "100,00"})
    assert stopped.status_code == 409
    assert "below the floor price" in stopped.text
    made = quote(desk, path, **{"price-0": "100", "reason": "a framework order follows"}).headers["location"]
    made = made.partition("?")[0]
    assert "Waits for a manager" in desk.page(made)
    assert desk.post(f"{made}/decision", made, decision="approve").status_code == 403
    desk.world.sign_in("eva")
    assert "a framework order follows" in desk.page(made)
    assert desk.post(f"{made}/decision", made, decision="refuse").status_code == 422
    assert desk.post(f"{made}/decision", made, decision="approve", text="for once").status_code == 303
    assert desk.post(f"{made}/decision", made, decision="approve").status_code == 409
    assert stored(desk, path)[0].state is QuoteState.OPEN


def link(desk: Desk, path: str) -> str:
    quotation = stored(desk, path)[-1]
    return f"/o/{desk.world.deps.links.make('quote', quotation.lead_id, quotation.quote_id)}"


def test_an_open_quotation_is_copied_or_mailed_from_its_page_and_one_that_ended_is_not(desk: Desk) -> None:
    path = desk.lead_path()
    made = quote(desk, path).headers["location"].partition("?")[0]
    offer = desk.world.deps.links.absolute(link(desk, path))
    page = unescape(desk.get(made).text)
    assert f'id="copy-link" value="{offer}"' in page
    (mail,) = re.findall(r'href="(mailto:[^"]+)"', page)
    assert mail.startswith("mailto:jana")
    assert parse_qs(urlsplit(mail).query) == {"subject": ["Q-2026-0001"], "body": [offer]}
    assert desk.post(f"{made}/end", made, state="withdrawn", reason="wrong").status_code == 303
    assert "mailto:" not in desk.get(made).text


def test_the_customers_page_says_valid_superseded_by_which_and_expired(desk: Desk) -> None:
    path = desk.lead_path()
    made = quote(desk, path, terms="Payment <b>soon</b>").headers["location"].partition("?")[0]
    address = link(desk, path)
    shown = desk.world.client.get(address, headers=HTML).text
    assert "is valid until" in shown
    assert "&lt;b&gt;" in shown
    new = f"{path}/quotes/new?replaces={made.rpartition('/')[2]}"
    assert 'value="120.00"' in desk.get(new).text
    quote(desk, path, replaces=made.rpartition("/")[2], **{"price-0": "115"})
    shown = desk.world.client.get(address, headers=HTML).text
    assert "It was replaced by Q-2026-0001 · version 2" in " ".join(shown.split())
    desk.world.later(days=31)
    assert "was valid until" in desk.world.client.get(link(desk, path), headers=HTML).text


def test_an_accepted_quote_is_a_won_deal_and_one_that_ended_is_told_once(desk: Desk) -> None:
    path = desk.lead_path()
    made = quote(desk, path).headers["location"].partition("?")[0]
    assert desk.post(f"{made}/end", made, state="withdrawn").status_code == 422
    assert desk.post(f"{made}/end", made, state="accepted").status_code == 303
    assert desk.post(f"{made}/end", made, state="declined").status_code == 409
    assert "Deal won" in desk.page(path)
    assert "accepted this quotation" in desk.world.client.get(link(desk, path), headers=HTML).text


def test_the_ledger_of_quotations_is_paged_searched_and_sorted(desk: Desk) -> None:
    path = desk.lead_path()
    quote(desk, path)
    (made,) = stored(desk, path)
    more = [replace(made, quote_id=f"q{n}", number=f"Q-2026-{n + 100}", made_at=made.made_at + timedelta(minutes=n + 1))
            for n in range(LEDGER_PAGE)]  # fmt: skip
    desk.world.put(*more)
    desk.world.work()
    first = desk.get("/app/quotes").text
    assert "1 to 50 of 51" in words(first)
    assert first.index("Q-2026-149") < first.index("Q-2026-100")
    assert "Q-2026-0001" not in first
    assert "Q-2026-0001" in desk.page("/app/quotes?offset=50")
    assert "Q-2026-0001" in desk.page("/app/quotes?turned=yes")
    assert "offset=50&amp;ledger=open&amp;text=beispiel" in desk.get("/app/quotes?text=beispiel").text
    assert "Nothing fits." in desk.page("/app/quotes?text=nobody")
    desk.world.sign_in("ben")
    assert "Q-2026" not in desk.page("/app/quotes?of=anna")


def test_a_quote_of_another_reps_lead_is_not_there(desk: Desk) -> None:
    path = desk.lead_path()
    made = quote(desk, path).headers["location"].partition("?")[0]
    desk.world.sign_in("ben")
    assert desk.get(made).status_code == 404
    assert desk.get(f"{path}/quotes/new").status_code == 404
    assert desk.post(f"{made}/end", "/app", state="accepted").status_code == 404
    assert desk.get(f"{path}/quotes/new?replaces=none").status_code == 404


def test_a_manager_enters_and_changes_products(desk: Desk) -> None:
    assert "Add a product" not in desk.page("/app/products")
    desk.world.sign_in("eva")
    sent = {"name": "Gateway G8", "unit": "piece", "active": "yes", "currency-0": "eur", "list-0": "490"}
    assert desk.post("/app/products", "/app/products/new", **sent).status_code == 303
    product = desk.world.deps.store.get(Product, "gateway-g8")
    assert product
    assert product.value.prices == (ListPrice("EUR", 49000, 49000),)
    page = "/app/products/gateway-g8"
    assert desk.post(page, page, **{**sent, "floor-0": "410", "active": ""}).status_code == 303
    changed = desk.world.deps.store.get(Product, "gateway-g8")
    assert changed
    assert (changed.value.active, changed.value.prices[0].floor_minor) == (False, 41000)
    assert "no longer quoted" in desk.page("/app/products")
    assert desk.get("/app/products/none").status_code == 404


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"currency-0": "??"}, "currency-0"),
        ({"list-0": "dear"}, "list-0"),
        ({"floor-0": "500"}, "floor-0"),
        ({"currency-1": "EUR", "list-1": "5"}, "currency-0"),
    ],
)
def test_a_product_with_a_wrong_field_is_not_saved(desk: Desk, changed: dict[str, str], field: str) -> None:
    desk.world.sign_in("eva")
    sent = {"name": "Gateway", "currency-0": "EUR", "list-0": "490", **changed}
    answer = desk.post("/app/products", "/app/products/new", **sent)
    assert answer.status_code == 422
    assert f'name="{field}"' in answer.text
    assert [s.value.product_id for s in desk.world.deps.store.query(Product)] == ["s200"]


def test_without_a_product_the_form_says_who_enters_them(desk: Desk) -> None:
    desk.world.sign_in("eva")
    desk.post("/app/products/s200", "/app/products/s200", name="Sensor", **{"currency-0": "EUR", "list-0": "1"})
    assert "There is no product to quote yet." in desk.page(f"{desk.lead_path()}/quotes/new")
    assert "Nothing here." in desk.page("/app/quotes?ledger=nonsense")
