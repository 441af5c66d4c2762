"""Two known people who may be one, for a person to decide."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lead_ids in order; the same pair whichever of them was met first."""

    first_id: str
    second_id: str

    @property
    def pair_id(self) -> str:
        return f"{self.first_id}-{self.second_id}"


def pair_of(one: str, other: str) -> Pair:
    return Pair(*sorted((one, other)))


@dataclass(frozen=True, slots=True)
class SamePerson:
    """A match that was not certain. `weight` in bits and `reasons` are those of the moment it was met; nobody needs to
    look before `look_at`. It is deleted when it is decided."""

    pair_id: str
    first_id: str
    second_id: str
    weight: float
    reasons: tuple[str, ...]
    met_at: datetime
    look_at: datetime


@dataclass(frozen=True, slots=True)
class KeptApart:
    """That two are two people for good: they are never proposed again. `reasons` are what had spoken for it."""

    pair_id: str
    first_id: str
    second_id: str
    reasons: tuple[str, ...]
    decided_at: datetime
    decided_by: str
