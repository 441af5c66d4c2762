"""What came back: the latest report by rule and currency, each figure with its rows, the same as CSV."""

from datetime import datetime
from typing import Any

from chalice import Response

from chalicelib.attribute.returns_report import as_csv as report_csv
from chalicelib.flows.keep_audit import note_export
from chalicelib.flows.open_figure import TOTAL, line_of, open_figure, section_of
from chalicelib.flows.report_returns import read_report, request_report
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import as_csv, offset_of, query, redirect
from chalicelib.messaging.languages import TEMPLATES
from chalicelib.records.money import Money, exponent
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

ROWS = 100
# Fetched, not committed: without it the table alone is shown.
CHART = TEMPLATES / "assets" / "lib" / "chart.umd.js"


def show_returns(request: Any, who: Rep) -> Response:
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


def show_rows(request: Any, who: Rep) -> Response:
    """The rows behind one figure. `campaign` is an id, empty for unattributed, or * for the total."""
    deps = service().deps
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


def download_returns(request: Any, who: Rep) -> Response:
    """The same section as the page shows; made from the report alone."""
    report = read_report(service().deps)
    if report is None:
        raise NotFound
    model, currency = _asked(request, report)
    shown = {**report, "sections": [_ordered(section_of(report, model, currency))]}
    name = f"returns-{model}-{currency.lower()}.csv"
    note_export(service().deps, who.rep_id, name)
    return as_csv(report_csv(shown, model, currency), name)


def refresh_returns(request: Any, who: Rep) -> Response:
    posted(request)
    request_report(service().deps)
    return redirect("/app/returns?said=asked")
