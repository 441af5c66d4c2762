"""The people of an import, one batch after another, each changed in a transaction of their own: for its undo, and for
the undo of that."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from chalicelib.flows.upload_state import ROUNDS
from chalicelib.records.ports import Conflict, Deps, Write
from chalicelib.records.upload import RowResults

CONTESTED = "others kept changing this person"
BATCH = 300

# (lead_ids, who stays as they are and why: added to) -> the lead_ids of those somebody changed at the same moment
Batch = Callable[[Sequence[str], dict[str, str]], list[str]]


def for_everybody(deps: Deps, import_id: str, change: Batch) -> dict[str, str]:
    """Change all of them, those somebody else changed meanwhile anew; by lead_id why somebody stayed as they are, which
    is noted for `kept_people`."""
    kept: dict[str, str] = {}
    for lead_ids in batches(deps, import_id):
        pending: Sequence[str] = lead_ids
        for _ in range(ROUNDS):
            pending = change(pending, kept)
            if not pending:
                break
        kept |= dict.fromkeys(pending, CONTESTED)
    deps.blobs.put(_kept_key(import_id), json.dumps(sorted(kept.items())).encode())
    return kept


def contested(deps: Deps, groups: Mapping[str, Sequence[Write]]) -> list[str]:
    """Write each person's group in one round trip; the lead_ids of those whose was not taken."""
    answers: list[Conflict | None] = deps.store.commit_each(list(groups.values())) if groups else []
    return [lead_id for lead_id, answer in zip(groups, answers, strict=True) if answer]


def _kept_key(import_id: str) -> str:
    return f"uploads/{import_id}/kept.json"


def kept_people(deps: Deps, import_id: str) -> list[tuple[str, str]]:
    """(lead_id, reason) of whom the last undo left as they are."""
    body = deps.blobs.get(_kept_key(import_id))
    return [(lead_id, why) for lead_id, why in json.loads(body)] if body else []


def batches(deps: Deps, import_id: str) -> Iterator[list[str]]:
    """The people of an import, each once, in the order of its rows, some at a time."""
    seen: set[str] = set()
    waiting: list[str] = []
    after = ""
    while page := deps.store.page(RowResults, import_id, after=after, limit=2):
        for chunk in page:
            fresh = dict.fromkeys(row[2] for row in chunk.value.results if row[2] and row[2] not in seen)
            seen.update(fresh)
            waiting += fresh
        after = f"{page[-1].value.chunk:06d}"
        while len(waiting) >= BATCH:
            yield waiting[:BATCH]
            waiting = waiting[BATCH:]
    if waiting:
        yield waiting
