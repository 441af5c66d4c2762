"""What people agreed to on a form, as it was worded at the time."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ConsentWording:
    """What a consent said, by language, from `made_at` until the next version. Never changed: submissions name the
    version they were shown."""

    form_id: str
    name: str
    version: int
    text: dict[str, str]
    made_at: datetime
    made_by: str = ""

    @property
    def wording_id(self) -> str:
        return wording_id(self.name, self.version)


def wording_id(name: str, version: int) -> str:
    """Sorts by version."""
    return f"{name}:{version:06d}"
