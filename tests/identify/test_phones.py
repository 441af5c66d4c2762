import random

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.identify.phones import e164, library_e164, quick_e164

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("0151 1234567", "DE", "+491511234567"),
        ("+49 (0)30 23125-010", "", "+493023125010"),
        ("030/23125010", "DE", "+493023125010"),
        ("(202) 555-0175", "US", "+12025550175"),
        ("1 202 555 0175", "US", "+12025550175"),
        ("011 44 20 7946 0123", "US", "+442079460123"),
        ("0049 30 23125010", "", "+493023125010"),
        ("138 0013 8000", "CN", "+8613800138000"),
        ("0１0 5550 0102", "CN", "+861055500102"),
        ("090-1234-5678", "JP", "+819012345678"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("416-555-0123", "CA", "+14165550123"),
        ("tel:+1-202-555-0188;ext=12", "", "+12025550188"),
        ("030 23125010 ext. 12", "DE", "+493023125010"),
        ("4930231250.0", "DE", "+4930231250"),
    ],
)
def test_a_possible_number_becomes_e164_without_its_extension(written: str, region: str, number: str):
    assert e164(written, region) == (number,)


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("", "DE"),
        ("n/a", "DE"),
        ("555-0101", "US"),
        ("0151 1234567", ""),
        ("0151 1234567", "AQ"),
        ("4.91714E+11", "DE"),
        ("+999 123 456", ""),
        ("+1 23", ""),
        ("1" * 300, "DE"),
        ("12 / 34567890 1234567890", "DE"),
        ("030 23125010 / nobody 1234567890123456789", "DE"),
    ],
)
def test_what_cannot_be_dialled_is_no_number(written: str, region: str):
    assert e164(written, region) == ()


def test_two_numbers_in_one_field_are_both_read():
    assert e164("030 23125010 / 0171 3920011", "DE") == ("+493023125010", "+491713920011")


def test_a_region_that_shares_its_code_and_a_rewriting_rule_are_left_to_the_library():
    assert quick_e164("416-555-0123", "CA") is None
    assert quick_e164("0 11 15 2345-6789", "AR") is None
    assert quick_e164("00 49 30 23125010", "FR") is None
    assert quick_e164("49 30 23125010", "DE") is None
    assert quick_e164("call me", "DE") is None


def test_the_short_way_is_taken_for_how_people_write_numbers():
    assert quick_e164("0151 1234567", "DE") == "+491511234567"
    assert quick_e164("+86 13800138000", "") == "+8613800138000"
    assert quick_e164("090-1234-5678", "JP") == "+819012345678"


def number_like(chance: random.Random, region: str) -> str:
    """Digits as people write them: real examples with a slip, or any; with and without prefixes."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    known = [kind.example_number for kind in (metadata.mobile, metadata.fixed_line) if kind and kind.example_number]
    digits = "".join(chance.choice("0123456789") for _ in range(chance.randint(1, 18)))
    if known and chance.random() < 0.5:
        digits = chance.choice(known)
        at = chance.randrange(len(digits))
        digits = digits[:at] + chance.choice(["", digits[at], "7", "07"]) + digits[at + 1 :]
    code = str(metadata.country_code)
    prefixed = chance.choice(["", "", "0", "00", "+", f"+{code}", f"+{code} (0)", code, "8", "1"]) + digits
    return "".join(sign + chance.choice([" ", "-", ".", "/", ""]) * (chance.random() < 0.2) for sign in prefixed)


def test_the_short_way_never_differs_from_the_library_in_any_region():
    chance = random.Random(4)
    taken = 0
    for region in REGIONS * 30:
        written = number_like(chance, region)
        asked = chance.choice([region, region, "", chance.choice(REGIONS)])
        quick = quick_e164(written, asked)
        if quick is not None:
            taken += 1
            assert quick == library_e164(written, asked), (written, asked)
    assert taken > 4_000


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.text("0123456789+() ./-", max_size=24), st.sampled_from(["DE", "US", "CN", "GB", "JP", "IT", "BR", ""]))
def test_the_short_way_never_differs_from_the_library_on_any_punctuation(written: str, region: str):
    quick = quick_e164(written, region)
    assert quick is None or quick == library_e164(written, region)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(max_size=40), st.sampled_from(["DE", "US", ""]))
def test_no_text_breaks_the_reading(written: str, region: str):
    assert all(number.startswith("+") and number[1:].isdigit() for number in e164(written, region))
