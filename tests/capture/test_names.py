import pytest

from chalicelib.capture.names import joined_name, read_name


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


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Reyes, Ana", ("Ana Reyes", "Ana", "Reyes")),
        ("de la Cruz, María José", ("María José de la Cruz", "María José", "de la Cruz")),
        ("REYES Ana", ("REYES Ana", "Ana", "REYES")),
        ("Ana DE LEON", ("Ana DE LEON", "Ana", "DE LEON")),
        ("王小明", ("王小明", "小明", "王")),
        ("欧阳𠮷", ("欧阳𠮷", "𠮷", "欧阳")),
        ("歐陽娜娜", ("歐陽娜娜", "娜娜", "歐陽")),
        ("欧阳", ("欧阳", "阳", "欧")),
    ],
)
def test_a_whole_name_says_by_comma_capitals_or_script_which_part_is_the_familys(name: str, read: object) -> None:
    assert read_name(name) == read


@pytest.mark.parametrize(
    "name",
    ["Ana Reyes", "ANA REYES", "Ana", "John Doe, Jr.", "Lee, 3rd", "Smith, Ann, Bob", '=HYPERLINK("x","y")', "Doe,",
     "Ana B REYES Lopez", "Ana R. D", "김민준", "王", "北京示例科技", "أحمد علي"],
)  # fmt: skip
def test_where_nothing_tells_the_parts_stay_unknown(name: str) -> None:
    assert read_name(name) == (name, "", "")
