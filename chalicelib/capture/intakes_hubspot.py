"""What a page that posts to HubSpot's Forms API sends (legacydocs.hubspot.com: "Submit data to a form", v3), and what
that API answers when it refuses."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from chalicelib.capture.intakes import Sent, address_of, object_in, text_in
from chalicelib.capture.suspicion import TRAP
from chalicelib.records.contact import Refusal

# A portal's number and a form's GUID, as they stand in the address a page posts to.
_FORM = re.compile(r"([0-9]{1,15})[/-]([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
# The names of HubSpot's properties that we know by another name; all others we know are spelt alike.
_NAMES = {"mobilephone": "mobile", "hs_language": "language", "hs_country_region_code": "country"}
# Objects other than the contact: their properties have names of the contact's too, and mean something else.
_COMPANY, _CONTACT = "0-2", "0-1"
_TEXT_LIMIT = 2000
_text = partial(text_in, limit=_TEXT_LIMIT)
_MOST_OPTIONS = 20
# The kinds of error of HubSpot's by how our reasons begin.
_ERRORS = {
    "REQUIRED_FIELD": re.compile(r"^(?:this field is required|give an e-mail)"),
    "INPUT_TOO_LARGE": re.compile(r"^(?:a name )?longer than"),
    "MAX_NUMBER_OF_SUBMITTED_VALUES_EXCEEDED": re.compile(r"^more fields"),
}


def form_of(named: str) -> str:
    """The id an intake has for `portal/form` or `portal-form`, also within a whole address; "" where none is named."""
    found = _FORM.search(named[:500].lower())
    return f"{found[1]}-{found[2]}" if found else ""


def parts_of(intake_id: str) -> tuple[str, str]:
    """(portal, form)"""
    portal, _, form = intake_id.partition("-")
    return portal, form


def read_hubspot(body: Mapping[str, Any]) -> Sent | Refusal:
    """The fields by the names of properties; several of a name are several lines. `pageUri` says where the visitor was
    and, by its query, came from; consents are kept with the words that stood beside them. `ipAddress` is not kept."""
    fields = body.get("fields")
    if not isinstance(fields, list) or not all(isinstance(one, Mapping) for one in fields):
        return Refusal("fields", "this field is required")
    named = _fields(fields)
    texts = {name: str(value) for name, value in named.items()}
    named.pop(TRAP, None)
    if address := address_of(named, "address"):
        named["address"] = address
    context, consents = object_in(body, "context"), object_in(body, "legalConsentOptions")
    source = texts | {"landing_url": _text(context, "pageUri")}
    beside = {"hutk": _text(context, "hutk"), "page": _text(context, "pageName"), **dict(_consents(consents))}
    campaign = _text(context, "sfdcCampaignId")
    details = {name: text for name, text in {**beside, "sfdcCampaignId": campaign}.items() if text}
    return Sent(named, texts, details, source, campaign, claimed_at=_claimed(body.get("submittedAt")))


def _fields(fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields:
        name, value = _name(one), one.get("value")
        if name and value not in (None, ""):
            found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def _name(field: Mapping[str, Any]) -> str:
    name, owner = _text(field, "name"), _text(field, "objectTypeId") or _CONTACT
    if owner == _CONTACT:
        return _NAMES.get(name.lower(), name)
    return "company" if (owner, name) == (_COMPANY, "name") else f"{owner}/{name}"


def _consents(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(name, yes or no), and (name of its text, the text) where there is one."""
    consent, interest = object_in(options, "consent"), object_in(options, "legitimateInterest")
    if "consentToProcess" in consent:
        yield from _consent("processing", consent["consentToProcess"], _text(consent, "text"))
    communications = consent.get("communications")
    for one in communications[:_MOST_OPTIONS] if isinstance(communications, list) else ():
        if isinstance(one, Mapping):
            name = f"subscription {_text(one, 'subscriptionTypeId')}".strip()
            yield from _consent(name, one.get("value"), _text(one, "text"))
    if interest:
        ground, said = _text(interest, "legalBasis"), "yes" if interest.get("value") is True else "no"
        yield "legitimate interest", f"{said} ({ground})" if ground else said
        yield "text of legitimate interest", _text(interest, "text")


def _consent(name: str, given: Any, text: str) -> Iterator[tuple[str, str]]:
    yield f"consent: {name}", "yes" if given is True else "no"
    yield f"text of consent: {name}", text


def _claimed(milliseconds: Any) -> str:
    """When the sender says it was sent, "" for no moment of our times."""
    text = str(milliseconds) if isinstance(milliseconds, str | int) else ""
    if not (text.isascii() and text.isdigit() and len(text) == 13):
        return ""
    return datetime.fromtimestamp(int(text) // 1000, UTC).isoformat()


def errors_of(problems: Iterable[Refusal]) -> list[dict[str, str]]:
    """Problems as HubSpot tells them, each with the field and one of its kinds."""
    return [{"message": f"Error in 'fields.{one.field}'. {one.reason}", "errorType": _kind(one)} for one in problems]


def _kind(problem: Refusal) -> str:
    found = next((kind for kind, words in _ERRORS.items() if words.match(problem.reason)), "")
    return found or ("INVALID_EMAIL" if "mail" in problem.field.lower() else "VALUE_NOT_IN_FIELD_DEFINITION")
