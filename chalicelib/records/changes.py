"""What the due index and the change feed name: records to look at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.records.ports import Ref


@dataclass(frozen=True, slots=True)
class Due:
    """An entry of the due index: the record to look at, and since when it has been due."""

    ref: Ref[Any]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry of the change feed: this record was written or deleted; read it for its present state."""

    sequence: int
    ref: Ref[Any]
