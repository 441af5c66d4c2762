"""What would become of each row of a list, in words: for whoever looks at it before anything is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chalicelib.flows.place_lead import Placement
from chalicelib.flows.row_ids import made_by_import, row_of
from chalicelib.records.lead import Lead

_SHOWN = 120
# What a touch changes by itself is no news about the person.
_FIELDS = ("full_name", "given_name", "family_name", "company", "title", "emails", "phones", "country", "products",
           "flags", "opted_out_at")  # fmt: skip


class RowKind(StrEnum):
    """`duplicate` adds nothing to a person; a merged row is an `update` or a `duplicate`."""

    NEW = "new"
    UPDATE = "update"
    DUPLICATE = "duplicate"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class RowPreview:
    """`who` is the person's name, `lead_id` theirs where they are known already, `of_row` the row of this list they
    come from, else 0. `changes` are (field or column, before, after)."""

    row: int
    kind: RowKind
    who: str = ""
    lead_id: str = ""
    of_row: int = 0
    why: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()


def explained(row: int, placed: Placement, before: Lead | None, import_id: str) -> RowPreview:
    """The row as it was placed; `before` is the person as known before it."""
    lead, why = placed.lead, "; ".join((*placed.match.reasons, *placed.touch.warnings))
    name = lead.full_name or lead.company or next(iter((*lead.emails, *lead.phones)), "")
    if before is None or not placed.known:
        return RowPreview(row, RowKind.NEW, name, why="; ".join(placed.touch.warnings))
    changes = tuple(_changes(before, lead))
    kind = RowKind.UPDATE if changes else RowKind.DUPLICATE
    of_row = row_of(lead.lead_id) if made_by_import(import_id, lead.lead_id) else 0
    return RowPreview(row, kind, name, "" if of_row else lead.lead_id, of_row, why, changes)


def _changes(before: Lead, after: Lead) -> Iterator[tuple[str, str, str]]:
    for name in _FIELDS:
        if (old := getattr(before, name)) != (new := getattr(after, name)):
            yield name, _said(old), _said(new)
    for name in sorted(before.extra.keys() | after.extra.keys()):
        if (was := before.extra.get(name, "")) != (now := after.extra.get(name, "")):
            yield name, was[:_SHOWN], now[:_SHOWN]


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)[:_SHOWN]
    return "" if value is None else str(value)[:_SHOWN]
