import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.identify.folding import company_key, fold, loose, name_tokens


@pytest.mark.parametrize(
    "name",
    ["Jürgen Müller", "MÜLLER, Jürgen", "Dr. Jürgen Müller", "Herr Juergen  Mueller", "ju\u0308rgen mu\u0308ller"],
)
def test_a_name_is_the_same_in_any_order_case_title_and_spelling(name: str):
    assert name_tokens(name) == ("juergen", "mueller")


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("王小明", ("王小明",)),
        ("王 小 明 先生", ("王小明",)),
        ("王小明 Xiaoming Wang", ("王小明", "wang", "xiaoming")),
        ("欧阳𠮷", ("欧阳𠮷",)),
        ("ガブリエル", ("ガブリエル",)),
        ("José Núñez", ("jose", "nunez")),
        ("Łukasz Søe", ("lukasz", "soee")),
        ("Jonah O'Kim", ("jonah", "okim")),
        ("Jonah O’Kim", ("jonah", "okim")),
        ("Anna-Lena Groß", ("anna", "gross", "lena")),
        ("Zoë 👩‍💻 Faulkner", ("faulkner", "zoe")),
        ("ＷＡＮＧ Wei", ("wang", "wei")),
        ("Dr.", ("dr",)),
        ("先生", ("先生",)),
        ("J. Weber", ("j", "weber")),
        ("", ()),
        ("---", ()),
    ],
)
def test_a_name_is_folded_to_words(name: str, tokens: tuple[str, ...]):
    assert name_tokens(name) == tuple(sorted(tokens))


def test_umlaut_spelled_out_and_dropped_compare_equal():
    assert loose(fold("Müller")) == loose(fold("Mueller")) == loose(fold("Muller")) == "muller"


@pytest.mark.parametrize(
    "company",
    ["Nord Tech GmbH", "NORD-TECH", "Nord Tech GmbH & Co. KG", "Nord Tech Co., Ltd.", "Nord Tech S.A. de C.V.",
     "Nord Tech K.K.", "OOO Nord Tech", "Nord Tech Sp. z o.o.", "Nord Tech Inc", "nordtech", "Nord Tech Pty. Ltd."],
)  # fmt: skip
def test_the_legal_form_does_not_make_another_company(company: str):
    assert company_key(company) == "nordtech"


@pytest.mark.parametrize(
    ("company", "key"),
    [
        ("北京示例科技有限公司", "北京示例科技"),
        ("上海示例（集团）股份有限公司", "上海示例"),
        ("株式会社サンプル", "サンプル"),
        ("サンプル㈱", "サンプル"),
        ("Müller & Söhne OHG", "mullersohne"),
        ("GmbH", "gmbh"),
        ("Sa", "sa"),
        ("", ""),
    ],
)
def test_a_company_is_known_by_what_is_left(company: str, key: str):
    assert company_key(company) == key


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=30))
def test_folding_twice_changes_no_name(name: str):
    once = name_tokens(name)
    assert once == tuple(sorted(once))
    assert not any(" " in token for token in once)
