"""Markov attribution by removal effects, exact."""

from dataclasses import dataclass

import numpy as np

from chalicelib.attribute.chain import chain_of, losses
from chalicelib.attribute.paths import Floats, PathTable

ORDERS = {"markov": 1, "markov2": 2, "markov3": 3}


@dataclass(frozen=True, slots=True)
class MarkovCredit:
    """Credit of each channel, with the removal effects (0 … 1) it was made from."""

    conversions: Floats
    value: Floats
    removal_effect: Floats
    removal_effect_value: Floats


def markov_credit(table: PathTable, order: int = 1) -> MarkovCredit:
    """Removal-effect credit of order 1, 2 or 3 (Anderl, Becker, von Wangenheim, Schumann 2016, "Mapping the
    customer journey", IJRM 33(3)).

    Journeys are a Markov chain from a start through states (runs of `order` touches, loops kept) to conversion
    or null, estimated from the paths. A channel's removal effect is the share of the chain's conversion
    probability that is lost when every state holding the channel leads to null. Its credit is its part of the
    sum of all removal effects, times all conversions. Value has its own removal effect: the share of the
    expected value lost, each state's conversions being worth what those that ended there were worth. The
    probabilities are solved for, not simulated. Without a conversion everything is 0.
    """
    total, value = float(table.conversions.sum()), float(table.value.sum())
    if not total:
        nothing = np.zeros(len(table.channels))
        return MarkovCredit(nothing, nothing, nothing, nothing)
    effect, effect_value = losses(chain_of(table, order)).T
    return MarkovCredit(_shared(effect, total), _shared(effect_value, value), effect, effect_value)


def _shared(effect: Floats, total: float) -> Floats:
    whole = float(effect.sum())
    return effect * (total / whole) if whole else np.zeros(len(effect))
