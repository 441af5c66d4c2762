"""What a form made for Salesforce Web-to-Lead sends (help.salesforce.com: "Generate Leads from Your Website"; the names
are those of the HTML that Salesforce's form generator writes)."""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.capture.channels import SOURCE_FIELDS
from chalicelib.capture.flags import read_flag
from chalicelib.capture.intakes import Sent, address_of
from chalicelib.capture.suspicion import OPENED, TRAP

# What steers Salesforce and says nothing of the person.
_STEERING = frozenset(
    {"oid", "orgid", "returl", "encoding", "debug", "debugemail", "captcha_settings", "g-recaptcha-response", "submit"}
    | {"external", "recordtype", "member_status", "campaign_id", TRAP, OPENED}
)
# An organisation's id has fifteen characters; three more are a check for those who mind no letter case.
_ORGANISATION = re.compile(r"00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_LENGTH = 15
# The boxes that say what somebody does not want, and how that is kept.
_REFUSALS = {"emailoptout": "email", "donotcall": "phone", "faxoptout": "fax"}


def organisation_of(oid: str) -> str:
    """The id an intake has for what a form's `oid` says, "" for what is none."""
    return oid[:_LENGTH] if _ORGANISATION.fullmatch(oid) else ""


def read_web_to_lead(body: Mapping[str, Any]) -> Sent:
    """First and last name, company, e-mail, phone and mobile, title, country, description and URL have names we know.
    Street, city, state and zip are one address; custom fields (00N…) and whatever else are answers."""
    fields = {name: str(value) for name, value in body.items() if value is not None}
    named: dict[str, Any] = {name: text for name, text in fields.items() if name.lower() not in _STEERING}
    refused = {kind: named.pop(name) for name, kind in _boxes(named)}
    said = {f"consent: {kind}": "no" for kind, text in refused.items() if _ticked(text)}
    # The code says the same as the name, and is the surer of the two.
    if code := named.pop("country_code", "").strip():
        named["country"] = code
    if address := address_of(named, "street"):
        named["address"] = address
    source = {name: text for name, text in named.items() if name in SOURCE_FIELDS}
    campaign = fields.get("Campaign_ID", "").strip()[:100]
    if campaign:
        said["Campaign_ID"] = campaign
    return Sent(named, fields, said, source, campaign, said_no="consent: email" in said)


def _boxes(named: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, _REFUSALS[name.lower()]) for name in named if name.lower() in _REFUSALS]


def _ticked(text: str) -> bool:
    return bool(text.strip()) and read_flag(text.strip()[:50]) is not False
