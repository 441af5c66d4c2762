import pytest

from chalicelib.capture import limits
from chalicelib.capture.csv_files import read_csv
from chalicelib.capture.sheet import Sheet
from chalicelib.records.contact import Refusal

REFERENCE = [("Ann", "a@example.org", "one\ntwo"), ("Bob", "b@example.org", "x, y")]


def sheet(data: bytes) -> Sheet:
    read = read_csv(data)
    assert isinstance(read, Sheet), read
    return read


def reason(data: bytes) -> str:
    read = read_csv(data)
    assert isinstance(read, Refusal)
    assert read.field == "file"
    return read.reason


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_every_delimiter_gives_the_same_rows(mark: str) -> None:
    lines = ["name,email,note", 'Ann,a@example.org,"one\ntwo"', 'Bob,b@example.org,"x%s y"']
    text = "\n".join(line.replace(",", mark) for line in lines) % ","
    assert sheet(text.encode()).rows == REFERENCE
    assert sheet(text.encode()).delimiter == mark


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_gives_the_same_rows(end: str) -> None:
    data = end.join(["name,email", "Ann,a@example.org", "Bob,b@example.org", ""]).encode()
    assert sheet(data).rows == [("Ann", "a@example.org"), ("Bob", "b@example.org")]


def test_mixed_line_ends_and_a_stated_separator_are_read() -> None:
    read = sheet(b"sep=|\r\nname|email\nAnn|a\r\nBob|b\n")
    assert (read.header, read.rows, read.first_row) == (("name", "email"), [("Ann", "a"), ("Bob", "b")], 3)


def test_blank_rows_are_neither_rows_nor_counted_and_short_rows_are_filled() -> None:
    read = sheet(b"name,email\n\nAnn,a\n , \nBob\n,\n\n")
    assert read.rows == [("Ann", "a"), ("Bob", "")]
    assert read.bad_rows == {}


def test_report_titles_are_skipped_and_first_row_says_where_the_data_begin() -> None:
    read = sheet("Report\n2026\nDay;Campaign;Cost\n1;a;2\n2;b;3\n".encode("utf-16"))
    assert (read.header, len(read.rows), read.first_row, read.encoding) == (("Day", "Campaign", "Cost"), 2, 4, "utf-16")


def test_a_list_without_a_header_loses_no_person() -> None:
    read = sheet(b"Ann;a@example.org\nBob;b@example.org\n")
    assert (read.header, len(read.rows), read.first_row) == (("column 1", "column 2"), 2, 1)


def test_a_single_column_needs_no_delimiter() -> None:
    assert sheet(b"email\na@example.org\n").rows == [("a@example.org",)]


def test_nul_bytes_do_not_stop_the_file() -> None:
    assert sheet(b"name,email\nA\0nn,a@example.org\nBob,b\n").rows[0] == ("A\0nn", "a@example.org")


def test_a_cell_of_200_kb_costs_its_row_and_the_others_load() -> None:
    read = sheet(b"name,email\nAnn," + b"x" * 200_000 + b"\nBob,b@example.org\n")
    assert len(read.rows) == 2
    assert read.bad_rows == {1: Refusal("email", "a cell is larger than 64 KB: 195 KB", 1)}


def test_a_row_wider_than_the_header_costs_that_row_unless_the_rest_is_empty() -> None:
    read = sheet(b"name,email\nAcme, Inc,a@example.org\nBob,b,,\nCy,c\nDi,d\n")
    assert read.bad_rows == {1: Refusal("row", "more cells than the header has columns: 3", 1)}
    assert read.rows[1] == ("Bob", "b")


def test_a_quotation_mark_never_closed_refuses_the_file() -> None:
    data = b'name,email\n"Ann,a@example.org\n' + b"Bob,b@example.org\n" * 1000
    assert reason(data) == "a quotation mark is opened and never closed"


def test_a_quotation_mark_closed_by_a_later_one_refuses_the_file_too() -> None:
    whole = b'n,e,c,d\n"Ann,a,1,2\nBob,b,1,2\nDi,d,1,2\nCy,""c"" d\n",2,3,4\n'
    assert reason(whole) == "a quotation mark is not closed and swallows the rows after row: 1"
    stray = b'n,e,c\n"Ann,a,1\nCy,"c, d",2\nBob,b,1\n'
    assert reason(stray) == "a quotation mark is not closed and swallows the rows after row: 1"
    narrow = b'n,e\n"Ann,a\nBob,b@example.org\nDi,d@example.org\nCy,""c"" d\n",2\n'
    assert reason(narrow) == "a quotation mark is not closed and swallows the rows after row: 1"
    inner = b'n,e\n1,"Ann\nBob,b@example.org\nCy,"c, d"\nBob,b\n'
    assert reason(inner) == "a quotation mark is not closed and swallows the rows after row: 1"
    endless = b'note\n"' + b"x\n" * 600 + b'"\nlast\n'
    assert reason(endless) == "a quotation mark is not closed and swallows the rows after row: 1"


def test_stray_quotation_marks_inside_a_cell_are_kept() -> None:
    read = sheet(b'name,size,note\nAnn "the" Lee,5" screen,"a" b\nBob,1,2\n')
    assert read.rows[0] == ('Ann "the" Lee', '5" screen', "a b")


def test_a_message_of_several_lines_is_one_cell() -> None:
    read = sheet(b'name,note\nAnn,"Dear all,\n\nwe need sensors, and\nplease, call\n\nAnn"\n')
    assert len(read.rows) == 1


def test_a_few_unreadable_bytes_are_told_in_the_encoding() -> None:
    assert sheet("name\nJürgen\nÄnne\nZoë\nBjörn\nSören\n".encode() + b"\xff\n").encoding == "utf-8 with errors"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\n \n,,\n", "the file is empty"),
        (b"name,email\n", "the file holds no rows below its header"),
        (b"name,email\n\n,\n", "the file holds no rows below its header"),
        (b"\x81 \x8d \x9d \xff" * 9, "the file's text encoding is not known; save it as UTF-8"),
        (b"\0\1\2\3" * 3000, "the file is not a text file"),
    ],
)
def test_a_file_with_nothing_to_read_is_refused_in_plain_words(data: bytes, why: str) -> None:
    assert reason(data) == why


def test_more_rows_or_columns_than_allowed_are_refused() -> None:
    assert reason(b"name\n" + b"a\n" * (limits.MAX_ROWS + 1)) == "more rows than allowed: 100000"
    assert reason(b",".join(b"c%d" % number for number in range(1_001)) + b"\n1\n") == "more than 1000 columns: 1001"


def test_a_head_cut_in_the_middle_of_a_record_does_not_mislead_the_delimiter() -> None:
    rows = b"".join(b"name %d;%s;c\n" % (number, b"x, y" + b" " * 9_000) for number in range(20))
    assert sheet(b"a;b;c\n" + rows).delimiter == ";"


def test_a_delimiter_that_does_not_cut_the_header_stands_in_the_cells() -> None:
    rows = b"".join(b"name %d;x, y, x, y, x, y;c\n" % number for number in range(40))
    assert sheet(b"a;b;c\n" + rows).delimiter == ";"


def test_short_rows_under_a_wide_header_are_counted_as_wide_as_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.capture.limits.MAX_CELLS", 300)
    data = (",".join(f"c{n}" for n in range(100)) + "\n" + "x\n" * 4).encode()
    assert "more cells than allowed" in str(read_csv(data))
