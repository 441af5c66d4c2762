"""What may be quoted, and what becomes of a quote.

    waiting --approved--> open --accepted--> accepted
       `----refused--> refused  |--declined--> declined
                                |--withdrawn-> withdrawn
                                `--superseded> superseded   (by a newer version; what waits or has expired, too)

A version the customer has stays as it is while a newer one waits for a manager (`followed`), and where that is refused
or withdrawn; approved, it takes the place.

Values in, values out. A step the picture does not show raises ValueError."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from chalicelib.records.money import exponent
from chalicelib.records.quote import OpenPrice, PriceBook, Product, Quote, QuoteLine, QuoteState

BELOW_FLOOR = "below the floor price"
NO_PRICE = "there is no list price in this currency"
OTHER_PRICE = "a colleague quotes this customer another price"
OTHER_CURRENCY = "a colleague quotes this customer in another currency"


def causes(
    lines: Iterable[QuoteLine], currency: str, products: Mapping[str, Product], book: PriceBook, by: str, now: datetime
) -> tuple[str, ...]:
    """Why a manager has to agree: prices below the floor, and those that differ from a colleague's open quote to the
    same customer. Each is `message: what`; empty for a quote that can go out."""
    found: list[str] = []
    for line in lines:
        found += _of_floor(line, currency, products.get(line.product_id))
        found += _of_colleagues(line, currency, book, by, now)
    return tuple(dict.fromkeys(found))


def _of_floor(line: QuoteLine, currency: str, product: Product | None) -> list[str]:
    price = product.price_in(currency) if product else None
    if price is None:
        return [f"{NO_PRICE}: {line.name} ({currency})"]
    if line.unit_minor < price.floor_minor:
        return [f"{BELOW_FLOOR}: {line.name} ({shown(price.floor_minor, currency)})"]
    return []


def _of_colleagues(line: QuoteLine, currency: str, book: PriceBook, by: str, now: datetime) -> list[str]:
    found = []
    for price in book.prices:
        if price.product_id != line.product_id or price.made_by == by or now >= price.expires_at:
            continue
        there = f"{line.name} ({shown(price.unit_minor, price.currency)}, {price.number})"
        if price.currency != currency:
            found.append(f"{OTHER_CURRENCY}: {there}")
        elif price.unit_minor != line.unit_minor:
            found.append(f"{OTHER_PRICE}: {there}")
    return found


def shown(minor: int, currency: str) -> str:
    """ "12.50 EUR": plain enough for a stored reason."""
    digits = exponent(currency)
    return f"{minor / 10**digits:.{digits}f} {currency}"


def entered(book: PriceBook, quote: Quote, now: datetime) -> PriceBook:
    """The book with the quote's prices instead of those of the version it replaces; what has expired is dropped."""
    left = _without(book, {quote.quote_id, quote.replaces}, now)
    new = tuple(
        OpenPrice(
            quote.quote_id, quote.lead_id, quote.number, line.product_id, quote.currency, line.unit_minor,
            quote.made_by, quote.expires_at,
        )
        for line in quote.lines
    )  # fmt: skip
    return replace(book, prices=left + new)


def removed(book: PriceBook, quote: Quote, now: datetime) -> PriceBook:
    return replace(book, prices=_without(book, {quote.quote_id}, now))


def _without(book: PriceBook, quote_ids: set[str], now: datetime) -> tuple[OpenPrice, ...]:
    return tuple(p for p in book.prices if p.quote_id not in quote_ids and now < p.expires_at)


def decided(quote: Quote, approve: bool, by: str, text: str, now: datetime) -> Quote:
    """A manager's word. Refusing needs a reason."""
    _check(quote, "decided", QuoteState.WAITING)
    if not approve and not text:
        raise ValueError(f"quote {quote.number} cannot be refused without a reason")
    state = QuoteState.OPEN if approve else QuoteState.REFUSED
    return replace(quote, state=state, decided_by=by, decided_at=now, decision=text)


def settled(quote: Quote, state: QuoteState, by: str, reason: str, now: datetime) -> Quote:
    """Accepted (also after it has expired: the customer's order counts), declined or withdrawn."""
    if state not in (QuoteState.ACCEPTED, QuoteState.DECLINED, QuoteState.WITHDRAWN):
        raise ValueError(f"quote {quote.number} cannot end as {state}")
    allowed = (QuoteState.OPEN, QuoteState.WAITING) if state is QuoteState.WITHDRAWN else (QuoteState.OPEN,)
    _check(quote, state, *allowed)
    return replace(quote, state=state, settled_at=now, settled_by=by, settled_reason=reason)


def superseded(quote: Quote, by_quote_id: str, by: str, now: datetime) -> Quote:
    """A newer version takes its place. One that was refused stays so: the customer never had it."""
    _check(quote, "superseded", QuoteState.WAITING, QuoteState.OPEN, QuoteState.REFUSED)
    state = QuoteState.REFUSED if quote.state is QuoteState.REFUSED else QuoteState.SUPERSEDED
    return replace(quote, state=state, superseded_by=by_quote_id, settled_at=now, settled_by=by)


def followed(quote: Quote, by_quote_id: str, instead_of: str = "") -> Quote:
    """A newer version waits for a manager's word, perhaps instead of one that waited before; what the customer has
    stays what it is. Raises ValueError where another waits already."""
    _check(quote, "followed", QuoteState.OPEN)
    free_of_others(quote, instead_of)
    return replace(quote, superseded_by=by_quote_id)


def free_of_others(quote: Quote, instead_of: str = "") -> None:
    """Raises ValueError where a version that follows this one waits for a manager."""
    if quote.superseded_by not in ("", instead_of):
        raise ValueError(f"quote {quote.number} has a newer version that waits for a manager")


def released(quote: Quote) -> Quote:
    """What followed came to nothing."""
    return replace(quote, superseded_by="")


def quote_number(year: str, last: int) -> str:
    """ "Q-2026-0007"."""
    return f"Q-{year}-{last:04d}"


def _check(quote: Quote, step: str, *allowed: QuoteState) -> None:
    if quote.state not in allowed:
        raise ValueError(f"quote {quote.number} is {quote.state} and cannot be {step}")
