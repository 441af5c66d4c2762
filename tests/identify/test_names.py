import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.identify.folding import name_tokens
from chalicelib.identify.names import Likeness, compatible, likeness, one_slip


@pytest.mark.parametrize(
    ("a", "b", "degree"),
    [
        ("Anna Weber", "Weber, Anna", Likeness.EQUAL),
        ("Jürgen Müller", "JURGEN MULLER", Likeness.EQUAL),
        ("Anna Lena Weber", "Annalena Weber", Likeness.EQUAL),
        ("Wang Xiaoming", "Wang Xiao Ming", Likeness.EQUAL),
        ("Robert Smith", "Bob Smith", Likeness.NICKNAME),
        ("Bill Smith", "Will Smith", Likeness.NICKNAME),
        ("John Q. Doe", "John Doe", Likeness.PART),
        ("Katharina Schmidt", "Katharina Schmitt", Likeness.TYPO),
        ("Jessica Weber", "Jesscia Weber", Likeness.TYPO),
        ("Stephen Weber", "Stehen Weber", Likeness.TYPO),
        ("J. Weber", "Jürgen Weber", Likeness.INITIALS),
        ("J. M. Weber", "John Michael Weber", Likeness.INITIALS),
        ("Weber", "Anna Weber", Likeness.SINGLE),
        ("Bob", "Robert Smith", Likeness.SINGLE),
        ("王小明", "王 小 明", Likeness.EQUAL),
        ("小明王", "王小明", Likeness.EQUAL),
        ("王先生", "王小明", Likeness.SINGLE),
        ("王小明", "王大伟", Likeness.OTHER_GIVEN),
        ("王小明", "李小明", Likeness.OTHER),
        ("王小明 Xiaoming Wang", "王小明", Likeness.EQUAL),
        ("王伟", "Wang Wei", Likeness.PINYIN),
        ("Иван Петров", "Петров Иван", Likeness.EQUAL),
        ("И. Петров", "Иван Петров", Likeness.INITIALS),
        ("Иван Петров", "Ivan Petrov", Likeness.OTHER_SCRIPT),
        ("Anna Weber", "", Likeness.ONE_MISSING),
        ("", "", Likeness.BOTH_MISSING),
        ("Anna Weber", "Tom Weber", Likeness.OTHER_GIVEN),
        ("Anna Weber", "Anna Koch", Likeness.OTHER_GIVEN),
        ("Maria Rossi", "Mario Rossi", Likeness.OTHER_GIVEN),
        ("Martin Weber", "Martina Weber", Likeness.OTHER_GIVEN),
        ("Kaito Sato", "Kaito Kato", Likeness.OTHER_GIVEN),
        ("Anna Koch", "Anna Kock", Likeness.OTHER_GIVEN),
        ("Wei Wang", "Lei Wang", Likeness.OTHER_GIVEN),
        ("Stehen Schmidt", "Stephen Schmitt", Likeness.OTHER),
        ("A. W.", "Anna Weber", Likeness.OTHER),
        ("J", "J Weber", Likeness.OTHER),
        ("Ava Thomas", "Grace Wright", Likeness.OTHER),
    ],
)
def test_two_names_agree_to_a_degree(a: str, b: str, degree: Likeness):
    left, right = name_tokens(a), name_tokens(b)
    assert likeness(left, right) is likeness(right, left) is degree
    assert compatible(left, right) is (degree not in {Likeness.OTHER, Likeness.OTHER_GIVEN})


@pytest.mark.parametrize(("a", "b"), [("weber", "webber"), ("weber", "wber"), ("weber", "webre"), ("weber", "wefer")])
def test_one_slip_of_the_finger_is_a_letter_more_less_changed_or_swapped(a: str, b: str):
    assert one_slip(a, b)
    assert one_slip(b, a)


@pytest.mark.parametrize(("a", "b"), [("weber", "weber"), ("weber", "wbere"), ("weber", "web"), ("weber", "wabar")])
def test_none_or_two_slips_are_not_one(a: str, b: str):
    assert not one_slip(a, b)


NAMES = st.lists(st.sampled_from(["anna", "a", "weber", "webber", "bob", "robert", "王小明", "иван"]), max_size=4)


@settings(derandomize=True, deadline=None)
@given(NAMES, NAMES)
def test_agreement_does_not_depend_on_who_is_asked_first(a: list[str], b: list[str]):
    assert compatible(sorted(a), sorted(b)) is compatible(sorted(b), sorted(a))
