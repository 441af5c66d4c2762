import pytest

from chalicelib.capture.encodings import Encoding, text_encoding

GERMAN = "Name;Firma\nJürgen Groß;Ärzte KG\nÄnne;Übersee\n"
CHINESE = "姓名,公司\n王小明,北京示例科技有限公司\n"
TRADITIONAL = "姓名,公司\n王小明,臺灣電腦股份有限公司\n"
JAPANESE = "氏名,会社\nヤマダ タロウ,株式会社サンプル\n"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"name,email", "utf-8"),
        (GERMAN.encode("utf-8"), "utf-8"),
        (GERMAN.encode("utf-8-sig"), "utf-8-sig"),
        (GERMAN.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + GERMAN.encode("utf-16-be"), "utf-16"),
        (GERMAN.encode("utf-32"), "utf-32"),
        (GERMAN.encode("utf-16-le"), "utf-16-le"),
        (GERMAN.encode("utf-16-be"), "utf-16-be"),
        (GERMAN.encode("cp1252"), "cp1252"),
        ("O’Brien’s,“it’s”".encode("cp1252"), "cp1252"),
        ("Ärmel,Ärzte".encode("cp1252"), "cp1252"),
        (CHINESE.encode("gbk"), "gb18030"),
        ((CHINESE + "欧阳𠮷").encode("gb18030"), "gb18030"),
        (TRADITIONAL.encode("big5"), "big5"),
        (JAPANESE.encode("cp932"), "cp932"),
    ],
)
def test_the_encoding_is_the_one_in_which_the_text_makes_sense(data: bytes, name: str) -> None:
    assert text_encoding(data) == Encoding(name)


LISTS = {
    "gb18030": ("姓名{0}公司名称{0}备注", "王小明{0}北京示例科技有限公司{0}需要报价，三个月内", ("gbk", "gb18030")),
    "big5": ("姓名{0}公司名稱{0}職稱", "陳怡君{0}臺灣電腦股份有限公司{0}經理", ("big5",)),
    "cp932": ("氏名{0}会社名{0}役職", "山田太郎{0}株式会社サンプル{0}部長", ("cp932",)),
    "cp1252": ("Prénom{0}Nom{0}Société", "Hélène{0}Lefèvre{0}Crème & Cie", ("cp1252",)),
}


@pytest.mark.parametrize("delimiter", list(",;\t"))
@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_one_row_is_enough_to_tell(name: str, delimiter: str) -> None:
    header, row, encodings = LISTS[name]
    text = "\n".join((header, row, "")).format(delimiter)
    for encoding in (*encodings, "utf-16-le", "utf-16-be", "utf-8"):
        found = text_encoding(text.encode(encoding))
        assert found is not None
        assert found.name == (name if encoding in encodings else encoding)


def test_a_few_broken_bytes_do_not_make_mojibake_of_a_utf_8_file() -> None:
    assert text_encoding((GERMAN * 2).encode() + b"\xff\n") == Encoding("utf-8", "replace")


def test_half_a_character_at_the_end_of_utf_16_is_replaced() -> None:
    assert text_encoding("ab".encode("utf-16") + b"x") == Encoding("utf-16", "replace")


def test_bytes_of_no_known_encoding_are_not_guessed_at() -> None:
    assert text_encoding(b"\x81 \x8d \x9d \xff" * 9) is None


def test_many_nul_bytes_in_no_order_are_not_utf_16() -> None:
    assert text_encoding(b"\0\0a\0b\0\0c" * 9) == Encoding("utf-8")
