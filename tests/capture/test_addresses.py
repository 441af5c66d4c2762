import pytest

from chalicelib.capture.addresses import LOST_DIGITS, NOT_PHONE, phone_problem, read_email


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        (" Ann.Lee+x@Example.COM ", "Ann.Lee+x@example.com"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("анна@пример.рф", "анна@xn--e1afmkfd.xn--p1ai"),
        ("ann@xn--e1afmkfd.xn--p1ai", "ann@xn--e1afmkfd.xn--p1ai"),
        ("ＷＡＮＧ＠example.com", "WANG@example.com"),
        ("ann@example。com", "ann@example.com"),
        ("ann@mail.test", "ann@mail.test"),
        ("x" * 64 + "@example.org", "x" * 64 + "@example.org"),
    ],
)
def test_an_address_is_stored_with_its_domain_in_lower_case_ascii(text: str, stored: str) -> None:
    assert read_email(text) == stored


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "ann",
            "ann@",
            "@example.org",
            "ann@localhost",
            "ann@host.invalid",
            "a b@example.org",
            "a..b@example.org",
        ),
        *("a@example.org, b@example.net", "a@example.org\r\nBcc: victim@example.net", '"a b"@example.org'),
        *("<a@example.org>", "a:b@example.org", "a@[127.0.0.1]", "x" * 65 + "@example.org"),
        "x" * 200_000 + "@example.org",
    ],
)
def test_anything_but_one_plain_address_is_none(text: str) -> None:
    assert read_email(text) is None


@pytest.mark.parametrize("text", ["07911 065734", "+49 (0)30/23125-010", "12345", "0１0 5550 0102", "ext 12345"])
def test_five_digits_may_be_a_phone_number(text: str) -> None:
    assert phone_problem(text) == ""


@pytest.mark.parametrize("text", ["4.91714E+11", "4,9E11", "+4.9e+12", "5E3"])
def test_a_number_in_powers_of_ten_has_lost_its_digits(text: str) -> None:
    assert phone_problem(text) == LOST_DIGITS


@pytest.mark.parametrize("text", ["x", "-2+3", "1234", "1" * 101, "none"])
def test_what_has_too_few_digits_or_no_end_is_no_phone_number(text: str) -> None:
    assert phone_problem(text) == NOT_PHONE
