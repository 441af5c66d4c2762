"""Money is integer minor units with its currency."""

from decimal import InvalidOperation

import pytest

from chalicelib.records.money import Money, as_typed, exponent, minor_units


def test_money_of_one_currency_adds_up() -> None:
    assert Money(1, "EUR") + Money(2, "EUR") == Money(3, "EUR")


def test_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="CNY"):
        Money(1, "EUR") + Money(2, "CNY")


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("XXX", 2)])
def test_the_minor_unit_is_the_currencys_own(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1234.50", "EUR", 123450),
        ("12", "JPY", 12),
        ("0", "EUR", 0),
        ("12.5", "JPY", None),
        ("1.234", "EUR", None),
        ("-1", "EUR", None),
        ("1e999999999", "EUR", None),
        ("NaN", "EUR", None),
        ("10000000000000.01", "EUR", None),
        ("", "EUR", None),
        ("1" * 21, "EUR", None),
    ],
)
def test_decimal_text_becomes_minor_units_or_nothing(text: str, currency: str, minor: int | None) -> None:
    assert minor_units(text, currency) == minor


def test_text_that_is_no_number_is_told_apart_from_an_amount_that_cannot_be() -> None:
    with pytest.raises(InvalidOperation):
        minor_units("12,50", "EUR")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("99,50", "99.50"),
        ("12,5", "12.5"),
        ("1,234", "1,234"),  # a thousand or one and a bit: nobody guesses
        ("1.234,50", "1.234,50"),
        ("1,234.50", "1,234.50"),
        (",5", ",5"),
        ("5,", "5,"),
        ("99.50", "99.50"),
    ],
)
def test_a_decimal_comma_is_read_where_it_can_be_nothing_else(typed: str, read: str) -> None:
    assert as_typed(typed) == read
