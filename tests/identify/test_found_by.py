"""The words people are written down by."""

import pytest

from chalicelib.identify.found_by import document, pieces
from chalicelib.identify.search_words import asked as port_asked
from chalicelib.identify.search_words import document as port_document
from chalicelib.records.lead import Lead


def test_umlauts_accents_and_case_make_no_other_word() -> None:
    assert pieces("Jürgen MÜLLER") == pieces("juergen mueller") == pieces("Jurgen Muller") == ["jurgen", "muller"]
    assert pieces("Zoë O'Neill-Łuk") == ["zo", "oneill", "luk"]


def test_what_is_written_without_blanks_is_one_piece_in_simplified_characters() -> None:
    assert pieces("張偉 Zhang") == ["张伟", "zhang"]
    assert pieces("A王小明3") == ["a", "王小明", "3"]


def test_a_name_in_han_is_found_by_its_characters_its_pinyin_and_its_initials() -> None:
    words = document(Lead("L", "王小明")).name.split()
    assert words[:3] == ["王", "小", "明"]
    assert {"wang", "xiao", "ming", "wangxiaoming", "xiaoming", "xiaomingwang", "wxm"} <= set(words)


def test_a_family_name_is_read_as_one_and_lu_is_typed_in_three_ways() -> None:
    assert {"zengli", "cengli"} <= set(document(Lead("L", "曾力")).name.split())
    assert {"lvli", "luli", "lyuli"} <= set(document(Lead("L", "吕力")).name.split())


def test_a_name_in_pinyin_is_found_run_together_in_both_orders() -> None:
    assert document(Lead("L", "Xiaoming Wang")).name == "xiaoming wang xiaomingwang wangxiaoming"
    assert document(Lead("L", "Thorsten Schmidt")).name == "thorsten schmidt"
    assert document(Lead("L", "", "Xiaoming", "Wang")).name.startswith("xiaoming wang")


def test_kana_and_hangul_are_found_by_their_characters() -> None:
    assert document(Lead("L", "サトウ")).name == "サ ト ウ"


def test_a_company_is_found_without_its_form_by_its_other_name_and_read_aloud() -> None:
    words = document(Lead("L", company="VW AG")).company.split()
    assert words == ["vw", "ag", "volkswagen"]
    han = document(Lead("L", company="樣例技術有限公司")).company
    assert han.startswith("样 例 技 术 有 限 公 司")
    assert {"yanglijishu", "jishu", "yljs"} <= set(han.split())
    assert "huawei" in document(Lead("L", company="華為技術有限公司")).company.split()
    assert document(Lead("L")).company == ""


def test_addresses_numbers_and_products_are_found_by_their_parts() -> None:
    phones = ("+4930900013", "+390612345678")
    found = document(Lead("L", emails=("jana.m@kunde.example.com",), phones=phones, products=("泵 X200",)))
    assert found.email == "jana m kunde example com"
    assert found.phone == "4930900013 30900013 390612345678 0612345678"
    assert found.product == "泵 x200"


def test_a_number_of_no_country_is_found_by_all_of_its_digits() -> None:
    assert document(Lead("L", phones=("+80012345678",))).phone == "80012345678"


@pytest.mark.parametrize("text", ["", "  ", "王", "jana"])
def test_the_port_is_these(text: str) -> None:
    assert port_document(Lead("L", text)) == document(Lead("L", text))
    assert len(port_asked(text)) == len(text.split())
