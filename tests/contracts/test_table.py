"""What the record store relies on from an engine: the same answers from each, below records and kinds."""

import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.store.table import Key, Row, RowWrite, Table
from tests.contracts.conftest import open_table
from tests.contracts.places import MODELLED


def put(
    pk: str, sk: str = "S", body: bytes = b"{}", if_version: int | None = None, due_at: str | None = None
) -> RowWrite:
    return RowWrite(pk, sk, "Kind", body, due_at, if_version)


def drop(pk: str, sk: str = "S", if_version: int | None = None) -> RowWrite:
    return RowWrite(pk, sk, "Kind", None, None, if_version)


def version(table: Table, pk: str, sk: str = "S") -> int:
    row = table.get_many([(pk, sk)]).get((pk, sk))
    return row.version if row else 0


def test_a_write_without_condition_counts_on_from_whatever_is_there(table: Table) -> None:
    for _ in range(3):
        table.write([[put("A")]])
    table.write([[put("A", body=b'{"n":1}', due_at="2026"), put("B")]])
    assert version(table, "A") == 4
    assert table.get_many([("A", "S")])["A", "S"] == Row("A", "S", "Kind", 4, b'{"n":1}', "2026")
    table.write([[put("A", body=b'{"n":2}')]])
    assert table.get_many([("A", "S")])["A", "S"] == Row("A", "S", "Kind", 5, b'{"n":2}', None)


def test_a_row_is_deleted_only_at_the_version_named(table: Table) -> None:
    table.write([[put("A")]])
    assert table.write([[drop("A", if_version=2)]]) == [("A", "S")]
    assert version(table, "A") == 1
    assert table.write([[drop("A", if_version=1)]]) == [None]
    assert table.write([[drop("A", if_version=1)]]) == [("A", "S")]
    assert table.write([[drop("A")], [drop("A", if_version=0)]]) == [None, None]


def test_the_first_broken_condition_of_a_group_is_named(table: Table) -> None:
    table.write([[put("B"), put("C")]])
    assert table.write([[put("A", if_version=0), put("B", if_version=0), put("C", if_version=7)]]) == [("B", "S")]


def test_a_key_named_twice_in_a_group_is_written_twice(table: Table) -> None:
    table.write([[put("A", body=b'{"n":1}', if_version=0), put("A", body=b'{"n":2}')]])
    assert table.get_many([("A", "S")])["A", "S"] == Row("A", "S", "Kind", 2, b'{"n":2}', None)
    assert table.write([[put("A", if_version=2), put("A", if_version=3)]]) == [("A", "S")]
    table.write([[drop("A"), put("A")]])
    assert version(table, "A") == 1


def test_more_keys_than_one_batch_holds_are_read(table: Table) -> None:
    table.write([[put("A", f"{n:03d}")] for n in range(230)])
    found = table.get_many([("A", f"{n:03d}") for n in (*range(250), *range(20))])
    assert sorted(found) == [("A", f"{n:03d}") for n in range(230)]


@pytest.mark.parametrize("key", [("", "S"), ("A", ""), ("A" * 3000, "S"), ("A", "S" * 2000)])
def test_a_key_that_cannot_be_reads_as_absent(table: Table, key: Key) -> None:
    assert table.get_many([key]) == {}
    assert table.query(key[0], "", "", 10) == []


def test_a_listing_keeps_to_its_prefix_goes_on_after_a_key_and_ends_at_its_limit(table: Table) -> None:
    table.write([[put("A", sk)] for sk in ("LEAD", "NOTE#1", "NOTE#2", "NOTE#3", "NOTE", "TOUCH#1", "zz", "名")])
    table.write([[put("B", "NOTE#9")]])

    def listed(prefix: str, after: str, limit: int = 99) -> list[str]:
        return [row.sk for row in table.query("A", prefix, after, limit)]

    assert listed("NOTE#", "") == ["NOTE#1", "NOTE#2", "NOTE#3"]
    assert listed("NOTE#", "NOTE#1", 1) == ["NOTE#2"]
    assert listed("NOTE#", "TOUCH") == []
    assert listed("NOTE#", "A") == ["NOTE#1", "NOTE#2", "NOTE#3"]
    assert listed("", "") == ["LEAD", "NOTE", "NOTE#1", "NOTE#2", "NOTE#3", "TOUCH#1", "zz", "名"]
    assert listed("", "TOUCH#1") == ["zz", "名"]
    assert listed("", "", 2) == ["LEAD", "NOTE"]


def test_large_rows_are_listed_whole(table: Table) -> None:
    # Three megabytes that do not compress: more than one answer of DynamoDB holds.
    bodies = {f"{n:02d}": b'{"x":"' + random.Random(n).randbytes(75_000).hex().encode() + b'"}' for n in range(20)}
    table.write([[put("A", sk, body)] for sk, body in bodies.items()])
    assert {row.sk: row.body for row in table.query("A", "", "", 99)} == bodies
    assert {sk: row.body for (_, sk), row in table.get_many([("A", sk) for sk in bodies]).items()} == bodies


def test_what_is_due_comes_oldest_first_of_one_kind_and_no_more_than_asked(table: Table) -> None:
    kinds = ("Request", "Message", "Message")
    rows = [RowWrite(f"L{n}", "S", kinds[n % 3], b"{}", f"2026-{n * 7 % 40:03d}", 0) for n in range(40)]
    table.write([[row] for row in rows])
    assert [row.due_at for row in table.due("2026-999", 99, "")] == [f"2026-{n:03d}" for n in range(40)]
    assert [row.due_at for row in table.due("2026-010", 99, "")] == [f"2026-{n:03d}" for n in range(11)]
    assert [row.due_at for row in table.due("2026-999", 5, "")] == [f"2026-{n:03d}" for n in range(5)]
    messages = sorted(row.due_at or "" for row in rows if row.kind == "Message")
    assert [row.due_at for row in table.due("2026-999", 99, "Message")] == messages
    assert [row.due_at for row in table.due("2026-999", 3, "Message")] == messages[:3]


def test_the_parts_together_are_all_rows_each_once_and_a_row_stays_in_its_part(table: Table) -> None:
    def parts(of: int) -> list[list[tuple[str, str, str, int]]]:
        return [sorted((r.pk, r.sk, r.kind, r.version) for r in table.part(number, of)) for number in range(of)]

    table.write([[put(f"P{n}", body=b"{}" * 50)] for n in range(90)])
    before = parts(3)
    assert sorted(row for part in before for row in part) == sorted((f"P{n}", "S", "Kind", 1) for n in range(90))
    table.write([[put(f"Q{n}")] for n in range(60)])
    table.write([[put("P7", if_version=1)], [drop("P8")]])
    for old, new in zip(before, parts(3), strict=True):
        assert {row[0] for row in old} - {"P8"} == {row[0] for row in new if row[0].startswith("P")}
    assert sum(row == ("P7", "S", "Kind", 2) for part in parts(20) for row in part) == 1


def test_a_row_names_its_key_kind_and_version_in_the_due_index(table: Table) -> None:
    table.write([[put("A", due_at="2026-1")]])
    table.write([[put("A", due_at="2026-1", if_version=1)]])
    (row,) = table.due("2027", 9, "")
    assert (row.pk, row.sk, row.kind, row.version, row.due_at) == ("A", "S", "Kind", 2, "2026-1")


@pytest.mark.parametrize("engine", MODELLED)
@pytest.mark.parametrize("seed", range(3))
def test_any_run_of_writes_is_answered_as_the_embedded_engine_answers_it(
    engine: str, seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    with open_table("sqlite", tmp_path) as embedded, open_table(engine, tmp_path) as other:
        keys = [("A", "1"), ("A", "2"), ("B", "1"), ("C", "1"), ("D", "1")]
        for _ in range(40):
            groups = [_any_group(chance, embedded, keys) for _ in range(chance.choice((1, 1, 2, 4)))]
            assert other.write(groups) == embedded.write(groups), groups
            assert other.get_many(keys) == embedded.get_many(keys), groups


def _any_group(chance: random.Random, table: Table, keys: list[Key]) -> list[RowWrite]:
    """Up to three writes, now and then two of the same key, under conditions of which about half hold."""
    chosen = [chance.choice(keys) for _ in range(chance.randint(0, 3))]
    conditions = {key: chance.choice((version(table, *key), version(table, *key) + 1, 0, None)) for key in chosen}
    return [_any_write(chance, key, conditions[key]) for key in chosen]


def _any_write(chance: random.Random, key: Key, condition: int | None) -> RowWrite:
    body = None if chance.random() < 0.2 else b'{"n":%d}' % chance.randint(0, 99)
    return RowWrite(*key, "Kind", body, chance.choice((None, "2026-01", "2026-02")) if body else None, condition)


def in_threads(count: int, work: Callable[[int], object]) -> None:
    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_no_unconditional_write_among_many_is_missed_in_the_version(raced_table: Table) -> None:
    in_threads(12, lambda n: [raced_table.write([[put("A", body=b'{"n":%d}' % n)]]) for _ in range(5)])
    assert version(raced_table, "A") == 60


def test_of_twenty_claims_of_many_rows_each_row_goes_to_one(raced_table: Table) -> None:
    raced_table.write([[put("A", f"{n}")] for n in range(10)])
    won: list[int] = []

    def claim(_: int) -> None:
        won.extend(n for n in range(10) if raced_table.write([[put("A", f"{n}", if_version=1)]]) == [None])

    in_threads(20, claim)
    assert sorted(won) == list(range(10))


def test_of_twenty_transactions_over_the_same_rows_one_is_written(raced_table: Table) -> None:
    answers: list[Key | None] = []

    def submit(n: int) -> None:
        group = [put("KEY", if_version=0), put("RECEIPT", if_version=0), put(f"LEAD{n}", if_version=0)]
        answers.extend(raced_table.write([group]))

    in_threads(20, submit)
    assert answers.count(None) == 1
    assert sum(version(raced_table, f"LEAD{n}") for n in range(20)) == 1


def test_lists_that_share_people_are_all_written_group_by_group(raced_table: Table) -> None:
    answers: dict[int, list[Key | None]] = {}

    def upload(n: int) -> None:
        groups = [[put(f"L{n}-{row}", if_version=0), put(f"SHARED{row % 30}")] for row in range(120)]
        answers[n] = raced_table.write(groups)

    in_threads(4, upload)
    assert all(answer == [None] * 120 for answer in answers.values())
    assert sum(version(raced_table, f"SHARED{k}") for k in range(30)) == 4 * 120


def test_all_rows_are_told_with_their_bodies(table: Table) -> None:
    table.write([[put(f"P{n:03d}", body=b'{"n":%d}' % n, due_at="2026-03-02T09:00:00.000Z")] for n in range(120)])
    told = sorted(table.rows(), key=lambda row: row.pk)
    assert [row.pk for row in told] == [f"P{n:03d}" for n in range(120)]
    assert (told[7].body, told[7].due_at, told[7].version) == (b'{"n":7}', "2026-03-02T09:00:00.000Z", 1)
