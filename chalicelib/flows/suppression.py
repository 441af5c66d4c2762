"""Who was erased is not brought back by a list, an undo or a restore, nor mailed promotion under an old address."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.flows.place_lead import name_digest
from chalicelib.identify.keys import suppression_keys
from chalicelib.identify.normalise import identity
from chalicelib.records.contact import Contact, Identity
from chalicelib.records.erasure import Erasure, Suppression
from chalicelib.records.ports import Deps, Ref


def suppressions_of(
    deps: Deps, who: Identity, erased_at: datetime, until: datetime, promotion_only: bool = False
) -> list[Suppression]:
    """The entries that keep this person out until then, or only promotion away from the person."""
    named = (name_digest(who, deps.suppression_digest),) if who.name_tokens else ()
    return [
        Suppression(deps.suppression_digest(key), erased_at, until, named if _shared(key) else (), promotion_only)
        for key in suppression_keys(who)
    ]


def suppressed(deps: Deps, people: Sequence[Identity], from_promotion: bool = False) -> list[bool]:
    """Of each whether it is somebody who was erased, or also (`from_promotion`) who only objects. One look while there
    is nobody; else a read by keys."""
    if not deps.store.page(Suppression, limit=1):
        return [False] * len(people)
    keys = [{deps.suppression_digest(key): key for key in suppression_keys(who)} for who in people]
    digests = sorted({digest for of_one in keys for digest in of_one})
    found = {s.value.digest: s.value for s in deps.store.get_many([Ref(Suppression, (d,)) for d in digests]) if s}
    now = deps.clock()
    live = {d: e for d, e in found.items() if e.until > now and (from_promotion or not e.promotion_only)}
    return [
        any(digest in live and _means(deps, live[digest], key, who) for digest, key in of_one.items())
        for who, of_one in zip(people, keys, strict=True)
    ]


def is_barred(deps: Deps, email: str) -> bool:
    """Whether an address is one of somebody who was erased or objects: no promotion goes there."""
    return suppressed(deps, [identity(Contact(emails=(email,)))], from_promotion=True)[0]


def was_erased(deps: Deps, lead_id: str) -> Erasure | None:
    stored = deps.store.get(Erasure, lead_id)
    return stored.value if stored else None


def _means(deps: Deps, entry: Suppression, key: str, who: Identity) -> bool:
    """A shared contact point means the erased person unless the names are known and differ."""
    if not (_shared(key) and entry.names and who.name_tokens):
        return True
    return name_digest(who, deps.suppression_digest) in entry.names


def _shared(key: str) -> bool:
    return key.startswith("p:")
