"""A quotation and a product as their forms send them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.flows.plan_marketing import known_currency
from chalicelib.flows.quote_price import Asked
from chalicelib.handlers.api_fields import day, text
from chalicelib.handlers.errors import Problem
from chalicelib.records.contact import Refusal
from chalicelib.records.money import as_typed, exponent, minor_units
from chalicelib.records.quote import ListPrice, Product, QuoteLine
from chalicelib.records.rep import Rep

# A quotation of more lines than this is a catalogue.
MOST_LINES = 20
# Rows a page without script begins with, and rows of prices a product's page offers.
FEW_LINES, PRICES = 4, 4
_LONGEST = timedelta(days=2 * 366)
_MOST_PIECES = 10_000_000


def asked_quote(sent: Mapping[str, Any], who: Rep, products: Mapping[str, Product], now: datetime) -> Asked:
    """Raises Problem with all that is wrong."""
    errors: list[Refusal] = []
    currency = str(sent.get("currency") or "").upper()
    if not known_currency(currency):
        errors.append(Refusal("currency", "an ISO 4217 code such as EUR"))
        currency = "EUR"
    lines = [line for n in range(MOST_LINES) if (line := _line(sent, n, currency, products, errors))]
    if not lines and not errors:
        errors.append(Refusal("product-0", "choose at least one"))
    valid_until = _valid_until(sent, who, now, errors)
    if errors or valid_until is None:
        raise Problem(422, "Some fields need a look", errors[0].reason, tuple(errors))
    return Asked(
        currency, tuple(lines), valid_until, text(sent, "terms", 2000), text(sent, "reason", 500),
        text(sent, "replaces", 40),
    )  # fmt: skip


def _line(
    sent: Mapping[str, Any], number: int, currency: str, products: Mapping[str, Product], errors: list[Refusal]
) -> QuoteLine | None:
    """None for a row left empty, or one with what is wrong noted."""
    chosen, price = str(sent.get(f"product-{number}") or ""), str(sent.get(f"price-{number}") or "").strip()
    quantity = str(sent.get(f"quantity-{number}") or "").strip()
    if not (chosen or price):
        return None
    product = products.get(chosen)
    before = len(errors)
    if product is None:
        errors.append(Refusal(f"product-{number}", "choose one of the products listed"))
    if not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity[:12]) <= _MOST_PIECES):
        errors.append(Refusal(f"quantity-{number}", "a whole number from 1"))
    minor = _minor(price, currency)
    if minor is None:
        errors.append(
            Refusal(f"price-{number}", f"an amount such as 1234.50, with decimal places at most: {exponent(currency)}")
        )
    if product is None or minor is None or len(errors) > before:
        return None
    return QuoteLine(product.product_id, product.name, product.unit, int(quantity), minor)


def _minor(price: str, currency: str) -> int | None:
    try:
        return minor_units(as_typed(price), currency)
    except InvalidOperation:
        return None


def _valid_until(sent: Mapping[str, Any], who: Rep, now: datetime, errors: list[Refusal]) -> date | None:
    try:
        chosen = day(sent, "valid_until")
    except Problem as problem:
        errors += problem.errors
        return None
    today = now.astimezone(ZoneInfo(who.week.zone)).date()
    if chosen is None or not today <= chosen <= today + _LONGEST:
        errors.append(Refusal("valid_until", "a day from today on, within two years"))
        return None
    return chosen


def asked_product(sent: Mapping[str, Any], product: Product) -> Product:
    """The product as its form has it. Raises Problem with all that is wrong."""
    errors: list[Refusal] = []
    name = " ".join(text(sent, "name", 200).split())
    if not name:
        errors.append(Refusal("name", "is needed"))
    prices = [price for n in range(PRICES) if (price := _price(sent, n, errors))]
    if len({price.currency for price in prices}) < len(prices):
        errors.append(Refusal("currency-0", "each currency once"))
    if errors:
        raise Problem(422, "Some fields need a look", errors[0].reason, tuple(errors))
    active = sent.get("active") == "yes"
    return replace(product, name=name, unit=text(sent, "unit", 40), prices=tuple(prices), active=active)


def _price(sent: Mapping[str, Any], number: int, errors: list[Refusal]) -> ListPrice | None:
    """Without a floor, the list price is the floor: nobody gives a discount by oversight."""
    currency = text(sent, f"currency-{number}", 3).upper()
    listed, floor = text(sent, f"list-{number}", 20), text(sent, f"floor-{number}", 20)
    if not (listed or floor):
        return None
    if not known_currency(currency):
        errors.append(Refusal(f"currency-{number}", "an ISO 4217 code such as EUR"))
        return None
    listed_minor = _minor(listed, currency)
    floor_minor = _minor(floor, currency) if floor else listed_minor
    if listed_minor is None:
        errors.append(
            Refusal(f"list-{number}", f"an amount such as 1234.50, with decimal places at most: {exponent(currency)}")
        )
        return None
    if floor_minor is None or floor_minor > listed_minor:
        errors.append(Refusal(f"floor-{number}", "an amount not above the list price"))
        return None
    return ListPrice(currency, listed_minor, floor_minor)


def typed_price(minor: int, currency: str) -> str:
    """Minor units as they are typed into a field."""
    digits = exponent(currency)
    return f"{minor / 10**digits:.{digits}f}"
