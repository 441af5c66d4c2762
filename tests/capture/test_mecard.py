from chalicelib.capture.card import Card
from chalicelib.capture.mecard import read_bizcard, read_mecard


def test_escapes_of_a_mecard_are_honoured() -> None:
    raw = "MECARD:N:Lee\\;Ann,X;TEL:+8613800138000;EMAIL:a\\:b@example.org;URL:http\\://example.org;NOTE:a\\\\b\\,c;;"
    assert read_mecard(raw) == Card(
        kind="mecard",
        given_name="X",
        family_name="Lee;Ann",
        full_name="X Lee;Ann",
        emails=("a:b@example.org",),
        phones=("+8613800138000",),
        urls=("http://example.org",),
        note="a\\b,c",
        raw=raw,
    )


def test_a_mecard_may_repeat_fields_and_lack_its_end() -> None:
    card = read_mecard("mecard:N:Lee;TEL:1234567;TEL:7654321;TEL:1234567;ORG:Example;TITLE:CTO;ADR:,,Street 1,Berlin")
    assert (card.full_name, card.company, card.title) == ("Lee", "Example", "CTO")
    assert card.phones == ("1234567", "7654321")
    assert card.address == "Street 1, Berlin"


def test_an_escaped_comma_does_not_part_the_name() -> None:
    card = read_mecard("MECARD:N:Lee\\, Jr.,Ann;;")
    assert (card.family_name, card.given_name) == ("Lee, Jr.", "Ann")


def test_a_bizcard_has_letters_for_its_fields() -> None:
    raw = "BIZCARD:N:Sean;X:Lee;T:Engineer;C:Example;A:9th Avenue, New York;B:+12025550123;M:2;F:3;E:s@example.com;;"
    assert read_bizcard(raw) == Card(
        kind="bizcard",
        given_name="Sean",
        family_name="Lee",
        full_name="Sean Lee",
        company="Example",
        title="Engineer",
        emails=("s@example.com",),
        phones=("+12025550123", "2"),
        address="9th Avenue, New York",
        raw=raw,
    )
