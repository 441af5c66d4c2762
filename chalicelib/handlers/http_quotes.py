"""Quotations: the ledger, one of them with its versions, a new one, a manager's word, and the customer's page."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote as escaped
from zoneinfo import ZoneInfo

from chalice import Response

from chalicelib.flows.quote_price import DECIDERS, Stopped, decide_quote, give_quote, settle_quote
from chalicelib.flows.read_lead import links_of, see_lead
from chalicelib.flows.read_quotes import (
    LEDGERS,
    past_prices,
    products_of,
    read_offer,
    read_quote,
    read_quotes,
)
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_fields import choice, text
from chalicelib.handlers.console import console_page, sight_for
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.ledger_filters import ledger_page, read_ledger_filters
from chalicelib.handlers.quote_fields import FEW_LINES, MOST_LINES, asked_quote, typed_price
from chalicelib.handlers.web import page, query, redirect
from chalicelib.records.lead import Lead
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import NotFound
from chalicelib.records.quote import Quote, QuoteState
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

ENDS = ("accepted", "declined", "withdrawn")
_GOOD_FOR = timedelta(days=30)


def show_quotes(request: Any, who: Rep) -> Response:
    asked = query(request, "ledger", LEDGERS[0])
    ledger = asked if asked in LEDGERS else LEDGERS[0]
    sight = sight_for(who)
    filters = read_ledger_filters(request, who, sight, ledger=ledger)
    listed = read_quotes(service().deps, sight, ledger, filters.part)
    return ledger_page(request, who, "quotes.html", filters, sight, listed=listed, ledger=ledger, ledgers=LEDGERS)


def show_quote(request: Any, who: Rep, lead_id: str, quote_id: str) -> Response:
    return _quote_page(request, who, lead_id, quote_id, {})


def new_quote(request: Any, who: Rep, lead_id: str) -> Response:
    """An empty form, or with `replaces` the lines of the version it is to take the place of."""
    see_lead(service().deps, who, lead_id)
    replaces = query(request, "replaces")
    old = service().deps.store.get(Quote, lead_id, replaces) if replaces else None
    if replaces and old is None:
        raise NotFound
    return _form(request, who, lead_id, _typed(old.value) if old else {}, ())


def post_quote(request: Any, who: Rep, lead_id: str) -> Response:
    """Enter it. Prices that need a reason and a manager come back with why; with the reason they go to the manager."""
    sent = posted(request)
    deps = service().deps
    see_lead(deps, who, lead_id)
    if sent.get("more"):
        return _form(request, who, lead_id, sent, ())
    products = {product.product_id: product for product in products_of(deps)}
    try:
        quote = give_quote(deps, lead_id, who, asked_quote(sent, who, products, deps.clock()))
    except Problem as problem:
        return _form(request, who, lead_id, sent, (), {refusal.field: refusal.reason for refusal in problem.errors})
    except Stopped as stopped:
        return _form(request, who, lead_id, sent, stopped.causes)
    except ValueError as error:
        raise _changed() from error
    return redirect(f"/app/leads/{lead_id}/quotes/{quote.quote_id}?done=made")


def post_decision(request: Any, who: Rep, lead_id: str, quote_id: str) -> Response:
    """A manager's word on a quote that waits for it."""
    sent = posted(request)
    deps = service().deps
    see_lead(deps, who, lead_id)
    approve, said = choice(sent, "decision", ("approve", "refuse")) == "approve", text(sent, "text", 500)
    if not approve and not said:
        return _quote_page(request, who, lead_id, quote_id, {"text": "is needed"})
    try:
        decide_quote(deps, lead_id, quote_id, who, approve, said)
    except ValueError as error:
        raise _changed() from error
    return redirect(f"/app/leads/{lead_id}/quotes/{quote_id}?done=decided")


def post_end(request: Any, who: Rep, lead_id: str, quote_id: str) -> Response:
    """Accepted by the customer, declined, or withdrawn by us."""
    sent = posted(request)
    deps = service().deps
    see_lead(deps, who, lead_id)
    state, reason = QuoteState(choice(sent, "state", ENDS)), text(sent, "reason", 300)
    if state is QuoteState.WITHDRAWN and not reason:
        return _quote_page(request, who, lead_id, quote_id, {"reason": "is needed"})
    try:
        settle_quote(deps, lead_id, quote_id, state, who, reason, text(sent, "deal", 40))
    except ValueError as error:
        raise _changed() from error
    return redirect(f"/app/leads/{lead_id}/quotes/{quote_id}?done=ended")


def show_offer(request: Any, token: str) -> Response:
    """What the customer's link shows: valid, expired, or superseded by which. Looking changes nothing."""
    deps = service().deps
    quote, newer, path = read_offer(deps, token)
    rep = deps.directory.rep(quote.made_by)
    return page(request, "offer.html", quote=quote, newer=newer, newer_path=path, rep=rep, now=deps.clock())


def _changed() -> Problem:
    return Problem(409, "This quotation has changed", "Somebody else was quicker; look at it again")


def _quote_page(request: Any, who: Rep, lead_id: str, quote_id: str, errors: Mapping[str, str]) -> Response:
    deps = service().deps
    view, versions, lead = read_quote(deps, lead_id, quote_id, sight_for(who))
    deals = [d.value for d in deps.store.query(Opportunity, lead_id) if d.value.stage is OpportunityStage.OPEN]
    link = deps.links.absolute(f"/o/{deps.links.make('quote', lead_id, quote_id)}")
    answer = console_page(
        request, who, "quote.html", view=view, quote=view.quote, versions=versions, deals=deals, link=link,
        mail_to=_mail_to(lead, view.quote, link),
        errors=errors, may_decide=who.role in DECIDERS, zone=who.week.zone, done=query(request, "done"),
    )  # fmt: skip
    answer.status_code = 422 if errors else 200
    return answer


def _mail_to(lead: Lead, quoted: Quote, link: str) -> str:
    """A mail in the rep's own program, to be finished there; "" for somebody without an address."""
    way = links_of(lead).get(next(iter(lead.emails), ""), "")
    return way and f"{way}?subject={escaped(quoted.number)}&body={escaped(link, safe='')}"


def _form(
    request: Any, who: Rep, lead_id: str, typed: Mapping[str, Any], causes: tuple[str, ...],
    errors: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    deps = service().deps
    lead = deps.store.get(Lead, lead_id)
    if lead is None:
        raise NotFound
    used = [n for n in range(MOST_LINES) if typed.get(f"product-{n}") or typed.get(f"price-{n}")]
    rows = max(FEW_LINES, (used[-1] + 2 if used else 0), FEW_LINES * 2 if typed.get("more") else 0)
    today = deps.clock().astimezone(ZoneInfo(who.week.zone)).date()
    answer = console_page(
        request, who, "quote_form.html", lead=lead.value, products=products_of(deps),
        past=past_prices(deps, lead.value),
        typed={name: str(value) for name, value in typed.items()}, errors=errors or {}, causes=causes,
        rows=min(rows, MOST_LINES), today=today.isoformat(), good_until=(today + _GOOD_FOR).isoformat(),
        currency=service().settings.base_currency, decides=who.role in DECIDERS,
    )  # fmt: skip
    answer.status_code = 422 if errors else 409 if causes else 200
    return answer


def _typed(quote: Quote) -> dict[str, str]:
    """The form as it would have been typed for that quote."""
    typed = {"currency": quote.currency, "terms": quote.terms, "replaces": quote.quote_id}
    for number, line in enumerate(quote.lines):
        typed[f"product-{number}"] = line.product_id
        typed[f"quantity-{number}"] = str(line.quantity)
        typed[f"price-{number}"] = typed_price(line.unit_minor, quote.currency)
    return typed
