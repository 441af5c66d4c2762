"""The quotation ledger: products with list and floor prices, and what was quoted to whom, in which versions."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.records.money import Money


@dataclass(frozen=True, slots=True)
class ListPrice:
    """For one unit, in minor units of `currency`. Below `floor_minor` nobody quotes without a manager."""

    currency: str
    list_minor: int
    floor_minor: int


@dataclass(frozen=True, slots=True)
class Product:
    """What can be quoted. `unit` is what a price is for ("piece", "hour")."""

    product_id: str
    name: str
    unit: str = ""
    prices: tuple[ListPrice, ...] = ()
    active: bool = True

    def price_in(self, currency: str) -> ListPrice | None:
        return next((price for price in self.prices if price.currency == currency), None)

    def list_in(self, currency: str) -> Money | None:
        price = self.price_in(currency)
        return Money(price.list_minor, currency) if price else None

    def floor_in(self, currency: str) -> Money | None:
        price = self.price_in(currency)
        return Money(price.floor_minor, currency) if price else None


class QuoteState(StrEnum):
    """`waiting` for a manager and not to be seen by the customer; `open` until it is settled or expires."""

    WAITING = "waiting"
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """`unit_minor` is the net price of one unit in the quote's currency; `name` and `unit` as they were then."""

    product_id: str
    name: str
    unit: str
    quantity: int
    unit_minor: int

    @property
    def amount_minor(self) -> int:
        return self.quantity * self.unit_minor


@dataclass(frozen=True, slots=True)
class Quote:
    """One version of a quotation; another version is a record of its own with the same `number`.

    Good until the end of `valid_until` in `zone`, which in UTC is `expires_at`. `customer` is the same for all people
    of one company. `causes` say why a manager had to agree, `reason` why the rep asked for it; `decided_*` who said
    what to that. `settled_*` is how it ended. `replaces` and `superseded_by` are quote_ids."""

    quote_id: str
    lead_id: str
    number: str
    version: int
    customer: str
    company: str
    made_by: str
    made_at: datetime
    currency: str
    lines: tuple[QuoteLine, ...]
    valid_until: date
    zone: str
    expires_at: datetime
    state: QuoteState = QuoteState.OPEN
    terms: str = ""
    causes: tuple[str, ...] = ()
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    decision: str = ""
    settled_at: datetime | None = None
    settled_by: str = ""
    settled_reason: str = ""
    replaces: str = ""
    superseded_by: str = ""
    opportunity_id: str = ""

    @property
    def total(self) -> Money:
        return Money(sum(line.amount_minor for line in self.lines), self.currency)

    def price_of(self, line: QuoteLine) -> Money:
        return Money(line.unit_minor, self.currency)

    def amount_of(self, line: QuoteLine) -> Money:
        return Money(line.amount_minor, self.currency)

    def expired(self, now: datetime) -> bool:
        return self.state is QuoteState.OPEN and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class OpenPrice:
    """One line of an open quote, as others have to know it."""

    quote_id: str
    lead_id: str
    number: str
    product_id: str
    currency: str
    unit_minor: int
    made_by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All open prices of one customer, in one record: whoever quotes writes it at the version read, so that two who
    quote at once cannot both be the first. `book_id` is the customer's keyed hash."""

    book_id: str
    prices: tuple[OpenPrice, ...] = ()


@dataclass(frozen=True, slots=True)
class QuoteNumbers:
    """The last number given in a year: written with the quote, so that none is left out and none comes twice."""

    year: str
    last: int = 0
