from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.capture.columns import guess_columns
from chalicelib.capture.csv_files import read_csv
from chalicelib.capture.files import read_sheet
from chalicelib.capture.lists import EXTRAS_LIMIT, read_contacts, without_our_marks, write_error_rows
from chalicelib.capture.sheet import Sheet
from chalicelib.records.contact import Contact, Refusal
from chalicelib.records.upload import ColumnGuess

CASES = Path("../shared/cases")


def sheet_of(header: list[str], *rows: list[str]) -> Sheet:
    return Sheet(tuple(header), [tuple(row) for row in rows], "utf-8", ",", 2)


def read(header: list[str], *rows: list[str]) -> list[Contact | Refusal]:
    sheet = sheet_of(header, *rows)
    return [answer for _row, answer in read_contacts(sheet, guess_columns(sheet.header, sheet.rows))]


def contact(header: list[str], *cells: str) -> Contact:
    answer = read(header, list(cells))[0]
    assert isinstance(answer, Contact), answer
    return answer


def test_every_column_finds_its_place() -> None:
    header = ["name", "company", "title", "email", "phone", "country", "language", "product_interest", "campaign"]
    header += ["message", "comment", "street", "city", "website", "badge id", "record id", "consent", "shoe size"]
    cells = ["Ann Lee", "Example", "CTO", "Ann@Example.com", "030 123456", "Germany", "de", "A; B", "Fair 2026"]
    cells += ["Hello", "World", "Street 1", "Berlin", "example.com", "B1", "77", "ja", "43"]
    assert contact(header, *cells) == Contact(
        full_name="Ann Lee",
        company="Example",
        title="CTO",
        emails=("Ann@example.com",),
        phones=("030 123456",),
        country="Germany",
        language="de",
        products=("A", "B"),
        message="Hello\nWorld",
        address="Street 1, Berlin",
        urls=("example.com",),
        badge_id="B1",
        extra={"shoe size": "43", "campaign": "Fair 2026", "external_id": "77", "consent": "yes"},
    )


def test_a_name_in_two_columns_is_one_name() -> None:
    assert contact(["first name", "last name"], "Ann", "Lee").full_name == "Ann Lee"


def test_a_malformed_email_beside_a_good_phone_is_a_warning() -> None:
    found = contact(["email", "phone"], "ann(at)example.org", "030 123456")
    assert found.phones == ("030 123456",)
    assert found.extra == {"email as given": "ann(at)example.org"}
    assert found.warnings == ("not an e-mail address: ann(at)example.org",)


def test_a_row_with_a_name_alone_is_kept_though_nobody_can_be_reached_by_it() -> None:
    found = contact(["name", "email", "phone"], "Ann Lee", "nonsense", "4.91714E+11")
    assert (found.emails, found.phones) == ((), ())
    assert len(found.warnings) == 2


@pytest.mark.parametrize(
    ("cells", "refusal"),
    [
        (["", "", "", "Example"], Refusal("name", "no name, e-mail or phone", 1)),
        (["", "nonsense", "", ""], Refusal("email", "not an e-mail address and nothing else is left: nonsense", 1)),
        (
            ["", "", "4.91714E+11", ""],
            Refusal("phone", "phone number has lost its digits and nothing else is left: 4.91714E+11", 1),
        ),
    ],
)
def test_a_row_is_refused_only_when_neither_name_nor_contact_point_is_left(cells: list[str], refusal: Refusal) -> None:
    assert read(["name", "email", "phone", "company"], cells) == [refusal]
    long_row = [*cells[:3], cells[3] + "ü" * 600]
    assert read(["name", "email", "phone", "company"], long_row) == [refusal]


@pytest.mark.parametrize("formula", ['=HYPERLINK("http://evil","x")', "@SUM(A1)", "-2+3", "＝1+1"])
def test_formulas_are_stored_as_they_are(formula: str) -> None:
    assert contact(["name", "email", "remarks on stand"], formula, "a@example.org", formula).full_name == formula


def test_whoever_opted_out_is_marked_and_in_doubt_too() -> None:
    header = ["name", "opted out", "do not contact"]
    assert contact(header, "Ann", "false", "").extra == {"opt_out": "no"}
    assert contact(header, "Ann", "x", "no").extra == {"opt_out": "yes"}
    assert contact(header, "Ann", "", "2026-01-01").extra == {"opt_out": "yes", "do not contact": "2026-01-01"}


def test_a_consent_in_other_words_is_kept_in_them() -> None:
    assert contact(["name", "consent"], "Ann", "by phone").extra == {"consent": "by phone"}
    assert contact(["name", "consent"], "Ann", "nein").extra == {"consent": "no"}


def test_the_platforms_test_lead_is_no_person() -> None:
    answer = read(["full_name", "email"], ["<test lead: dummy data for full_name>", "test@example.com"])
    assert answer == [Refusal("row", "a test lead of the advertising platform", 1)]


def test_prefixes_of_the_advertising_platforms_export_are_taken_off() -> None:
    found = contact(["id", "full_name", "phone_number", "post_code"], "l:100", "Ann", "p:+493023125001", "z:01067")
    assert (found.extra["external_id"], found.phones, found.address) == ("100", ("+493023125001",), "01067")


def test_invisible_characters_go_and_line_breaks_stay_where_they_have_a_meaning() -> None:
    found = contact(["name", "company", "email"], "Nul\u200bWidth\nTwo", "Line one\r\nLine two", "\ufeffa@example.org")
    assert (found.full_name, found.company, found.emails) == ("NulWidth Two", "Line one\nLine two", ("a@example.org",))


def test_what_is_too_long_is_cut_with_a_warning() -> None:
    found = contact(["name", "message", "x"], "A" * 501, "m" * 10_001, "y" * 2_001)
    assert (len(found.full_name), len(found.message), len(found.extra["x"])) == (500, 10_000, 2_000)
    assert found.warnings == (
        "cut to 500 characters: name",
        "cut to 10000 characters: message",
        "cut to 2000 characters: x",
    )


def test_all_extras_of_a_row_together_fit_into_one_record() -> None:
    header = ["name", *(f"c{number}" for number in range(40))]
    found = contact(header, "Ann", *["z" * 2_000] * 40)
    assert sum(map(len, found.extra.values())) == EXTRAS_LIMIT
    assert "cut to 0 characters: c39" in found.warnings


def test_full_width_letters_and_digits_are_plain_where_they_name_or_reach_somebody() -> None:
    header = ["name", "company", "email", "phone", "note"]
    found = contact(
        header,
        "Ａｎｎ　Ｌｅｅ",
        "示例（集团）ＡＢＣ＆１",
        "ａｎｎ＠example.org",
        "＋４９（３０）１２３４５６",
        "ＯＫ１",
    )
    assert (found.full_name, found.company) == ("Ann\u3000Lee", "示例（集团）ABC＆1")
    assert (found.emails, found.phones, found.message) == (("ann@example.org",), ("+49(30)123456",), "ＯＫ１")


def test_a_whole_name_is_put_in_order_and_known_parts_stay() -> None:
    found = contact(["name", "email"], "Reyes, Ana", "ana@example.org")
    assert (found.full_name, found.given_name, found.family_name) == ("Ana Reyes", "Ana", "Reyes")
    columns = ["attendee name", "first name", "last name"]
    found = contact(columns, "Reyes, Ana", "Ana Maria", "Reyes")
    assert (found.full_name, found.given_name) == ("Reyes, Ana", "Ana Maria")


def test_when_somebody_came_is_read_and_what_cannot_be_stays_with_a_warning() -> None:
    def came(field: str, *cells: str) -> Contact:
        columns = [ColumnGuess("name", "name", ""), *(ColumnGuess(f"Date {n}", field, "") for n in range(len(cells)))]
        sheet = Sheet(tuple(c.column for c in columns), [("Ann", *cells)], "utf-8", ",", 2)
        (answer,) = [answer for _, answer in read_contacts(sheet, columns)]
        assert isinstance(answer, Contact)
        return answer

    assert came("created_at_dmy", "3/4/2026").came_at == datetime(2026, 4, 3, tzinfo=UTC)
    assert came("created_at_mdy", "3/4/2026").came_at == datetime(2026, 3, 4, tzinfo=UTC)
    undecided = came("created_at", "3/4/2026", "", "2026-03-04")
    assert undecided.came_at == datetime(2026, 3, 4, tzinfo=UTC)
    assert undecided.extra == {"Date 0": "3/4/2026"}
    assert undecided.warnings == ("date kept as written: 3/4/2026",)


def test_rows_that_are_bad_already_keep_their_refusal_and_their_number() -> None:
    sheet = read_csv(b"name,email\nAcme, Inc,a@example.org\nBob,b@example.org\n")
    assert isinstance(sheet, Sheet)
    answers = dict(read_contacts(sheet, guess_columns(sheet.header, sheet.rows)))
    assert answers[1] == Refusal("row", "more cells than the header has columns: 3", 1)
    assert isinstance(answers[2], Contact)


def test_the_error_file_has_the_source_rows_with_row_and_reason_and_runs_nothing() -> None:
    sheet = sheet_of(["name", "=x", "row"], ["Ann", "+1+1", "+49 170 123"], ["Bob", "b", "c"], ["Cy", "d", "e", "f"])
    refusals = [Refusal("name", "wide", 3), Refusal("email", "bad: =1", 1), Refusal("file", "not of a row")]
    assert write_error_rows(sheet, refusals).decode("utf-8-sig").split("\r\n") == [
        "name,'=x,row,column 4,row (2),reason",
        "Ann,'+1+1,+49 170 123,,1,email: bad: =1",
        "Cy,d,e,f,3,name: wide",
        "",
    ]


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here")
def test_no_row_of_the_trade_show_list_is_lost() -> None:
    sheet = read_sheet((CASES / "lists/leads4700.csv").read_bytes(), "leads4700.csv")
    assert isinstance(sheet, Sheet)
    answers = list(read_contacts(sheet, guess_columns(sheet.header, sheet.rows[:50])))
    assert [row for row, _answer in answers] == list(range(1, 4701))
    assert all(isinstance(answer, Contact) for _row, answer in answers)


def test_refused_rows_that_come_again_corrected_are_rows_as_they_were_before() -> None:
    sheet = sheet_of(["name", "company"], ["", "=SUM(1)"], ["", "'quoted"], ["", "+49 30 1"])
    refusals = [Refusal("name", "no name, e-mail or phone", row) for row in (1, 2, 3)]
    back = read_csv(write_error_rows(sheet, refusals))
    assert isinstance(back, Sheet)
    assert back.header == ("name", "company", "row", "reason")
    as_before = without_our_marks(back)
    assert (as_before.header, as_before.rows) == (sheet.header, sheet.rows)
    assert without_our_marks(sheet) is sheet


def test_who_gave_a_messenger_alone_is_kept_and_source_and_basis_have_names_of_their_own() -> None:
    found = contact(["微信号", "姓名", "来源", "法律依据"], "wxm_2020", "", "展会", "同意")
    assert found.extra == {"wechat": "wxm_2020", "source": "展会", "basis": "同意"}
    assert read(["微信号", "姓名", "来源"], ["", "", "展会"]) == [Refusal("name", "no name, e-mail or phone", 1)]
