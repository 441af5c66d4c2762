"""One lead: everything about the person, and what somebody of ours does with it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from chalice import Response

from chalicelib.flows.dead_addresses import lift
from chalicelib.flows.keep_promises import give_promise
from chalicelib.flows.keep_tasks import Changed
from chalicelib.flows.read_audit import audit_of_lead
from chalicelib.flows.read_lead import PAGE, entries_since, read_lead, see_lead, sees_lead
from chalicelib.flows.read_merge import UNDER_WAY, merge_with
from chalicelib.flows.read_now import tag_of
from chalicelib.flows.triage import Meanwhile, as_shown
from chalicelib.flows.work_lead import change_status, close_deal, open_deal, reassign, write_note
from chalicelib.follow_up.mentions import mentioned
from chalicelib.follow_up.policy import agreed_by, said_no
from chalicelib.follow_up.promises import subjects
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_fields import choice, money, text, wrong
from chalicelib.handlers.console import console_page
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.promise_fields import asked_promise
from chalicelib.handlers.web import offset_of, query, redirect, whole
from chalicelib.records.contact import Refusal
from chalicelib.records.lead import LeadStatus, Note
from chalicelib.records.money import Money, as_typed
from chalicelib.records.opportunity import OpportunityStage
from chalicelib.records.promise import Promise, PromiseState
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

# Stored as these English texts; pages translate them. Whoever means something else types it.
REJECT_REASONS = (
    "no need at present",
    "no budget",
    "bought elsewhere",
    "not the right person",
    "cannot be reached",
    "not a real enquiry",
)
NOTE_KINDS = ("call", "visit", "mail", "note")
_SETTABLE = (LeadStatus.ACCEPTED, LeadStatus.QUALIFIED, LeadStatus.REJECTED, LeadStatus.NEW)

# What a page says after the redirect, by the word in its address.
DONE = ("status", "note", "owner", "deal", "deal_stage", "promise", "address", "task", "task_done", "undone")

Act = Callable[[Mapping[str, Any]], object]


def show_lead(request: Any, who: Rep, lead_id: str) -> Response:
    return _lead_page(request, who, lead_id)


def post_status(request: Any, who: Rep, lead_id: str) -> Response:
    def act(sent: Mapping[str, Any]) -> object:
        status = LeadStatus(choice(sent, "status", [s.value for s in _SETTABLE]))
        reason = text(sent, "other", 300) or text(sent, "reason", 300)
        if status is LeadStatus.REJECTED and not reason:
            raise wrong("other", "is needed")
        return change_status(service().deps, lead_id, status, reason, who.rep_id, as_shown(seen_version(sent)))

    return acted(request, who, lead_id, "status", act)


def post_note(request: Any, who: Rep, lead_id: str) -> Response:
    """A note needs words, or a promise; a call, visit or mail counts without."""

    def act(sent: Mapping[str, Any]) -> object:
        deps = service().deps
        kind = choice(sent, "kind", NOTE_KINDS)
        promised = asked_promise(sent, who, deps.clock())
        said = text(sent, "text", 5000)
        if kind == "note" and not said:
            if promised:
                return give_promise(deps, lead_id, who, promised)
            raise wrong("text", "is needed")
        return write_note(deps, lead_id, kind, said, who, promised, named_in(said, who, lead_id))

    return acted(request, who, lead_id, "note", act)


def post_owner(request: Any, who: Rep, lead_id: str) -> Response:
    def act(sent: Mapping[str, Any]) -> object:
        # By id: the page may have come from a function that knows somebody added a moment ago.
        owner = service().deps.directory.rep(str(sent.get("owner_id", "")))
        if owner is None or not owner.active:
            raise wrong("owner_id", "choose one of the people listed")
        check = as_shown(seen_version(sent))
        return reassign(service().deps, lead_id, owner.rep_id, text(sent, "reason", 300), who.rep_id, check)

    return acted(request, who, lead_id, "owner", act)


def post_deal(request: Any, who: Rep, lead_id: str) -> Response:
    def act(sent: Mapping[str, Any]) -> object:
        name, amount, margin = _all_of(lambda: _words(sent, "name", 200), lambda: _amount(sent), lambda: _margin(sent))
        return open_deal(service().deps, lead_id, name, amount, margin, who.rep_id)

    return acted(request, who, lead_id, "deal", act)


def post_deal_stage(request: Any, who: Rep, lead_id: str, deal_id: str) -> Response:
    def act(sent: Mapping[str, Any]) -> object:
        stage = OpportunityStage(choice(sent, "stage", [s.value for s in OpportunityStage]))
        return close_deal(service().deps, lead_id, deal_id, stage, text(sent, "reason", 300))

    return acted(request, who, lead_id, "deal_stage", act)


def post_address(request: Any, who: Rep, lead_id: str) -> Response:
    """Mail goes to an address again from which it came back."""

    def act(sent: Mapping[str, Any]) -> object:
        lift(service().deps, lead_id, _words(sent, "address", 320), who.rep_id)
        return None

    return acted(request, who, lead_id, "address", act)


def acted(request: Any, who: Rep, lead_id: str, form: str, act: Act) -> Response:
    """Do what the form asks and go back to the lead; with wrong fields the page comes back as it was typed."""
    sent = posted(request)
    see_lead(service().deps, who, lead_id)
    try:
        made = act(sent)
    except (Meanwhile, Changed) as stale:
        return _lead_page(request, who, lead_id, form, sent, stale=stale)
    except Problem as problem:
        if not problem.errors:
            raise
        return _lead_page(request, who, lead_id, form, sent, problem)
    if not sees_lead(service().deps, who, lead_id):
        # Given to somebody else: it is no longer theirs to look at.
        return redirect("/app/leads")
    return redirect(f"/app/leads/{lead_id}?done={form}{_undo_of(made)}")


def _undo_of(made: object) -> str:
    """What the next page needs to know to offer an undo."""
    if isinstance(made, Note) and made.before:
        return f"&note={made.note_id}"
    return f"&promise={made.promise_id}" if isinstance(made, Promise) else ""


def settled_promise(lead_id: str, promise_id: str) -> Promise | None:
    """The promise that has just been kept or withdrawn, for the line with its undo."""
    stored = service().deps.store.get(Promise, lead_id, promise_id[:100]) if promise_id else None
    return stored.value if stored and stored.value.state in (PromiseState.KEPT, PromiseState.WITHDRAWN) else None


def _lead_page(
    request: Any,
    who: Rep,
    lead_id: str,
    form: str = "",
    typed: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
    stale: Exception | None = None,
) -> Response:
    """`stale`: what was sent was held against an old page; it comes back beside what happened meanwhile."""
    deps, zone = service().deps, who.week.zone
    done = query(request, "done")
    merge = merge_with(deps, lead_id, query(request, "merge")[:100]) if done == "merge" else None
    # The trail first: what comes in between makes the page older than it says, never newer.
    changes = audit_of_lead(deps, lead_id)
    view = read_lead(deps, who, lead_id, zone, offset_of(request))
    last = changes[0].audit_id if changes else ""
    answer = console_page(
        request,
        who,
        "lead.html",
        view=view,
        page_size=PAGE,
        refused_news=said_no(view.lead),
        agreed_by=agreed_by(view.lead),
        changes=changes,
        live=urlencode({"after": last, "since": deps.clock().isoformat()}),
        tag=tag_of(view.version, last),
        undo_note=_undo_note(request, lead_id),
        promise_done=settled_promise(lead_id, query(request, "promise")),
        stale=stale,
        meanwhile=entries_since(deps, lead_id, shown_at(typed), zone)[:5] if stale and typed else (),
        now=deps.clock(),
        people={rep.rep_id: rep.name for rep in deps.directory.reps()},
        done=done if done in DONE else "",
        merge=merge,
        merge_busy=query(request, "said") == "busy",
        here=f"/app/leads/{lead_id}",
        form=form,
        typed={name: str(value) for name, value in (typed or {}).items()},
        errors={refusal.field: refusal.reason for refusal in problem.errors} if problem else {},
        reps=[rep for rep in deps.directory.reps() if rep.active],
        reject_reasons=REJECT_REASONS,
        note_kinds=NOTE_KINDS,
        currency=service().settings.base_currency,
        subjects=subjects(),
        today=deps.clock().astimezone(ZoneInfo(zone)).date().isoformat(),
    )
    if problem or stale:
        answer.status_code = problem.status if problem else 409
    if merge and merge.state in UNDER_WAY:
        # Done within a moment: the page looks by itself whether it is.
        answer.headers["Refresh"] = "2"
    return answer


def named_in(said: str, who: Rep, lead_id: str) -> list[Rep]:
    """The colleagues a text names, who must be clear and see the lead; whoever writes needs no telling."""
    deps = service().deps
    found = mentioned(said, [rep for rep in deps.directory.reps() if rep.active])
    if found.unclear:
        raise wrong("text", f"more than one of us is called that: {found.unclear[0]}")
    named = [rep for rep in found.people if rep.rep_id != who.rep_id]
    blind = [rep.name for rep in named if not sees_lead(deps, rep, lead_id)]
    if blind:
        raise wrong("text", f"a colleague named here may not see this lead: {blind[0]}")
    return named


def can_be_undone(note: Note) -> bool:
    return note.before is not None and not note.before.taken_back


def seen_version(sent: Mapping[str, Any]) -> int:
    """The version a form was shown with; 0 where it does not say."""
    return whole(str(sent.get("seen", "")))


def shown_at(sent: Mapping[str, Any]) -> datetime:
    """When what a form was shown with had last changed; now where it does not say."""
    try:
        since = datetime.fromisoformat(str(sent.get("since", "")))
    except ValueError:
        return service().deps.clock()
    return since if since.tzinfo else service().deps.clock()


def _undo_note(request: Any, lead_id: str) -> Note | None:
    note_id = query(request, "note")[:100]
    stored = service().deps.store.get(Note, lead_id, note_id) if note_id else None
    return stored.value if stored and can_be_undone(stored.value) else None


def _words(sent: Mapping[str, Any], field: str, limit: int) -> str:
    """A text that is needed; blanks are none."""
    found = text(sent, field, limit)
    if not found:
        raise wrong(field, "is needed")
    return found


def _all_of(*readers: Callable[[], Any]) -> list[Any]:
    """What the readers read, or one problem with all that is wrong: nobody corrects a form field by field."""
    read: list[Any] = []
    refusals: list[Refusal] = []
    for reader in readers:
        try:
            read.append(reader())
        except Problem as problem:
            refusals += problem.errors
    if refusals:
        raise Problem(422, "Some fields need a look", refusals[0].reason, tuple(refusals))
    return read


def _amount(sent: Mapping[str, Any]) -> Money:
    return money({**sent, "amount": as_typed(text(sent, "amount", 20))})


def _margin(sent: Mapping[str, Any]) -> int | None:
    raw = text(sent, "margin", 4).rstrip("% ")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and int(raw) <= 100):
        raise wrong("margin", "a whole percentage, 0 to 100")
    return int(raw)
