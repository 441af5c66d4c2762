"""What Google Ads sends of a lead form to a webhook (developers.google.com/google-ads/webhook/docs/implementation)."""

from collections.abc import Mapping
from typing import Any

from chalicelib.capture.intakes import Sent, address_of, text_in
from chalicelib.records.contact import Refusal

# Google's columns by the names `read_lead` knows; two of a kind are two.
_COLUMNS = {
    "FULL_NAME": "full_name", "FIRST_NAME": "first_name", "LAST_NAME": "last_name", "EMAIL": "email",
    "WORK_EMAIL": "e-mail", "PHONE_NUMBER": "phone", "WORK_PHONE": "telephone", "COMPANY_NAME": "company",
    "JOB_TITLE": "title", "COUNTRY": "country", "STREET_ADDRESS": "street", "CITY": "city", "REGION": "state",
    "POSTAL_CODE": "zip",
}  # fmt: skip
# What is kept beside the answers as it is.
_BESIDE = ("lead_id", "form_id", "campaign_id", "adgroup_id", "creative_id", "asset_group_id", "lead_stage")


def read_google(body: Mapping[str, Any]) -> Sent | Refusal:
    """The columns of `user_column_data`; a question of the advertiser's own goes by its words. `lead_id` is the same
    for every delivery of a lead."""
    columns = body.get("user_column_data")
    if not isinstance(columns, list) or not all(isinstance(one, Mapping) for one in columns):
        return Refusal("user_column_data", "this field is required")
    named: dict[str, Any] = {}
    for one in columns:
        name, value = _name(one), one.get("string_value")
        if name and value not in (None, ""):
            named[name] = f"{named[name]}\n{value}" if name in named else value
    texts = {name: str(value) for name, value in named.items()}
    if address := address_of(named, "street"):
        named["address"] = address
    # Without a click id as well it came by an advertisement.
    source = {"utm_source": "google", "utm_medium": "cpc", "gclid": text_in(body, "gcl_id")}
    details = {name: text for name in _BESIDE if (text := text_in(body, name))}
    once, claimed = str(body.get("lead_id") or ""), text_in(body, "lead_submit_time")
    campaign = text_in(body, "campaign_id")
    return Sent(named, texts, details, source, campaign, claimed_at=claimed[:60], once=once)


def is_test(body: Mapping[str, Any]) -> bool:
    """Whether somebody tried the webhook from Google Ads."""
    return body.get("is_test") is True


def _name(column: Mapping[str, Any]) -> str:
    told = text_in(column, "column_id")
    return _COLUMNS.get(told.upper(), text_in(column, "column_name") or told)
