"""Fields of a JSON or form body as values, or a problem that names the field."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import InvalidOperation
from typing import Any

from chalicelib.flows.plan_marketing import known_currency, spend_day_problem
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import fields
from chalicelib.records.contact import Refusal
from chalicelib.records.money import LARGEST, Money, exponent, minor_units


def wrong(field: str, reason: str) -> Problem:
    return Problem(422, "Some fields need a look", reason, (Refusal(field, reason),))


def text(body: Mapping[str, Any], field: str, limit: int, required: bool = False) -> str:
    value = body.get(field)
    if value is None:
        value = ""
    if not isinstance(value, str) or len(value) > limit:
        raise wrong(field, f"a text of at most so many characters: {limit}")
    found = "".join(c for c in value if c.isprintable() or c in "\n\t").strip()
    if required and not found:
        raise wrong(field, "this field is required")
    return found


def known_fields(request: Any, *names: str) -> dict[str, Any]:
    """The body of an operation that takes these fields and no others: one that is misspelled would be passed over. A
    date is a date or left out. Raises Problem."""
    body = fields(request)
    for name, value in body.items():
        if name not in names:
            raise wrong(name[:100], f"no such field; there are: {', '.join(names)}")
        if name.endswith("_on") and value is not None and (not isinstance(value, str) or not value):
            raise wrong(name, "a date such as 2026-03-31")
    return body


def choice(body: Mapping[str, Any], field: str, allowed: Sequence[str]) -> str:
    value = body.get(field)
    if value not in allowed:
        raise wrong(field, f"one of: {', '.join(allowed)}")
    return str(value)


def day(body: Mapping[str, Any], field: str) -> date | None:
    value = body.get(field)
    if not value:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise wrong(field, "a date such as 2026-03-31") from error


def spend_day(body: Mapping[str, Any], field: str, today: date) -> date | None:
    """A day money was spent on: at most a year ahead, for what is paid in advance."""
    found = day(body, field)
    if found and (problem := spend_day_problem(found, today)):
        raise wrong(field, problem)
    return found


def money(body: Mapping[str, Any], field: str = "amount") -> Money:
    """{"amount": "1234.50", "currency": "EUR"}: decimal text, exact; `amount_minor` as a whole number is taken too."""
    currency = str(body.get("currency") or "").upper()
    if not known_currency(currency):
        raise wrong("currency", "an ISO 4217 code such as EUR")
    minor = body.get("amount_minor")
    if isinstance(minor, int) and not isinstance(minor, bool) and 0 <= minor <= LARGEST:
        return Money(minor, currency)
    try:
        found = minor_units(str(body.get(field, "")).strip(), currency)
    except InvalidOperation as error:
        raise wrong(field, "an amount such as 1234.50, with a point and without separators") from error
    if found is None:
        raise wrong(field, f"an amount such as 1234.50, with decimal places at most: {exponent(currency)}")
    return Money(found, currency)
