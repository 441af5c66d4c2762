"""What stays of a person who was erased: opaque ids and keyed hashes, so that nothing brings the person back."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Suppression:
    """One contact point of somebody erased, as a keyed hash under a key of its own. `names` are short keyed hashes of
    the names known with it, for what strangers share (a phone); it is forgotten at `until`.
    `promotion_only`: of somebody who objected and whom a restore did not bring back; lists may."""

    digest: str
    erased_at: datetime
    until: datetime
    names: tuple[str, ...] = ()
    promotion_only: bool = False


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a person's records were removed. `finish_at` is when the rest is looked after (files that were being
    loaded, what indexes keep of deleted rows), None once all is gone; `import_ids` are those files' uploads. `signs`
    are digests of what tells the person in submissions set aside, until those were looked through once more."""

    lead_id: str
    erased_at: datetime
    until: datetime
    finish_at: datetime | None = None
    import_ids: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
