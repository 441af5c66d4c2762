import pytest

from chalicelib.capture.columns import FIELDS, WHICH_ORDER, apply_mapping, guess_columns, settle_dates
from chalicelib.records.contact import Refusal
from chalicelib.records.upload import ColumnGuess


def fields(header: list[str], *rows: list[str]) -> list[str]:
    return [guess.field for guess in guess_columns(header, rows)]


PEOPLE = ["name", "company", "title", "email", "phone", "country"]


@pytest.mark.parametrize(
    "header",
    [
        ["Full Name", "Company Name", "Job Title", "E-mail Address", "Phone Number", "Country/Region"],
        ["Ansprechpartner", "Firma", "Funktion", "E-Mail-Adresse", "Telefon", "Land"],
        ["姓名", "公司名称", "职务", "电子邮箱", "手机号码", "国家"],
        ["姓名", "公司名稱", "職稱", "電子信箱", "手機號碼", "國家"],
        ["Nom complet", "Société", "Fonction", "Adresse électronique", "Téléphone", "Pays"],
        ["Nombre y apellidos", "Empresa", "Cargo", "Correo electrónico", "Teléfono móvil", "País"],
        ["氏名", "会社名", "役職", "メールアドレス", "電話番号", "国"],
    ],
)
def test_the_header_is_understood_in_seven_languages(header: list[str]) -> None:
    assert fields(header) == PEOPLE


def test_case_accents_blanks_and_punctuation_do_not_matter() -> None:
    assert fields(["E_MAIL", "tel.", "PRENOM", "nom de famille", "Phone (mobile)", "Email 3"]) == [
        *("email", "phone", "given_name", "family_name", "phone", "email")
    ]


def test_a_column_may_end_in_the_words_that_say_what_it_holds() -> None:
    assert fields(["Lead Email Address", "Attendee's Company", "客户联系电话", "List name", "unique_id"]) == [
        *("email", "company", "phone", "", "")
    ]


def test_two_email_columns_are_both_kept_but_one_company() -> None:
    guesses = guess_columns(["Email", "Email (2)", "Company", "Company name"], [])
    assert [guess.field for guess in guesses] == ["email", "email", "company", ""]
    assert guesses[3].reason == "this field is taken by column: Company"


@pytest.mark.parametrize(
    "column",
    ["Contact owner", "Owner Email", "Sales Rep E-Mail", "Account manager e-mail", "負責人電話", "Erfasst von"],
)
def test_what_names_our_own_people_is_never_the_contacts(column: str) -> None:
    assert guess_columns([column], [["rep@example.com"]]) == (
        ColumnGuess(column, "", "about our own people, kept as given"),
    )


def test_consent_and_opt_out_are_told_apart() -> None:
    header = [
        "Keep me informed about future events?",
        "Opted out of email: Marketing Information",
        "退订",
    ]
    assert fields(header) == ["consent", "opt_out", "opt_out"]


def test_a_column_named_email_that_holds_yes_and_no_is_no_address() -> None:
    guess = guess_columns(["Email"], [["yes"], ["No"], [""]])[0]
    assert (guess.field, guess.reason) == ("", "named like a contact point, but holds yes and no")


def test_columns_without_a_known_name_are_guessed_by_what_they_hold() -> None:
    rows = [["a@example.org", "+49 170 1234567", "https://example.org", "2026-10-01", "12345678"]] * 3
    guesses = guess_columns(["A", "B", "C", "D", "E"], [*rows, ["", "x", "", "", ""]])
    assert [guess.field for guess in guesses] == ["email", "phone", "url", "", ""]
    assert guesses[1].reason == "cells look like phone numbers: 3 of 4"
    assert guesses[3].reason == "kept as given"


def test_in_a_list_without_a_header_the_names_are_found() -> None:
    header = ["column 1", "column 2", "column 3"]
    guesses = guess_columns(header, [["4711", "Ann Lee", "a@example.org"], ["4712", "王小明", "b@example.org"]])
    assert [guess.field for guess in guesses] == ["", "name", "email"]
    assert guesses[1].reason == "cells look like names: 2 of 2"
    assert fields(header[:1], ["4711"]) == [""]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["Name", "Vorname"], ["family_name", "given_name"]),
        (["Nom", "Prénom"], ["family_name", "given_name"]),
        (["Nom", "Société"], ["name", "company"]),
        (["Nombre", "Apellidos"], ["given_name", "family_name"]),
        (["Nombre", "Empresa"], ["name", "company"]),
    ],
)
def test_words_for_a_whole_name_and_half_of_it_depend_on_the_other_columns(
    header: list[str], expected: list[str]
) -> None:
    assert fields(header) == expected


def test_every_guess_is_a_known_field() -> None:
    assert (
        set(fields([*PEOPLE, "product interest", "campaign", "message", "address", "url", "badge id", "id"])) <= FIELDS
    )


GUESSES = (ColumnGuess("A", "name", "x"), ColumnGuess("B", "", "x"), ColumnGuess("C", "email", "x"))


def test_what_a_person_chose_overrides_the_guess_and_takes_the_field_from_it() -> None:
    assert apply_mapping(GUESSES, {"B": "name", "C": ""}) == (
        ColumnGuess("A", "", "this field is taken by column: B"),
        ColumnGuess("B", "name", "chosen by hand", 100),
        ColumnGuess("C", "", "chosen by hand", 100),
    )


def test_a_second_email_column_may_be_chosen() -> None:
    chosen = apply_mapping(GUESSES, {"B": "email"})
    assert not isinstance(chosen, Refusal)
    assert [guess.field for guess in chosen] == ["name", "email", "email"]


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ({"Z": "email"}, "no such column: Z"),
        ({"A": "score"}, "no such field: score"),
        ({"A": "company", "B": "company"}, "two columns for one field: company"),
    ],
)
def test_a_mapping_with_an_unknown_column_or_field_is_refused(mapping: dict[str, str], why: str) -> None:
    assert apply_mapping(GUESSES, mapping) == Refusal("mapping", why)


def test_a_guess_by_name_is_surer_where_the_cells_look_it() -> None:
    header = ["email", "name"]
    sure, *_ = guess_columns(header, [["ann@example.org", "Ann"], ["bob@example.org", "Bob"]])
    doubted, named = guess_columns(header, [["Ann", "x"], ["Bob", "y"]])
    assert (sure.field, doubted.field) == ("email", "email")
    assert sure.confidence == 99
    assert doubted.confidence < 50 < named.confidence


def test_the_whole_list_settles_the_order_of_its_dates_or_a_person_is_asked() -> None:
    def settled(*dates: str) -> ColumnGuess:
        rows = [["Ann", date] for date in dates]
        header = ["name", "created at"]
        return settle_dates(guess_columns(header, rows), rows)[1]

    day_first, asked = settled("3/4/2026", "23/4/2026"), settled("3/4/2026")
    assert (day_first.field, day_first.reason) == ("created_at_dmy", "the day comes first: 23/4/2026")
    assert settled("4/23/2026").field == "created_at_mdy"
    assert settled("2026-04-03").field == "created_at"
    assert (asked.field, asked.reason, asked.confidence) == ("created_at", f"{WHICH_ORDER}: 3/4/2026", 30)
    chosen = apply_mapping((ColumnGuess("A", "created_at", ""), ColumnGuess("B", "", "")), {"B": "created_at_mdy"})
    assert not isinstance(chosen, Refusal)
    assert [guess.field for guess in chosen] == ["", "created_at_mdy"]
    guesses = (ColumnGuess("A", "", ""), ColumnGuess("B", "", ""))
    both = apply_mapping(guesses, {"A": "created_at", "B": "created_at_dmy"})
    assert both == Refusal("mapping", "two columns for one field: created_at")


@pytest.mark.parametrize(
    "header",
    [
        ["Lead source", "Legal basis", "WeChat ID", "WeCom"],
        ["Quelle", "Rechtsgrundlage", "WeChat", "WeCom-ID"],
        ["Origine", "Base légale", "WeChat", "WeCom"],
        ["Origen", "Base jurídica", "WeChat", "WeCom"],
        ["流入元", "法的根拠", "WeChat", "WeCom"],
        ["客户来源", "法律依据", "微信号", "企业微信"],
        ["名單來源", "法律依據", "微信", "企業微信"],
    ],
)
def test_source_basis_and_messengers_have_columns_in_seven_languages(header: list[str]) -> None:
    assert fields(header) == ["source", "basis", "wechat", "wecom"]
    assert fields(["UTM source", "Fuente"]) == ["", "source"]


@pytest.mark.parametrize(
    "header",
    [
        "Kontaktdatum",
        "Besucht am",
        "Seen on",
        "Visit date",
        "Date de visite",
        "Fecha de visita",
        "来場日",
        "来访日期",
        "來訪日期",
    ],
)
def test_the_day_of_a_visit_or_talk_is_when_they_came(header: str) -> None:
    assert fields(["name", header]) == ["name", "created_at"]
