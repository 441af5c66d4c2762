"""How far credited revenue could be off by chance alone."""

import numpy as np

from chalicelib.attribute.paths import Floats

ENOUGH_DEALS = 5
CREDIBILITY = 0.90
_DRAWS = 4000
_SEED = 20161101
# How many deals' worth the spread of all deals weighs in a channel's own amounts.
_PRIOR_DEALS = 2.0


def revenue_interval(wins: float, revenue: float, parts: Floats, values: Floats) -> tuple[float | None, float | None]:
    """Bounds of the revenue a channel earns over such a period, with 90 % credibility; (None, None) where no
    deal has a value.

    The number of deals is Poisson with a Gamma(½, 0) prior, their amounts are log-normal with a normal-inverse-
    gamma prior centred on all deals; both posteriors are drawn from and multiplied. A bootstrap over deals is
    too narrow here: with 5 to 50 deals of wide amounts its 90 % cover 70 to 86 %,
    these 88 to 95 %. `wins` and `revenue` are what
    the model credits, `parts` each deal's part in the channel (0 … 1) and `values` the deals' amounts. The draws
    are seeded: the same deals give the same interval.
    """
    sold = values > 0
    if not sold.any():
        return None, None
    chance = np.random.default_rng(_SEED)
    deals = chance.gamma(wins + 0.5, size=_DRAWS)
    own = parts[sold]
    earned = deals * _mean_amounts(np.log(values[sold]), own, chance)
    if own.sum() > 0 and wins > 0 and revenue > 0:
        # Models differ in which deals they credit most: their own mean amount, with the spread of the deals'.
        earned *= (revenue / wins) / float(np.average(values[sold], weights=own))
    low, high = np.quantile(earned, [(1 - CREDIBILITY) / 2, (1 + CREDIBILITY) / 2])
    return float(low), float(high)


def _mean_amounts(logs: Floats, parts: Floats, chance: np.random.Generator) -> Floats:
    """Draws of the mean of a log-normal amount, given logs of amounts counted by their parts."""
    centre, spread = float(logs.mean()), max(float(logs.var()), 1e-4)
    count = float(parts.sum())
    mean = float(parts @ logs) / count if count else centre
    scatter = float(parts @ (logs - mean) ** 2) if count else 0.0
    weight = _PRIOR_DEALS + count
    pull = _PRIOR_DEALS * count / weight * (mean - centre) ** 2
    variance = (_PRIOR_DEALS * spread + scatter + pull) / chance.chisquare(weight, size=_DRAWS)
    # Two degrees of freedom allow variances for which a log-normal has no useful mean.
    variance = np.minimum(variance, 4 * max(spread, scatter / max(count, 1.0)))
    middle = (_PRIOR_DEALS * centre + parts @ logs) / weight
    draws: Floats = np.exp(chance.normal(middle, np.sqrt(variance / weight)) + variance / 2)
    return draws
