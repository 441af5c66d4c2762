"""Which rows of a plain file are the same person."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.dedupe import pairwise
from chalicelib.flows.dedupe_file import Deduped, Way, cluster_csv, dedupe, review_csv
from chalicelib.records.contact import Refusal
from tests.identify.lists import make_list

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "cases" / "dedupe"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared cases are not here")


def found_in(data: bytes, name: str = "list.csv") -> Deduped:
    found = dedupe(data, name)
    assert isinstance(found, Deduped)
    return found


def as_csv(rows: Sequence[Sequence[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def public(name: str, below: int) -> tuple[float, float, float]:
    """The rows of the people numbered below `below`; the whole files are measured by `python -m bench dedupe`."""
    with (SHARED / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = [row for row in rows if int(row["cluster"]) < below]
    data = as_csv([list(rows[0]), *[list(row.values()) for row in rows]])
    return pairwise(found_in(data).clusters.of_row, [row["cluster"] for row in rows])


@needs_shared
def test_fake_1000_is_found_better_than_asked():
    precision, recall, f1 = public("fake1000.csv", 10_000)
    assert precision >= 0.99
    assert f1 >= 0.92
    assert recall >= 0.95


@needs_shared
def test_a_part_of_febrl_3_is_found_as_asked():
    precision, recall, _ = public("febrl3.csv", 500)
    assert precision >= 0.999
    assert recall >= 0.997


def test_a_list_of_contacts_is_judged_as_an_upload_is():
    made = make_list(600)
    rows = [list(made.rows[0]), *[list(row.values()) for row in made.rows]]
    found = found_in(as_csv(rows))
    assert found.way is Way.CONTACTS
    assert pairwise(found.clusters.of_row, made.people) == (1.0, 1.0, 1.0)
    assert found.people == 525


def test_a_list_without_contact_points_is_judged_by_all_its_columns():
    header = ("given name", "surname", "dob", "town")
    rows = [("Anna", "Weber", "1971-06-24", "Hull"), ("Ana", "Weber", "24.06.1971", ""), ("Tom", "Koch", "", "Hull")]
    found = found_in(as_csv([header, *rows]))
    assert (found.way, found.clusters.of_row) == (Way.RECORDS, (0, 0, 1))


def test_each_data_row_has_its_line_and_short_rows_count():
    found = found_in(b"name,email,phone\nAnna Weber,anna@example.com,\n,,nothing\nA. Weber,ANNA@example.com\n")
    assert cluster_csv(found) == "row,cluster\n0,0\n1,1\n2,0\n"
    assert review_csv(found) == "row,other_row,weight,reasons\n"


def test_doubtful_pairs_come_with_both_rows_and_the_reasons():
    header = ("first_name", "surname", "dob", "city", "email")
    data = as_csv([header, ("", "Brown", "1992-02-28", "", ""), ("", "Brown", "1992-03-18", "", "")])
    line = next(csv.DictReader(io.StringIO(review_csv(found_in(data)))))
    assert (line["row"], line["other_row"]) == ("0", "1")
    assert "same surname +" in line["reasons"]
    assert float(line["weight"]) > 0


def test_a_file_that_is_no_list_is_refused():
    assert isinstance(dedupe(b"%PDF-1.7", "list.pdf"), Refusal)


def test_the_same_file_gives_the_same_answer():
    data = as_csv([list(make_list(80).rows[0]), *[list(row.values()) for row in make_list(80).rows]])
    assert found_in(data) == found_in(data)


def test_dates_and_numbers_that_are_no_persons_own_do_not_make_a_list_of_contacts_another():
    rows = [("name", "company", "phone", "visited", "order"),
            ("Anna Weber", "Nord", "030 23125010", "2026-03-02", "1000000001"),
            ("Tom Koch", "Nord", "030 23125010", "2026-03-02", "1000000001")]  # fmt: skip
    found = found_in(as_csv(rows))
    assert (found.way, found.clusters.of_row) == (Way.CONTACTS, (0, 1))
