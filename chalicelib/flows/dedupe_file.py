"""Which rows of a plain list are the same person. Reads a file, writes nothing, needs no store."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.capture.lists import read_contacts
from chalicelib.flows.read_list import read_list
from chalicelib.identify.blocks import candidate_pairs
from chalicelib.identify.clusters import Clusters, Pair, cluster
from chalicelib.identify.group import group_contacts
from chalicelib.identify.table import Column, Kind, Table, read_table
from chalicelib.identify.weights import Weights
from chalicelib.records.contact import Contact, Refusal


class Way(StrEnum):
    """How the rows were compared."""

    CONTACTS = "contacts"  # by the rulings on people who can be reached
    RECORDS = "records"  # by the weight of every column


@dataclass(frozen=True, slots=True)
class Deduped:
    """`clusters.of_row` has a number for each data row of the file; `columns` say what each was taken for and why."""

    way: Way
    columns: tuple[Column, ...]
    clusters: Clusters

    @property
    def people(self) -> int:
        return len(set(self.clusters.of_row))


def dedupe(data: bytes, file_name: str) -> Deduped | Refusal:
    """A list with e-mails or phones is judged as an upload is: who shares a switchboard or a role address stays apart.

    One that has neither, or a column of birth dates or personal numbers, is judged by the weight of all its columns."""
    read = read_list(data, file_name, {})
    if isinstance(read, Refusal):
        return read
    sheet, guesses = read
    width = len(sheet.header)
    rows = [(row + ("",) * width)[:width] for row in sheet.rows]
    table = read_table(sheet.header, rows, [guess.field for guess in guesses])
    if _tells_by_contact_points(table):
        contacts = {row - 1: one for row, one in read_contacts(sheet, guesses) if isinstance(one, Contact)}
        return Deduped(Way.CONTACTS, table.columns, group_contacts(len(rows), contacts))
    return Deduped(Way.RECORDS, table.columns, cluster(len(rows), candidate_pairs(table), Weights(table)))


def _tells_by_contact_points(table: Table) -> bool:
    own = any(column.named and column.kind in (Kind.DATE, Kind.NUMBER) for column in table.columns)
    return not own and any(column.kind in (Kind.EMAIL, Kind.PHONE) for column in table.columns)


def cluster_csv(found: Deduped) -> str:
    """`row,cluster`, rows counted from 0."""
    return _csv([("row", "cluster"), *enumerate(found.clusters.of_row)])


def review_csv(found: Deduped) -> str:
    """The doubtful pairs, heaviest first, for a person to decide: both rows, the weight, the reasons."""
    pairs = sorted(found.clusters.doubtful, key=lambda pair: (-pair.weight, pair.rows))
    return _csv([("row", "other_row", "weight", "reasons"), *map(_line, pairs)])


def _line(pair: Pair) -> tuple[object, ...]:
    return (*pair.rows, f"{pair.weight:g}", "; ".join(pair.reasons))


def _csv(lines: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()
