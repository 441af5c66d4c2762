"""Who answers leads: working time, territory, load; and leaving, which hands everything open to others."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from chalice import Blueprint, Response

from chalicelib.flows.hand_over import HandOver, deactivate, save_person
from chalicelib.flows.work_lead import NotFound
from chalicelib.handlers import http_forms, http_operations
from chalicelib.handlers.access import person, posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.rep_fields import read_rep, typed_of
from chalicelib.handlers.web import query, redirect, route
from chalicelib.records.ports import Conflict, Deps, Stored
from chalicelib.records.rep import Rep, Role
from chalicelib.wiring import service

people = Blueprint(__name__)
blueprints = (people, *http_forms.blueprints, *http_operations.blueprints)

_ID = re.compile(r"[^a-z0-9]+")


@route(people, "/app/reps")
def list_reps() -> Response:
    request = people.current_request
    who, deps = person(request), service().deps
    reps = sorted(deps.directory.reps(), key=lambda rep: (not rep.active, rep.name.casefold()))
    return console_page(request, who, "reps.html", reps=reps, load=deps.directory.load())


@route(people, "/app/reps/new")
def new_rep() -> Response:
    request = people.current_request
    return _form_page(request, person(request), None, typed_of(Rep("", "", "")), {})


@route(people, "/app/reps", ("POST",))
def post_rep() -> Response:
    """Add a person."""
    request = people.current_request
    who, sent = posted(request)
    deps = service().deps
    read = read_rep(sent, Rep(_new_id(deps, str(sent.get("name", ""))), "", ""), deps.directory.reps())
    if not isinstance(read, Rep):
        return _form_page(request, who, None, sent, read)
    return _saved(request, who, Stored(read, 0), sent)


def _new_id(deps: Deps, name: str) -> str:
    """Part of addresses and keys: from the name where that is free."""
    wanted = _ID.sub("-", name.casefold()).strip("-")[:40]
    taken = {rep.rep_id for rep in deps.directory.reps()}
    return wanted if wanted and wanted not in taken else f"{wanted or 'rep'}-{deps.new_id()[-6:].lower()}"


def _saved(request: Any, who: Rep, changed: Stored[Rep], sent: Mapping[str, Any]) -> Response:
    """Saved, or the page again with what was typed when others changed that person meanwhile."""
    rep_id = changed.value.rep_id
    try:
        save_person(service().deps, changed.value, changed.version)
    except Conflict:
        now = _rep(rep_id).value if changed.version else None
        answer = _form_page(request, who, now, sent, {"": "Too many changes at once; try again."})
        answer.status_code = 409
        return answer
    return redirect(f"/app/reps/{rep_id}?said=saved")


@route(people, "/app/reps/{rep_id}")
def show_rep(rep_id: str) -> Response:
    request = people.current_request
    who, rep = person(request), _rep(rep_id).value
    return _form_page(request, who, rep, typed_of(rep), {})


def _rep(rep_id: str) -> Stored[Rep]:
    found = service().deps.store.get(Rep, rep_id)
    if found is None:
        raise NotFound
    return found


@route(people, "/app/reps/{rep_id}", ("POST",))
def post_rep_changes(rep_id: str) -> Response:
    request = people.current_request
    who, sent = posted(request)
    stored = _rep(rep_id)
    read = read_rep(sent, stored.value, service().deps.directory.reps())
    if not isinstance(read, Rep):
        return _form_page(request, who, stored.value, sent, read)
    return _saved(request, who, Stored(read, stored.version), sent)


def _form_page(request: Any, who: Rep, rep: Rep | None, typed: Mapping[str, Any], errors: dict[str, str]) -> Response:
    deps = service().deps
    answer = console_page(
        request,
        who,
        "rep.html",
        rep=rep,
        typed=typed,
        errors=errors,
        roles=list(Role),
        zones=sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
        managers=[other for other in deps.directory.reps() if rep is None or other.rep_id != rep.rep_id],
        load=deps.directory.load().get(rep.rep_id, 0) if rep else 0,
        said=query(request, "said"),
    )
    answer.status_code = 422 if errors else 200
    return answer


@route(people, "/app/reps/{rep_id}/deactivate", ("POST",))
def post_deactivate(rep_id: str) -> Response:
    """Somebody leaves: what is open goes to others at once. Sent again, what came up since goes too."""
    request = people.current_request
    who, _ = posted(request)
    done: HandOver = deactivate(service().deps, _rep(rep_id).value.rep_id)
    names = {rep.rep_id: rep.name for rep in service().deps.directory.reps()}
    receivers = sorted({*done.leads, *done.requests, *done.deals}, key=lambda i: (-done.leads.get(i, 0), i))
    return console_page(
        request, who, "handed_over.html", rep=_rep(rep_id).value, done=done, receivers=receivers, names=names
    )  # fmt: skip


@route(people, "/app/reps/{rep_id}/activate", ("POST",))
def post_activate(rep_id: str) -> Response:
    """Somebody is back, and is given leads again; what went to others stays there."""
    request = people.current_request
    who, _ = posted(request)
    stored = _rep(rep_id)
    back = replace(stored.value, active=True)
    return _saved(request, who, Stored(back, stored.version), typed_of(back))
