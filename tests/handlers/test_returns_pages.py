"""The returns page: every figure opens to rows that add up to it, and the file equals the screen."""

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.flows.open_figure import FIGURES, open_figure
from chalicelib.flows.plan_marketing import add_spend
from chalicelib.flows.report_returns import read_report
from chalicelib.flows.work_lead import close_deal, open_deal
from chalicelib.records.campaign import Campaign
from chalicelib.records.lead import Lead
from chalicelib.records.money import Money
from chalicelib.records.opportunity import OpportunityStage
from chalicelib.records.ports import NotFound
from tests.handlers.desk import JANA, NOW, Desk, open_desk, words
from tests.stories.conftest import HTML

PRINT = Campaign("print", "Print ad", "Print")
MODELS = ("first", "last", "linear", "position")


def ask(desk: Desk, name: str, *campaigns: str) -> str:
    """Somebody who came by each of the campaigns, a day apart; the lead's id."""
    for campaign in campaigns:
        fields = {
            **JANA,
            "name": name,
            "email": f"{name.lower()}@customer.example.com",
            "phone": "",
            "message": campaign,
        }
        sent = {**fields, "utm_campaign": campaign}
        assert desk.world.client.post("/f/contact", data=sent, headers=HTML).status_code == 303
        desk.world.later(days=1)
    return desk.lead_path(name.lower()).rpartition("/")[2]


def win(desk: Desk, lead_id: str, amount: int, currency: str = "EUR", margin: int | None = None) -> None:
    deal = open_deal(desk.world.deps, lead_id, "Order", Money(amount, currency), margin, "anna")
    close_deal(desk.world.deps, lead_id, deal.opportunity_id, OpportunityStage.WON)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two campaigns with spend, three people, two deals in euros and one in yen, one of nobody's campaign."""
    made = open_desk(tmp_path, "ada", PRINT)
    deps = made.world.deps
    add_spend(deps, "fair", NOW.date(), Money(2_000_000, "EUR"), "stand", "I-1", "anna")
    add_spend(deps, "ads", NOW.date(), Money(123_457, "EUR"), "clicks", "", "anna")
    win(made, ask(made, "Jana", "fair", "ads", "ads"), 10_001, margin=33)
    win(made, ask(made, "Timo", "ads"), 9_999)
    win(made, ask(made, "Silke", "fair", "print"), 70_000, "JPY", margin=10)
    stray = Lead("STRAY", full_name="Stray Deal", created_at=NOW, updated_at=NOW)
    made.world.put(stray)
    win(made, "STRAY", 5_000)
    made.world.later(minutes=1)
    return made


def report_of(desk: Desk) -> dict[str, Any]:
    found = read_report(desk.world.deps)
    assert found
    return found


def test_before_the_first_report_the_page_says_so_and_nothing_else_is_found(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    assert "There is no report yet." in desk.page("/app/returns")
    assert desk.get("/app/returns.csv").status_code == 404
    assert desk.get("/app/returns/rows?what=spend").status_code == 404


def test_without_spend_and_wins_the_page_says_what_is_missing(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    answer = desk.post("/app/returns/refresh", "/app/returns")
    assert answer.headers["location"] == "/app/returns?said=asked"
    desk.world.work()
    shown = desk.page("/app/returns")
    assert "No spend is entered in this currency" in shown
    assert "No deal has been won in this currency yet" in shown


def test_no_place_is_kept_for_a_chart_there_is_nothing_to_draw_of(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, "ada", PRINT)
    ask(desk, "Jana", "fair")
    desk.world.put(Lead("STRAY", full_name="Stray Deal", created_at=NOW, updated_at=NOW))
    win(desk, "STRAY", 5_000)
    for drawn in (False, True):
        desk.post("/app/returns/refresh", "/app/returns")
        desk.world.work()
        shown = desk.get("/app/returns").text
        assert "data-chart-table" in shown
        assert ("data-chart=" in shown, "<canvas" in shown) == (drawn, drawn)
        add_spend(desk.world.deps, "fair", NOW.date(), Money(2_000_000, "EUR"), "stand", "I-1", "anna")
        desk.world.later(minutes=1)


def test_the_page_says_what_a_rule_is_and_that_it_is_no_proof(desk: Desk) -> None:
    shown = desk.page("/app/returns?model=position")
    assert "The first and the last touch get 40 % each" in shown
    assert "This is credit by a rule, not proof" in shown
    assert "Unattributed" in shown
    assert 'aria-current="page">Position' in desk.get("/app/returns?model=position").text


@pytest.mark.parametrize("model", MODELS)
def test_every_figure_on_the_page_opens_to_rows_that_agree_with_it(desk: Desk, model: str) -> None:
    shown = desk.get(f"/app/returns?model={model}").text
    links = [unescape(link) for link in re.findall(r'href="(/app/returns/rows\?[^"]+)"', shown)]
    assert len(links) > 20
    for link in links:
        opened = desk.page(link)
        assert "Records have changed" not in opened
        asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query, keep_blank_values=True).items()}
        assert asked["model"] == model
        figure = open_figure(desk.world.deps, report_of(desk), **_arguments(asked))
        assert figure.agrees, link


def _arguments(asked: dict[str, str]) -> dict[str, Any]:
    return {"model": asked["model"], "currency": asked["currency"], "campaign_id": asked["campaign"],
            "what": asked["what"], "offset": 0, "limit": 1000}  # fmt: skip


def test_credits_are_shown_with_share_and_whole_amount(desk: Desk) -> None:
    shown = desk.page("/app/returns/rows?model=linear&currency=EUR&campaign=ads&what=revenue")
    assert "Jana Beispiel AG Order 5 March 2026 €100.01 66.7 % €66.67" in shown
    assert "Total €166.66" in shown
    stray = desk.page("/app/returns/rows?model=linear&campaign=&what=revenue")
    assert "Stray Deal Order" in stray
    assert "Total €50.00" in stray


def test_contribution_opens_to_the_deals_with_a_margin(desk: Desk) -> None:
    shown = desk.page("/app/returns/rows?model=first&campaign=*&what=contribution")
    assert "33 %" in shown
    assert "Timo" not in shown
    assert "Total €33.00" in shown


def test_a_ratio_opens_to_what_it_divides_by_what_and_to_the_rows_of_the_first(desk: Desk) -> None:
    shown = desk.get("/app/returns?model=linear&currency=EUR").text
    # The two with spend, and the total.
    assert shown.count("what=revenue_per_spend") == shown.count("what=cost_per_lead") == 3
    opened = desk.get("/app/returns/rows?model=linear&currency=EUR&campaign=ads&what=revenue_per_spend").text
    assert "Revenue credited: €166.66 ÷ Spend: €1,234.57 = 0.13" in words(opened)
    assert "Total €166.66" in words(opened)
    for part in ("revenue", "spend"):
        assert f"campaign=ads&amp;what={part}" in opened
    per_lead = desk.page("/app/returns/rows?model=linear&currency=EUR&campaign=fair&what=cost_per_lead")
    assert "Spend: €20,000.00 ÷ Leads: 2 = €10,000.00" in per_lead
    assert "Total €20,000.00" in per_lead
    # Divided by nothing there is no figure.
    assert desk.get("/app/returns/rows?campaign=print&what=revenue_per_spend").status_code == 404


def test_a_person_without_name_company_and_address_is_among_the_rows(desk: Desk) -> None:
    desk.world.put(Lead("NOBODY", phones=("+493023125777",), created_at=NOW, updated_at=NOW))
    desk.world.later(minutes=1)
    assert "No name" in desk.page("/app/returns/rows?campaign=&what=leads")


def test_deals_a_campaign_touched_are_listed_whatever_the_rule_credits(desk: Desk) -> None:
    figure = open_figure(desk.world.deps, report_of(desk), "first", "EUR", "ads", "won_deals", 0, 10)
    assert (figure.value, figure.total, figure.agrees) == (2, 2, True)
    assert "Jana" in desk.page("/app/returns/rows?model=first&campaign=ads&what=won_deals")


def test_the_file_holds_the_figures_of_the_screen_in_its_order(desk: Desk) -> None:
    for model in MODELS:
        shown = desk.get(f"/app/returns?model={model}&currency=EUR").text
        text = desk.get(f"/app/returns.csv?model={model}&currency=EUR").text
        rows = list(csv.DictReader(io.StringIO(text)))
        names = re.findall(r'<th scope="row" class="cell-title"><a href="/app/campaigns/([^"]+)"', shown)
        assert [row["campaign_id"] for row in rows if row["line"] == "campaign"] == names
        plain = words(shown).replace(",", "")
        assert len(rows) == 5
        for row in rows:
            assert f"€{row['spend']} {row['leads']} {row['qualified']}" in plain
            assert f"€{row['revenue']}" in plain


def test_currencies_stand_apart(desk: Desk) -> None:
    shown = desk.page("/app/returns?currency=JPY&model=last")
    assert "¥70,000" in shown
    assert "€" not in shown
    assert "also in EUR" in shown
    assert desk.get("/app/returns.csv?currency=JPY&model=last").text.count("JPY") == 5


def test_a_change_since_the_report_is_told_where_the_rows_no_longer_agree(desk: Desk) -> None:
    deps = desk.world.deps
    stored = deps.store.get(Lead, "STRAY")
    assert stored
    desk.world.put(replace(stored.value, lead_id="ANOTHER"))
    while deps.feed.read("index", 10):
        from chalicelib.flows.follow_feed import feed_index

        feed_index(deps)
    assert "Records have changed" in desk.page("/app/returns/rows?what=leads&campaign=*")


def test_spend_entered_after_the_report_is_not_among_its_rows(desk: Desk) -> None:
    desk.world.now = desk.world.now.replace(hour=23)
    desk.world.sign_in("ada")
    add_spend(desk.world.deps, "fair", NOW.date(), Money(1, "EUR"), "late", "", "anna")
    shown = desk.page("/app/returns/rows?what=spend&campaign=fair")
    assert "late" not in shown
    assert "Total €20,000.00" in shown


def test_spend_of_a_day_to_come_is_in_neither_figure_nor_rows(desk: Desk) -> None:
    add_spend(desk.world.deps, "fair", desk.world.now.date() + timedelta(days=2), Money(77, "EUR"), "next", "", "anna")
    desk.world.later(minutes=1)
    shown = desk.page("/app/returns/rows?what=spend&campaign=fair")
    assert "next" not in shown
    assert "Records have changed" not in shown


def test_a_figure_there_is_none_of_is_not_found(desk: Desk) -> None:
    for query in ("what=nonsense", "what=spend&campaign=nobody", "what=leads&campaign=%00", "campaign=ads"):
        assert desk.get(f"/app/returns/rows?{query}").status_code == 404
    with pytest.raises(NotFound):
        open_figure(desk.world.deps, report_of(desk), "first", "XXX", "ads", "spend", 0, 10)
    assert "contribution" in FIGURES


def test_the_page_says_of_how_many_leads_nobody_knows_where_they_came_from(desk: Desk) -> None:
    section = report_of(desk)["sections"][0]
    unknown, everybody = section["unattributed"]["leads"], section["total"]["leads"]
    assert 0 <= unknown <= everybody
    assert everybody
    share = round(100 * unknown / everybody)
    assert f"Unknown share: of {unknown} of {everybody} leads ({share} %)" in desk.page("/app/returns")


def test_a_figure_of_zero_opens_to_no_rows(desk: Desk) -> None:
    assert "There are no rows: the figure is zero." in desk.page("/app/returns/rows?what=revenue&campaign=print")


def test_the_page_without_the_library_is_the_table_alone(desk: Desk, tmp_path: Path) -> None:
    from chalicelib.handlers import http_returns

    shown = desk.get("/app/returns").text
    assert ("chart.umd.js" in shown) == http_returns.CHART.is_file()
    assert '<table class="table table-cards returns"' in shown
    assert not re.search(r"<script(?! src=)", shown)
    assert " style=" not in shown


def test_reading_the_pages_loads_no_numpy() -> None:
    code = "import json, sys; import app; print(json.dumps([m for m in ('numpy', 'boto3') if m in sys.modules]))"
    root = Path(__file__).resolve().parents[2]
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert "numpy" not in json.loads(run.stdout)
