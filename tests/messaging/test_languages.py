import gettext
from pathlib import Path

import pytest

from chalicelib.messaging import languages
from chalicelib.messaging.languages import CatalogueMissing, message_of, negotiate, phrase, translator


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh", "zh-Hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK,en", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant", "zh-Hant"),
        ("zh_Hant_HK", "zh-Hant"),
        ("ZH-hant-cn", "zh-Hant"),
        ("zh-Hans-TW", "zh-Hans"),
        ("de-DE,zh-TW;q=0.5,en;q=0.3", "zh-Hant"),
        ("en;q=0.3, zh-TW;q=0.5", "zh-Hant"),
        ("zh;q=0,en;q=0.1", "en"),
        ("de,zh;q=0", "en"),
        ("fr,ja,*", "en"),
        ("zh;q=high,en", "en"),
        (";;,,=;q=1", "en"),
        ("x" * 100_000, "en"),
    ],
)
def test_the_best_language_we_have_is_chosen(header: str, language: str):
    assert negotiate(header) == language


def test_the_default_is_the_callers():
    assert negotiate("fr", "zh-Hans") == "zh-Hans"


@pytest.mark.parametrize(
    ("reason", "hans", "hant"),
    [
        ("the person wants no promotion", "此人不希望收到推广信息", "此人不希望收到推廣訊息"),
        ("serves this country: DE", "负责该国家或地区：DE", "負責此國家或地區：DE"),
        ("fewest open leads: 12", "未结线索最少：12", "未結潛在客戶最少：12"),
        ("same phone +30", "电话相同 +30", "電話相同 +30"),
        ("same phone −7.5", "电话相同 −7.5", "電話相同 −7.5"),
        ("another name -20", "姓名不同 -20", "姓名不同 -20"),
        ("knows this product: crane: type 2 +5", "熟悉该产品：crane: type 2 +5", "熟悉此產品：crane: type 2 +5"),
    ],
)
def test_a_reason_is_translated_by_its_message_and_keeps_value_and_points(reason: str, hans: str, hant: str):
    assert phrase("zh-Hans", reason) == hans
    assert phrase("zh-Hant", reason) == hant
    assert phrase("en", reason) == reason


@pytest.mark.parametrize("reason", ["", " ", "never heard of this: 3 +1", "never heard of this", ": x", "+30"])
def test_an_unknown_reason_is_shown_as_it_is(reason: str):
    assert phrase("zh-Hans", reason) == reason


def test_the_message_of_a_reason_is_what_its_translation_is_found_by():
    assert message_of("asked for a quotation +30") == "asked for a quotation"
    assert message_of("fewest open leads: 12") == "fewest open leads"
    assert message_of("interested in: crane +5") == "interested in"


def test_english_needs_no_catalogue():
    assert translator("en").gettext("Hello,") == "Hello,"


def test_nothing_translates_to_nothing_and_not_to_the_catalogues_header():
    assert [translator(language).gettext("") for language in languages.LANGUAGES] == ["", "", ""]


def test_a_catalogue_is_read_once():
    assert isinstance(translator("zh-Hans"), gettext.GNUTranslations)
    assert translator("zh-Hans") is translator("zh-Hans")


def test_another_language_is_unknown():
    with pytest.raises(KeyError):
        translator("fr")


def test_a_catalogue_that_was_not_compiled_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(languages, "LOCALE", tmp_path)
    with pytest.raises(CatalogueMissing, match=r"catalogues\.py compile"):
        translator.__wrapped__("zh-Hans")
