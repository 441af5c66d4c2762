import pytest

from chalicelib.identify.companies import akin, own_domain


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://www.Nord.example.com/about?x=1", "nord.example.com"), ("nord.example.com", "nord.example.com"),
        ("http://nord.example.com:8080", "nord.example.com"), ("gmail.com", ""), ("nord", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_domain_of_its_own_is_the_host_unless_many_share_it(text: str, host: str) -> None:
    assert own_domain(text) == host


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Nord Tech GmbH", "Nord Tech Systems Ltd", True), ("Nord Tech", "Nord-Tech AG", True),
        ("Nord Holding", "Nord Werk", False), ("ABC", "ABC Systems", False), ("", "Nord", False),
    ],
)  # fmt: skip
def test_a_name_that_is_the_beginning_of_another_is_akin(one: str, other: str, same: bool) -> None:
    assert akin(one, other) is same
    assert akin(other, one) is same
