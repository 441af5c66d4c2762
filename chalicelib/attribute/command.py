"""The `attribute` command on plain texts: files in, JSON or CSV out, nothing read or written here."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from chalicelib.attribute.columns import inert
from chalicelib.attribute.engine import AttributionResult, as_json, attribute
from chalicelib.attribute.journeys import Journeys
from chalicelib.attribute.paths import PathTable, read_paths
from chalicelib.attribute.touches import (
    SpendColumns,
    journeys,
    read_conversions,
    read_milestones,
    read_spend,
    read_touches,
)
from chalicelib.records.contact import Refusal

T = TypeVar("T")

UNATTRIBUTED = "(unattributed)"
_CREDIT = ("model", "channel", "conversions", "value")
_RETURNS = ("spend", "leads", "revenue_per_spend", "low", "high", "enough")
_MARGIN = ("contribution", "roi")


def run_attribution(
    *,
    paths: str | None = None,
    touches: str | None = None,
    conversions: str | None = None,
    spend: str | None = None,
    milestones: str | None = None,
    model: str = "all",
    lookback: float | None = None,
    margin: float | None = None,
    as_csv: bool = False,
) -> str | Refusal:
    """The texts of the files given, the models joined by commas, `lookback` in days, `margin` in percent.

    Answers one line of JSON (`engine.as_json`) or a CSV with a row a model and channel. A refusal's reason names
    the file and the column.
    """
    if lacking := _lacking(paths, touches, conversions, (spend, milestones, lookback, margin)):
        return Refusal(field="file", reason=lacking)
    source: PathTable | Journeys | Refusal
    if paths is not None:
        source = _read("paths", read_paths, paths)
    else:
        source = _journeys(touches or "", conversions or "", milestones, lookback)
    if isinstance(source, Refusal):
        return source
    costs = None if spend is None else _read("spend", read_spend, spend)
    if isinstance(costs, Refusal):
        return costs
    return _shown(source, model, costs, margin, as_csv)


def _lacking(
    paths: str | None, touches: str | None, conversions: str | None, beside: tuple[str | float | None, ...]
) -> str | None:
    """What is wrong with the choice of files, or None. An empty file is a file."""
    spend, _, _, margin = beside
    if paths is not None:
        if touches is not None or conversions is not None:
            return "give either paths, or touches and conversions"
        return "paths have no times: use touches and conversions" if beside != (None,) * 4 else None
    if touches is None or conversions is None:
        return "a file is missing: give paths, or touches and conversions"
    return "a margin needs a spend file" if margin is not None and spend is None else None


def _journeys(touches: str, conversions: str, milestones: str | None, lookback: float | None) -> Journeys | Refusal:
    seen = _read("touches", read_touches, touches)
    if isinstance(seen, Refusal):
        return seen
    won = _read("conversions", read_conversions, conversions)
    if isinstance(won, Refusal):
        return won
    passed = None if milestones is None else _read("milestones", read_milestones, milestones)
    return passed if isinstance(passed, Refusal) else journeys(seen, won, lookback, passed)


def _read(name: str, reader: Callable[[str], T | Refusal], text: str) -> T | Refusal:
    found = reader(text)
    if not isinstance(found, Refusal):
        return found
    place = f"{name} file" if found.field == "file" else f"{name} file, {found.field}"
    return replace(found, reason=f"{place}: {found.reason}")


def _shown(
    source: PathTable | Journeys, model: str, spend: SpendColumns | None, margin: float | None, as_csv: bool
) -> str | Refusal:
    names = [name.strip() for name in model.split(",")]
    result = attribute(source, names, spend=spend, margin=margin)
    if isinstance(result, Refusal):
        return result
    return _csv(result, margin is not None) if as_csv else json.dumps(as_json(result), ensure_ascii=False)


def _csv(result: AttributionResult, has_margin: bool) -> str:
    columns: tuple[str, ...] = _CREDIT
    if result.returns:
        columns += _RETURNS + (_MARGIN if has_margin else ())
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for name in result.models:
        writer.writerows(_rows(result, name))
    return text.getvalue()


def _rows(result: AttributionResult, model: str) -> list[dict[str, Any]]:
    credit, returns = result.models[model], (result.returns or {}).get(model, {})
    earned = {
        channel: {"conversions": conversions, "value": value}
        for channel, conversions, value in zip(
            result.channels, credit.conversions.tolist(), credit.value.tolist(), strict=True
        )
    }
    nothing = {"conversions": 0.0, "value": 0.0}
    rows: list[dict[str, Any]] = [
        {"model": model, "channel": inert(channel)} | earned.get(channel, nothing) | _line(returns, channel)
        for channel in dict.fromkeys((*result.channels, *returns))
    ]
    if result.journeys is not None:
        kept = {"conversions": result.unattributed, "value": result.unattributed_value}
        rows.append({"model": model, "channel": UNATTRIBUTED} | kept)
    return rows


def _line(returns: Any, channel: str) -> dict[str, Any]:
    return returns[channel].as_json() if channel in returns else {}
