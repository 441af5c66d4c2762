"""Who answers leads: working time, territory, load; and leaving, which hands everything open to others."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from chalice import Response

from chalicelib.assign.visibility import may_manage
from chalicelib.flows.find_person import same_case
from chalicelib.flows.hand_over import HandOver, deactivate, save_person
from chalicelib.flows.sessions import end_all, sessions_of
from chalicelib.handlers.access import posted, session_and_person
from chalicelib.handlers.console import console_page
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.rep_fields import read_rep, typed_of
from chalicelib.handlers.web import query, redirect
from chalicelib.records.ports import Conflict, Deps, NotFound, Stored
from chalicelib.records.rep import Rep, Role
from chalicelib.wiring import service

_ID = re.compile(r"[^a-z0-9]+")


def list_reps(request: Any, who: Rep) -> Response:
    deps = service().deps
    reps = sorted(deps.directory.reps(), key=lambda rep: (not rep.active, rep.name.casefold()))
    return console_page(request, who, "reps.html", reps=reps, load=deps.directory.load())


def new_rep(request: Any, who: Rep) -> Response:
    return _form_page(request, who, None, typed_of(Rep("", "", "")), {})


def post_rep(request: Any, who: Rep) -> Response:
    """Add a person."""
    sent = posted(request)
    deps = service().deps
    read = read_rep(sent, Rep(_new_id(deps, str(sent.get("name", ""))), "", ""), deps.directory.reps())
    if not isinstance(read, Rep):
        return _form_page(request, who, None, sent, read)
    _check_may_manage(who, read)
    return _saved(request, who, Stored(read, 0), sent)


def _check_may_manage(who: Rep, other: Rep) -> None:
    """Whoever may change an address or a role may sign in as that person. Raises Problem."""
    if not may_manage(who, other.role):
        raise Problem(403, "Not for your role", "Only an administrator can change this person or give this role.")


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


def show_rep(request: Any, who: Rep, rep_id: str) -> Response:
    rep = _rep(rep_id).value
    return _form_page(request, who, rep, typed_of(rep), {})


def _rep(rep_id: str) -> Stored[Rep]:
    found = service().deps.store.get(Rep, rep_id)
    if found is None:
        raise NotFound
    return found


def post_rep_changes(request: Any, who: Rep, rep_id: str) -> Response:
    sent = posted(request)
    stored = _rep(rep_id)
    _check_may_manage(who, stored.value)
    read = read_rep(sent, stored.value, service().deps.directory.reps())
    if not isinstance(read, Rep):
        return _form_page(request, who, stored.value, sent, read)
    _check_may_manage(who, read)
    answer = _saved(request, who, Stored(read, stored.version), sent)
    if answer.status_code == 303 and same_case(read.email) != same_case(stored.value.email):
        # The account may be somebody else's from now on; who changes the own address stays here.
        end_all(service().deps, rep_id, but=session_and_person(request)[0].digest)
    return answer


def _form_page(request: Any, who: Rep, rep: Rep | None, typed: Mapping[str, Any], errors: dict[str, str]) -> Response:
    deps = service().deps
    answer = console_page(
        request,
        who,
        "rep.html",
        rep=rep,
        typed=typed,
        errors=errors,
        roles=[role for role in Role if may_manage(who, role)],
        editable=rep is None or may_manage(who, rep.role),
        zones=sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
        managers=[other for other in deps.directory.reps() if rep is None or other.rep_id != rep.rep_id],
        load=deps.directory.load().get(rep.rep_id, 0) if rep else 0,
        said=query(request, "said"),
        sessions=len(sessions_of(deps, rep.rep_id)) if rep else 0,
        provider=bool(service().settings.oidc_issuer),
    )
    answer.status_code = 422 if errors else 200
    return answer


def post_deactivate(request: Any, who: Rep, rep_id: str) -> Response:
    """Somebody leaves: what is open goes to others at once. Sent again, what came up since goes too."""
    posted(request)
    leaving = _rep(rep_id).value
    _check_may_manage(who, leaving)
    end_all(service().deps, rep_id)
    done: HandOver = deactivate(service().deps, leaving.rep_id)
    names = {rep.rep_id: rep.name for rep in service().deps.directory.reps()}
    receivers = sorted({*done.leads, *done.requests, *done.deals}, key=lambda i: (-done.leads.get(i, 0), i))
    return console_page(
        request, who, "handed_over.html", rep=_rep(rep_id).value, done=done, receivers=receivers, names=names
    )  # fmt: skip


def post_activate(request: Any, who: Rep, rep_id: str) -> Response:
    """Somebody is back, and is given leads again; what went to others stays there."""
    posted(request)
    stored = _rep(rep_id)
    _check_may_manage(who, stored.value)
    back = replace(stored.value, active=True)
    return _saved(request, who, Stored(back, stored.version), typed_of(back))
