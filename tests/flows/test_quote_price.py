"""A quotation from entered to settled, with two who quote at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from chalicelib.flows.quote_price import Asked, Stopped, decide_quote, give_quote, settle_quote
from chalicelib.flows.read_quotes import past_prices, read_offer
from chalicelib.records.lead import Lead, LeadStatus
from chalicelib.records.message import Message, MessageKind
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import NotFound
from chalicelib.records.quote import ListPrice, Product, Quote, QuoteLine, QuoteState
from tests.handlers.desk import Desk, given_to, open_desk
from tests.stories.people import ANNA, BEN, EVA

S200 = Product("s200", "Sensor S200", "piece", (ListPrice("EUR", 12900, 10900),))
LAST_DAY = date(2026, 4, 1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path, "ada", S200)
    made.ask()
    given_to(made, made.lead_path(), "anna")
    return made


def lead_id(desk: Desk, text: str = "jana") -> str:
    return desk.lead_path(text).rpartition("/")[2]


def asked(unit_minor: int = 12000, reason: str = "", replaces: str = "") -> Asked:
    line = QuoteLine("s200", "Sensor S200", "piece", 10, unit_minor)
    return Asked("EUR", (line,), LAST_DAY, reason=reason, replaces=replaces)


def colleague(desk: Desk) -> str:
    """Somebody else at the same company."""
    desk.ask(name="Jonas Beispiel", email="jonas@customer.example.com", phone="+49 30 654321")
    return lead_id(desk, "jonas")


def notices(desk: Desk, kind: MessageKind) -> list[str]:
    return [m.value.to for m in desk.world.deps.store.query(Message, lead_id(desk)) if m.value.kind is kind]


def test_quotes_are_numbered_in_order_without_a_gap(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    numbers = [give_quote(deps, who, ANNA, asked()).number for _ in range(3)]
    assert numbers == ["Q-2026-0001", "Q-2026-0002", "Q-2026-0003"]


def test_a_colleagues_other_price_for_the_same_company_is_stopped_without_a_reason(desk: Desk) -> None:
    deps, other = desk.world.deps, colleague(desk)
    give_quote(deps, lead_id(desk), ANNA, asked(12000))
    with pytest.raises(Stopped) as stopped:
        give_quote(deps, other, BEN, asked(11500))
    assert "Q-2026-0001" in stopped.value.causes[0]
    assert deps.store.query(Quote, other) == []


def test_with_a_reason_it_waits_for_the_manager_who_is_told_and_decides(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    made = give_quote(deps, who, ANNA, asked(10000, "a framework order follows"))
    assert made.state is QuoteState.WAITING
    assert notices(desk, MessageKind.QUOTE_WAITING) == [EVA.email]
    agreed = decide_quote(deps, who, made.quote_id, EVA, True, "for once")
    assert (agreed.state, agreed.decision) == (QuoteState.OPEN, "for once")
    assert notices(desk, MessageKind.QUOTE_DECIDED) == [ANNA.email]
    with pytest.raises(ValueError, match="cannot be decided"):
        decide_quote(deps, who, made.quote_id, EVA, False, "no")


def test_a_manager_needs_nobody_else_but_gives_the_reason(desk: Desk) -> None:
    with pytest.raises(Stopped):
        give_quote(desk.world.deps, lead_id(desk), EVA, asked(10000))
    made = give_quote(desk.world.deps, lead_id(desk), EVA, asked(10000, "a favour"))
    assert (made.state, made.decided_by, made.reason) == (QuoteState.OPEN, "eva", "a favour")


def test_what_waits_for_a_manager_binds_no_colleague_until_it_is_agreed_to(desk: Desk) -> None:
    deps, who, other = desk.world.deps, lead_id(desk), colleague(desk)
    made = give_quote(deps, who, ANNA, asked(10000, "please"))
    assert give_quote(deps, other, BEN, asked(12000)).state is QuoteState.OPEN
    decide_quote(deps, who, made.quote_id, EVA, True, "")
    with pytest.raises(Stopped):
        give_quote(deps, other, BEN, asked(12000))


def test_of_two_who_quote_one_company_at_once_one_is_stopped(desk: Desk) -> None:
    deps, who, other = desk.world.deps, lead_id(desk), colleague(desk)

    def quote(job: tuple[str, object, int]) -> str:
        try:
            return give_quote(deps, job[0], job[1], asked(job[2])).number  # type: ignore[arg-type]
        except Stopped:
            return "stopped"

    for price in range(11000, 11010):
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(quote, [(who, ANNA, price), (other, BEN, price + 500)]))
        assert done.count("stopped") == 1, done
        for stored in [*deps.store.query(Quote, who), *deps.store.query(Quote, other)]:
            if stored.value.state is QuoteState.OPEN:
                settle_quote(deps, stored.value.lead_id, stored.value.quote_id, QuoteState.WITHDRAWN, EVA, "next round")


def test_a_new_version_keeps_the_number_and_the_old_link_leads_to_it(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    first = give_quote(deps, who, ANNA, asked(12000))
    second = give_quote(deps, who, ANNA, asked(11500, replaces=first.quote_id))
    assert (second.number, second.version) == (first.number, 2)
    token = deps.links.make("quote", who, first.quote_id)
    old, newer, path = read_offer(deps, token)
    assert old.state is QuoteState.SUPERSEDED
    assert newer
    assert newer.quote_id == second.quote_id
    assert path.startswith("/o/")
    with pytest.raises(ValueError, match="superseded"):
        give_quote(deps, who, ANNA, asked(11000, replaces=first.quote_id))


def test_a_version_that_waits_for_a_manager_is_hidden_from_the_customer(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    first = give_quote(deps, who, ANNA, asked(12000))
    second = give_quote(deps, who, ANNA, asked(10000, "please", first.quote_id))
    _, newer, path = read_offer(deps, deps.links.make("quote", who, first.quote_id))
    assert (newer, path) == (None, "")
    with pytest.raises(NotFound):
        read_offer(deps, deps.links.make("quote", who, second.quote_id))
    decide_quote(deps, who, second.quote_id, EVA, False, "too low")
    with pytest.raises(NotFound):
        read_offer(deps, deps.links.make("quote", who, second.quote_id))


def test_an_accepted_quote_wins_a_deal_and_makes_a_customer(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    made = give_quote(deps, who, ANNA, asked(12000))
    done = settle_quote(deps, who, made.quote_id, QuoteState.ACCEPTED, ANNA)
    (deal,) = [stored.value for stored in deps.store.query(Opportunity, who)]
    assert (deal.stage, deal.amount, deal.owner_id) == (OpportunityStage.WON, Money(120000, "EUR"), "anna")
    assert done.opportunity_id == deal.opportunity_id
    stored = deps.store.get(Lead, who)
    assert stored
    assert stored.value.status is LeadStatus.CUSTOMER
    with pytest.raises(ValueError, match="cannot be accepted"):
        settle_quote(deps, who, made.quote_id, QuoteState.ACCEPTED, ANNA)


def test_an_accepted_quote_can_win_a_deal_entered_before(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    deal = Opportunity("D1", who, "Sensors", Money(1, "EUR"), OpportunityStage.OPEN, 35, "anna", deps.clock())
    desk.world.put(deal)
    made = give_quote(deps, who, ANNA, asked(12000))
    with pytest.raises(NotFound):
        settle_quote(deps, who, made.quote_id, QuoteState.ACCEPTED, ANNA, deal_id="none")
    settle_quote(deps, who, made.quote_id, QuoteState.ACCEPTED, ANNA, deal_id="D1")
    (won,) = [stored.value for stored in deps.store.query(Opportunity, who)]
    assert (won.stage, won.amount, won.margin) == (OpportunityStage.WON, Money(120000, "EUR"), 35)


def test_what_the_customer_was_given_and_paid_is_shown_for_the_whole_company(desk: Desk) -> None:
    deps, who, other = desk.world.deps, lead_id(desk), colleague(desk)
    paid = give_quote(deps, other, ANNA, asked(11900))
    settle_quote(deps, other, paid.quote_id, QuoteState.ACCEPTED, ANNA)
    give_quote(deps, who, ANNA, asked(11500))
    give_quote(deps, who, ANNA, asked(9000, "please"))
    desk.world.work()
    stored = deps.store.get(Lead, who)
    assert stored
    prices = past_prices(deps, stored.value)["s200"]
    assert sorted((p.line.unit_minor, p.paid, p.valid) for p in prices) == [(11500, False, True), (11900, True, False)]


def test_nothing_is_quoted_to_a_lead_there_is_none_of(desk: Desk) -> None:
    with pytest.raises(NotFound):
        give_quote(desk.world.deps, "nobody", ANNA, asked())
    with pytest.raises(NotFound):
        give_quote(desk.world.deps, lead_id(desk), ANNA, asked(replaces="none"))
    with pytest.raises(NotFound):
        decide_quote(desk.world.deps, lead_id(desk), "none", EVA, True, "")
    with pytest.raises(NotFound):
        read_offer(desk.world.deps, "forged")


def link(desk: Desk, quote: Quote) -> str:
    return desk.world.deps.links.make("quote", quote.lead_id, quote.quote_id)


def shown(desk: Desk, quote: Quote) -> tuple[QuoteState, str]:
    """What the customer's link says: the state, and which version is newer."""
    seen, newer, _ = read_offer(desk.world.deps, link(desk, quote))
    return seen.state, newer.quote_id if newer else ""


def test_what_the_customer_has_stays_valid_while_a_newer_version_waits_and_where_it_is_refused(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    first = give_quote(deps, who, ANNA, asked())
    second = give_quote(deps, who, ANNA, asked(9000, "a large order", first.quote_id))
    assert second.state is QuoteState.WAITING
    assert shown(desk, first) == (QuoteState.OPEN, "")
    with pytest.raises(ValueError, match="waits for a manager"):
        give_quote(deps, who, ANNA, asked(8000, "larger still", first.quote_id))
    decide_quote(deps, who, second.quote_id, EVA, False, "too low")
    assert shown(desk, first) == (QuoteState.OPEN, "")
    third = give_quote(deps, who, ANNA, asked(11500, replaces=first.quote_id))
    assert (third.state, third.version) == (QuoteState.OPEN, 3)
    assert shown(desk, first) == (QuoteState.SUPERSEDED, third.quote_id)


def test_an_approved_version_takes_the_place_of_what_the_customer_has(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    first = give_quote(deps, who, ANNA, asked())
    second = give_quote(deps, who, ANNA, asked(9000, "a large order", first.quote_id))
    third = give_quote(deps, who, ANNA, asked(9500, "a large order", second.quote_id))
    assert shown(desk, first) == (QuoteState.OPEN, "")
    decide_quote(deps, who, third.quote_id, EVA, True, "")
    assert shown(desk, first) == (QuoteState.SUPERSEDED, third.quote_id)
    other = colleague(desk)
    with pytest.raises(Stopped) as stopped:
        give_quote(deps, other, BEN, asked())
    assert "95.00 EUR" in stopped.value.causes[0]


def test_after_a_withdrawn_draft_what_the_customer_has_can_be_followed_again(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    first = give_quote(deps, who, ANNA, asked())
    draft = give_quote(deps, who, ANNA, asked(9000, "a large order", first.quote_id))
    settle_quote(deps, who, draft.quote_id, QuoteState.WITHDRAWN, ANNA, "not needed")
    assert shown(desk, first) == (QuoteState.OPEN, "")
    after = give_quote(deps, who, ANNA, asked(11000, replaces=first.quote_id))
    assert shown(desk, first) == (QuoteState.SUPERSEDED, after.quote_id)


def test_a_refused_draft_may_be_followed_by_one_that_waits(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    first = give_quote(deps, who, ANNA, asked())
    draft = give_quote(deps, who, ANNA, asked(9000, "a large order", first.quote_id))
    decide_quote(deps, who, draft.quote_id, EVA, False, "too low")
    better = give_quote(deps, who, ANNA, asked(9900, "a large order", draft.quote_id))
    assert shown(desk, first) == (QuoteState.OPEN, "")
    decide_quote(deps, who, better.quote_id, EVA, True, "")
    assert shown(desk, first) == (QuoteState.SUPERSEDED, better.quote_id)


def test_a_draft_ends_with_the_customers_answer_to_the_version_before(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    first = give_quote(deps, who, ANNA, asked())
    draft = give_quote(deps, who, ANNA, asked(9000, "a large order", first.quote_id))
    settle_quote(deps, who, first.quote_id, QuoteState.ACCEPTED, ANNA)
    with pytest.raises(ValueError, match="withdrawn"):
        decide_quote(deps, who, draft.quote_id, EVA, True, "")
    (deal,) = deps.store.query(Opportunity, who)
    assert deal.value.stage is OpportunityStage.WON


def test_an_old_link_leads_to_the_newest_version_the_customer_has_while_another_waits(desk: Desk) -> None:
    deps, who = desk.world.deps, lead_id(desk)
    first = give_quote(deps, who, ANNA, asked())
    second = give_quote(deps, who, ANNA, asked(11500, replaces=first.quote_id))
    give_quote(deps, who, ANNA, asked(9000, "a large order", second.quote_id))
    assert shown(desk, first) == (QuoteState.SUPERSEDED, second.quote_id)
    assert shown(desk, second) == (QuoteState.OPEN, "")
