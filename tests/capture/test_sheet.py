from chalicelib.capture.sheet import find_header, header_names


def test_report_titles_above_the_header_are_passed_by() -> None:
    assert find_header([["Campaign report"], [], ["Day", "Campaign", "Cost"], ["1", "a", "2"], ["2", "b", "3"]]) == 2


def test_a_first_row_with_an_address_in_it_is_a_person_and_no_header() -> None:
    assert find_header([["Ann", "a@example.org"], ["Bob", "b@example.org"]]) == -1


def test_where_nothing_looks_like_a_header_the_first_row_is_it() -> None:
    assert find_header([]) == 0


def test_columns_with_one_name_or_none_get_names_of_their_own() -> None:
    assert header_names(["Email", "email", "", "Email (2)"], 5) == (
        "Email",
        "email (2)",
        "column 3",
        "Email (2) (2)",
        "column 5",
    )
