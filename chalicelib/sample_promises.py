"""Promises of the sample data: kept, broken, due soon, and two that contradict each other."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.flows.keep_promises import Promised, give_promise, mind_promise, settle_promise
from chalicelib.follow_up.promises import kept
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.promise import Promise
from chalicelib.records.search import LeadQuery


def make_promises(deps: Deps, entries: list[dict[str, Any]], at: Callable[[datetime], Deps]) -> None:
    """`entries` as in data/sample.json; `at` gives the service at a moment of the past. Needs the read model."""
    now = deps.clock()
    for entry in entries:
        given_at = now - timedelta(days=entry["days_ago"])
        person = deps.model.leads(LeadQuery(text=entry["company"], sort="score", offset=entry["place"], limit=1)).rows
        rep = deps.directory.rep(entry["by"])
        if not person or rep is None:
            continue
        due_on = (now + timedelta(days=entry["due_in"])).date()
        said = Promised(entry["subject"], entry["said"], due_on, visible=entry.get("visible", False), source="call")
        made = give_promise(at(given_at), person[0].lead_id, rep, said)
        if (late := entry.get("kept_after")) is not None:
            moment = made.due_at + timedelta(days=late)
            settle_promise(at(moment), made.lead_id, made.promise_id, partial(kept, by=rep.rep_id, now=moment))
        elif made.due_at < now:
            mind_promise(at(made.due_at), Ref(Promise, (made.lead_id, made.promise_id)))
