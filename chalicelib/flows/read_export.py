"""What became of a whole export: of each row of each of its files."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.flows.read_uploads import Row, all_rows
from chalicelib.records.ports import Deps
from chalicelib.records.upload import ListPart, Outcome, Upload


@dataclass(frozen=True, slots=True)
class PartCounts:
    """One file: `counts` by outcome come to its rows. A suppressed row leaves nothing but that there was one."""

    part: ListPart
    counts: dict[str, int]


def reconciled(deps: Deps, upload: Upload) -> tuple[PartCounts, ...]:
    """Each file's rows by what became of them, the files in their order."""
    return counts_of(upload, all_rows(deps, upload.import_id))


def counts_of(upload: Upload, rows: Iterable[Row]) -> tuple[PartCounts, ...]:
    """The same of rows that are at hand."""
    counted: list[Counter[str]] = [Counter() for _ in upload.parts]
    for row, outcome, _, _ in rows:
        counted[_place_of(upload.parts, row)][outcome] += 1
    return tuple(_counts(part, found) for part, found in zip(upload.parts, counted, strict=True))


def _counts(part: ListPart, found: Counter[str]) -> PartCounts:
    told = {outcome.value: found[outcome.value] for outcome in Outcome}
    told[Outcome.SUPPRESSED.value] = part.rows - found.total()
    return PartCounts(part, told)


def _place_of(parts: Sequence[ListPart], row: int) -> int:
    return next(place for place, part in enumerate(parts) if part.holds(row))
