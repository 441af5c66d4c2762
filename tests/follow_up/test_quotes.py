from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.follow_up import quotes
from chalicelib.records.money import Money
from chalicelib.records.quote import ListPrice, OpenPrice, PriceBook, Product, Quote, QuoteLine, QuoteState

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
S200 = Product("s200", "Sensor S200", "piece", (ListPrice("EUR", 12900, 10900), ListPrice("JPY", 20000, 18000)))
PRODUCTS = {"s200": S200}
BOOK = PriceBook("book")


def line(unit_minor: int = 12000, product_id: str = "s200") -> QuoteLine:
    return QuoteLine(product_id, "Sensor S200", "piece", 10, unit_minor)


def price(unit_minor: int = 12000, by: str = "ben", **changed: object) -> OpenPrice:
    made = OpenPrice("Q2", "L2", "Q-2026-0002", "s200", "EUR", unit_minor, by, NOW + DAY)
    return replace(made, **changed)  # type: ignore[arg-type]


def quote(**changed: object) -> Quote:
    made = Quote(
        "Q1", "L1", "Q-2026-0001", 1, "nordtech", "Nordtech", "anna", NOW, "EUR", (line(), line(13000)),
        date(2026, 4, 1), "Europe/Berlin", NOW + 30 * DAY,
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


def causes(*lines: QuoteLine, currency: str = "EUR", book: PriceBook = BOOK, by: str = "anna") -> tuple[str, ...]:
    return quotes.causes(lines, currency, PRODUCTS, book, by, NOW)


def test_a_price_between_floor_and_list_goes_out() -> None:
    assert causes(line(10900), line(12900), line(15000)) == ()


def test_a_price_below_the_floor_needs_a_manager_and_the_floor_is_named() -> None:
    assert causes(line(10899)) == ("below the floor price: Sensor S200 (109.00 EUR)",)
    assert causes(line(17999), currency="JPY") == ("below the floor price: Sensor S200 (18000 JPY)",)


def test_a_price_in_a_currency_without_a_list_price_needs_a_manager() -> None:
    assert causes(line(), currency="USD") == ("there is no list price in this currency: Sensor S200 (USD)",)
    assert causes(line(product_id="gone"))[0].startswith("there is no list price")


def test_another_price_than_a_colleagues_open_quote_is_a_conflict_higher_or_lower() -> None:
    book = PriceBook("book", (price(11500),))
    said = ("a colleague quotes this customer another price: Sensor S200 (115.00 EUR, Q-2026-0002)",)
    assert causes(line(12000), book=book) == said
    assert causes(line(11000), book=book) == said


def test_a_colleagues_quote_in_another_currency_is_a_conflict() -> None:
    book = PriceBook("book", (price(20000, currency="JPY"),))
    assert causes(line(), book=book)[0].startswith("a colleague quotes this customer in another currency")


@pytest.mark.parametrize(
    "other",
    [
        price(12000),  # the same price
        price(11500, by="anna"),  # one's own
        price(11500, product_id="s400"),
        price(11500, expires_at=NOW),
    ],
)
def test_what_is_no_conflict(other: OpenPrice) -> None:
    assert causes(line(12000), book=PriceBook("book", (other,))) == ()


def test_each_cause_is_said_once() -> None:
    assert len(causes(line(10000), line(10000))) == 1


def test_the_total_is_exact_and_a_product_knows_its_prices() -> None:
    assert quote().total == Money(250000, "EUR")
    assert quote().price_of(line()) == Money(12000, "EUR")
    assert quote().amount_of(line()) == Money(120000, "EUR")
    assert (S200.list_in("JPY"), S200.floor_in("JPY")) == (Money(20000, "JPY"), Money(18000, "JPY"))
    assert (S200.list_in("USD"), S200.floor_in("USD")) == (None, None)


def test_the_book_holds_the_newest_version_only_and_forgets_what_has_expired() -> None:
    book = PriceBook("book", (price(quote_id="old"), price(quote_id="past", expires_at=NOW), price()))
    after = quotes.entered(book, quote(replaces="old"), NOW)
    assert [p.quote_id for p in after.prices] == ["Q2", "Q1", "Q1"]
    assert [p.quote_id for p in quotes.removed(after, quote(), NOW).prices] == ["Q2"]


def test_a_manager_agrees_or_refuses_with_a_reason() -> None:
    waiting = quote(state=QuoteState.WAITING)
    agreed = quotes.decided(waiting, True, "eva", "", NOW)
    assert (agreed.state, agreed.decided_by, agreed.decided_at) == (QuoteState.OPEN, "eva", NOW)
    refused = quotes.decided(waiting, False, "eva", "too low", NOW)
    assert (refused.state, refused.decision) == (QuoteState.REFUSED, "too low")
    with pytest.raises(ValueError, match="without a reason"):
        quotes.decided(waiting, False, "eva", "", NOW)


@pytest.mark.parametrize("end", [QuoteState.ACCEPTED, QuoteState.DECLINED, QuoteState.WITHDRAWN])
def test_an_open_quote_ends_once(end: QuoteState) -> None:
    done = quotes.settled(quote(), end, "anna", "why", NOW)
    assert (done.state, done.settled_by, done.settled_at, done.settled_reason) == (end, "anna", NOW, "why")
    with pytest.raises(ValueError, match="cannot be"):
        quotes.settled(done, QuoteState.ACCEPTED, "anna", "", NOW)


def test_what_waits_for_a_manager_can_be_withdrawn_but_not_accepted() -> None:
    waiting = quote(state=QuoteState.WAITING)
    assert quotes.settled(waiting, QuoteState.WITHDRAWN, "anna", "why", NOW).state is QuoteState.WITHDRAWN
    with pytest.raises(ValueError, match="cannot be accepted"):
        quotes.settled(waiting, QuoteState.ACCEPTED, "anna", "", NOW)
    with pytest.raises(ValueError, match="cannot end as open"):
        quotes.settled(quote(), QuoteState.OPEN, "anna", "", NOW)


def test_a_newer_version_takes_the_place_of_an_older_one_and_a_refused_one_stays_refused() -> None:
    gone = quotes.superseded(quote(), "Q9", "anna", NOW)
    assert (gone.state, gone.superseded_by) == (QuoteState.SUPERSEDED, "Q9")
    refused = quotes.superseded(quote(state=QuoteState.REFUSED), "Q9", "anna", NOW)
    assert (refused.state, refused.superseded_by) == (QuoteState.REFUSED, "Q9")


@pytest.mark.parametrize(
    "step",
    [
        lambda q: quotes.superseded(q, "Q9", "anna", NOW),
        lambda q: quotes.decided(q, True, "eva", "", NOW),
    ],
)
def test_an_accepted_quote_changes_no_more(step: Callable[[Quote], Quote]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        step(quote(state=QuoteState.ACCEPTED))


def test_an_open_quote_expires_at_the_end_of_its_last_day_and_an_accepted_one_never() -> None:
    made = quote()
    assert not made.expired(made.expires_at - timedelta(seconds=1))
    assert made.expired(made.expires_at)
    assert not quote(state=QuoteState.ACCEPTED).expired(made.expires_at)


def test_a_number_names_its_year() -> None:
    assert quotes.quote_number("2026", 7) == "Q-2026-0007"
