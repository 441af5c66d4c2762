"""What a page posts to HubSpot's Forms API, in our words, and our problems in HubSpot's."""

from typing import Any

import pytest

from chalicelib.capture.forms import FormReading, read_lead
from chalicelib.capture.intakes import Sent
from chalicelib.capture.intakes_hubspot import errors_of, form_of, parts_of, read_hubspot
from chalicelib.capture.suspicion import TRAP
from chalicelib.records.contact import Refusal

GUID = "78c2891f-ebdd-44c0-bd94-15c012bbbfbf"


def field(name: str, value: Any, owner: str = "0-1") -> dict[str, Any]:
    return {"objectTypeId": owner, "name": name, "value": value}


BODY: dict[str, Any] = {
    "submittedAt": "1772434800000",
    "fields": [
        field("firstname", "Jana"), field("lastname", "Beispiel"), field("email", "jana@customer.example.com"),
        field("mobilephone", "+49 151 23456789"), field("jobtitle", "Buyer"), field("name", "Beispiel AG", "0-2"),
        field("domain", "customer.example.com", "0-2"), field("address", "Musterweg 1"), field("city", "Berlin"),
        field("zip", "10115"), field("message", "Which sensor fits oil?"), field("interest", "Oil"),
        field("interest", "Gas"), field("seats", 3), field("empty", ""), field("none", None), {"value": "no name"},
        {"name": "utm_medium", "value": "cpc"}, field(TRAP, "x"),
    ],
    "context": {
        "hutk": "60c2ccdfe4892f0fa0593940b12c11aa", "pageName": "Contact us", "ipAddress": "192.0.2.1",
        "pageUri": "https://www.example.org/contact?utm_source=mail&gclid=G1", "sfdcCampaignId": "7015j000001",
    },
    "legalConsentOptions": {
        "consent": {
            "consentToProcess": True, "text": "I agree to processing.",
            "communications": [
                {"value": True, "subscriptionTypeId": 999, "text": "I agree to mail."},
                {"value": False, "subscriptionTypeId": 777, "text": "And to calls."}, "no object",
            ],
        }
    },
}  # fmt: skip


def sent_of(**changed: Any) -> Sent:
    sent = read_hubspot(BODY | changed)
    assert isinstance(sent, Sent)
    return sent


def test_properties_are_a_contact_and_the_rest_are_answers() -> None:
    sent = sent_of()
    read = read_lead(sent.body)
    assert isinstance(read, FormReading)
    found = read.contact
    assert (found.full_name, found.company, found.title) == ("Jana Beispiel", "Beispiel AG", "Buyer")
    assert (found.emails, found.phones) == (("jana@customer.example.com",), ("+49 151 23456789",))
    assert (found.message, found.address) == ("Which sensor fits oil?", "Musterweg 1\n10115 Berlin")
    assert found.extra == {"0-2/domain": "customer.example.com", "interest": "Oil Gas", "seats": "3"}
    assert sent.texts[TRAP] == "x"
    assert TRAP not in sent.body


def test_the_context_says_where_the_visitor_was_and_keeps_no_ip_address() -> None:
    sent = sent_of()
    assert sent.source["landing_url"] == "https://www.example.org/contact?utm_source=mail&gclid=G1"
    assert sent.source["utm_medium"] == "cpc"
    assert (sent.details["hutk"], sent.details["page"]) == ("60c2ccdfe4892f0fa0593940b12c11aa", "Contact us")
    assert sent.campaign == sent.details["sfdcCampaignId"] == "7015j000001"
    assert "192.0.2.1" not in str(sent)


def test_each_consent_is_kept_with_the_words_that_stood_beside_it() -> None:
    details = sent_of().details
    assert details["consent: processing"] == "yes"
    assert details["text of consent: processing"] == "I agree to processing."
    assert (details["consent: subscription 999"], details["consent: subscription 777"]) == ("yes", "no")
    assert details["text of consent: subscription 999"] == "I agree to mail."
    interest = {"value": True, "subscriptionTypeId": 999, "legalBasis": "CUSTOMER", "text": "We may write."}
    told = sent_of(legalConsentOptions={"legitimateInterest": interest}).details
    assert (told["legitimate interest"], told["text of legitimate interest"]) == ("yes (CUSTOMER)", "We may write.")
    assert sent_of(legalConsentOptions={"legitimateInterest": {"value": "true"}}).details["legitimate interest"] == "no"


def test_consent_is_nothing_but_true() -> None:
    consent = {"consentToProcess": "yes", "communications": {"value": True}}
    assert sent_of(legalConsentOptions={"consent": consent}).details["consent: processing"] == "no"


@pytest.mark.parametrize(
    ("told", "claimed"),
    [("1772434800000", "2026-03-02T07:00:00+00:00"), (1772434800000, "2026-03-02T07:00:00+00:00"), ("yesterday", ""),
     (None, ""), (17, ""), ([], "")],
)  # fmt: skip
def test_the_senders_own_time_is_kept_where_it_is_one(told: Any, claimed: str) -> None:
    assert sent_of(submittedAt=told).claimed_at == claimed


@pytest.mark.parametrize("fields", [None, "x", {"name": "email"}, ["email"], [["email", "x"]]])
def test_without_a_list_of_fields_there_is_nothing_to_read(fields: Any) -> None:
    assert read_hubspot({"fields": fields}) == Refusal("fields", "this field is required")


def test_fields_alone_are_enough() -> None:
    sent = read_hubspot({"fields": [field("email", "a@b.example")], "context": [], "legalConsentOptions": None})
    assert isinstance(sent, Sent)
    assert (sent.body, sent.details, sent.campaign) == ({"email": "a@b.example"}, {}, "")


def test_a_form_is_named_by_its_portal_and_its_guid() -> None:
    address = f"https://api.hsforms.com/submissions/v3/integration/submit/62515/{GUID.upper()}?x=1"
    assert form_of(address) == form_of(f"62515/{GUID}") == form_of(f"62515-{GUID}") == f"62515-{GUID}"
    assert form_of("62515") == form_of(GUID) == form_of(f"portal/{GUID}") == ""
    assert parts_of(f"62515-{GUID}") == ("62515", GUID)


@pytest.mark.parametrize(
    ("field", "reason", "kind"),
    [("email", "not an e-mail address", "INVALID_EMAIL"),
     ("email", "give an e-mail address or a phone number", "REQUIRED_FIELD"),
     ("fields", "this field is required", "REQUIRED_FIELD"),
     ("message", "longer than 500 characters: 600", "INPUT_TOO_LARGE"),
     ("x", "a name longer than 100 characters", "INPUT_TOO_LARGE"),
     ("x", "more fields than allowed: 50", "MAX_NUMBER_OF_SUBMITTED_VALUES_EXCEEDED"),
     ("phone", "too short", "VALUE_NOT_IN_FIELD_DEFINITION")],
)  # fmt: skip
def test_problems_are_told_in_hubspots_kinds(field: str, reason: str, kind: str) -> None:
    assert errors_of([Refusal(field, reason)]) == [
        {"message": f"Error in 'fields.{field}'. {reason}", "errorType": kind}
    ]
