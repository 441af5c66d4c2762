import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.capture.cards import Card, contact_of, read_card, split_cards
from chalicelib.records.contact import Contact, Refusal

CASES = Path("../shared/cases")


def card(text: str) -> Card:
    answer = read_card(text)
    assert isinstance(answer, Card), answer
    return answer


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("\ufeffBEGIN:VCARD\nFN:Ann\nEND:VCARD", "vcard"),
        ("begin:vcard\nfn:Ann", "vcard"),
        ("MECARD:N:Lee;;", "mecard"),
        ("BIZCARD:N:Ann;;", "bizcard"),
        ("https://organiser.example/b/123", "url"),
        ("X-1234-ABC", "id"),
        ("100234567", "id"),
        ("A" * 4296, "id"),
        ("Jane", "text"),
        ("two cards", "text"),
        ("a@example.org", "text"),
        ("tel:+49-170-1234567", "text"),
        ("WIFI:S:x;P:y;;", "text"),
    ],
)
def test_each_kind_of_code_is_told_by_its_text(text: str, kind: str) -> None:
    assert card(text).kind == kind
    assert card(text).raw == text.strip("\ufeff")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the code is empty"),
        (" \u200b\n", "the code is empty"),
        ("\x00\xff", "the code is not text"),
        ("\ufffd\ufffdPNG", "the code is not text"),
        ("A" * 70_000, "the code is longer than 64 KB: 68 KB"),
    ],
)
def test_a_code_without_readable_text_is_refused(text: str, why: str) -> None:
    assert read_card(text) == Refusal("code", why)


def test_a_link_on_a_badge_is_text_and_the_persons_id() -> None:
    contact = contact_of(card("http://169.254.169.254/badge?id=1"))
    assert contact.urls == ("http://169.254.169.254/badge?id=1",)
    assert contact.badge_id == "http://169.254.169.254/badge?id=1"


def test_codes_that_hold_only_a_contact_point_give_that() -> None:
    assert card("tel:+49-170-1234567").phones == ("+49-170-1234567",)
    assert card("mailto:a@example.org?subject=x").emails == ("a@example.org",)
    assert card("+49 170 1234567").phones == ("+49 170 1234567",)
    assert card("WIFI:S:x;P:y;;").full_name == ""


def test_a_code_of_several_cards_is_parted() -> None:
    text = (
        "BEGIN:VCARD\r\nFN:A\r\nPHOTO;ENCODING=BASE64:\r\n abc\r\n\r\nTEL:030123456\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nFN:B\r\n"
        "BEGIN:VCARD\r\nFN:C\r\n\r\nMECARD:N:D;;\r\nBIZCARD:N:E;;\r\n\r\nJane Roe\r\nExample Ltd\r\n\r\n\r\nX-1\r\n"
    )
    cards = split_cards(text)
    assert [card(each).full_name or card(each).badge_id for each in cards] == [
        "A",
        "B",
        "C",
        "D",
        "E",
        "Jane Roe",
        "X-1",
    ]
    assert card(cards[0]).phones == ("030123456",)
    assert split_cards(" \n\n") == []


def test_a_card_becomes_a_contact_and_what_is_wrong_on_it_a_warning() -> None:
    found = contact_of(
        Card(
            kind="mecard",
            given_name="Ann",
            family_name="Lee",
            full_name="Ann Lee",
            company="Example",
            title="CTO",
            emails=("a:b@example.org", "ann@example.org"),
            phones=("12", "030 123456"),
            address="Berlin",
            note="quote please",
            badge_id="B1",
        )
    )
    assert found == Contact(
        full_name="Ann Lee",
        given_name="Ann",
        family_name="Lee",
        company="Example",
        title="CTO",
        emails=("ann@example.org",),
        phones=("030 123456",),
        message="quote please",
        address="Berlin",
        badge_id="B1",
        extra={"email as given": "a:b@example.org", "phone as given": "12"},
        warnings=("not an e-mail address: a:b@example.org", "not a phone number: 12"),
    )


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", "BEGIN:VCARD\n", "MECARD:", "BIZCARD:", "BEGIN:VCARD\nN:", "tel:"]))
def test_no_code_whatever_breaks_the_reader(text: str, start: str) -> None:
    for part in split_cards(start + text):
        answer = read_card(part)
        if isinstance(answer, Card):
            assert isinstance(contact_of(answer), Contact)


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here")
def test_the_public_cards_are_read_as_expected() -> None:
    expected = json.loads((CASES / "formats/EXPECTED.json").read_text())["f11_cards.vcf"]["leads"]
    contacts = [contact_of(card(each)) for each in split_cards((CASES / "formats/f11_cards.vcf").read_text())]
    assert [contact.full_name for contact in contacts] == [lead["name"] for lead in expected]
    assert [contact.company or None for contact in contacts] == [lead["company"] for lead in expected]
    for contact, lead in zip(contacts, expected, strict=True):
        assert [email.lower() for email in contact.emails] == [
            email for email in [lead["email"], *lead.get("other_emails", ())] if email
        ]
        assert contact.message == (lead.get("note", "") if lead["email"] else "")
        assert len(contact.phones) == bool(lead["phone"]) + len(lead.get("other_phones", ()))


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here")
def test_no_public_badge_case_is_dropped_without_an_answer() -> None:
    lines = (CASES / "attacks/attacks_public.jsonl").read_text().splitlines()
    codes = [
        code for case in map(json.loads, lines) if case["group"] == "badge" for code in case["input"].get("codes", ())
    ]
    assert len(codes) >= 7
    assert all(isinstance(read_card(code), Card) for code in codes)
