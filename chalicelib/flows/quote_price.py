"""A quotation from entered to settled. Prices that a colleague's open quote contradicts, or below the floor, are
stopped unless there is a reason and a manager agrees; the customer's price book settles who was first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from chalicelib.flows.keep_promises import customer_of
from chalicelib.follow_up import quotes
from chalicelib.follow_up.messages import quote_notice
from chalicelib.follow_up.promises import due_at
from chalicelib.records.lead import Lead, LeadStatus
from chalicelib.records.message import MessageKind
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import Conflict, Deps, NotFound, Put, Ref, Stored
from chalicelib.records.quote import PriceBook, Product, Quote, QuoteLine, QuoteNumbers, QuoteState
from chalicelib.records.rep import Rep, Role

DECIDERS = frozenset({Role.MANAGER, Role.ADMIN})


class Stopped(Exception):
    """The prices need a reason and a manager. `causes` say why, in words."""

    def __init__(self, causes: tuple[str, ...]) -> None:
        super().__init__("; ".join(causes))
        self.causes = causes


@dataclass(frozen=True, slots=True)
class Asked:
    """A quotation as entered. `replaces` is the quote_id of the version it takes the place of, or ""."""

    currency: str
    lines: tuple[QuoteLine, ...]
    valid_until: date
    terms: str = ""
    reason: str = ""
    replaces: str = ""


def give_quote(deps: Deps, lead_id: str, by: Rep, asked: Asked) -> Quote:
    """Raises NotFound; Stopped where it needs a reason; ValueError for a version that cannot be replaced any more."""
    products = {stored.value.product_id: stored.value for stored in deps.store.query(Product)}
    quote_id = deps.new_id()
    while True:
        lead = deps.store.get(Lead, lead_id)
        if lead is None:
            raise NotFound
        now = deps.clock()
        year = str(now.year)
        book, numbers, old = _read(deps, lead.value, year, asked.replaces)
        causes = quotes.causes(asked.lines, asked.currency, products, book.value, by.rep_id, now)
        if causes and not asked.reason:
            raise Stopped(causes)
        quote = _quote(quote_id, lead.value, by, asked, causes, now)
        if old:
            quote = replace(quote, number=old.value.number, version=_last_version(deps, old.value) + 1)
        else:
            quote = replace(quote, number=quotes.quote_number(year, numbers.value.last + 1))
        writes = [Put(replace(lead.value, updated_at=now), lead.version), Put(quote, 0)]
        writes += _beside(deps, quote, by, book, numbers, old, now)
        if quote.state is QuoteState.WAITING and (manager := deps.directory.rep(by.manager_id)):
            notice = quote_notice(MessageKind.QUOTE_WAITING, lead.value, manager, quote, by.name, deps.new_id(), now)
            writes.append(Put(notice, 0))
        if _committed(deps, writes):
            return quote


def _read(
    deps: Deps, lead: Lead, year: str, replaces: str
) -> tuple[Stored[PriceBook], Stored[QuoteNumbers], Stored[Quote] | None]:
    book_id = _book_id(deps, customer_of(lead))
    refs: list[Ref[Any]] = [
        Ref(PriceBook, (book_id,)),
        Ref(QuoteNumbers, (year,)),
        Ref(Quote, (lead.lead_id, replaces or "-")),
    ]
    book, numbers, old = deps.store.get_many(refs)
    if replaces and old is None:
        raise NotFound
    return book or Stored(PriceBook(book_id), 0), numbers or Stored(QuoteNumbers(year), 0), old


def _last_version(deps: Deps, quote: Quote) -> int:
    """Of its number; those that came to nothing count."""
    found = deps.store.query(Quote, quote.lead_id)
    return max(stored.value.version for stored in found if stored.value.number == quote.number)


def _book_id(deps: Deps, customer: str) -> str:
    return deps.digest(f"customer:{customer}")


def _quote(quote_id: str, lead: Lead, by: Rep, asked: Asked, causes: tuple[str, ...], now: datetime) -> Quote:
    """Whoever may decide about others decides about the own: with the reason, which is kept."""
    decides = by.role in DECIDERS
    made = Quote(
        quote_id=quote_id,
        lead_id=lead.lead_id,
        number="",
        version=1,
        customer=customer_of(lead),
        company=lead.company,
        made_by=by.rep_id,
        made_at=now,
        currency=asked.currency,
        lines=asked.lines,
        valid_until=asked.valid_until,
        zone=by.week.zone,
        expires_at=due_at(asked.valid_until, by.week.zone),
        state=QuoteState.WAITING if causes and not decides else QuoteState.OPEN,
        terms=asked.terms,
        causes=causes,
        reason=asked.reason if causes else "",
        replaces=asked.replaces,
    )
    return replace(made, decided_by=by.rep_id, decided_at=now) if causes and decides else made


def _beside(
    deps: Deps, quote: Quote, by: Rep, book: Stored[PriceBook], numbers: Stored[QuoteNumbers],
    old: Stored[Quote] | None, now: datetime,
) -> list[Put]:  # fmt: skip
    """What a new version writes beside itself: the price book at the version read, even unchanged, so that a colleague
    who quotes at this moment has to look again."""
    waits = quote.state is QuoteState.WAITING
    after = book.value if waits else quotes.entered(book.value, quote, now)
    if old is None:
        return [Put(replace(numbers.value, last=numbers.value.last + 1), numbers.version), Put(after, book.version)]
    before = _standing(deps, old)
    for one in before:
        quotes.free_of_others(one.value, old.value.quote_id)
    draft = [old] if old not in before else []
    writes, after = _replaced(draft if waits else [*draft, *before], quote.quote_id, by, after, now)
    if waits:
        follows = [quotes.followed(one.value, quote.quote_id, old.value.quote_id) for one in before]
        writes += [Put(done, one.version) for done, one in zip(follows, before, strict=True)]
    return [*writes, Put(after, book.version)]


def _standing(deps: Deps, quote: Stored[Quote]) -> list[Stored[Quote]]:
    """The version the customer has: this one, or that which it follows while it waits or was refused. None where the
    customer has none."""
    found: Stored[Quote] | None = quote
    while found and found.value.state is not QuoteState.OPEN:
        before = found.value.replaces
        found = deps.store.get(Quote, quote.value.lead_id, before) if before else None
    return [found] if found else []


def _released(deps: Deps, quote: Quote) -> list[Put]:
    """What the customer has may be followed by another, once this came to nothing."""
    before = _standing(deps, Stored(quote, 0))
    return [Put(quotes.released(one.value), one.version) for one in before if one.value.superseded_by == quote.quote_id]


def _ended_with(deps: Deps, quote: Quote, by: Rep, now: datetime) -> list[Put]:
    """The version that waits for a manager, when the customer has answered to the one before it."""
    draft = deps.store.get(Quote, quote.lead_id, quote.superseded_by) if quote.superseded_by else None
    if draft is None or draft.value.state is not QuoteState.WAITING:
        return []
    return [Put(quotes.settled(draft.value, QuoteState.WITHDRAWN, by.rep_id, "", now), draft.version)]


def _replaced(
    gone: Sequence[Stored[Quote]], by_quote_id: str, by: Rep, book: PriceBook, now: datetime
) -> tuple[list[Put], PriceBook]:
    writes = []
    for old in gone:
        writes.append(Put(quotes.superseded(old.value, by_quote_id, by.rep_id, now), old.version))
        book = quotes.removed(book, old.value, now)
    return writes, book


def decide_quote(deps: Deps, lead_id: str, quote_id: str, by: Rep, approve: bool, text: str) -> Quote:
    """A manager's word on a quote that waits; the rep is told. Raises NotFound, ValueError."""

    def change(quote: Quote, lead: Lead, book: PriceBook, now: datetime) -> tuple[Quote, PriceBook, list[Put]]:
        done = quotes.decided(quote, approve, by.rep_id, text, now)
        if approve:
            before = _standing(deps, Stored(quote, 0))
            beside, book = _replaced(before, quote.quote_id, by, quotes.entered(book, done, now), now)
        else:
            beside = _released(deps, quote)
        if rep := deps.directory.rep(quote.made_by):
            notice = quote_notice(MessageKind.QUOTE_DECIDED, lead, rep, done, by.name, deps.new_id(), now)
            beside.append(Put(notice, 0))
        return done, book, beside

    return _on_quote(deps, lead_id, quote_id, change)


def settle_quote(
    deps: Deps, lead_id: str, quote_id: str, state: QuoteState, by: Rep, reason: str = "", deal_id: str = ""
) -> Quote:
    """Accepted, declined or withdrawn. Accepted is a won deal: one the lead has open (`deal_id`), or a new one."""

    def change(quote: Quote, lead: Lead, book: PriceBook, now: datetime) -> tuple[Quote, PriceBook, list[Put]]:
        done = quotes.settled(quote, state, by.rep_id, reason, now)
        beside = _released(deps, quote) if quote.state is QuoteState.WAITING else _ended_with(deps, done, by, now)
        if state is QuoteState.ACCEPTED:
            deal, version = _deal(deps, lead, done, deal_id, now)
            done = replace(done, opportunity_id=deal.opportunity_id)
            beside.append(Put(deal, version))
        return done, quotes.removed(book, done, now), beside

    return _on_quote(deps, lead_id, quote_id, change)


def _deal(deps: Deps, lead: Lead, quote: Quote, deal_id: str, now: datetime) -> tuple[Opportunity, int]:
    """The deal the quote wins, and the version it is written at. A new one has the quote's id: accepted twice, it is
    one."""
    stored = deps.store.get(Opportunity, lead.lead_id, deal_id) if deal_id else None
    if deal_id and (stored is None or stored.value.stage is not OpportunityStage.OPEN):
        raise NotFound
    if stored:
        return replace(stored.value, stage=OpportunityStage.WON, amount=quote.total, closed_at=now), stored.version
    owner_id = lead.assignment.owner_id if lead.assignment else quote.made_by
    won = OpportunityStage.WON
    return Opportunity(quote.quote_id, lead.lead_id, quote.number, quote.total, won, None, owner_id, now, now), 0


Change = Callable[[Quote, Lead, PriceBook, datetime], tuple[Quote, PriceBook, list[Put]]]


def _on_quote(deps: Deps, lead_id: str, quote_id: str, change: Change) -> Quote:
    """Read, decide, write; anew when somebody else wrote meanwhile."""
    while True:
        quote, lead = deps.store.get(Quote, lead_id, quote_id), deps.store.get(Lead, lead_id)
        if quote is None or lead is None:
            raise NotFound
        book_id = _book_id(deps, quote.value.customer)
        book = deps.store.get(PriceBook, book_id) or Stored(PriceBook(book_id), 0)
        now = deps.clock()
        done, after, beside = change(quote.value, lead.value, book.value, now)
        person = replace(lead.value, updated_at=now)
        if done.state is QuoteState.ACCEPTED:
            person = replace(person, status=LeadStatus.CUSTOMER)
        writes = [Put(done, quote.version), Put(after, book.version), Put(person, lead.version), *beside]
        if _committed(deps, writes):
            return done


def _committed(deps: Deps, writes: Sequence[Put]) -> bool:
    try:
        deps.store.commit(writes)
    except Conflict:
        return False
    deps.wake()
    return True
