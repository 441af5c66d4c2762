from datetime import UTC, date, datetime

import pytest
from jinja2 import UndefinedError

from chalicelib.messaging.languages import LANGUAGES
from chalicelib.messaging.templates import environment
from chalicelib.records.money import Money

DECEMBER = datetime(2026, 12, 3, 13, 0, tzinfo=UTC)
JULY = datetime(2026, 7, 3, 13, 0, tzinfo=UTC)


def shown(language: str, source: str, **values) -> str:
    return environment(language).from_string(source).render(values)


def test_one_environment_serves_a_language():
    assert len({environment(language) for language in LANGUAGES}) == len(LANGUAGES)
    assert environment("en") is environment("en")


def test_markup_in_values_is_escaped_in_html_and_kept_in_text():
    assert shown("en", "{{ name }}", name="<b>&") == "&lt;b&gt;&amp;"
    made = environment("en").get_template("mail/seminar_confirmation.subject.txt").render(seminar={"title": "<b>&"})
    assert made == "Your place is confirmed: <b>&"


def test_an_undefined_name_is_an_error():
    with pytest.raises(UndefinedError, match="nobody"):
        shown("en", "{{ nobody }}")


def test_texts_are_translated_with_their_values_escaped():
    source = '{{ _("Hello %(name)s,", name=name) }}'
    assert shown("en", source, name="<i>") == "Hello &lt;i&gt;,"
    assert shown("zh-Hans", source, name="<i>") == "&lt;i&gt;，您好："


def test_a_trans_block_is_found_whatever_its_line_breaks():
    source = "{% trans %}\n  View my\n  request\n{% endtrans %}"
    assert shown("zh-Hans", source) == "查看我的咨询"
    assert shown("zh-Hant", source) == "查看我的諮詢"


def test_the_language_is_known_to_templates():
    assert shown("zh-Hant", "{{ language }} {{ languages|length }}") == "zh-Hant 3"


@pytest.mark.parametrize(
    ("language", "moment", "zone", "text"),
    [
        ("en", DECEMBER, "Europe/Berlin", "Thursday, 3 December 2026, 14:00 (Central European Standard Time)"),
        ("en", JULY, "Europe/Berlin", "Friday, 3 July 2026, 15:00 (Central European Summer Time)"),
        ("en", DECEMBER, "", "Thursday, 3 December 2026, 13:00 (Coordinated Universal Time)"),
        ("zh-Hans", DECEMBER, "Asia/Shanghai", "2026年12月3日星期四 21:00（中国标准时间）"),
        ("zh-Hant", DECEMBER, "Asia/Taipei", "2026年12月3日星期四 21:00（台北標準時間）"),
    ],
)
def test_a_moment_is_shown_as_the_zones_clock_shows_it(language: str, moment: datetime, zone: str, text: str):
    assert shown(language, "{{ moment|when(zone) }}", moment=moment, zone=zone) == text


def test_a_moment_without_its_zone_is_an_error():
    with pytest.raises(ValueError, match="without its zone"):
        shown("en", "{{ moment|when }}", moment=datetime(2026, 12, 3))


def test_a_day_is_shown_in_words_and_a_moments_day_is_the_zones():
    late = datetime(2026, 12, 3, 23, 30, tzinfo=UTC)
    assert shown("en", "{{ d|day }}", d=date(2026, 12, 3)) == "3 December 2026"
    assert shown("en", "{{ d|day('Asia/Tokyo') }}", d=late) == "4 December 2026"
    assert shown("zh-Hant", "{{ d|day }}", d=late) == "2026年12月3日"


@pytest.mark.parametrize(
    ("language", "amount", "text"),
    [
        ("en", Money(1234567, "EUR"), "€12,345.67"),
        ("en", Money(1234567, "JPY"), "¥1,234,567"),
        ("en", Money(-1234567, "CNY"), "-CN¥12,345.67"),
        ("zh-Hans", Money(1234567, "CNY"), "¥12,345.67"),
        ("zh-Hant", Money(5, "TWD"), "$0.05"),
        ("en", Money(1234567, "IQD"), "IQD1,234.567"),
        ("en", Money(12345678901234567890, "USD"), "$123,456,789,012,345,678.90"),
    ],
)
def test_money_is_shown_to_the_last_minor_unit(language: str, amount: Money, text: str):
    assert shown(language, "{{ amount|money }}", amount=amount).replace("\xa0", "") == text


def test_numbers_and_reasons_are_shown_in_the_language():
    assert shown("en", "{{ 1234567.5|number }}") == "1,234,567.5"
    assert shown("zh-Hans", "{{ reason|phrase }}", reason="fewest open leads: 3") == "未结线索最少：3"
