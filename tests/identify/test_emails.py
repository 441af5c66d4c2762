import pytest

from chalicelib.identify.emails import is_role, mailbox, normal_email


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (" Anna.Weber@Example.COM ", "anna.weber@example.com"),
        ("ＷＡＮＧ＠example.com", "wang@example.com"),
        ("anna@müller.example", "anna@xn--mller-kva.example"),
        ("анна@пример.рф", "анна@xn--e1afmkfd.xn--p1ai"),
        ("Anna Weber <anna@example.com>", "anna@example.com"),
        ("mailto:anna@example.com", "anna@example.com"),
        ("anna@example.com;", "anna@example.com"),
        ("o'kim+expo@mail.example.co.uk", "o'kim+expo@mail.example.co.uk"),
    ],
)
def test_an_address_has_one_spelling(written: str, normal: str):
    assert normal_email(written) == normal


@pytest.mark.parametrize(
    "written",
    [
        "",
        "anna",
        "anna@",
        "@example.com",
        "anna@example",
        "anna@@example.com",
        "anna weber@example.com",
        "a@example.org, b@example.net",
        "a@example.org\r\nBcc: b@example.net",
        ".anna@example.com",
        "anna..weber@example.com",
        "anna@-example.com",
        "anna@127.0.0.1",
        "anna@exa\u2028mple.com",
        "anna@" + "ü" * 70 + ".example",
        "a" * 65 + "@example.com",
        "ä" * 40 + "@example.com",
        "a@" + "b." * 130 + "com",
        "a" * 200_000,
    ],
)
def test_what_is_not_one_address_is_none(written: str):
    assert normal_email(written) == ""


@pytest.mark.parametrize(
    "email", ["info", "sales", "info+expo", "sales-team", "info.de", "office2024", "vertrieb", "info_2"]
)
def test_a_function_is_no_person(email: str):
    assert is_role(f"{email}@example.com") is (email != "office2024")


@pytest.mark.parametrize("email", ["anna.weber", "info.weber", "infos.anna", "marketa", "s.ales", "wang"])
def test_a_person_is_no_function(email: str):
    assert not is_role(f"{email}@example.com")


def test_a_tag_does_not_make_another_mailbox():
    assert mailbox("anna+expo@example.com") == "anna@example.com"
    assert mailbox("+anna@example.com") == "+anna@example.com"


def test_dots_make_another_mailbox_except_where_the_provider_ignores_them():
    assert mailbox("an.na@example.com") == "an.na@example.com"
    assert mailbox("an.na+x@googlemail.com") == mailbox("anna@gmail.com") == "anna@gmail.com"
