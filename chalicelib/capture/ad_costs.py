"""Cost reports of Google Ads as they are downloaded: titles above the header, totals below, amounts with commas."""

import csv
import io
import re

from chalicelib.capture.headers import header_key

_DAY, _COST, _CURRENCY, _CAMPAIGN = (
    ("day", "date"),
    ("cost",),
    ("currencycode", "currency"),
    ("campaign", "campaignname"),
)
_WITHIN = 10
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_TOTAL = "total"

Costs = dict[str, list[str]]


def read_ad_costs(text: str) -> Costs | None:
    """The report's days as columns date, amount, currency, note (the campaign there); None for a file of another kind.
    Totals are left out: they would count twice."""
    lines = text.lstrip("\ufeff").splitlines()
    for start, line in enumerate(lines[:_WITHIN]):
        delimiter = max("\t,;", key=line.count)
        header = [header_key(name) for name in next(csv.reader([line], delimiter=delimiter), [])]
        places = [_place(header, names) for names in (_DAY, _COST, _CURRENCY, _CAMPAIGN)]
        if min(places) >= 0:
            rows = csv.reader(io.StringIO("\n".join(lines[start + 1 :])), delimiter=delimiter)
            return _costs([row for row in rows if len(row) == len(header)], places)
    return None


def _place(header: list[str], names: tuple[str, ...]) -> int:
    return next((header.index(name) for name in names if name in header), -1)


def _costs(rows: list[list[str]], places: list[int]) -> Costs:
    day, cost, currency, campaign = places
    kept = [row for row in rows if not row[day].strip().casefold().startswith(_TOTAL)]
    return {
        "date": [row[day].strip() for row in kept],
        "amount": [_plain(row[cost].strip()) for row in kept],
        "currency": [row[currency].strip() for row in kept],
        "note": [row[campaign].strip() for row in kept],
        "invoice": [""] * len(kept),
    }


def _plain(amount: str) -> str:
    return amount.replace(",", "") if _THOUSANDS.fullmatch(amount) else amount
