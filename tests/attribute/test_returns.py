from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attribute.returns import MODELS, returns
from chalicelib.attribute.returns_report import ReturnLine, ReturnSection, ReturnsReport
from chalicelib.records.campaign import Campaign
from chalicelib.records.money import Money
from tests.attribute.tables import AS_OF, DAY_0, campaign, spend, touch, win

FAIR, MAIL, SEARCH = campaign("fair"), campaign("mail"), campaign("search")
CAMPAIGNS = (FAIR, MAIL, SEARCH)
TOUCHES = (
    touch("l1", 1, "fair"),
    touch("l1", 3, "mail"),
    touch("l1", 5, "search"),
    touch("l2", 2, "mail"),
    touch("l9", 2, "fair"),
)
WINS = (win("o1", "l1", 9, 100_001, margin=30), win("o2", "l2", 9, 50_000), win("o3", "l7", 9, 7_000))
SPEND = (spend("fair", 40_000), spend("fair", 10_000, on=date(2026, 4, 1)), spend("mail", 20_000), spend("gone", 999))
LEADS = (("l1", "customer", "fair"), ("l2", "qualified", "mail"), ("l9", "new", "fair"), ("l8", "rejected", "gone"))


def report(
    touches=TOUCHES, wins=WINS, costs=SPEND, leads=LEADS, campaigns=CAMPAIGNS, models=MODELS, as_of=AS_OF
) -> ReturnsReport:
    return returns(touches, wins, costs, leads, campaigns, models, as_of=as_of, base_currency="EUR")


def section(found: ReturnsReport, model: str, currency: str = "EUR") -> ReturnSection:
    return next(one for one in found.sections if (one.model, one.currency) == (model, currency))


def line(found: ReturnsReport, model: str, campaign_id: str, currency: str = "EUR") -> ReturnLine:
    return next(row for row in section(found, model, currency).rows if row.campaign_id == campaign_id)


def test_a_campaign_s_line_has_what_it_cost_brought_and_won() -> None:
    fair = line(report(), "first", "fair")
    assert fair == ReturnLine(
        campaign_id="fair",
        name="FAIR",
        channel="Trade show",
        spend=Money(50_000, "EUR"),
        leads=2,
        qualified=1,
        won=1.0,
        won_deals=1,
        revenue=Money(100_001, "EUR"),
        revenue_per_spend=100_001 / 50_000,
        contribution=Money(30_000, "EUR"),
        margin_revenue=Money(100_001, "EUR"),
        cost_per_lead=Money(25_000, "EUR"),
    )


@pytest.mark.parametrize(
    ("model", "revenue"),
    [
        ("first", {"fair": 100_001, "mail": 50_000, "search": 0}),
        ("last", {"fair": 0, "mail": 50_000, "search": 100_001}),
        ("linear", {"fair": 33_334, "mail": 83_334, "search": 33_333}),
        ("position", {"fair": 40_001, "mail": 70_000, "search": 40_000}),
    ],
)
def test_each_rule_shares_the_same_revenue_its_own_way(model: str, revenue: dict[str, int]) -> None:
    rows = section(report(), model).rows
    assert {row.campaign_id: row.revenue.amount_minor for row in rows} == revenue


def test_what_has_no_known_campaign_is_on_its_own_line() -> None:
    unattributed = section(report(), "linear").unattributed
    assert (unattributed.spend, unattributed.revenue) == (Money(999, "EUR"), Money(7_000, "EUR"))
    assert (unattributed.leads, unattributed.qualified, unattributed.won, unattributed.won_deals) == (1, 0, 1, 1)


def test_a_touch_of_a_campaign_that_is_gone_earns_for_nobody_known() -> None:
    found = report(touches=[touch("l1", 1, "gone"), touch("l1", 2, "fair")], wins=WINS[:1])
    assert section(found, "linear").unattributed.revenue == Money(50_001, "EUR")
    assert {credit.campaign_id for credit in found.credits} == {"gone", "fair"}


def test_the_total_is_every_win_lead_and_cost() -> None:
    total = section(report(), "position").total
    assert (total.spend.amount_minor, total.revenue.amount_minor) == (70_999, 157_001)
    assert (total.leads, total.qualified, total.won, total.won_deals) == (4, 2, 3, 3)
    assert total.cost_per_lead == Money(17_750, "EUR")


def test_shares_of_deals_are_counted_beside_deals_touched() -> None:
    mail = line(report(), "linear", "mail")
    assert (mail.won, mail.won_deals) == (pytest.approx(4 / 3), 2)
    assert line(report(), "first", "mail").won_deals == 2


def test_contribution_is_known_only_where_a_margin_is() -> None:
    mail = line(report(), "linear", "mail")
    assert (mail.contribution, mail.margin_revenue) == (Money(10_000, "EUR"), Money(33_334, "EUR"))
    assert line(report(), "first", "mail").contribution is None
    assert line(report(), "first", "mail").margin_revenue == Money(0, "EUR")
    assert section(report(), "linear").total.contribution == Money(30_000, "EUR")


def test_figures_per_spend_or_lead_need_a_spend_and_a_lead() -> None:
    search = line(report(), "last", "search")
    assert (search.revenue_per_spend, search.cost_per_lead) == (None, None)
    assert line(report(leads=()), "last", "fair").cost_per_lead is None
    assert line(report(costs=[spend("fair", -5)]), "last", "fair").revenue_per_spend is None


def test_cost_per_lead_is_rounded_half_up_to_a_minor_unit() -> None:
    leads = [(f"l{place}", "new", "fair") for place in range(2)]
    assert line(report(costs=[spend("fair", 25)], leads=leads), "first", "fair").cost_per_lead == Money(13, "EUR")


def test_currencies_are_never_added_and_point_at_each_other() -> None:
    wins = (*WINS, win("o4", "l2", 9, 3_000, "USD"))
    found = report(wins=wins, costs=(*SPEND, spend("fair", 800, "CNY"), spend("gone", 5, "CNY")))
    assert found.currencies == ("EUR", "CNY", "USD")
    assert line(found, "first", "mail", "USD").revenue == Money(3_000, "USD")
    assert line(found, "first", "mail", "USD").revenue_per_spend is None
    assert line(found, "first", "mail", "USD").other_currencies == ("EUR",)
    assert line(found, "first", "fair").other_currencies == ("CNY",)
    assert section(found, "first").unattributed.other_currencies == ("CNY",)
    assert line(found, "first", "mail").revenue == Money(50_000, "EUR")
    assert section(found, "first", "CNY").total.spend == Money(805, "CNY")
    assert section(found, "first", "USD").total.leads == 4


def test_what_happened_after_the_report_s_moment_is_left_out() -> None:
    early = report(as_of=DAY_0 + timedelta(days=8))
    assert section(early, "first").total.revenue == Money(0, "EUR")
    assert line(early, "first", "fair").spend == Money(40_000, "EUR")
    assert early.credits == ()


def test_without_any_facts_there_is_an_empty_section_in_the_base_currency() -> None:
    found = report((), (), (), (), ())
    assert [(one.model, one.currency) for one in found.sections] == [(model, "EUR") for model in MODELS]
    assert section(found, "first").total.revenue == Money(0, "EUR")


def test_only_rules_that_share_a_deal_make_a_report() -> None:
    with pytest.raises(ValueError, match="markov"):
        report(models=("first", "markov"))


CAMPAIGN_IDS = st.sampled_from(["fair", "mail", "search", "gone", ""])


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    touches=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20), CAMPAIGN_IDS), max_size=25),
    wins=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 25), st.integers(0, 10**7), st.sampled_from(["EUR", "JPY"])),
        max_size=8,
    ),
    costs=st.lists(st.tuples(CAMPAIGN_IDS, st.integers(-100, 10**6), st.sampled_from(["EUR", "JPY"])), max_size=6),
    leads=st.lists(
        st.tuples(st.just("l"), st.sampled_from(["new", "qualified", "customer"]), CAMPAIGN_IDS), max_size=8
    ),
)
def test_every_figure_adds_up_and_opens_to_its_credits(touches, wins, costs, leads) -> None:
    won = [
        win(f"o{place}", f"l{lead}", day, amount, currency) for place, (lead, day, amount, currency) in enumerate(wins)
    ]
    found = report([touch(f"l{lead}", *rest) for lead, *rest in touches], won, [spend(*cost) for cost in costs], leads)
    for one in found.sections:
        lines = [*one.rows, one.unattributed]
        assert sum(row.revenue.amount_minor for row in lines) == sum(w[2] for w in wins if w[3] == one.currency)
        assert sum(row.spend.amount_minor for row in lines) == sum(c[1] for c in costs if c[2] == one.currency)
        assert sum(row.leads for row in lines) == one.total.leads == len(leads)
        assert sum(row.won for row in lines) == pytest.approx(one.total.won)
        assert one.total.won == one.total.won_deals == sum(w[3] == one.currency for w in wins)
        for row in one.rows:
            mine = [
                c
                for c in found.credits
                if (c.model, c.currency, c.campaign_id) == (one.model, one.currency, row.campaign_id)
            ]
            assert sum(c.amount_minor for c in mine) == row.revenue.amount_minor
            deals = {
                d.opportunity_id
                for d in found.touched
                if (d.campaign_id, d.currency) == (row.campaign_id, one.currency)
            }
            assert len(deals) == row.won_deals


def test_campaigns_keep_the_order_they_are_given_in() -> None:
    ordered = (SEARCH, FAIR, Campaign("x", "X"))
    assert [row.campaign_id for row in section(report(campaigns=ordered), "first").rows] == ["search", "fair", "x"]
