"""Amounts of money: integer minor units with their currency."""

from dataclasses import dataclass
from decimal import Decimal, Overflow

# ISO 4217 currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip


def exponent(currency: str) -> int:
    """How many decimal digits the currency's minor unit has (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


# Far above any real amount, far below what a 64-bit integer holds in minor units.
LARGEST = 10**15


def as_typed(text: str) -> str:
    """An amount as people type it, with a point: "99,50" is 99.50 in most of Europe. A comma with three digits behind
    it could be either, and stays to be refused."""
    whole, comma, rest = text.partition(",")
    return f"{whole}.{rest}" if comma and whole.isdigit() and rest.isdigit() and len(rest) < 3 else text


def minor_units(text: str, currency: str) -> int | None:
    """Decimal text ("1234.50") in the currency's minor units, exact. None for a negative amount, one over LARGEST,
    and one with a fraction of a minor unit; decimal.InvalidOperation for text that is no number at all.

    The text is bounded before it is a number; "1e999999999" is one that overflows when it is scaled."""
    if not 0 < len(text) <= 20:
        return None
    try:
        scaled = Decimal(text) * 10 ** exponent(currency)
    except Overflow:
        return None
    whole = scaled.is_finite() and 0 <= scaled <= LARGEST and scaled == scaled.to_integral_value()
    return int(scaled) if whole else None


@dataclass(frozen=True, slots=True)
class Money:
    """`amount_minor` counts the currency's minor units (cents, fen, yen)."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        """The sum; ValueError for another currency, since no rate is known here."""
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount_minor + other.amount_minor, self.currency)
