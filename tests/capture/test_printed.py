from chalicelib.capture.printed import read_printed


def test_a_german_card_is_read_by_its_patterns_and_places() -> None:
    card = read_printed(
        "Dr. Anna Beispiel\nLeiterin Einkauf\nBeispiel Maschinenbau GmbH\nMusterstr. 12\n12345 Berlin\n"
        "Tel: +49 30 1234567\nFax: +49 30 1234568\nMobil 0171 1234567\nE-Mail: Anna@Example.com\nwww.example.com"
    )
    assert (card.full_name, card.title, card.company) == (
        "Dr. Anna Beispiel",
        "Leiterin Einkauf",
        "Beispiel Maschinenbau GmbH",
    )
    assert card.phones == ("+49 30 1234567", "0171 1234567")
    assert (card.emails, card.urls, card.address) == (
        ("Anna@example.com",),
        ("www.example.com",),
        "Musterstr. 12, 12345 Berlin",
    )
    assert card.note == ""


def test_a_chinese_card_is_read_too() -> None:
    card = read_printed(
        "王小明\n采购经理\n北京示例科技有限公司\n北京市中关村大街1号\n电话：010-5550-0101\nwang＠example.com"
    )
    assert (card.full_name, card.title, card.company) == ("王小明", "采购经理", "北京示例科技有限公司")
    assert (card.phones, card.emails, card.address) == (
        ("010-5550-0101",),
        ("wang@example.com",),
        "北京市中关村大街1号",
    )


def test_a_company_in_the_first_line_is_not_the_name() -> None:
    card = read_printed(
        "Example Ltd\nJohn Smith\nSales Director\n+1 (202) 555-0123 ext 12\njohn@example.org\nexample.org"
    )
    assert (card.full_name, card.company, card.title) == ("John Smith", "Example Ltd", "Sales Director")
    assert (card.phones, card.urls) == (("+1 (202) 555-0123 ext 12",), ("example.org",))


def test_a_company_without_a_legal_form_stands_below_name_and_title() -> None:
    card = read_printed("Jane Roe\nPlant Manager\nBlue Harbour\nmet at stand 4")
    assert (card.full_name, card.title, card.company, card.note) == (
        "Jane Roe",
        "Plant Manager",
        "Blue Harbour",
        "met at stand 4",
    )


def test_a_fax_number_is_not_called() -> None:
    assert read_printed("Jane Roe\nFax 030 1234567").phones == ()


def test_what_does_not_read_like_a_name_is_kept_as_a_note() -> None:
    card = read_printed("\\x00\\xff 99")
    assert (card.full_name, card.note) == ("", "\\x00\\xff 99")


def test_words_around_an_address_and_a_number_are_kept() -> None:
    card = read_printed("Ann Lee ann@example.org\ncall me on +49 30 1234567 after five")
    assert (card.full_name, card.emails, card.phones) == ("Ann Lee", ("ann@example.org",), ("+49 30 1234567",))
    assert "after five" in card.note
