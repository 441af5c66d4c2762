"""Narrowing: who fits a lead, by the rules in their order, the most important first.

A rule that would leave nobody gives way and says so, which means the last rules give way first (product, then
language, then territory). A lead that does not say its country, language or products is not narrowed by them;
neither is a rep who has none listed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.assign.roster import Roster, Served, language_keys
from chalicelib.records.lead import Lead
from chalicelib.records.rep import Rep

RULES = frozenset({"account", "territory", "language", "product"})
MEMO_SIZE = 4096
_SATISFIED = {"territory": "serves this country", "language": "speaks", "product": "knows this product"}
_GAVE_WAY = {
    "account": "nobody active holds this account",
    "territory": "nobody serves this country",
    "language": "nobody speaks",
    "product": "nobody knows this product",
}


@dataclass(frozen=True, slots=True)
class Fitting:
    """The reps who fit, by rep_id, and the rule that narrowed them last ("load" if none did). Each reason
    comes with the set of reps of whom it is true, since only the chosen one's are told."""

    reps: tuple[Rep, ...]
    reasons: tuple[tuple[str, int], ...]
    rule: str


@dataclass(slots=True)
class _Running:
    """Who still fits (a bit for each person of the roster), why, and by which rule."""

    fit: int
    reasons: list[tuple[str, int]]
    rule: str = "load"


def narrow(lead: Lead, roster: Roster, available: int, rules: tuple[str, ...]) -> Fitting:
    """Who of the `available` fits the lead. Never empty as long as somebody is available."""
    held = _held_domains(lead, roster)
    alike = (available, rules, held, lead.country, lead.language, lead.products)
    known: Fitting | None = roster.memo.get(alike)
    if known is not None:
        return known
    running = _Running(available, [])
    for rule in rules:
        if rule == "account":
            _by_account(held, roster, running)
        else:
            _by_attribute(rule, lead, roster, running)
    found = Fitting(tuple(roster.members(running.fit)), tuple(running.reasons), running.rule)
    if len(roster.memo) >= MEMO_SIZE:
        roster.memo.clear()
    roster.memo[alike] = found
    return found


def _by_account(held: tuple[str, ...], roster: Roster, running: _Running) -> None:
    for domain in held:
        holders = roster.accounts.get(domain, 0) & running.fit
        if holders:
            running.fit, running.rule = holders, "account"
            running.reasons.append((f"account: {domain}", holders))
            return
    if held:
        running.reasons.append((f"{_GAVE_WAY['account']}: {held[0]}", running.fit))
    # Key account reps keep their time for their accounts, unless they are all there is.
    running.fit = running.fit & ~roster.account_only or running.fit


def _by_attribute(rule: str, lead: Lead, roster: Roster, running: _Running) -> None:
    served, asked = _asked(rule, lead, roster)
    if not asked:
        return
    fit = running.fit & served.serving(key for keys in asked.values() for key in keys)
    if fit:
        running.reasons += [(f"{_SATISFIED[rule]}: {shown}", served.bound_to(keys)) for shown, keys in asked.items()]
    # Whoever holds the account answers it; what else they lack is no news.
    elif running.rule != "account":
        running.reasons.append((f"{_GAVE_WAY[rule]}: {', '.join(asked)}", running.fit))
    if fit and fit != running.fit:
        running.rule = "account" if running.rule == "account" else rule
        running.fit = fit


def _asked(rule: str, lead: Lead, roster: Roster) -> tuple[Served, dict[str, tuple[str, ...]]]:
    """Who serves the attribute, and what the lead asks of it: each value as shown, with its keys."""
    if rule == "territory":
        country = lead.country.strip().upper()
        return roster.countries, {country: (country,)} if country else {}
    if rule == "language":
        return roster.languages, {lead.language: language_keys(lead.language)} if lead.language else {}
    wanted = {product.strip(): (product.strip().casefold(),) for product in lead.products}
    return roster.products, {shown: keys for shown, keys in wanted.items() if shown}


def _held_domains(lead: Lead, roster: Roster) -> tuple[str, ...]:
    """Those of the lead's domains (and their parents, down to two labels) that are somebody's account."""
    if not roster.holders:
        return ()
    return tuple(domain for domain in _domains_of(lead) if domain in roster.holders)


def _domains_of(lead: Lead) -> Iterator[str]:
    for email in lead.emails:
        domain = email.rpartition("@")[2].lower()
        while "." in domain:
            yield domain
            domain = domain.partition(".")[2]
