"""Quotations of the sample data: paid, open, declined, expired, and one that waits because a colleague quotes another
price."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chalicelib.flows.quote_price import Asked, give_quote, settle_quote
from chalicelib.records.ports import Deps
from chalicelib.records.quote import Product, QuoteLine, QuoteState
from chalicelib.records.search import LeadQuery


def make_quotes(deps: Deps, entries: list[dict[str, Any]], at: Callable[[datetime], Deps]) -> None:
    """`entries` as in data/sample.json; `at` gives the service at a moment of the past. Needs the read model."""
    now = deps.clock()
    products = {stored.value.product_id: stored.value for stored in deps.store.query(Product)}
    for entry in entries:
        then = now - timedelta(days=entry["days_ago"])
        person = deps.model.leads(LeadQuery(text=entry["company"], sort="score", offset=entry["place"], limit=1)).rows
        rep = deps.directory.rep(entry["by"])
        if not person or rep is None:
            continue
        lines = tuple(_line(products[product_id], *rest) for product_id, *rest in entry["lines"])
        valid_until = (then + timedelta(days=entry["valid_days"])).date()
        asked = Asked(entry["currency"], lines, valid_until, entry.get("terms", ""), entry.get("because", ""))
        made = give_quote(at(then), person[0].lead_id, rep, asked)
        if entry.get("ends"):
            settle_quote(at(then + timedelta(days=3)), made.lead_id, made.quote_id, QuoteState(entry["ends"]), rep)


def _line(product: Product, quantity: int, unit_minor: int) -> QuoteLine:
    return QuoteLine(product.product_id, product.name, product.unit, quantity, unit_minor)
