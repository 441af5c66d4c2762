"""What marketing sets up: campaigns and spend."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from chalicelib.records.campaign import Campaign
from chalicelib.records.money import Money
from chalicelib.records.ports import Conflict, Delete, Deps, NotFound, Put, Ref
from chalicelib.records.spend import Spend


def find_campaign(deps: Deps, name: str) -> Campaign | None:
    """By id or by name, whatever the case. What the directory does not know yet is looked up in the store."""
    found = _named(deps.directory.campaigns(), name)
    if found is None:
        found = _named((stored.value for stored in deps.store.query(Campaign)), name)
        if found:
            deps.directory.forget()
    return found


def _named(campaigns: Iterable[Campaign], name: str) -> Campaign | None:
    wanted = _folded(name)
    return next((c for c in campaigns if c.campaign_id == name or c.name.casefold() == wanted), None)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def campaign_named(deps: Deps, name: str, channel: str = "") -> Campaign:
    """The campaign of that name, made if it is new."""
    return find_campaign(deps, name) or add_campaign(deps, name, channel)


def add_campaign(
    deps: Deps, name: str, channel: str = "", starts_on: date | None = None, ends_on: date | None = None
) -> Campaign:
    """The new campaign, or the one of that name that somebody else made meanwhile (a double click, two imports)."""
    name = " ".join(name.split())
    campaign = Campaign("", name, channel, starts_on, ends_on, deps.clock())
    for campaign_id in _ids_for(name):
        made = replace(campaign, campaign_id=campaign_id)
        try:
            deps.store.commit([Put(made, if_version=0)])
        except Conflict:
            stored = deps.store.get(Campaign, campaign_id)
            if stored is None or stored.value.name.casefold() != name.casefold():
                continue
            made = stored.value
        deps.directory.forget()
        deps.wake()
        return made
    raise Conflict(Ref(Campaign, (campaign_id,)))


def _ids_for(name: str) -> Iterator[str]:
    """The ids to try, the same for the same name, so that two who make it at once meet at one record."""
    own = hashlib.sha256(_folded(name).encode()).hexdigest()[:12]
    slug = _slug(name)
    if slug:
        yield slug
    yield f"{slug or 'campaign'}-{own}"


def _slug(name: str) -> str:
    """Part of addresses and keys: ASCII letters, digits and dashes only."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:60]


def add_spend(
    deps: Deps, campaign_id: str, spent_on: date, amount: Money, note: str, invoice: str, by: str, made_id: str = ""
) -> tuple[Spend, bool]:
    """Enter spend. The same invoice of the same campaign again changes nothing, nor, without one, what has the same id
    already (`made_id`, where that is known before): (what is stored, whether new)."""
    if deps.directory.campaign(campaign_id) is None:
        raise NotFound
    spend_id = deps.digest(f"invoice:{campaign_id}:{invoice}") if invoice else made_id or deps.new_id()
    spend = Spend(spend_id, campaign_id, spent_on, amount, note, invoice, by, deps.clock())
    try:
        deps.store.commit([Put(spend, if_version=0)])
    except Conflict:
        stored = deps.store.get(Spend, spend_id)
        if stored is None:
            raise
        return stored.value, False
    deps.wake()
    return spend, True


def remove_spend(deps: Deps, campaign_id: str, spend_id: str) -> bool:
    """Take an entry back: whether there was one. Raises NotFound for another campaign's, Conflict."""
    stored = deps.store.get(Spend, spend_id)
    if stored is None:
        return False
    if stored.value.campaign_id != campaign_id:
        raise NotFound
    deps.store.commit([Delete(Ref(Spend, (spend_id,)), stored.version)])
    deps.wake()
    return True


@cache
def _currencies() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def known_currency(code: str) -> bool:
    """Whether there is such a currency (CLDR); a mistyped code would open an account of its own in every report."""
    return code in _currencies()


def spend_day_problem(spent_on: date, today: date) -> str:
    """Why no money can have been spent on that day, or ""."""
    return "this day is more than a year ahead" if spent_on > today + timedelta(days=366) else ""


def invoice_problem(stored: Spend, amount: Money, spent_on: date | None) -> str:
    """Why the stored entry of an invoice is not the one that comes again, or "". None: the day was not told."""
    same = stored.amount == amount and spent_on in (None, stored.spent_on)
    return "" if same else f"this invoice is stored with another amount or date: {stored.invoice[:60]}"
