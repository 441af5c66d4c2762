"""The audit trail as a page: by who, what, day and lead."""

from datetime import date
from typing import Any

from chalice import Response

from chalicelib.flows.read_audit import KINDS, PAGE, day_bounds, read_audit
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import query
from chalicelib.records.api_key import ApiKey
from chalicelib.records.audit import KEY, RULES, AuditQuery
from chalicelib.records.lead import Lead
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

# What an address says for a rule of ours, whose name is empty.
BY_RULE = "-"


def show_audit(request: Any, who: Rep) -> Response:
    deps, zone = service().deps, who.week.zone
    by, day = query(request, "by")[:200], _day(query(request, "day"))
    since, until = day_bounds(day, zone) if day else (None, None)
    kind = query(request, "kind")
    asked = AuditQuery(
        by=None if not by else RULES if by == BY_RULE else by,
        kind=kind if kind in KINDS else "",
        lead_id=query(request, "lead")[:100],
        since=since,
        until=until,
        before=query(request, "before")[:100],
        limit=PAGE,
    )
    kept = {"by": by, "kind": asked.kind, "lead": asked.lead_id, "day": day.isoformat() if day else ""}
    return console_page(
        request, who, "audit.html", found=read_audit(deps, asked), asked=asked, by=by, kinds=KINDS,
        day=kept["day"], kept={name: value for name, value in kept.items() if value}, zone=zone, people=_people(),
        rules=BY_RULE, keep_days=deps.keep_audit.days, lead_name=_name(asked.lead_id),
    )  # fmt: skip


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if len(typed) == 10 else None
    except ValueError:
        return None


def _people() -> list[tuple[str, str]]:
    """Who may have changed something: people, programs, rules."""
    deps = service().deps
    keys = dict.fromkeys(stored.value.name for stored in deps.store.query(ApiKey))
    people = [(rep.rep_id, rep.name) for rep in sorted(deps.directory.reps(), key=lambda rep: rep.name)]
    return [*people, *((f"{KEY}{name}", name) for name in sorted(keys))]


def _name(lead_id: str) -> str:
    stored = service().deps.store.get(Lead, lead_id) if lead_id and "#" not in lead_id else None
    return stored.value.full_name or next(iter(stored.value.emails), "") if stored else ""
