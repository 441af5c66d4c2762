import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.capture.text import clean


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("  Ann Lee ", "Ann Lee"),
        ("a\x00b\x1b[2J", "ab[2J"),
        ("Nul\u200bWidth", "NulWidth"),
        ("\u202eTxet", "Txet"),
        ("\ufeffAnn", "Ann"),
        ("Ann\r\n\tLee", "Ann Lee"),
        ("Jose\u0301", "José"),
        ("tag\U000e0041", "tag"),
    ],
)
def test_control_and_invisible_characters_are_taken_out(given_text: str, kept: str) -> None:
    assert clean(given_text, 100) == kept


def test_line_breaks_and_tabs_stay_where_asked_and_are_all_alike() -> None:
    assert clean(" one\r\ntwo\rthree\u2028four\tfive ", 100, lines=True) == "one\ntwo\nthree\nfour\tfive"


def test_a_joiner_stays_where_spelling_needs_it_and_goes_where_it_only_hides() -> None:
    assert clean("Zoë 👩\u200d💻", 100) == "Zoë 👩\u200d💻"
    assert clean("می\u200cخواهم", 100) == "می\u200cخواهم"
    assert clean("pay\u200dpal \u200d", 100) == "paypal"


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    assert clean("a\ud800b", 100) == "a\ufffdb"


def test_the_text_is_cut_to_its_limit_without_a_blank_at_the_end() -> None:
    assert clean("abcdef", 3) == "abc"
    assert clean("äb cd", 3) == "äb"


@settings(derandomize=True, deadline=None)
@given(st.text(), st.booleans())
def test_whatever_comes_the_result_can_be_stored_and_cleaning_twice_changes_nothing(text: str, lines: bool) -> None:
    kept = clean(text, 1000, lines)
    kept.encode("utf-8")
    assert unicodedata.is_normalized("NFC", kept)
    assert not any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in kept)
    assert lines or "\n" not in kept
    assert clean(kept, 1000, lines) == kept
