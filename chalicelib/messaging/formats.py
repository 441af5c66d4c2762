"""Dates, times, numbers and money as each language writes them (CLDR, by Babel)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_name
from babel.numbers import NumberPattern, format_decimal, parse_pattern

from chalicelib.messaging.languages import phrase
from chalicelib.records.money import Money, exponent

# 24 hours and the month in words: read the same in every country that reads English.
_TIME = {
    "en": "EEEE, d MMMM y, HH:mm",
    "zh-Hans": "y年M月d日EEEE HH:mm",
    "zh-Hant": "y年M月d日EEEE HH:mm",
}
_DATED = {"en": "d MMM y, HH:mm", "zh-Hans": "y年M月d日 HH:mm", "zh-Hant": "y年M月d日 HH:mm"}
_BRIEF = {"en": "EEE d MMM, HH:mm", "zh-Hans": "M月d日EEE HH:mm", "zh-Hant": "M月d日EEE HH:mm"}
_DAY = {"en": "d MMMM y", "zh-Hans": "y年M月d日", "zh-Hant": "y年M月d日"}


@cache
def locale_of(language: str) -> Locale:
    """Babel's locale of one of LANGUAGES."""
    return Locale.parse(language, sep="-")


def when(language: str, moment: datetime, zone: str = "UTC") -> str:
    """The moment as a clock in `zone` (IANA name) shows it, with the zone's name. ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    local = moment.astimezone(ZoneInfo(zone or "UTC"))
    text = format_datetime(local.replace(tzinfo=None), _TIME[language], locale=locale_of(language))
    name = _zone_name(language, zone or "UTC", bool(local.dst()))
    return f"{text} ({name})" if language == "en" else f"{text}（{name}）"


def brief(language: str, moment: datetime, zone: str = "UTC") -> str:
    """The moment as short as it can be said on a button: weekday, day and hour in `zone`, the reader's own."""
    local = moment.astimezone(ZoneInfo(zone or "UTC")).replace(tzinfo=None)
    return str(format_datetime(local, _BRIEF[language], locale=locale_of(language)))


def dated(language: str, moment: datetime, zone: str = "UTC") -> str:
    """The moment in a narrow cell: day, year and hour in `zone`, the reader's own."""
    local = moment.astimezone(ZoneInfo(zone or "UTC")).replace(tzinfo=None)
    return str(format_datetime(local, _DATED[language], locale=locale_of(language)))


@lru_cache(maxsize=1024)
def _zone_name(language: str, zone: str, summer: bool) -> str:
    name = get_timezone_name(
        ZoneInfo(zone), "long", locale=locale_of(language), zone_variant="daylight" if summer else "standard"
    )
    return str(name)


def day(language: str, value: date | datetime, zone: str = "UTC") -> str:
    """The day; a moment's day is the one in `zone`."""
    if isinstance(value, datetime):
        value = value.replace(tzinfo=value.tzinfo or UTC).astimezone(ZoneInfo(zone or "UTC")).date()
    return format_date(value, _DAY[language], locale=locale_of(language))


def money(language: str, amount: Money) -> str:
    """The amount with its currency's sign and all digits of its minor unit (ISO 4217, not CLDR's cash rounding)."""
    value = Decimal(amount.amount_minor).scaleb(-exponent(amount.currency))
    text: str = _money_pattern(language, exponent(amount.currency)).apply(
        value, locale_of(language), currency=amount.currency, currency_digits=False
    )
    return text


@cache
def _money_pattern(language: str, digits: int) -> NumberPattern:
    standard = locale_of(language).currency_formats["standard"].pattern
    return parse_pattern(standard.replace(".00", "." + "0" * digits if digits else ""))


def number(language: str, value: int | float | Decimal) -> str:
    """The number with the language's separators."""
    return format_decimal(value, locale=locale_of(language))


def filters(language: str) -> dict[str, Callable[..., Any]]:
    """The template filters of one language: `when`, `brief`, `dated`, `day`, `money`, `number` and `phrase`."""

    def in_language(function: Callable[..., str]) -> Callable[..., str]:
        def apply(value: Any, *arguments: Any) -> str:
            return function(language, value, *arguments)

        return apply

    return {f.__name__: in_language(f) for f in (when, brief, dated, day, money, number, phrase)}
