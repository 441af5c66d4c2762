"""Dates and times as lists write them. Whether 3/4 is in March or in April only the whole column can tell."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

# (year, month, day) of each way of writing; a time and an offset may follow all of them.
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})日?(?=\D|\Z)(.*)", re.DOTALL)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)()\Z")
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?=\D|\Z)(.*)", re.DOTALL)
_MONTH_IN_WORDS = re.compile(
    r"(?:[A-Za-z]{3,9}, )?(?:(\d{1,2})\.? ([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?),?"
    r" (\d{4})(.*)",
    re.DOTALL,
)
_TIME = re.compile(
    r"[T,\s]*(?:at\s+)?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?\s*\Z"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Days since 1899-12-30, the day before Excel's first, with its leap year that was none (ECMA-376 part 1, 18.17.4.1).
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?\Z")
_SERIAL_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
_FIRST_YEAR = 1950

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"


def read_date(text: str, order: str = "") -> datetime | None:
    """The moment in UTC; a time without an offset is taken for UTC, a day for its midnight. None for what is no date
    since 1950, and for days and months in an order that only `order` (DAY_FIRST, MONTH_FIRST) could tell."""
    text = text.strip()
    if _SERIAL.match(text):
        return _plausible(_SERIAL_ZERO + timedelta(seconds=round(float(text) * 86_400)))
    parts = _parts(text, order)
    if parts is None:
        return None
    year, month, day, rest = parts
    try:
        return _plausible(_at(datetime(year, month, day, tzinfo=UTC), rest))
    except (ValueError, OverflowError):
        return None


def _parts(text: str, order: str) -> tuple[int, int, int, str] | None:
    if found := _YEAR_FIRST.match(text) or _COMPACT.match(text):
        return int(found[1]), int(found[2]), int(found[3]), found[4]
    if found := _MONTH_IN_WORDS.match(text):
        name = (found[2] or found[3]).lower()[:3]
        month = _MONTHS.index(name) + 1 if name in _MONTHS else 0
        return int(found[5]), month, int(found[1] or found[4]), found[6]
    if found := _YEAR_LAST.match(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        order = order or _order_of(found)
        if order:
            day, month = (first, second) if order == DAY_FIRST else (second, first)
            return year + 2000 if year < 100 else year, month, day, found[5]
    return None


def _order_of(found: re.Match[str]) -> str:
    """What one date says by itself; with dots the day always comes first (DIN 5008 and its like)."""
    first, second = int(found[1]), int(found[3])
    if found[2] == "." or (first > 12 >= second) or first == second:
        return DAY_FIRST
    return MONTH_FIRST if second > 12 >= first else ""


def date_order(texts: Iterable[str]) -> tuple[str, str]:
    """(order, evidence): the order of days and months in a column, and the value that shows it. "" with an example
    where it could be either, or where values contradict each other; ("", "") where the question does not arise."""
    shown: dict[str, str] = {}
    open_question = ""
    for text in texts:
        found = _YEAR_LAST.match(text.strip())
        if found is None:
            continue
        order = _order_of(found)
        if not order:
            open_question = open_question or text.strip()
        elif int(found[1]) != int(found[3]):
            shown.setdefault(order, text.strip())
    if len(shown) == 1:
        return next(iter(shown.items()))
    return "", " / ".join(shown.values()) or open_question


def _at(day: datetime, rest: str) -> datetime:
    """Raises ValueError for what follows a date and is no time."""
    if not rest.strip():
        return day
    found = _TIME.match(rest)
    if found is None:
        raise ValueError(rest)
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4][0] in "pP" else 0)
    moment = day.replace(hour=hour, minute=int(found[2]), second=int(found[3] or 0))
    if found[5] and found[5][0] in "+-":
        sign = 1 if found[5][0] == "+" else -1
        moment -= sign * timedelta(hours=int(found[5][1:3]), minutes=int(found[5][-2:]))
    return moment


def _plausible(moment: datetime) -> datetime | None:
    return moment if moment.year >= _FIRST_YEAR else None
