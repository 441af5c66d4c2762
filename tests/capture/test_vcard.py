import pytest

from chalicelib.capture.vcard import read_vcard


def test_version_2_1_has_quoted_printable_with_soft_line_breaks_and_charsets() -> None:
    card = read_vcard(
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrgen;;Dr.;\r\n"
        "FN;CHARSET=UTF-8;QUOTED-PRINTABLE:Dr. J=C3=BCrgen M=C3=BC=\r\nller\r\n"
        "ORG;CHARSET=GB2312;ENCODING=QUOTED-PRINTABLE:=B1=B1=BE=A9;x\r\nTEL;WORK;VOICE:+49 30 23125-010\r\n"
        "TEL;FAX:+49 30 23125-011\r\nTEL;PAGER:12345\r\n"
        "TEL;CELL;PREF:0171/3920011\r\nNOTE:two\r\n words\r\nEND:VCARD\r\n"
    )
    assert (card.given_name, card.family_name, card.full_name) == ("Jürgen", "Müller", "Dr. Jürgen Müller")
    assert card.company == "北京"
    assert card.phones == ("0171/3920011", "+49 30 23125-010")
    assert card.note == "two words"


def test_version_3_has_groups_escapes_and_folded_lines() -> None:
    card = read_vcard(
        "BEGIN:VCARD\nVERSION:3.0\nN:Doe\\, Jr.;John;Q.;;\nFN:John Q. Doe\\, Jr.\nORG:Example\\; Partners;R&D\n"
        "item1.EMAIL;type=INTERNET:b@example.org\nitem2.EMAIL;type=INTERNET;type=pref:john@example.org\n"
        "item1.X-ABLabel:_$!<Work>!$_\nNOTE:Met at B-12.\\nWants 1\\,000 units and a long no\n te.\nTITLE:CTO\n"
        "URL:https://example.org\nADR;TYPE=work:;;Street 1;Berlin;;10115;Germany\nX-BADGE-ID:B77\nEND:VCARD"
    )
    assert (card.family_name, card.given_name, card.full_name) == ("Doe, Jr.", "John", "John Q. Doe, Jr.")
    assert (card.company, card.title) == ("Example; Partners", "CTO")
    assert card.emails == ("john@example.org", "b@example.org")
    assert card.note == "Met at B-12.\nWants 1,000 units and a long note."
    assert (card.address, card.urls, card.badge_id) == (
        "Street 1, Berlin, 10115, Germany",
        ("https://example.org",),
        "B77",
    )


def test_version_4_has_telephone_links_and_numbered_preferences() -> None:
    card = read_vcard(
        'BEGIN:VCARD\nVERSION:4.0\nFN:山田 例子\nTEL;VALUE=uri;TYPE="voice,work:x";PREF=1:tel:+1-202-555-0188;ext=12\n'
        "EMAIL;PREF=2:second@example.com\nEMAIL;PREF=1:mailto:first@example.com?subject=x\nROLE:Buyer\nEND:VCARD"
    )
    assert card.phones == ("+1-202-555-0188 ext. 12",)
    assert card.emails == ("first@example.com", "second@example.com")
    assert card.title == "Buyer"


def test_a_missing_end_a_second_card_and_lines_that_are_none_do_no_harm() -> None:
    assert read_vcard("BEGIN:VCARD\nnonsense\nFN:Ann").full_name == "Ann"
    assert read_vcard("BEGIN:VCARD\nFN:Ann\nBEGIN:VCARD\nFN:Bob").full_name == "Ann"
    assert read_vcard("BEGIN:VCARD\nFN:Ann\nEND:VCARD\nEMAIL:b@example.org").emails == ()


def test_names_come_from_their_parts_or_the_nickname_where_there_is_no_full_one() -> None:
    assert read_vcard("BEGIN:VCARD\nN:王;小明;;;\nEND:VCARD").full_name == "王小明"
    assert read_vcard("BEGIN:VCARD\nNICKNAME:Annie\nLABEL:Street 1\\nBerlin\nEND:VCARD").full_name == "Annie"


@pytest.mark.parametrize("charset", ["no-such", "ascii", "hex"])
def test_an_unknown_or_wrong_charset_is_read_as_utf_8(charset: str) -> None:
    card = read_vcard(f"BEGIN:VCARD\nFN;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen\nEND:VCARD")
    assert card.full_name == "Jürgen"
