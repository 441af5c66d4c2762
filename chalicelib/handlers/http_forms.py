"""Hosted forms, and seminars with their seats."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from chalice import Response

from chalicelib.capture.forms import WORDING
from chalicelib.capture.text import clean
from chalicelib.flows.follow_merges import people_named
from chalicelib.flows.plan_form import wordings_of
from chalicelib.flows.plan_seminar import MOST_SEATS, Plan, change_seminar, plan_seminar
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.routes import may_open
from chalicelib.handlers.web import language_of, query, redirect
from chalicelib.messaging.codes import qr_inline
from chalicelib.records.contact import Refusal
from chalicelib.records.event import Registration, RegistrationState, SeatCount, Seminar
from chalicelib.records.form import Form
from chalicelib.records.lead import Lead
from chalicelib.records.ports import NotFound, Ref
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def list_forms(request: Any, who: Rep) -> Response:
    """Open ones first; how many were sent by each, as far as they are people's by now."""
    deps = service().deps
    campaigns = {campaign.campaign_id: campaign.name for campaign in deps.directory.campaigns()}
    sent = deps.model.by_form()
    forms = sorted(deps.directory.forms(), key=lambda form: (not form.active, form.form_id))
    none = (0, None)
    found = [(f, deps.links.absolute(f"/f/{f.form_id}"), *sent.get(f.form_id, none)) for f in forms]
    return console_page(request, who, "forms.html", forms=found, campaigns=campaigns)


def show_form_page(request: Any, who: Rep, form_id: str) -> Response:
    """The form's public address, how it comes into a page of one's own, and what people agreed to on it."""
    deps = service().deps
    stored = deps.store.get(Form, form_id)
    if stored is None:
        raise NotFound
    form = stored.value
    address = deps.links.absolute(f"/f/{form.form_id}")
    from chalicelib.messaging.templates import environment

    templates = environment(language_of(request))
    snippet, embed = (templates.get_template(f"pages/form_{name}.html") for name in ("snippet", "embed"))
    count, last = deps.model.by_form().get(form.form_id, (0, None))
    rep_names = {rep.rep_id: rep.name for rep in deps.directory.reps()}
    return console_page(
        request,
        who,
        "form_page.html",
        form=form,
        address=address,
        snippet=snippet.render(form=form, address=address, wording=WORDING),
        code=qr_inline(address) if form.active else "",
        embed=embed.render(form=form, address=address, script=deps.links.absolute("/embed.js")),
        campaign=deps.directory.campaign(form.campaign_id) if form.campaign_id else None,
        seminar=deps.directory.seminar(form.event_id) if form.event_id else None,
        count=count,
        last=last,
        wordings=sorted(wordings_of(deps, form.form_id), key=lambda one: (one.name, -one.version)),
        shown={(asked.name, asked.wording) for asked in form.fields},
        rep_names=rep_names,
        changed_by=rep_names.get(form.changed_by, ""),
        building=may_open(who.role, "/app/forms/new"),
        said=query(request, "said"),
    )


def list_seminars(request: Any, who: Rep) -> Response:
    deps = service().deps
    seminars = sorted(deps.directory.seminars(), key=lambda seminar: seminar.starts_at, reverse=True)
    counts = deps.store.get_many([Ref(SeatCount, (seminar.event_id,)) for seminar in seminars])
    rows = [(s, c.value if c else SeatCount(s.event_id)) for s, c in zip(seminars, counts, strict=True)]
    return console_page(request, who, "seminars.html", rows=rows, now=deps.clock())


def new_seminar(request: Any, who: Rep) -> Response:
    return _seminar_page(request, who, None, {"zone": who.week.zone, "seats": "40"}, None)


def post_seminar(request: Any, who: Rep) -> Response:
    sent = posted(request)
    plan = _plan(sent)
    made = plan_seminar(service().deps, plan) if isinstance(plan, Plan) else plan
    if isinstance(made, Refusal):
        return _seminar_page(request, who, None, sent, made)
    service().deps.directory.forget()
    return redirect(f"/app/seminars/{made.event_id}?said=saved")


def show_seminar(request: Any, who: Rep, event_id: str) -> Response:
    seminar = _seminar(event_id)
    return _seminar_page(request, who, seminar, _typed(seminar), None)


def post_seminar_changes(request: Any, who: Rep, event_id: str) -> Response:
    sent = posted(request)
    seminar, plan = _seminar(event_id), _plan(sent)
    made = change_seminar(service().deps, seminar.event_id, plan) if isinstance(plan, Plan) else plan
    if isinstance(made, Refusal):
        return _seminar_page(request, who, seminar, sent, made)
    service().deps.directory.forget()
    known = seminar.sequence if seminar.told_sequence is None else seminar.told_sequence
    said = "moved" if made.sequence > known else "saved"
    return redirect(f"/app/seminars/{made.event_id}?said={said}")


def _seminar(event_id: str) -> Seminar:
    stored = service().deps.store.get(Seminar, event_id)
    if stored is None:
        raise NotFound
    return stored.value


def _typed(seminar: Seminar) -> dict[str, str]:
    ends = seminar.ends_at.astimezone(ZoneInfo(seminar.zone)).replace(tzinfo=None)
    return {
        "title": seminar.title, "wall_start": seminar.wall_start[:16], "wall_end": ends.isoformat()[:16],
        "zone": seminar.zone, "place": seminar.place, "seats": str(seminar.seats),
        "description": seminar.description, "campaign_id": seminar.campaign_id,
    }  # fmt: skip


def _plan(sent: Mapping[str, Any]) -> Plan | Refusal:
    title, place = clean(str(sent.get("title", "")), 200), clean(str(sent.get("place", "")), 300)
    seats = str(sent.get("seats", "")).strip()
    campaign_id = str(sent.get("campaign_id", ""))
    if not title:
        return Refusal("title", "this field is required")
    if not place:
        return Refusal("place", "this field is required")
    if not (seats.isascii() and seats.isdigit() and len(seats) < 9 and 0 < int(seats) <= MOST_SEATS):
        return Refusal("seats", f"a whole number from 1 to {MOST_SEATS}")
    if campaign_id and service().deps.directory.campaign(campaign_id) is None:
        return Refusal("campaign_id", "choose one of the list")
    wall_start, wall_end = (str(sent.get(name, "")).strip()[:16] for name in ("wall_start", "wall_end"))
    description = clean(str(sent.get("description", "")), 2000, lines=True)
    zone = str(sent.get("zone", "")).strip()
    return Plan(title, wall_start, wall_end, zone, place, int(seats), description, campaign_id)


def _seminar_page(
    request: Any, who: Rep, seminar: Seminar | None, typed: Mapping[str, Any], refusal: Refusal | None
) -> Response:
    deps = service().deps
    form: Form | None = None
    people: list[tuple[Registration, Lead | None]] = []
    count = SeatCount("")
    if seminar:
        form = next((f for f in deps.directory.forms() if f.event_id == seminar.event_id), None)
        people = _people(seminar)
        stored = deps.store.get(SeatCount, seminar.event_id)
        count = stored.value if stored else SeatCount(seminar.event_id)
    answer = console_page(
        request,
        who,
        "seminar.html",
        seminar=seminar,
        form=form,
        address=deps.links.absolute(f"/f/{form.form_id}") if form else "",
        people=people,
        count=count,
        free=max(seminar.seats - count.taken, 0) if seminar else 0,
        campaigns=deps.directory.campaigns(),
        zones=sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
        typed=typed,
        errors={refusal.field: refusal.reason} if refusal else {},
        said=query(request, "said"),
        coming=len([1 for registration, _ in people if registration.state is RegistrationState.CONFIRMED]),
    )
    answer.status_code = 422 if refusal else 200
    return answer


def _people(seminar: Seminar) -> list[tuple[Registration, Lead | None]]:
    """Who signed up: those who come first, then those who wait, in the order of the list, then who cancelled."""
    deps = service().deps
    found = [stored.value for stored in deps.store.query(Registration, seminar.event_id)]
    order = list(RegistrationState)
    found.sort(key=lambda registration: (order.index(registration.state), registration.registered_at))
    leads = people_named(deps, [registration.lead_id for registration in found])
    return list(zip(found, leads, strict=True))
