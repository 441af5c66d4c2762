"""What a mail's template may name: links, names and times, read at the moment of sending."""

from datetime import date
from typing import TYPE_CHECKING, Any

from chalicelib.records.message import INTERNAL, PROMOTIONAL, Message
from chalicelib.records.ports import Deps

if TYPE_CHECKING:
    from chalicelib.flows.send_due import Surroundings


def values_for(deps: Deps, message: Message, around: "Surroundings") -> dict[str, Any]:
    """Plain values by name; messaging/render.py lists which template uses which."""
    lead, request = around.lead, around.request
    owner_id = request.owner_id if request else lead.owner_id
    rep = deps.directory.rep(owner_id)
    campaign = deps.directory.campaign(message.campaign_id) if message.campaign_id else None
    values: dict[str, Any] = {
        **message.context,
        "person_name": lead.full_name,
        "company": lead.company,
        "rep_name": rep.name if rep else "",
        "rep_email": rep.email if rep else "",
        "zone": rep.week.zone if rep else "UTC",
        "score": lead.score.points,
        "score_reasons": lead.score.reasons,
        "owner_reasons": lead.assignment.reasons if lead.assignment else (),
        # Who made the mail knew the campaign, even if it is newer than what is known here.
        "campaign_name": campaign.name if campaign else message.context.get("campaign_name", ""),
        "subject": request.subject if request else "",
        "respond_by": request.respond_by if request else None,
    }
    links = deps.links
    if message.kind in INTERNAL:
        values["lead_url"] = links.absolute(f"/app/leads/{lead.lead_id}")
        values |= (
            _of_promise(message)
            | _of_quote(deps, message)
            | {
                "emails": lead.emails,
                "phones": lead.phones,
                "message": around.touch.message if around.touch else "",
            }
        )
    elif request:
        values["status_url"] = links.absolute(f"/s/{links.status(lead.lead_id, request.request_id)}")
    if message.kind in PROMOTIONAL:
        values["unsubscribe_url"] = links.absolute(f"/u/{links.make('preferences', lead.lead_id)}")
    if around.seminar:
        token = links.make("seminar", around.seminar.event_id, lead.lead_id)
        values |= {"seminar": around.seminar, "registration": around.registration}
        values["cancel_url"] = links.absolute(f"/e/{token}")
    return values


def _of_promise(message: Message) -> dict[str, Any]:
    due_on = message.context.get("due_on")
    return {"due_on": date.fromisoformat(due_on)} if due_on else {}


def _of_quote(deps: Deps, message: Message) -> dict[str, Any]:
    quote_id = message.context.get("quote_id")
    return {"quote_url": deps.links.absolute(f"/app/leads/{message.lead_id}/quotes/{quote_id}")} if quote_id else {}
