"""What a person once said of a list's columns holds for the next list with the same columns, whoever uploads it."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress

from chalicelib.capture.headers import header_key
from chalicelib.records.ports import Conflict, Deps, Put
from chalicelib.records.upload import ColumnMemory, Upload

Recall = Callable[[Sequence[str]], ColumnMemory | None]


def layout_of(header: Sequence[str]) -> str:
    """Names a layout: the columns' names, in whatever order, spelling of case and punctuation."""
    return hashlib.sha256("\n".join(sorted(map(header_key, header))).encode()).hexdigest()[:32]


def recall_from(deps: Deps) -> Recall:
    """Asks the store what was said of a layout before."""

    def recall(header: Sequence[str]) -> ColumnMemory | None:
        stored = deps.store.get(ColumnMemory, layout_of(header))
        return stored.value if stored else None

    return recall


def remembered_for(header: Sequence[str], memory: ColumnMemory | None) -> dict[str, str]:
    """{column as it is spelled here: field} of what is remembered."""
    known = {header_key(column): field for column, field in memory.mapping.items()} if memory else {}
    return {column: known[header_key(column)] for column in header if header_key(column) in known}


def remember_columns(deps: Deps, upload: Upload, header: Sequence[str]) -> None:
    """Note what was chosen by hand for this upload, on top of what is known of its layout; the last word counts."""
    if not (upload.mapping or upload.phone_country):
        return
    layout = layout_of(header)
    stored = deps.store.get(ColumnMemory, layout)
    before = stored.value if stored else None
    mapping = {**remembered_for(header, before), **upload.mapping}
    country = upload.phone_country or (before.phone_country if before else "")
    if before is None or (before.mapping, before.phone_country) != (mapping, country):
        memory = ColumnMemory(layout, mapping, country, deps.clock(), upload.started_by)
        # Of two at the same moment the first counts; neither list is held up.
        with suppress(Conflict):
            deps.store.commit([Put(memory, stored.version if stored else 0)])


def chosen_before(memory: ColumnMemory) -> str:
    """The reason shown beside a column."""
    return f"chosen for such a list before: {memory.chosen_at:%Y-%m-%d}"
