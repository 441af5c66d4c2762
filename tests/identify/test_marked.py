"""Which part of a text a search found is marked, and nothing of the text is lost."""

from dataclasses import replace

import pytest

from chalicelib.identify.marked import Marked, marked, marked_phone
from chalicelib.identify.sought import asked


def shown(pieces: Marked) -> str:
    return "".join(f"[{text}]" if found else text for text, found in pieces)


@pytest.mark.parametrize(
    ("text", "typed", "wanted"),
    [
        ("Jana Beispiel", "bei", "Jana [Bei]spiel"),
        ("Jana Beispiel", "jana BEISPIEL", "[Jana] [Beispiel]"),
        ("Jürgen Müller", "mul", "Jürgen [Mül]ler"),
        ("Nord-Tech GmbH", "nord-tech", "[Nord]-[Tech] GmbH"),
        ("jana.m@kunde.example.com", "jana.m@ku", "[jana].[m]@[ku]nde.example.com"),
        ("王小明", "小明", "王[小明]"),
        ("張偉", "张伟", "[張偉]"),
        ("王小明", "wang", "[王小明]"),
        ("王小明", "wxm", "[王小明]"),
        ("王小明", "li", "王小明"),
        ("Xiaoming Wang", "王小明", "[Xiaoming] [Wang]"),
        ("北京样例科技有限公司", "yangli", "[北京样例科技有限公司]"),
        ("Jana", "jan ja", "[Jan]a"),
        ("<b>Jana</b>", "jana", "<b>[Jana]</b>"),
        ("", "jana", ""),
        ("Jana", "", "Jana"),
    ],
)
def test_what_was_found_is_marked(text: str, typed: str, wanted: str) -> None:
    found = marked(text, asked(typed))
    assert shown(found) == wanted
    assert "".join(part for part, _ in found) == text


def test_a_word_spelled_nearly_so_is_marked_whole() -> None:
    assert shown(marked("Jana Müller", [replace(asked("mulelr")[0], close=("muller",))])) == "Jana [Müller]"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("030 900", "+49[30900]013"),
        ("+4930900013", "+[4930900013]"),
        ("jana", "+4930900013"),
        ("555555", "+4930900013"),
    ],
)
def test_a_numbers_digits_are_marked(typed: str, wanted: str) -> None:
    assert shown(marked_phone("+4930900013", asked(typed))) == wanted
