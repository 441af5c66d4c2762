"""What Salesforce's form generator names, in our words."""

import pytest

from chalicelib.capture.forms import FormReading, read_lead
from chalicelib.capture.intakes import allowed_return, host_of, read_hosts, with_landing
from chalicelib.capture.intakes_web_to_lead import organisation_of, read_web_to_lead

OID = "00D5j000001uVaT"
FORM = {
    "oid": OID, "retURL": "https://www.example.com/thanks", "first_name": "Jana", "last_name": "Beispiel",
    "email": "jana@customer.example.com", "company": "Beispiel AG", "phone": "+49 30 123456",
    "mobile": "+49 151 23456789", "title": "Buyer", "description": "Which sensor\nfits oil?",
    "URL": "https://customer.example.com", "country": "Germany", "country_code": "DE", "street": "Musterweg 1",
    "city": "Berlin", "state": "Berlin", "zip": "10115", "lead_source": "Web", "Campaign_ID": "7015j000001abcd",
    "member_status": "Responded", "00N5j00000LqV18": "Oil", "debug": "1", "debugEmail": "dev@example.com",
    "encoding": "UTF-8", "recordType": "0125j", "submit": "Send", "captcha_settings": "{}", "g-recaptcha-response": "x",
    "utm_source": "mail", "gclid": "G1",
}  # fmt: skip


def test_the_generators_fields_are_a_contact_and_the_rest_are_answers() -> None:
    sent = read_web_to_lead(FORM)
    read = read_lead(sent.body)
    assert isinstance(read, FormReading)
    found = read.contact
    assert (found.full_name, found.given_name, found.family_name) == ("Jana Beispiel", "Jana", "Beispiel")
    assert (found.company, found.title, found.country) == ("Beispiel AG", "Buyer", "DE")
    assert found.emails == ("jana@customer.example.com",)
    assert found.phones == ("+49 30 123456", "+49 151 23456789")
    assert found.message == "Which sensor\nfits oil?"
    assert found.address == "Musterweg 1\n10115 Berlin\nBerlin"
    assert found.urls == ("https://customer.example.com",)
    assert found.extra == {"lead_source": "Web", "00N5j00000LqV18": "Oil"}
    assert sent.campaign == "7015j000001abcd"
    assert sent.details == {"Campaign_ID": "7015j000001abcd"}
    assert sent.source == {"utm_source": "mail", "gclid": "G1"}
    assert not sent.said_no


def test_who_ticks_that_they_want_no_mail_has_said_no() -> None:
    sent = read_web_to_lead({**FORM, "emailOptOut": "1", "doNotCall": "1", "faxOptOut": "0"})
    assert sent.said_no
    assert sent.details["consent: email"] == sent.details["consent: phone"] == "no"
    assert "consent: fax" not in sent.details
    assert not {"emailOptOut", "doNotCall", "faxOptOut"} & set(sent.body)
    assert not read_web_to_lead({**FORM, "emailOptOut": ""}).said_no


def test_a_form_with_a_name_alone_has_no_address_and_no_campaign() -> None:
    sent = read_web_to_lead({"oid": OID, "last_name": "Beispiel", "state_code": "BE"})
    assert sent.body == {"last_name": "Beispiel", "address": "BE"}
    assert (sent.details, sent.campaign) == ({}, "")
    assert "address" not in read_web_to_lead({"last_name": "Beispiel", "city": " "}).body


@pytest.mark.parametrize(
    ("oid", "known"),
    [(OID, OID), (f"{OID}EAW", OID), ("", ""), ("00Q5j000001uVaT", ""), (f"{OID}E", ""), (f"{OID}\n", ""),
     ("00D5j000001uVa#", "")],
)  # fmt: skip
def test_an_organisation_is_named_by_fifteen_characters_or_by_eighteen(oid: str, known: str) -> None:
    assert organisation_of(oid) == known


def test_sites_are_read_from_names_and_addresses() -> None:
    assert read_hosts("www.Example.com, https://shop.example.com/thanks\nwww.example.com") == (
        "www.example.com", "shop.example.com",
    )  # fmt: skip
    assert read_hosts("") == ()
    for wrong in ("localhost", "exa mple", "https://[x", "javascript:alert(1)", "*.example.com", "a_b.example.com"):
        assert read_hosts(wrong) is None, wrong
    assert read_hosts(" ".join(f"a{n}.example.com" for n in range(21))) is None
    assert host_of("https://[x") == ""


HOSTS = ("www.example.com",)


@pytest.mark.parametrize(
    "address",
    ["https://www.example.com", "https://www.example.com/thanks?a=1&b=%20#end", "https://WWW.EXAMPLE.com/"],
)
def test_a_visitor_goes_back_to_an_https_page_of_the_sites(address: str) -> None:
    assert allowed_return(address, HOSTS) == address


@pytest.mark.parametrize(
    "address",
    ["", "/thanks", "//www.example.com/", "http://www.example.com/", "https://evil.example/", "javascript:alert(1)",
     "https://evil.example\\@www.example.com/", "https://www.example.com@evil.example/",
     "https://a@www.example.com/", "https://www.example.com:8443/", "https://www.example.com.evil.example/",
     "https://www.example.com/\r\nSet-Cookie: a=b", "https://www.example.com /", "https://[x", "https:www.example.com",
     "https://www.example.com/" + "a" * 2000, "data:text/html,x", "https:///www.example.com/"],
)  # fmt: skip
def test_and_to_no_other_address_whatever_it_looks_like(address: str) -> None:
    assert allowed_return(address, HOSTS) == ""


def test_the_page_of_the_form_is_where_the_visitor_was() -> None:
    assert with_landing({"gclid": "G1"}, "https://www.example.com/a") == {
        "gclid": "G1", "landing_url": "https://www.example.com/a",
    }  # fmt: skip
    assert with_landing({"landing_url": "https://x.example/"}, "https://www.example.com/a") == {
        "landing_url": "https://x.example/"
    }
    assert with_landing({}, "") == {}
