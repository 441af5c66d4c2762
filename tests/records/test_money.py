"""Money is integer minor units with its currency."""

import pytest

from chalicelib.records.money import Money, exponent


def test_money_of_one_currency_adds_up() -> None:
    assert Money(1, "EUR") + Money(2, "EUR") == Money(3, "EUR")


def test_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="CNY"):
        Money(1, "EUR") + Money(2, "CNY")


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("XXX", 2)])
def test_the_minor_unit_is_the_currencys_own(currency: str, digits: int) -> None:
    assert exponent(currency) == digits
