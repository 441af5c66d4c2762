import pytest

from chalicelib.capture.points import read_emails, read_phones, read_products


def emails(*cells: str) -> tuple[tuple[str, ...], dict[str, str], list[str]]:
    extra: dict[str, str] = {}
    warnings: list[str] = []
    return read_emails(cells, range(len(cells)), extra, warnings), extra, warnings


def phones(*cells: str) -> tuple[tuple[str, ...], dict[str, str], list[str]]:
    extra: dict[str, str] = {}
    warnings: list[str] = []
    return read_phones(cells, range(len(cells)), extra, warnings), extra, warnings


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("a@example.org; b@example.net", ("a@example.org", "b@example.net")),
        ("Ann Lee <a@example.org>", ("a@example.org",)),
        ("mailto:a@example.org?subject=x", ("a@example.org",)),
        ("a@example.org / A@example.org", ("a@example.org",)),
        ("", ()),
    ],
)
def test_a_cell_of_a_list_may_hold_several_addresses_or_a_name_with_one(cell: str, found: tuple[str, ...]) -> None:
    assert emails(cell)[0] == found


def test_two_columns_are_both_kept_and_the_same_address_once() -> None:
    assert emails("a@example.org", "", "A@Example.org", "b@example.net")[0] == ("a@example.org", "b@example.net")


def test_a_half_readable_cell_is_kept_as_given_with_a_warning() -> None:
    found, extra, warnings = emails("ann lee@example.org", "nonsense")
    assert found == ()
    assert extra == {"email as given": "ann lee@example.org; nonsense"}
    assert warnings == ["not an e-mail address: ann lee@example.org", "not an e-mail address: nonsense"]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("0171/3920011", ("0171/3920011",)),
        ("030 123456; 0171 3920011", ("030 123456", "0171 3920011")),
        ("030 123456 / +49 171 3920011", ("030 123456", "+49 171 3920011")),
        ("p:+493023125001", ("+493023125001",)),
        ("tel:+493023125001", ("+493023125001",)),
        ("+1 202 555 0143, ext 4", ("+1 202 555 0143, ext 4",)),
        ("", ()),
    ],
)
def test_a_cell_may_hold_several_numbers_but_a_slash_inside_one_does_not_split_it(cell: str, found: object) -> None:
    assert phones(cell)[0] == found


def test_a_number_without_its_digits_is_kept_as_given_with_a_warning() -> None:
    assert phones("4.91714E+11") == (
        (),
        {"phone as given": "4.91714E+11"},
        ["phone number has lost its digits: 4.91714E+11"],
    )


def test_products_are_split_and_each_is_named_once() -> None:
    assert read_products(("Sensors; Robot arm", "", "Sensors", "传感器、机器人"), range(4)) == (
        "Sensors",
        "Robot arm",
        "传感器",
        "机器人",
    )


def test_a_number_in_powers_of_ten_that_has_all_its_digits_is_written_out() -> None:
    assert phones("4.91713920011E+11") == (("491713920011",), {}, [])
    assert phones("4,91713920011e11")[0] == ("491713920011",)
    assert phones("4.9171392001E+11")[0] == (), "one digit is missing"
    assert phones("4.917139200112E+11")[0] == (), "no number has a fraction"
