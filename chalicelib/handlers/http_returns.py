"""What came back: the latest report by rule and currency, each figure with its rows, the same as CSV."""

from datetime import datetime
from typing import Any

from chalice import Blueprint, Response

from chalicelib.attribute.returns_report import as_csv as report_csv
from chalicelib.flows.open_figure import TOTAL, line_of, open_figure, section_of
from chalicelib.flows.report_returns import read_report, request_report
from chalicelib.flows.work_lead import NotFound
from chalicelib.handlers.access import person, posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.http_uploads import offset_of
from chalicelib.handlers.web import as_csv, query, redirect, route
from chalicelib.messaging.languages import TEMPLATES
from chalicelib.records.money import Money, exponent
from chalicelib.wiring import service

returns = Blueprint(__name__)
blueprints = (returns,)

ROWS = 100
# Fetched, not committed: without it the table alone is shown.
CHART = TEMPLATES / "assets" / "lib" / "chart.umd.js"


@route(returns, "/app/returns")
def show_returns() -> Response:
    request = returns.current_request
    who = person(request)
    report = read_report(service().deps)
    if report is None:
        return console_page(request, who, "returns.html", section=None, asked=query(request, "said"))
    model, currency = _asked(request, report)
    section = _ordered(section_of(report, model, currency))
    return console_page(
        request,
        who,
        "returns.html",
        section=section,
        model=model,
        models=report["models"],
        currency=currency,
        currencies=report["currencies"],
        as_of=datetime.fromisoformat(report["as_of"]),
        lines=[_line(row) for row in section["rows"]],
        unattributed=_line(section["unattributed"]),
        total=_line(section["total"]),
        digits=exponent(currency),
        chart=CHART.is_file(),
        asked=query(request, "said"),
    )


def _asked(request: Any, report: dict[str, Any]) -> tuple[str, str]:
    """The model and currency asked for, else the report's first."""
    model, currency = query(request, "model"), query(request, "currency")
    return (
        model if model in report["models"] else report["models"][0],
        currency if currency in report["currencies"] else report["currencies"][0],
    )


def _ordered(section: dict[str, Any]) -> dict[str, Any]:
    """The section with the campaigns that brought the most first, for the page and the file alike."""

    def weight(row: dict[str, Any]) -> tuple[int, int, str]:
        return -row["revenue"]["amount_minor"], -row["spend"]["amount_minor"], row["campaign_id"]

    return {**section, "rows": sorted(section["rows"], key=weight)}


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """A line of the report with its money as Money."""
    return {name: Money(**value) if isinstance(value, dict) else value for name, value in row.items()}


@route(returns, "/app/returns/rows")
def show_rows() -> Response:
    """The rows behind one figure. `campaign` is an id, empty for unattributed, or * for the total."""
    request = returns.current_request
    who, deps = person(request), service().deps
    report = read_report(deps)
    if report is None:
        raise NotFound
    model, currency = _asked(request, report)
    campaign, what = query(request, "campaign", TOTAL), query(request, "what")
    offset = offset_of(request)
    figure = open_figure(deps, report, model, currency, campaign, what, offset, ROWS)
    asked = {"model": model, "currency": currency, "campaign": campaign, "what": what}
    return console_page(
        request,
        who,
        "returns_rows.html",
        figure=figure,
        line=_line(line_of(figure.section, campaign)),
        reps={rep.rep_id: rep.name for rep in deps.directory.reps()},
        as_of=datetime.fromisoformat(report["as_of"]),
        asked=asked,
        offset=offset,
        limit=ROWS,
    )


@route(returns, "/app/returns.csv")
def download_returns() -> Response:
    """The same section as the page shows; made from the report alone."""
    request = returns.current_request
    person(request)
    report = read_report(service().deps)
    if report is None:
        raise NotFound
    model, currency = _asked(request, report)
    shown = {**report, "sections": [_ordered(section_of(report, model, currency))]}
    return as_csv(report_csv(shown, model, currency), f"returns-{model}-{currency.lower()}.csv")


@route(returns, "/app/returns/refresh", ("POST",))
def refresh_returns() -> Response:
    request = returns.current_request
    posted(request)
    request_report(service().deps)
    return redirect("/app/returns?said=asked")
