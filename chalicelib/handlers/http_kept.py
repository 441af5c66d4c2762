"""Submissions set aside: quarantined and rejected ones, with their reasons, for a person to let in or to drop."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalice import Response

from chalicelib.flows.decide_kept import Decided, drop_kept, let_in, list_kept, show_kept
from chalicelib.flows.measure_kept import measure_kept
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import offset_of, query, redirect
from chalicelib.records.arrival import Refused
from chalicelib.records.form import worded
from chalicelib.records.kept import KeptState
from chalicelib.records.receipt import ReceiptOutcome
from chalicelib.records.rep import Rep
from chalicelib.records.search import KeptQuery
from chalicelib.wiring import service

ROWS = 50
# A queue of the page: what became of a submission, and whether somebody has decided.
QUEUES = {
    "quarantined": KeptQuery(ReceiptOutcome.QUARANTINED),
    "rejected": KeptQuery(ReceiptOutcome.REJECTED),
    "released": KeptQuery(state=KeptState.RELEASED),
    "dropped": KeptQuery(state=KeptState.DROPPED),
}
_SAID = frozenset({"let-in", "dropped", "decided"})


def list_all(request: Any, who: Rep) -> Response:
    deps = service().deps
    queue = query(request, "queue") if query(request, "queue") in QUEUES else "quarantined"
    since, until = _day(query(request, "since")), _day(query(request, "until"))
    chosen, offset, zone = QUEUES[queue], offset_of(request), ZoneInfo(who.week.zone)
    asked = KeptQuery(
        chosen.outcome, chosen.state, _midnight(since, zone), _midnight(until and until + timedelta(days=1), zone),
        ROWS, offset,
    )  # fmt: skip
    rows, total = list_kept(deps, asked)
    counts = {name: deps.model.kept(_counted(one))[1] for name, one in QUEUES.items()}
    days = {name: day.isoformat() for name, day in (("since", since), ("until", until)) if day}
    return console_page(
        request, who, "kept.html", rows=rows, total=total, offset=offset, limit=ROWS, queue=queue, counts=counts,
        figures=measure_kept(deps, asked) if queue == "quarantined" else [],
        days=days, forms=_form_names(), keep_days=deps.keep_raw.days,
        said=query(request, "said") if query(request, "said") in _SAID else "",
    )  # fmt: skip


def _counted(chosen: KeptQuery) -> KeptQuery:
    return KeptQuery(chosen.outcome, chosen.state, limit=1)


def _day(text: str) -> date | None:
    """A day of our times, or None."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return day if day and 2000 <= day.year < 3000 else None


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The day's beginning where the reader is."""
    return datetime.combine(day, time(), zone) if day else None


def _form_names() -> dict[str, str]:
    """What is filled in, by its id: the forms, and the intakes of others'."""
    directory = service().deps.directory
    forms = {form.form_id: worded(form.title, "en") or form.form_id for form in directory.forms()}
    return forms | {intake.intake_id: intake.name for intake in directory.intakes()}


def show_one(request: Any, who: Rep, kept_id: str) -> Response:
    return _page(request, who, kept_id)


def _page(request: Any, who: Rep, kept_id: str, refused: Refused | None = None) -> Response:
    deps = service().deps
    found = show_kept(deps, kept_id)
    names = {rep.rep_id: rep.name for rep in deps.directory.reps()}
    answer = console_page(
        request, who, "kept_one.html", kept=found.kept, fields=found.fields, text=found.text, forms=_form_names(),
        names=names, refused=refused,
    )  # fmt: skip
    answer.status_code = 422 if refused else 200
    return answer


def post_let_in(request: Any, who: Rep, kept_id: str) -> Response:
    """Release what was quarantined, or try again what was rejected: it becomes a lead as if it had just come in."""
    posted(request)
    try:
        answer = let_in(service().deps, kept_id, who.rep_id)
    except Decided:
        return redirect("/app/kept?said=decided")
    return _page(request, who, kept_id, answer) if isinstance(answer, Refused) else redirect("/app/kept?said=let-in")


def post_drop(request: Any, who: Rep, kept_id: str) -> Response:
    posted(request)
    try:
        drop_kept(service().deps, kept_id, who.rep_id)
    except Decided:
        return redirect("/app/kept?said=decided")
    return redirect("/app/kept?said=dropped")
