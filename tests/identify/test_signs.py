import pytest

from chalicelib.identify.signs import signs_in, signs_of

JANA = signs_of(["jana@customer.example.com"], ["+493012345678"])


@pytest.mark.parametrize(
    "text",
    [
        "jana@customer.example.com",
        "Write to <JANA@Customer.Example.com>, please.",
        "mail:jana@customer.example.com.",
        "name=Jana&email=jana@customer.example.com&x=1",
        "jana+fair@customer.example.com/",
        '{"email": "jana@customer.example.com", broken',
        "030 12345678",
        "+49 (30) 1234-5678, room 5",
        "0049.30.12345678",
    ],
)
def test_an_address_or_number_is_found_however_it_is_written(text: str) -> None:
    assert not JANA.isdisjoint(signs_in(["Hello", text]))


@pytest.mark.parametrize(
    "text",
    ["", "@", "@customer.example.com", "jana@", "xjana@customer.example.com", "jana@customer.example.org",
     "030 1234567", "jana at customer.example.com", "a" * 70 + "jana@customer.example.com"],
)  # fmt: skip
def test_another_address_or_number_is_nobodys(text: str) -> None:
    assert JANA.isdisjoint(signs_in([text]))


def test_an_address_in_another_script_is_its_ascii_form() -> None:
    assert not signs_of(["jana@xn--mller-kva.example"], []).isdisjoint(signs_in(["an jana@müller.example bitte"]))


def test_a_number_too_short_to_tell_is_no_sign() -> None:
    assert signs_of([], ["+4930123"]) == frozenset()
