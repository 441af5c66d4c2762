"""Sharing an amount of money so that the parts add up to it exactly."""

import math
from collections.abc import Sequence


def split(amount_minor: int, shares: Sequence[float]) -> list[int]:
    """Whole minor units in proportion to the shares, summing exactly to the amount (largest remainder, Hamilton).

    Each part differs from its exact proportion by less than one unit; equal remainders go to the earlier share.
    Floats have power-of-two denominators, so all of it is exact integer arithmetic. Shares need not
    sum to 1. A negative amount is split as its opposite. ValueError for a share that is negative or not finite, and
    for an amount with nothing to share it among.
    """
    if not all(math.isfinite(share) and share >= 0 for share in shares):
        raise ValueError("shares must be finite and not negative")
    if len(shares) == 1 and shares[0]:
        return [amount_minor]
    ratios = [share.as_integer_ratio() for share in shares]
    scale = max((denominator for _, denominator in ratios), default=1)
    weights = [numerator * (scale // denominator) for numerator, denominator in ratios]
    whole = sum(weights)
    if not whole:
        if amount_minor:
            raise ValueError("nothing to share the amount among")
        return [0] * len(shares)
    size = abs(amount_minor)
    parts = [size * weight // whole for weight in weights]
    rests = [size * weight % whole for weight in weights]
    for place in sorted(range(len(parts)), key=lambda place: -rests[place])[: size - sum(parts)]:
        parts[place] += 1
    return parts if amount_minor >= 0 else [-part for part in parts]
