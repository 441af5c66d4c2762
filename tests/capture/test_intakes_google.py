"""What Google Ads sends of a lead form, in our words."""

from typing import Any

import pytest

from chalicelib.capture.channels import source_of_fields
from chalicelib.capture.forms import FormReading, read_lead
from chalicelib.capture.intakes import Sent
from chalicelib.capture.intakes_google import is_test, read_google
from chalicelib.records.contact import Refusal

COLUMNS = {
    "FULL_NAME": "Jana Beispiel", "EMAIL": "jana@home.example.com", "WORK_EMAIL": "jana@customer.example.com",
    "PHONE_NUMBER": "+49 30 123456", "WORK_PHONE": "+49 151 23456789", "COMPANY_NAME": "Beispiel AG",
    "JOB_TITLE": "Buyer", "COUNTRY": "DE", "STREET_ADDRESS": "Musterweg 1", "POSTAL_CODE": "10115", "CITY": "Berlin",
    "REGION": "Berlin",
}  # fmt: skip


def body(**changed: Any) -> dict[str, Any]:
    columns: list[dict[str, Any]] = [{"column_id": name, "string_value": value} for name, value in COLUMNS.items()]
    columns += [
        {"column_name": "Which sensor?", "column_id": "WHICH_SENSOR", "string_value": "Oil"},
        {"column_name": "Which sensor?", "string_value": "Gas"},
        {"column_id": "EMPTY", "string_value": ""}, {"string_value": "nameless"}, {"column_id": "NOTHING"},
    ]  # fmt: skip
    return {
        "lead_id": "TeSt-1", "api_version": "1.0", "form_id": 40000000000, "campaign_id": 20000000000, "adgroup_id": 7,
        "google_key": "secret", "is_test": False, "gcl_id": "G1", "lead_submit_time": "2026-03-02T07:00:00Z",
        "user_column_data": columns, **changed,
    }  # fmt: skip


def sent_of(**changed: Any) -> Sent:
    sent = read_google(body(**changed))
    assert isinstance(sent, Sent)
    return sent


def test_columns_are_a_contact_and_the_advertisers_questions_are_answers() -> None:
    read = read_lead(sent_of().body)
    assert isinstance(read, FormReading)
    found = read.contact
    assert (found.full_name, found.company, found.title) == ("Jana Beispiel", "Beispiel AG", "Buyer")
    assert found.emails == ("jana@home.example.com", "jana@customer.example.com")
    assert found.phones == ("+49 30 123456", "+49 151 23456789")
    assert (found.country, found.address) == ("DE", "Musterweg 1\n10115 Berlin\nBerlin")
    assert found.extra == {"Which sensor?": "Oil Gas"}


def test_the_click_and_the_advertisement_are_kept_and_the_key_is_not() -> None:
    sent = sent_of()
    source = source_of_fields(sent.source)
    assert (source.channel, source.source, source.click_ids) == ("Paid Search", "google", {"gclid": "G1"})
    assert source_of_fields(sent_of(gcl_id=None).source).channel == "Paid Search"
    ids = {"lead_id": "TeSt-1", "form_id": "40000000000", "campaign_id": "20000000000", "adgroup_id": "7"}
    assert sent.details == ids
    assert (sent.once, sent.campaign, sent.claimed_at) == ("TeSt-1", "20000000000", "2026-03-02T07:00:00Z")
    assert "secret" not in str(sent)


def test_a_lead_without_an_id_and_without_an_address_is_one_too() -> None:
    sent = read_google({"user_column_data": [{"column_id": "user_email", "string_value": "a@b.example"}]})
    assert isinstance(sent, Sent)
    assert (sent.once, sent.details, sent.body) == ("", {}, {"user_email": "a@b.example"})


@pytest.mark.parametrize("columns", [None, {}, ["x"], "x"])
def test_without_columns_there_is_nothing_to_read(columns: Any) -> None:
    assert read_google(body(user_column_data=columns)) == Refusal("user_column_data", "this field is required")


def test_a_test_says_so_by_true_alone() -> None:
    assert is_test({"is_test": True})
    assert not is_test({"is_test": "true"})
    assert not is_test({})
