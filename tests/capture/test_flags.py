"""Yes and no in several languages."""

from chalicelib.capture.flags import read_flag


def test_yes_and_no_are_read_in_the_languages_of_lists() -> None:
    assert [read_flag(cell) for cell in ("Ja", " oui", "否", "FALSE", "maybe")] == [True, True, False, False, None]
