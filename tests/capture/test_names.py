import pytest

from chalicelib.capture.names import joined_name


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [
        ("Ann", "Lee", "Ann Lee"),
        ("小明", "王", "王小明"),
        ("Ann", "", "Ann"),
        ("", "Lee", "Lee"),
        ("小明", "Wang", "小明 Wang"),
    ],
)
def test_chinese_names_have_the_family_name_first_and_no_blank(given: str, family: str, name: str) -> None:
    assert joined_name(given, family) == name
