"""Names in simplified and traditional characters, and read aloud."""

import subprocess
import sys

import pytest

from chalicelib.identify.folding import company_key
from chalicelib.identify.han import in_pinyin, simplified
from chalicelib.identify.word_lists import word_list


@pytest.mark.parametrize(
    ("written", "plain"),
    [("張偉", "张伟"), ("华为", "华为"), ("華為技術", "华为技术"), ("Weber", "Weber"), ("Müller", "Müller"), ("", "")],
)
def test_traditional_characters_become_simplified_and_nothing_else_changes(written: str, plain: str):
    assert simplified(written) == plain


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("王小明", "xiaoming wang"), ("王小明", "wang xiaoming"), ("王小明", "wang xiao ming"),
        ("王小明", "wangxiaoming"),
        ("曾国藩", "guofan zeng"), ("吕布", "bu lyu"), ("吕布", "lu bu"), ("吕布", "lv bu"),
        ("欧阳娜娜", "nana ouyang"),
        ("單雄信", "shan xiongxin"),
    ],
)  # fmt: skip
def test_a_name_in_han_agrees_with_its_pinyin_in_any_order(name: str, words: str):
    assert in_pinyin(name, tuple(words.split()))


@pytest.mark.parametrize(
    ("name", "words"),
    [("李静", "wang xiaoming"), ("王小明", "david wang"), ("王小明", "wang"), ("王", "wang"), ("王小明", ""),
     ("王小明", "a b c d e"), ("田中太郎", "taro tanaka")],
)  # fmt: skip
def test_another_name_does_not(name: str, words: str):
    assert not in_pinyin(name, tuple(words.split()))


def test_names_in_latin_letters_load_no_table_of_characters():
    code = (
        "import sys\n"
        "from chalicelib.identify.compare import compare\n"
        "from chalicelib.identify.folding import company_key, name_tokens\n"
        "from chalicelib.identify.names import likeness\n"
        "likeness(name_tokens('Jürgen Groß'), name_tokens('A. Weber')), company_key('Müller GmbH')\n"
        "print({'opencc', 'pypinyin'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_the_aliases_of_companies_are_written_as_they_are_compared():
    names = [name for group in word_list("company_aliases")["groups"] for name in group]
    assert [name for name in names if company_key(name) == "" or simplified(name) != name] == []
    assert company_key("VW AG") == company_key("Volkswagen") == company_key("大眾汽車有限公司")
    assert company_key("Huawei Technologies Co., Ltd.") == company_key("華為技術有限公司")
    assert len(names) == len(set(names))
