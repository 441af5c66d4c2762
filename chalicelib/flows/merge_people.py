"""Two records of one person become one: asked for by a person, done in steps that may be cut off anywhere.

The first step is one transaction: the surviving record has all that is known of both, the other is gone, its keys find
the survivor, and its id leads there. What lies with the one that went follows, in the same transaction where that holds
it all, else some at a time; until it has, it is where it was. A look a minute later finds what somebody was writing at
that moment. Each step is conditional on the merge's own record, so that two at once do no more than one."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.flows.carry_over import AT_ONCE, load_of, waiting_below
from chalicelib.flows.follow_merges import surviving
from chalicelib.flows.review_doubts import fresh
from chalicelib.flows.unmerge_people import forget_parted, part_people
from chalicelib.flows.upload_state import TOPIC
from chalicelib.identify.keys import every_key
from chalicelib.identify.normalise import identity_of
from chalicelib.identify.unite import United, unite
from chalicelib.records.doubt import SamePerson, pair_of
from chalicelib.records.lead import Lead
from chalicelib.records.merge import Merge, MergeState
from chalicelib.records.message import PROMOTIONAL, Message, MessageState
from chalicelib.records.ports import MOST_WRITES, Conflict, Delete, Deps, NotFound, Put, Ref, Stored, Write
from chalicelib.records.receipt import MatchKey

# Whoever was writing to the old id a moment ago has ended by then.
LOOK_AGAIN = timedelta(minutes=1)
# Others who keep writing: the clock goes on where this left off.
ROUNDS = 20
_MOST_KEYS = 40
_MOST_WITHDRAWN = 10
TWICE = "the other record of this person gets it"
_UNSENT = frozenset({MessageState.PENDING, MessageState.HELD})
_UNDER_WAY = frozenset({MergeState.ASKED, MergeState.MERGING, MergeState.PART_ASKED, MergeState.PARTING})


class Busy(Exception):
    """One of the two is being merged or parted this moment, or somebody else was first."""


def preview(deps: Deps, stays: Lead, goes: Lead, chosen: Collection[str] = ()) -> United:
    """What the merge would make of them now. Writes nothing."""
    return unite(stays, goes, chosen, deps.clock(), _active(deps))


def _active(deps: Deps) -> frozenset[str]:
    return frozenset(rep.rep_id for rep in deps.directory.reps() if rep.active)


def ask_merge(deps: Deps, stays_id: str, goes_id: str, by: str, chosen: Collection[str] = ()) -> Merge:
    """Have `goes_id` become part of `stays_id`; who asks the web may delete nothing on AWS, so that the queue's worker
    does it, or the clock. Raises NotFound, Busy; ValueError for one and the same."""
    if stays_id == goes_id:
        raise ValueError("one and the same record")
    pair_id = pair_of(stays_id, goes_id).pair_id
    refs: list[Ref[Any]] = [Ref(Lead, (stays_id,)), Ref(Lead, (goes_id,))]
    refs += [Ref(Merge, (stays_id,)), Ref(Merge, (goes_id,)), Ref(SamePerson, (pair_id,))]
    stays, goes, reverse, before, pair = deps.store.get_many(refs)
    if stays is None or goes is None:
        raise NotFound
    if any(merge and merge.value.state in _UNDER_WAY for merge in (reverse, before)):
        raise Busy
    now = deps.clock()
    asked = Merge(goes_id, stays_id, MergeState.ASKED, now, by, now, tuple(sorted(chosen)),
                  pair=pair.value if pair else None)  # fmt: skip
    writes: list[Write] = [Put(asked, before.version if before else 0)]
    if pair:
        writes.append(Delete(Ref(SamePerson, (pair_id,)), pair.version))
    return _asked(deps, asked, writes)


def ask_again(deps: Deps, goes_id: str) -> Merge:
    """Take the parting back: merged as it was. Raises NotFound where nothing can be taken back any more, Busy."""
    stored = deps.store.get(Merge, goes_id)
    if stored is None or stored.value.state is not MergeState.PARTED or stored.value.merged_at is None:
        raise NotFound
    merge = stored.value
    again = replace(merge, state=MergeState.ASKED, work_at=deps.clock(), parted_by="", stays=())
    pair = deps.store.get(SamePerson, merge.pair.pair_id) if merge.pair else None
    writes: list[Write] = [Put(again, stored.version)]
    if pair:
        writes.append(Delete(Ref(SamePerson, (pair.value.pair_id,)), pair.version))
    return _asked(deps, again, writes)


def ask_part(deps: Deps, goes_id: str, by: str) -> Merge:
    """Have the two parted again. Raises NotFound; Busy also where the surviving record was merged itself since: that
    has to be taken back first."""
    stored = deps.store.get(Merge, goes_id)
    if stored is None or stored.value.state is MergeState.PARTED:
        raise NotFound
    merge, now = stored.value, deps.clock()
    if merge.state is MergeState.ASKED and deps.store.get(Lead, goes_id):
        # Nobody has begun: nothing has to be taken back, and a minute later nothing is known of it.
        dropped = replace(merge, state=MergeState.PARTED, work_at=now + LOOK_AGAIN, parted_by=by)
        return _asked(deps, dropped, [Put(dropped, stored.version), *fresh(deps, [merge.pair] if merge.pair else [])])
    if merge.state is not MergeState.MERGED or deps.store.get(Lead, merge.into) is None:
        raise Busy
    asked = replace(merge, state=MergeState.PART_ASKED, work_at=now, parted_by=by, stays=())
    return _asked(deps, asked, [Put(asked, stored.version)])


def _asked(deps: Deps, merge: Merge, writes: Sequence[Write]) -> Merge:
    try:
        deps.store.commit(writes)
    except Conflict as conflict:
        raise Busy from conflict
    deps.queue.send(TOPIC, {"merge": merge.lead_id})
    deps.wake()
    return merge


def work_on_merge(deps: Deps, ref: Ref[Merge]) -> Merge | None:
    """Take the steps that are due until none is; None where nothing was to do."""
    done = None
    for _ in range(ROUNDS):
        stored = deps.store.get(Merge, *ref.ids)
        now = deps.clock()
        if stored is None or stored.value.work_at is None or stored.value.work_at > now:
            break
        try:
            done = _STEPS[stored.value.state](deps, stored)
        except Conflict:
            continue
    if done:
        deps.wake()
    return done


def _begin(deps: Deps, stored: Stored[Merge]) -> Merge:
    """The first transaction, with all that lies below where that fits. Raises Conflict."""
    merge = stored.value
    into = surviving(deps, merge.into)
    stays, goes = deps.store.get_many([Ref(Lead, (into,)), Ref(Lead, (merge.lead_id,))])
    if stays is None or goes is None or into == merge.lead_id:
        # Erased meanwhile, or two asked for the same at once.
        deps.store.commit([Delete(Ref(Merge, (merge.lead_id,)), stored.version)])
        return merge
    # The moment it was asked, so that whoever is late with it comes to the same.
    at = merge.merged_at or merge.asked_at
    active = _active(deps)
    united = unite(stays.value, goes.value, merge.chosen, at, active).lead
    keys, key_writes = _keys(deps, goes.value, into)
    withdrawn = _twice(deps, stays.value, goes.value)
    below = waiting_below(deps, merge.lead_id)
    room = MOST_WRITES - 4 - len(key_writes) - len(withdrawn)
    owner_id = united.owner_id if united.owner_id in active else ""
    load = load_of(deps, below, goes.value, owner_id, into, 1, at) if 2 * len(below) <= room else None
    begun = replace(
        merge, into=into, state=MergeState.MERGED if load else MergeState.MERGING,
        work_at=deps.clock() + LOOK_AGAIN if load else deps.clock(), merged_at=at, gone=goes.value,
        gone_version=goes.version, before=stays.value, before_version=stays.version, merged=united, keys=keys,
        withdrawn=tuple(mail.value for mail in withdrawn),
        parts=int(bool(load and load.carried)),
    )  # fmt: skip
    writes: list[Write] = [Put(united, stays.version), Delete(Ref(Lead, (merge.lead_id,)), goes.version)]
    writes += [Put(begun, stored.version), *key_writes, *(load.writes if load else ())]
    writes += [Put(replace(m.value, state=MessageState.SUPPRESSED, reason=TWICE), m.version) for m in withdrawn]
    deps.store.commit(writes)
    return begun


def _keys(deps: Deps, goes: Lead, into: str) -> tuple[tuple[MatchKey, ...], list[Write]]:
    """The keys that find the one that goes, and the writes after which they find the survivor in its place."""
    digests = [deps.digest(key) for key in every_key(identity_of(goes))][:_MOST_KEYS]
    found = deps.store.get_many([Ref(MatchKey, (digest,)) for digest in digests]) if digests else []
    ours = [key for key in found if key and goes.lead_id in (key.value.lead_id, *key.value.others)]
    return tuple(k.value for k in ours), [Put(renamed(k.value, goes.lead_id, into), k.version) for k in ours]


def renamed(key: MatchKey, old: str, new: str) -> MatchKey:
    """The key with `new` in the place of `old`; once where it names both."""
    people = (key.lead_id, *key.others)
    names = key.names + ("",) * (len(people) - len(key.names))
    kept = [(new if who == old else who, name) for who, name in zip(people, names, strict=True)
            if who != old or new not in people]  # fmt: skip
    first, *others = (who for who, _ in kept)
    return replace(key, lead_id=first, others=tuple(others), names=tuple(name for _, name in kept))


def _twice(deps: Deps, stays: Lead, goes: Lead) -> list[Stored[Message]]:
    """Promotion of the one that goes which has not left, and which the survivor gets or got from the same campaign."""
    shared = set(stays.campaign_ids) & set(goes.campaign_ids)
    if not shared:
        return []
    ours = [s.value for lead_id in (stays.lead_id, *stays.merged_ids) for s in deps.store.query(Message, lead_id)]
    had = {m.campaign_id for m in ours if m.kind in PROMOTIONAL and m.state is not MessageState.FAILED}
    theirs = (stored for stored in deps.store.query(Message, goes.lead_id) if stored.value.kind in PROMOTIONAL)
    unsent = (stored for stored in theirs if stored.value.state in _UNSENT)
    return [stored for stored in unsent if stored.value.campaign_id in shared & had][:_MOST_WITHDRAWN]


def _carry(deps: Deps, stored: Stored[Merge]) -> Merge:
    """The next of what lies with the one that went; at the end, and a minute later, there is none."""
    merge = stored.value
    below = waiting_below(deps, merge.lead_id)[:AT_ONCE]
    into = surviving(deps, merge.into)
    if below and merge.gone and merge.merged and merge.merged_at:
        goes, owner_id = merge.gone, merge.merged.owner_id if merge.merged.owner_id in _active(deps) else ""
        load = load_of(deps, below, goes, owner_id, into, merge.parts + 1, merge.merged_at)
        more = replace(merge, parts=merge.parts + 1)
        deps.store.commit([Put(more, stored.version), *load.writes])
        return more
    later = deps.clock() + LOOK_AGAIN if merge.state is MergeState.MERGING else None
    carried = replace(merge, state=MergeState.MERGED, work_at=later)
    deps.store.commit([Put(carried, stored.version)])
    return carried


_STEPS: dict[MergeState, Callable[[Deps, Stored[Merge]], Merge]] = {
    MergeState.ASKED: _begin,
    MergeState.MERGING: _carry,
    MergeState.MERGED: _carry,
    MergeState.PART_ASKED: part_people,
    MergeState.PARTING: part_people,
    MergeState.PARTED: forget_parted,
}
