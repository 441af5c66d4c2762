"""What an import changes, as one value: to compare the state before it with the state once it is taken back."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from chalicelib.records.message import Message, MessageState
from chalicelib.store.codec import encode
from chalicelib.store.kinds import KINDS

# An import's and a merge's own books, and what has left the house, are no part of the state they change.
BOOKS = {"Upload", "RowResults", "BeforeImport", "BeforeDeal", "TakenBack", "TakenItems", "ColumnMemory", "Workload",
         "ReportAsked", "Session", "Receipt", "Replayed", "Audit", "Merge", "Carried", "PartedFrom"}  # fmt: skip
GONE_OUT = {MessageState.SENT, MessageState.SENDING, MessageState.UNKNOWN, MessageState.FAILED}


def state_of(records: Iterable[Any]) -> str:
    """A hash over all of them but the books and what has left."""
    counted = {
        f"{type(record).__name__} {KINDS[type(record)].ids(record)}": encode(record).decode()
        for record in records
        if type(record).__name__ not in BOOKS and not (isinstance(record, Message) and record.state in GONE_OUT)
    }
    return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()
