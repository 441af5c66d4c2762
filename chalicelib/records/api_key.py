"""The keys of programs."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key by the digest of its secret; the secret itself is shown once and never stored. `made_by` is a
    rep_id, or "" for one made on the command line; `last_used_at` is written once an hour at most."""

    digest: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    active: bool = True
    made_by: str = ""
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
