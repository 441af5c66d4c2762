from chalicelib.records.ports import TooLarge


def test_what_is_too_large_says_which_kind_is_to_blame_where_it_is_one() -> None:
    assert (str(TooLarge("too many")), TooLarge("too many").kind) == ("too many", "")
    assert TooLarge("400 KB are the most", "Touch").kind == "Touch"
