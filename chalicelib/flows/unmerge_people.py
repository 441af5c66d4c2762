"""Who was merged is parted again: both records as they were, and what lies with each.

The first transaction brings both back and says by whose id who is found. What was carried over follows as it was, some
at a time; what was done since stays with whom it was done, and is listed with the reason."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from chalicelib.flows.carry_over import load_back
from chalicelib.flows.review_doubts import fresh
from chalicelib.flows.work_lead import owned
from chalicelib.identify.unite import as_before, part
from chalicelib.records.lead import OPEN_STATUSES, Lead
from chalicelib.records.merge import Carried, Merge, MergeState, PartedFrom
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Delete, Deps, Put, Ref, Stored, Write
from chalicelib.records.receipt import MatchKey
from chalicelib.records.touch import Touch
from chalicelib.records.undo import BeforeImport

# The parting may be taken back for so long; then what was kept for it is forgotten.
KEPT_FOR = timedelta(days=7)
CHANGED = "changed since the merge"
GOES_AS_IT_IS = "changed since the merge, and goes back as it is now"
CAME_SINCE = "came since the merge, and stays with the record that stayed"
OWNER_GONE = "the former owner is not there any more"
_MOST_LISTED = 200


def part_people(deps: Deps, stored: Stored[Merge]) -> Merge:
    """The next step of a parting. Raises Conflict."""
    if stored.value.state is MergeState.PART_ASKED:
        return _both_back(deps, stored)
    return _carry_back(deps, stored)


def forget_parted(deps: Deps, stored: Stored[Merge]) -> Merge:
    """Its time is over: what was kept to take the parting back goes."""
    deps.store.commit([Delete(Ref(Merge, (stored.value.lead_id,)), stored.version)])
    return stored.value


def _both_back(deps: Deps, stored: Stored[Merge]) -> Merge:
    merge = stored.value
    stays = deps.store.get(Lead, merge.into)
    if stays is None or merge.gone is None or merge.before is None or merge.merged is None:
        # Erased, or merged itself since it was asked: then it is as if nobody had asked.
        left = replace(merge, state=MergeState.MERGED, work_at=None, parted_by="")
        deps.store.commit([Put(left, stored.version)])
        return left
    before, changed = part(merge.before, merge.merged, stays.value)
    back = as_before(merge.gone, merge.merged, stays.value)
    listed = [(field, CHANGED) for field in changed]
    now = deps.clock()
    if back.status in OPEN_STATUSES and (known := owned(deps, back, now)) is not back:
        back, listed = known, [*listed, ("owner", OWNER_GONE)]
    listed += _since(deps, merge)
    parting = replace(merge, state=MergeState.PARTING, work_at=now, stays=tuple(listed[:_MOST_LISTED]))
    writes: list[Write] = [Put(before, stays.version), Put(back, 0), Put(parting, stored.version)]
    writes += [*_keys_back(deps, merge), *_mail_back(deps, merge), *_imports(deps, merge, stays.version)]
    if deps.store.get(PartedFrom, merge.into, merge.lead_id) is None:
        writes.append(Put(PartedFrom(merge.into, merge.lead_id), 0))
    writes += fresh(deps, [merge.pair] if merge.pair else [])
    deps.store.commit(writes)
    return parting


def _since(deps: Deps, merge: Merge) -> Iterable[tuple[str, str]]:
    """What came in while they were one."""
    carried = {new for part in deps.store.query(Carried, merge.lead_id) for kind, _, new in part.value.items
               if kind == Touch.__name__}  # fmt: skip
    for touch in deps.store.query(Touch, merge.into):
        came = touch.value
        if merge.merged_at and came.occurred_at > merge.merged_at and came.touch_id not in carried:
            yield came.kind.value, CAME_SINCE


def _keys_back(deps: Deps, merge: Merge) -> list[Put]:
    """Found under the same keys as before; whoever else is found by them by now stays."""
    refs = [Ref(MatchKey, (key.digest,)) for key in merge.keys]
    found = deps.store.get_many(refs) if refs else []
    writes = []
    for before, stored in zip(merge.keys, found, strict=True):
        known = stored.value if stored else MatchKey(before.digest, "")
        wanted = _with_both(before, known, merge)
        if wanted != known:
            writes.append(Put(wanted, stored.version if stored else 0))
    return writes


def _with_both(before: MatchKey, known: MatchKey, merge: Merge) -> MatchKey:
    was = (before.lead_id, *before.others)
    is_now = [who for who in (known.lead_id, *known.others) if who]
    named = dict(zip(is_now, known.names, strict=False)) | dict(zip(was, before.names, strict=False))
    # As before, without who has gone from it since, and with who has come.
    gone = {who for who in was if who not in (*is_now, merge.lead_id) and who != merge.into}
    come = [who for who in is_now if who not in was and who != merge.into]
    people = [*(who for who in was if who not in gone), *come]
    names = tuple(named.get(who, "") for who in people) if before.names else ()
    return replace(before, lead_id=people[0], others=tuple(people[1:]), names=names)


def _mail_back(deps: Deps, merge: Merge) -> list[Put]:
    """Promotion that would have come twice, where nothing has become of it since."""
    refs = [Ref(Message, (merge.lead_id, mail.message_id)) for mail in merge.withdrawn]
    found = deps.store.get_many(refs) if refs else []
    return [Put(mail, s.version) for mail, s in zip(merge.withdrawn, found, strict=True)
            if s and s.value.state is MessageState.SUPPRESSED]  # fmt: skip


def _imports(deps: Deps, merge: Merge, version: int) -> list[Put]:
    """An import's books name the version of the record it left: nobody worked on what is as it was. A record that is
    made anew begins at 1, and the survivor's was written twice, where nothing else has changed it."""
    writes = []
    for note in deps.store.query(BeforeImport, merge.lead_id):
        was = note.value
        at_version = 1 if was.at_version == merge.gone_version else -abs(was.at_version)
        anew = replace(was, at_version=at_version, from_version=-abs(was.from_version))
        writes.append(Put(anew, note.version))
    for note in deps.store.query(BeforeImport, merge.into):
        if note.value.at_version == merge.before_version and version == merge.before_version + 1:
            writes.append(Put(replace(note.value, at_version=version + 1), note.version))
    return writes[:20]


def _carry_back(deps: Deps, stored: Stored[Merge]) -> Merge:
    """The next part of what was carried over; at the end they are parted."""
    merge = stored.value
    parts = deps.store.page(Carried, merge.lead_id, limit=1)
    if not parts:
        return _parted(deps, stored)
    load = load_back(deps, parts[0].value, merge.into)
    listed = (*merge.stays, *((kind, GOES_AS_IT_IS) for kind, _ in load.changed))[:_MOST_LISTED]
    more = replace(merge, stays=listed)
    deps.store.commit([Put(more, stored.version), *load.writes])
    return more


def _parted(deps: Deps, stored: Stored[Merge]) -> Merge:
    done = replace(
        stored.value, state=MergeState.PARTED, parts=0, work_at=deps.clock() + KEPT_FOR, gone=None, before=None,
        merged=None, keys=(), withdrawn=(),
    )  # fmt: skip
    deps.store.commit([Put(done, stored.version)])
    return done
