"""The attribution engine: journeys and names of models in, credit by channel out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.attribute.channel_returns import ChannelReturn, channel_returns
from chalicelib.attribute.journeys import Journeys
from chalicelib.attribute.markov import ORDERS, MarkovCredit, markov_credit
from chalicelib.attribute.paths import Floats, PathTable
from chalicelib.attribute.rules import ANCHORED, DIRECT_NAMES, RULES, Credit, Timing, rule_credit
from chalicelib.attribute.touches import SpendColumns
from chalicelib.records.contact import Refusal

MODELS = (
    "first",
    "last",
    "last_non_direct",
    "linear",
    "linear_unique",
    "position",
    *ANCHORED,
    "time_decay",
    *ORDERS,
)
# By name only, never in `all`: decay by place in the path, for paths without times.
_EXTRA = ("time_decay_position_half",)


@dataclass(frozen=True, slots=True)
class AttributionResult:
    """Credit per model, one number a channel in the order of `channels`, adding up to all conversions and value
    less the unattributed ones. `journeys` is None for a table of paths; `returns` is empty without spend and
    per model otherwise, in the order the models were asked for."""

    channels: tuple[str, ...]
    models: Mapping[str, Credit | MarkovCredit]
    conversions: float
    value: float
    currency: str = ""
    journeys: int | None = None
    unattributed: int = 0
    unattributed_value: float = 0.0
    returns: Mapping[str, Mapping[str, ChannelReturn]] | None = None


def available_models(source: PathTable | Journeys) -> tuple[str, ...]:
    """What `all` means for this input: rules by time need touches, rules by milestone need milestones,
    `last_non_direct` a channel named Direct."""
    channels = source.channels if isinstance(source, PathTable) else source.table.channels
    direct = any(name.casefold() in DIRECT_NAMES for name in channels)
    return tuple(name for name in MODELS if _lacking(name, source) is None and (direct or name != "last_non_direct"))


def _lacking(model: str, source: PathTable | Journeys) -> str | None:
    """Why the input does not allow the model, or None."""
    if model not in MODELS and model not in _EXTRA:
        return f"unknown model: {model}"
    if model == "time_decay" and isinstance(source, PathTable):
        return f"this model needs the times of the touches, which paths do not have: {model}"
    if model in ANCHORED and isinstance(source, PathTable):
        return f"this model needs touches and milestones, which paths do not have: {model}"
    if model in ANCHORED and isinstance(source, Journeys) and not source.anchors:
        return f"this model needs a file of milestones: {model}"
    return None


def attribute(
    source: PathTable | Journeys,
    models: Sequence[str],
    *,
    spend: SpendColumns | None = None,
    margin: float | None = None,
) -> AttributionResult | Refusal:
    """Credit of every channel by each of the models ("all" stands for `available_models`).

    With `spend` (touches only) also what came back on it; `margin` is the contribution's share of the value in
    percent. Refuses, in one line, an unknown model, one the input has no data for, spend without touches, a margin
    outside 0 to 100.
    """
    names = [name for model in models for name in (available_models(source) if model == "all" else (model,))]
    names = list(dict.fromkeys(names))
    for name in names:
        if lacking := _lacking(name, source):
            return Refusal(field="model", reason=lacking)
    if spend is not None and isinstance(source, PathTable):
        return Refusal(field="spend", reason="returns on spend need touches, which paths do not have")
    if margin is not None and not 0 <= margin <= 100:
        return Refusal(field="margin", reason=f"not a percentage from 0 to 100: {margin:g}")
    credits = {name: _credit(name, source) for name in names}
    if isinstance(source, PathTable):
        return AttributionResult(source.channels, credits, float(source.conversions.sum()), float(source.value.sum()))
    returns = None if spend is None else channel_returns(source, credits, spend, margin)
    return returns if isinstance(returns, Refusal) else _of_journeys(source, credits, returns)


def _credit(name: str, source: PathTable | Journeys) -> Credit | MarkovCredit:
    table = source if isinstance(source, PathTable) else source.table
    if name in ORDERS:
        return markov_credit(table, ORDERS[name])
    timing = None if isinstance(source, PathTable) else Timing(source.age_days, source.anchors)
    assert name in RULES
    return rule_credit(name, table, timing)


def _of_journeys(
    source: Journeys,
    credits: Mapping[str, Credit | MarkovCredit],
    returns: Mapping[str, Mapping[str, ChannelReturn]] | None,
) -> AttributionResult:
    return AttributionResult(
        channels=source.table.channels,
        models=credits,
        conversions=float(source.table.conversions.sum()) + source.unattributed,
        value=float(source.table.value.sum()) + source.unattributed_value,
        currency=source.currency,
        journeys=source.converting,
        unattributed=source.unattributed,
        unattributed_value=source.unattributed_value,
        returns=returns,
    )


def as_json(result: AttributionResult) -> dict[str, Any]:
    """The machine output: `models` → name → `conversions` and `value` → channel → number, and `totals`.

    From touches also `journeys` (conversions with a touch before them) and `unattributed`; totals include the
    unattributed. With spend `returns` → channel, by the first model asked for (`returns_model`), and by each
    model in `returns_by_model` where there are several.
    """
    document: dict[str, Any] = {
        "models": {
            name: {
                "conversions": _by_channel(result.channels, credit.conversions),
                "value": _by_channel(result.channels, credit.value),
            }
            for name, credit in result.models.items()
        },
        "totals": {"conversions": result.conversions, "value": result.value},
    }
    if result.currency:
        document["totals"]["currency"] = result.currency
    if result.journeys is not None:
        document["journeys"] = result.journeys
        document["unattributed"] = {"conversions": result.unattributed, "value": result.unattributed_value}
    if result.returns:
        document |= _returns_json(result.returns)
    return document


def _returns_json(returns: Mapping[str, Mapping[str, ChannelReturn]]) -> dict[str, Any]:
    plain = {model: {channel: line.as_json() for channel, line in lines.items()} for model, lines in returns.items()}
    first = next(iter(plain))
    document: dict[str, Any] = {"returns": plain[first], "returns_model": first}
    return document | ({"returns_by_model": plain} if len(plain) > 1 else {})


def _by_channel(channels: Sequence[str], numbers: Floats) -> dict[str, float]:
    return dict(zip(channels, numbers.tolist(), strict=True))
