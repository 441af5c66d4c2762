"""M1, a marketer: "we spent 20 million; what did it yield?" """

import csv
import io
from typing import Any

from tests.stories.conftest import HTML, KEY, World
from tests.stories.people import ADS, EVERYBODY, FAIR

BEARER = {"Authorization": f"Bearer {KEY}"}
MODELS = ("first", "last", "linear", "position")


def api(world: World, path: str, body: dict[str, Any], method: str = "POST") -> dict[str, Any]:
    answer = world.client.request(method, path, json=body, headers=BEARER)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def lead(world: World, name: str, *campaigns: str) -> str:
    lead_id = ""
    for campaign in campaigns:
        body = {"name": name, "email": f"{name.lower()}@customer.example.com", "campaign": campaign}
        lead_id = api(world, "/v1/leads", body)["lead_id"]
        world.later(days=1)
    return lead_id


def win(world: World, lead_id: str, amount: str, currency: str = "EUR", margin: int | None = None) -> str:
    body = {"lead_id": lead_id, "name": "Order", "amount": amount, "currency": currency, "margin": margin}
    deal = api(world, "/v1/opportunities", body)["opportunity_id"]
    api(world, f"/v1/opportunities/{lead_id}/{deal}", {"stage": "won"}, "PATCH")
    return str(deal)


def report(world: World) -> dict[str, Any]:
    world.work()
    answer = world.client.get("/v1/attribution", headers=BEARER)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def section(found: dict[str, Any], model: str, currency: str = "EUR") -> dict[str, Any]:
    return next(s for s in found["sections"] if (s["model"], s["currency"]) == (model, currency))


def lines_of(part: dict[str, Any]) -> list[dict[str, Any]]:
    """The campaigns' lines and the unattributed one."""
    return [*part["rows"], part["unattributed"]]


def prepared(world: World) -> None:
    world.put(*EVERYBODY, FAIR, ADS)
    api(world, "/v1/spend", {"campaign": "fair", "amount": "20000.00", "currency": "EUR", "spent_on": "2026-03-01"})
    api(world, "/v1/spend", {"campaign": "ads", "amount": "1234.57", "currency": "EUR", "spent_on": "2026-03-01"})
    win(world, lead(world, "Jana", "fair", "ads", "ads"), "100.01", margin=40)
    win(world, lead(world, "Timo", "ads"), "99.99")
    lead(world, "Silke", "fair")


def test_spend_and_revenue_reconcile_to_the_last_cent_in_every_model(world: World) -> None:
    prepared(world)
    found = report(world)
    for model in MODELS:
        lines = lines_of(section(found, model))
        total = section(found, model)["total"]
        assert sum(line["revenue"]["amount_minor"] for line in lines) == 20_000
        assert sum(line["spend"]["amount_minor"] for line in lines) == 2_123_457
        assert total["revenue"]["amount_minor"] == 20_000
        assert sum(line["leads"] for line in lines) == 3


def test_the_models_credit_differently_and_as_they_say(world: World) -> None:
    prepared(world)
    found = report(world)
    revenue = {
        model: {line["campaign_id"]: line["revenue"]["amount_minor"] for line in lines_of(section(found, model))}
        for model in MODELS
    }
    assert revenue["first"]["fair"] == 10_001
    assert revenue["last"]["ads"] == 20_000
    assert revenue["linear"]["fair"] in (3_333, 3_334)
    assert revenue["position"]["fair"] in (4_000, 4_001)


def test_the_credits_of_a_deal_add_up_to_its_amount(world: World) -> None:
    prepared(world)
    found = report(world)
    for model in MODELS:
        of_deal: dict[str, int] = {}
        for credit in (c for c in found["credits"] if c["model"] == model):
            of_deal[credit["opportunity_id"]] = (
                of_deal.get(credit["opportunity_id"], 0) + credit["amount"]["amount_minor"]
            )
        assert sorted(of_deal.values()) == [9_999, 10_001]


def test_the_page_its_csv_and_the_api_show_the_same_figures(world: World) -> None:
    prepared(world)
    found = report(world)
    world.sign_in("eva")
    page = world.client.get("/app/returns?model=linear&currency=EUR", headers=HTML)
    assert page.status_code == 200
    text = world.client.get("/app/returns.csv?model=linear&currency=EUR", headers=HTML).text
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    lines = section(found, "linear")["rows"]
    assert len(rows) >= len(lines)
    for line in lines:
        row = next(r for r in rows if line["name"] in r.values())
        assert f"{line['revenue']['amount_minor'] / 100:.2f}" in row.values()
        assert f"{line['spend']['amount_minor'] / 100:.2f}" in row.values()


def test_the_same_invoice_twice_is_spent_once(world: World) -> None:
    world.put(*EVERYBODY)
    body = {"campaign": "fair", "amount": "5.00", "currency": "EUR", "invoice": "I-1", "spent_on": "2026-03-01"}
    first, second = api(world, "/v1/spend", body), api(world, "/v1/spend", body)
    assert first == second
    spend = section(report(world), "first")["total"]["spend"]["amount_minor"]
    assert spend == 500


def test_currencies_are_never_added(world: World) -> None:
    prepared(world)
    win(world, lead(world, "Wen", "fair"), "7000.00", "CNY")
    found = report(world)
    assert section(found, "first", "CNY")["total"]["revenue"]["amount_minor"] == 700_000
    assert section(found, "first", "EUR")["total"]["revenue"]["amount_minor"] == 20_000
