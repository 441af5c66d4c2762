"""The quotation ledger as pages show it, and the prices one customer was given and paid before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.assign.visibility import Sight
from chalicelib.flows.follow_merges import find_below
from chalicelib.flows.keep_promises import customer_of
from chalicelib.flows.rep_names import rep_name
from chalicelib.records.lead import Lead
from chalicelib.records.ledgers import Ledger, LedgerPart, LedgerQuery, Listed
from chalicelib.records.ports import Deps, NotFound, Ref
from chalicelib.records.quote import Product, Quote, QuoteLine, QuoteState

LEDGERS = ("open", "waiting", "accepted", "closed")
_STATES = {
    "open": frozenset({QuoteState.OPEN}),
    "waiting": frozenset({QuoteState.WAITING}),
    "accepted": frozenset({QuoteState.ACCEPTED}),
    "closed": frozenset({QuoteState.DECLINED, QuoteState.WITHDRAWN, QuoteState.REFUSED, QuoteState.SUPERSEDED}),
}


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A quote with the names a page needs. `may_open`: the reader may see that lead."""

    quote: Quote
    person: str
    maker: str
    decider: str
    may_open: bool
    expired: bool


@dataclass(frozen=True, slots=True)
class PastPrice:
    """What this customer was quoted for a product, by whom; `paid` when that quote was accepted."""

    quote: Quote
    line: QuoteLine
    maker: str
    paid: bool
    valid: bool


def read_quotes(deps: Deps, sight: Sight, ledger: str, part: LedgerPart) -> Listed[QuoteView]:
    """A page of one of LEDGERS, by time the newest first."""
    page = deps.model.ledger(LedgerQuery(Ledger.QUOTES, _STATES[ledger], sight.owners, part=part))
    found = [quote for quote in _read(deps, page.lines) if quote.state in _STATES[ledger]]
    return Listed(views_of(deps, found, sight), page.total, page.offset)


def read_quote(deps: Deps, lead_id: str, quote_id: str, sight: Sight) -> tuple[QuoteView, tuple[Quote, ...], Lead]:
    """A quote, all its versions, the first one first, and who it is to. Raises NotFound, as for a lead that may not be
    seen."""
    lead = deps.store.get(Lead, lead_id)
    if lead is None or not sight.sees(lead.value):
        raise NotFound
    all_of_lead = [stored.value for stored in deps.store.query(Quote, lead_id)]
    quote = next((q for q in all_of_lead if q.quote_id == quote_id), None)
    if quote is None:
        raise NotFound
    versions = sorted((q for q in all_of_lead if q.number == quote.number), key=lambda q: q.version)
    return _view(deps, quote, lead.value, sight, deps.clock()), tuple(versions), lead.value


def views_of(deps: Deps, found: Iterable[Quote], sight: Sight) -> tuple[QuoteView, ...]:
    listed = list(found)
    refs: list[Ref[Any]] = [Ref(Lead, (quote.lead_id,)) for quote in listed]
    leads = deps.store.get_many(refs) if refs else []
    now = deps.clock()
    return tuple(_view(deps, quote, lead.value, sight, now) for quote, lead in zip(listed, leads, strict=True) if lead)


def quotes_around(deps: Deps, lead: Lead, own: Iterable[Quote], sight: Sight) -> tuple[QuoteView, ...]:
    """The lead's own quotes (just read) and those of others at the same company, the newest first; of one number the
    newest version, and the one the customer has while that waits or was refused."""
    others = _read(deps, [i for i in _of_company(deps, lead) if i[0] != lead.lead_id])
    newest = sorted([*own, *others], key=lambda q: (q.made_at, q.version), reverse=True)
    last = {quote.number: quote for quote in reversed(newest)}
    shown = [quote for quote in newest if quote.state is QuoteState.OPEN or quote is last[quote.number]]
    return views_of(deps, shown, sight)


def _of_company(deps: Deps, lead: Lead) -> list[tuple[str, str]]:
    return deps.model.quotes(customer_of(lead))


def past_prices(deps: Deps, lead: Lead) -> dict[str, tuple[PastPrice, ...]]:
    """By product_id, what the customer (the whole company) was given and paid, the newest first."""
    now = deps.clock()
    found: dict[str, list[PastPrice]] = {}
    own = [stored.value for stored in deps.store.query(Quote, lead.lead_id)]
    others = _read(deps, [i for i in _of_company(deps, lead) if i[0] != lead.lead_id])
    for quote in sorted([*own, *others], key=lambda q: q.made_at, reverse=True):
        if quote.state in (QuoteState.WAITING, QuoteState.REFUSED):
            continue
        paid = quote.state is QuoteState.ACCEPTED
        valid = quote.state is QuoteState.OPEN and not quote.expired(now)
        for line in quote.lines:
            past = PastPrice(quote, line, rep_name(deps, quote.made_by), paid, valid)
            found.setdefault(line.product_id, []).append(past)
    return {product_id: tuple(prices[:5]) for product_id, prices in found.items()}


def read_offer(deps: Deps, token: str) -> tuple[Quote, Quote | None, str]:
    """The quote a customer's link names, the newest version of it where that is another, and the address of that.
    Raises NotFound; a quote that waits for a manager is not to be seen."""
    ids = deps.links.read("quote", token)
    if ids is None or len(ids) != 2:
        raise NotFound
    found = find_below(deps, Quote, *ids)
    if found is None or not _was_sent(found.value):
        raise NotFound
    quote = found.value
    versions = {stored.value.quote_id: stored.value for stored in deps.store.query(Quote, quote.lead_id)}
    newer = last = quote
    while last.superseded_by and (after := versions.get(last.superseded_by)):
        last = after
        # A draft that waits, or came to nothing, is nothing to the customer.
        newer = after if _was_sent(after) else newer
    if newer is quote:
        return quote, None, ""
    return quote, newer, f"/o/{deps.links.make('quote', newer.lead_id, newer.quote_id)}"


def products_of(deps: Deps, everything: bool = False) -> list[Product]:
    """By name; those that can be quoted, or all."""
    found = [stored.value for stored in deps.store.query(Product)]
    return sorted((p for p in found if p.active or everything), key=lambda p: (not p.active, p.name.casefold()))


def _was_sent(quote: Quote) -> bool:
    """Whether the customer may have had it: it was never only a draft before a manager's eyes."""
    return quote.state not in (QuoteState.WAITING, QuoteState.REFUSED) and not (quote.causes and not quote.decided_at)


def _read(deps: Deps, ids: Iterable[tuple[str, str]]) -> list[Quote]:
    refs = [Ref(Quote, tuple(pair)) for pair in ids]
    return [stored.value for stored in deps.store.get_many(refs) if stored] if refs else []


def _view(deps: Deps, quote: Quote, lead: Lead, sight: Sight, now: datetime) -> QuoteView:
    return QuoteView(
        quote=quote,
        person=lead.full_name or next(iter(lead.emails), ""),
        maker=rep_name(deps, quote.made_by),
        decider=rep_name(deps, quote.decided_by) if quote.decided_by else "",
        may_open=sight.sees(lead),
        expired=quote.expired(now),
    )
