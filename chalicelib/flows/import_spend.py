"""Spend from a file: every row is checked before the first is stored; the same invoice counts once."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import InvalidOperation

from chalicelib.attribute.columns import Columns, read_columns
from chalicelib.capture.ad_costs import read_ad_costs
from chalicelib.capture.encodings import text_encoding
from chalicelib.capture.text import clean
from chalicelib.flows.plan_marketing import invoice_problem, known_currency, spend_day_problem
from chalicelib.records.contact import Refusal
from chalicelib.records.money import Money, minor_units
from chalicelib.records.ports import Deps, NotFound, Put, Ref
from chalicelib.records.spend import Spend

MAX_ROWS = 5_000
MAX_FILE = 1024 * 1024
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y")


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows were entered, and how many were known by their invoice."""

    entered: int
    known: int


def import_spend(deps: Deps, campaign_id: str, data: bytes, by: str) -> Imported | list[Refusal]:
    """Enter the spend of a CSV with the columns date, amount, currency and, if there, note and invoice; or of a cost
    report of Google Ads, whose campaigns become the notes.

    With one bad row nothing is stored and each bad row is refused with its reason. A row without an invoice is known by
    its place in this very file, so that the same file twice changes nothing: one that was cut off half way by a store
    that went away is loaded again, and ends as if it had not been."""
    if deps.directory.campaign(campaign_id) is None:
        raise NotFound
    rows = _read(data)
    if isinstance(rows, Refusal):
        return [rows]
    file_digest = hashlib.sha256(data).hexdigest()
    now = deps.clock()
    spends: dict[int, Spend] = {}
    refusals: list[Refusal] = []
    for row, cells in enumerate(_by_row(rows), start=1):
        read = _spend(row, cells, now.date())
        if isinstance(read, Refusal):
            refusals.append(read)
            continue
        spent_on, amount, note, invoice = read
        known_by = f"invoice:{campaign_id}:{invoice}" if invoice else f"spend file:{campaign_id}:{file_digest}:{row}"
        spends[row] = Spend(deps.digest(known_by), campaign_id, spent_on, amount, note, invoice, by, now)
    refusals += _twice(rows) or _contradicted(deps, spends)
    return sorted(refusals, key=lambda refusal: refusal.row) if refusals else _enter(deps, list(spends.values()))


def _enter(deps: Deps, spends: list[Spend]) -> Imported:
    stored = deps.store.get_many([Ref(Spend, (spend.spend_id,)) for spend in spends])
    fresh = [spend for spend, known in zip(spends, stored, strict=True) if known is None]
    # Each for itself: no engine takes thousands in one transaction. A conflict: somebody else has just entered it.
    answers = deps.store.commit_each([[Put(spend, if_version=0)] for spend in fresh]) if fresh else []
    entered = sum(answer is None for answer in answers)
    if entered:
        deps.wake()
    return Imported(entered, len(spends) - entered)


def _read(data: bytes) -> Columns | Refusal:
    if len(data) > MAX_FILE:
        return Refusal("file", "the file is larger than 1 MB")
    encoding = text_encoding(data) if data else None
    if encoding is None or (b"\0" in data[:4096] and not encoding.name.startswith("utf-16")):
        return Refusal("file", "the file is not a CSV text file" if data else "the file is empty")
    text = data.decode(encoding.name, encoding.errors)
    rows = read_ad_costs(text) or read_columns(text, ("date", "amount", "currency"), ("note", "invoice"))
    if not isinstance(rows, Refusal) and len(rows["date"]) > MAX_ROWS:
        return Refusal("file", f"more rows than allowed: {MAX_ROWS}")
    return rows


def _by_row(rows: Columns) -> Iterator[dict[str, str]]:
    for index in range(len(rows["date"])):
        yield {name: cells[index] for name, cells in rows.items()}


def _spend(row: int, cells: dict[str, str], today: date) -> tuple[date, Money, str, str] | Refusal:
    spent_on = _date(cells["date"])
    if spent_on is None:
        return Refusal("date", f"not a date such as 2026-03-31: {cells['date'][:40]}", row)
    if problem := spend_day_problem(spent_on, today):
        return Refusal("date", f"{problem}: {spent_on}", row)
    currency = cells["currency"].upper()
    if not known_currency(currency):
        return Refusal("currency", f"not an ISO 4217 code such as EUR: {cells['currency'][:20]}", row)
    amount = _amount(cells["amount"], currency)
    if amount is None:
        return Refusal("amount", f"not an amount such as 1234.50: {cells['amount'][:40]}", row)
    return spent_on, Money(amount, currency), clean(cells["note"], 500), clean(cells["invoice"], 100)


def _date(cell: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(cell, form).date()
        except ValueError:
            continue
    return None


def _amount(cell: str, currency: str) -> int | None:
    """Minor units, exact; None for what is no amount, is negative, or has a fraction of a minor unit."""
    try:
        return minor_units(cell, currency) if cell.isascii() and "_" not in cell else None
    except InvalidOperation:
        return None


def _twice(rows: Columns) -> list[Refusal]:
    """An invoice that stands in the file twice: only one of the two amounts would count."""
    seen: dict[str, int] = {}
    found = []
    for row, invoice in enumerate(rows["invoice"], start=1):
        if invoice and seen.setdefault(invoice, row) != row:
            found.append(Refusal("invoice", f"this invoice is also in row {seen[invoice]}: {invoice[:60]}", row))
    return found


def _contradicted(deps: Deps, spends: dict[int, Spend]) -> list[Refusal]:
    """An invoice that is stored with another amount or day: neither may silently win."""
    stored = deps.store.get_many([Ref(Spend, (spend.spend_id,)) for spend in spends.values()])
    pairs = zip(spends.items(), stored, strict=True)
    problems = ((row, invoice_problem(k.value, spend.amount, spend.spent_on)) for (row, spend), k in pairs if k)
    return [Refusal("invoice", problem, row) for row, problem in problems if problem]
