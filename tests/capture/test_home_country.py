import pytest

from chalicelib.capture.headers import header_language
from chalicelib.capture.home_country import home_country


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("Vorname,Nachname,Firma,Telefon", "de"),
        ("Prénom,Nom,Société,Téléphone", "fr"),
        ("Nombre,Apellidos,Empresa,Teléfono", "es"),
        ("姓名,公司名称,职务,手机", "zh-Hans"),
        ("姓名,公司名稱,職稱,手機", "zh-Hant"),
        ("氏名,会社名,役職,メールアドレス", "ja"),
        ("First name,Company,Phone", "en"),
        ("foo,bar", ""),
        ("Vorname,Prénom", ""),
    ],
)
def test_the_words_above_the_columns_tell_the_language(header: str, language: str) -> None:
    assert header_language(header.split(",")) == language


def test_numbers_without_a_code_are_of_a_country_only_where_one_is_left() -> None:
    assert home_country(["姓名", "手机"], "utf-8") == "CN"
    assert home_country(["name", "phone"], "gb18030") == "CN"
    assert home_country(["name", "phone"], "cp932") == "JP"
    assert home_country(["氏名", "電話番号"], "utf-8-sig") == "JP"
    assert home_country(["姓名", "手機"], "big5") == ""
    assert home_country(["Vorname", "Telefon"], "cp1252") == ""
