"""A person asks to be forgotten: every record goes, queued mail with it, and what keeps the person out is left.

Files go while the person is still known, so that an erasure that was cut off begins anew. Then the lead and what it is
known by go in one transaction: whoever writes at the same moment finds nobody. Then all that lies with the person. What
takes longer (lists that are being loaded, the insides of indexes) is the clock's (`finish_erasure`)."""

from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.flows.dead_addresses import dead_ref
from chalicelib.flows.erase_files import drop_drafts, drop_list, lists_of
from chalicelib.flows.erase_kept import digests_of, forget_kept, kept_of_erased, kept_with
from chalicelib.flows.erase_taken_back import forget_taken_back_of_erased
from chalicelib.flows.follow_merges import current_leads
from chalicelib.flows.keep_audit import forget_values
from chalicelib.flows.keep_journal import note_erasure
from chalicelib.flows.keep_post import kept_key
from chalicelib.flows.keep_visit import forget_visits_of
from chalicelib.flows.register import cancel_place
from chalicelib.flows.review_doubts import forget_doubts
from chalicelib.flows.suppression import suppressions_of, was_erased
from chalicelib.identify.keys import every_key
from chalicelib.identify.normalise import identity_of
from chalicelib.identify.signs import signs_of
from chalicelib.records.contact import Identity
from chalicelib.records.erasure import Erasure, Suppression
from chalicelib.records.event import Registration, RegistrationState
from chalicelib.records.lead import Lead
from chalicelib.records.merge import Merge
from chalicelib.records.message import Message
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import MOST_WRITES, BadRecord, Conflict, Delete, Deps, NotFound, Put, Ref, Stored, Write
from chalicelib.records.receipt import MatchKey
from chalicelib.records.touch import Request, Source, Touch
from chalicelib.records.upload import Upload, UploadState

# Whoever was writing a moment ago has ended by then.
FINISH_AFTER = timedelta(minutes=1)
LOOK_AGAIN = timedelta(hours=1)
# A list that is not loaded by then is not loaded any more.
LOADING_ENDS = timedelta(hours=20)
_AT_WORK = frozenset({UploadState.READING, UploadState.RUNNING})


@dataclass(frozen=True, slots=True)
class Erased:
    """`records` went, `set_aside` submissions were dropped; `until` is how long the keyed hashes keep the person out.
    `again`: it had been done before."""

    lead_id: str
    erased_at: datetime
    until: datetime
    records: int = 0
    lists: int = 0
    set_aside: int = 0
    again: bool = False


def erase_person(deps: Deps, lead_id: str, keep_out: timedelta, since: datetime | None = None) -> Erased:
    """Remove the person; the suppression holds for `keep_out`. A second time changes nothing. `since`: a restore erases
    who was erased then, and what the person has sent since is a new request. Raises NotFound."""
    set_aside = 0
    while True:
        (lead,) = current_leads(deps, [lead_id])
        if lead is None:
            return _done_before(deps, lead_id)
        lead_id = lead.value.lead_id
        for each in ids_of(lead.value):
            _give_back_places(deps, each)
        lists = _drop_files(deps, lead.value)
        signs = signs_of(lead.value.emails, lead.value.phones)
        set_aside += forget_kept(deps, kept_with(deps, signs))
        busy = tuple(upload.import_id for upload in lists if upload.state in _AT_WORK)
        now = since or deps.clock()
        erasure = Erasure(lead_id, now, now + keep_out, deps.clock() + FINISH_AFTER, busy, digests_of(deps, signs))
        try:
            _forget_who(deps, lead, erasure)
        except Conflict:
            continue
        records = 1 + sum(_empty(deps, each) for each in ids_of(lead.value))
        for each in ids_of(lead.value):
            forget_doubts(deps, each)
        deps.wake()
        return Erased(lead_id, now, erasure.until, records, len(lists), set_aside)


def ask_erasure(deps: Deps, lead_id: str, keep_out: timedelta) -> None:
    """Have the clock erase the person within the minute: what answers visitors may delete nobody. Raises NotFound."""
    if deps.store.get(Lead, lead_id) is None:
        raise NotFound
    now = deps.clock()
    # Asked twice within the minute, it is asked.
    with suppress(Conflict):
        deps.store.commit([Put(Erasure(lead_id, now, now + keep_out, finish_at=now), if_version=0)])
    deps.wake()


def _done_before(deps: Deps, lead_id: str) -> Erased:
    """Or cut off in the middle: then the rest goes now."""
    before = was_erased(deps, lead_id)
    if before is None:
        raise NotFound
    return Erased(lead_id, before.erased_at, before.until, _empty(deps, lead_id), again=True)


def _drop_files(deps: Deps, lead: Lead) -> list[Upload]:
    """Mail kept here, drafts, and the lists that name the person, which are answered."""
    refs = [ref for lead_id in ids_of(lead) for ref in deps.store.refs_of(lead_id)]
    deps.transport.forget([(ref.ids[0], ref.ids[1]) for ref in refs if ref.kind is Message])
    for ref in refs:
        if ref.kind is Request:
            # What was sent of one that was let in, if whoever let it in died before deleting it.
            deps.blobs.delete(kept_key(ref.ids[1]))
    drop_drafts(deps, lead)
    found = [(upload, lead_id) for lead_id in ids_of(lead) for upload in lists_of(deps, replace(lead, lead_id=lead_id))]
    for upload, lead_id in found:
        drop_list(deps, upload, lead_id)
    return list({upload.import_id: upload for upload, _ in found}.values())


def _forget_who(deps: Deps, lead: Stored[Lead], erasure: Erasure) -> None:
    """The lead, its keys and the suppression, all or nothing (of somebody many records became part of, what is behind
    the first hundred follows). Raises Conflict."""
    everybody = _identities(deps, lead.value)
    lead_id, ids = lead.value.lead_id, frozenset(ids_of(lead.value))
    # Each id the person had says so: addresses that were given out lead there, and a backup may be older than a merge.
    erasures = [replace(erasure, lead_id=each) for each in ids_of(lead.value)]
    asked = deps.store.get_many([Ref(Erasure, (each.lead_id,)) for each in erasures])
    writes: list[Write] = [Delete(Ref(Lead, (lead_id,)), lead.version)]
    writes += [Put(each, known.version if known else 0) for each, known in zip(erasures, asked, strict=True)]
    kept_out = _kept_out(deps, everybody, erasure)
    before = deps.store.get_many([Ref(Suppression, (entry.digest,)) for entry in kept_out])
    writes += [Put(entry, known.version if known else 0) for entry, known in zip(kept_out, before, strict=True)]
    keys = dict.fromkeys(deps.digest(key) for who in everybody for key in every_key(who))
    found = deps.store.get_many([Ref(MatchKey, (digest,)) for digest in keys])
    writes += [_without(key, ids) for key in found if key and not ids.isdisjoint(_people(key.value))]
    # What a mail server said of an address may name it.
    writes += [Delete(dead_ref(deps, email)) for email in lead.value.emails]
    # First: what is acknowledged as erased must be so after a restore.
    for each in erasures:
        note_erasure(deps, each, kept_out)
    for start in range(0, len(writes), MOST_WRITES):
        deps.store.commit(writes[start : start + MOST_WRITES])


def ids_of(lead: Lead) -> tuple[str, ...]:
    """All ids that lead to this person: mail and seats lie under the one they were made under."""
    return (lead.lead_id, *lead.merged_ids)


def _identities(deps: Deps, lead: Lead) -> list[Identity]:
    """By what the person is known, and by what records were that became part of this one."""
    refs = [Ref(Merge, (lead_id,)) for lead_id in lead.merged_ids]
    merges = deps.store.get_many(refs) if refs else []
    return [identity_of(each) for each in (lead, *(m.value.gone for m in merges if m and m.value.gone))]


def _kept_out(deps: Deps, everybody: Sequence[Identity], erasure: Erasure) -> list[Suppression]:
    found: dict[str, Suppression] = {}
    for who in everybody:
        for entry in suppressions_of(deps, who, erasure.erased_at, erasure.until):
            known = found.setdefault(entry.digest, entry)
            names = tuple(dict.fromkeys((*known.names, *entry.names))) if known.names and entry.names else ()
            found[entry.digest] = replace(known, names=names)
    return list(found.values())


def _people(key: MatchKey) -> tuple[str, ...]:
    return (key.lead_id, *key.others)


def _without(key: Stored[MatchKey], ids: Set[str]) -> Write:
    """The key without this person; it goes where it named nobody else."""
    names = key.value.names + ("",) * (len(_people(key.value)) - len(key.value.names))
    rest = [(other, name) for other, name in zip(_people(key.value), names, strict=True) if other not in ids]
    if not rest:
        return Delete(Ref(MatchKey, (key.value.digest,)), key.version)
    first, *others = (other for other, _ in rest)
    kept = replace(key.value, lead_id=first, others=tuple(others), names=tuple(name for _, name in rest))
    return Put(kept, key.version)


def _give_back_places(deps: Deps, lead_id: str) -> None:
    """Who waits for a seat gets it; of seminars that are over only the name goes from the list of those who came."""
    for place in _registrations(deps, lead_id):
        seminar = deps.directory.seminar(place.event_id)
        if seminar and seminar.starts_at > deps.clock() and place.state is not RegistrationState.CANCELLED:
            cancel_place(deps, place.event_id, lead_id)


def _registrations(deps: Deps, lead_id: str) -> Iterator[Registration]:
    refs = [Ref(Registration, (seminar.event_id, lead_id)) for seminar in deps.directory.seminars()]
    yield from (stored.value for stored in (deps.store.get_many(refs) if refs else ()) if stored)


# What the books need: won deals, and the campaigns that led there; by an opaque id, without a word about the person.
_BOOKED = (Opportunity, Touch)


def _empty(deps: Deps, lead_id: str) -> int:
    """All that lies with the person and is not needed for the books; how many records went. Where one cannot be read
    nobody knows what it says, and all of it goes."""
    try:
        records = [stored.value for stored in deps.store.everything_of(lead_id)]
    except BadRecord:
        records = []
    forget_visits_of(deps, records)
    won = any(isinstance(r, Opportunity) and r.stage is OpportunityStage.WON for r in records)
    books = [record for record in records if won and _is_booked(record)]
    nameless = [changed for record in books if (changed := _nameless(record)) != record]
    places = [Ref(Registration, (place.event_id, lead_id)) for place in _registrations(deps, lead_id)]
    gone = deps.store.forget(lead_id, _BOOKED if books else ())
    lost = [Ref(Opportunity, (r.lead_id, r.opportunity_id)) for r in records
            if books and isinstance(r, Opportunity) and r not in books]  # fmt: skip
    doomed: list[Ref[Any]] = [*places, *lost]
    writes: list[Write] = [*(Put(record) for record in nameless), *(Delete(ref) for ref in doomed)]
    for start in range(0, len(writes), MOST_WRITES):
        deps.store.commit(writes[start : start + MOST_WRITES])
    forget_values(deps, lead_id)
    deps.journal.forget(lead_id)
    deps.model.apply([(ref, None) for ref in (Ref(Lead, (lead_id,)), *gone, *lost)], deps.clock())
    return len(gone) + len(writes)


def _is_booked(record: Any) -> bool:
    return isinstance(record, Touch) or (isinstance(record, Opportunity) and record.stage is OpportunityStage.WON)


def _nameless(record: Any) -> Any:
    """A won deal or a touch as the reports need it."""
    if isinstance(record, Opportunity):
        # Of what its export told the rest stays: by the digest of it all somebody could try names until one fits.
        return replace(record, name="", lost_reason="", told="", told_at=None)
    came = record.source
    source = Source(came.channel, came.source, came.medium, came.campaign)
    return replace(record, message="", details={}, warnings=(), source=source, visits_of="")


def finish_erasure(deps: Deps, ref: Ref[Erasure], at_once: bool = False) -> Erasure | None:
    """Erase who is to be erased, or look after what could not go at once: whatever was written meanwhile, the files of
    lists that were being loaded, and what indexes keep of deleted rows. Again in an hour while something is left; None
    where nothing was to do."""
    stored = deps.store.get(Erasure, *ref.ids)
    now = deps.clock()
    if stored is None or stored.value.finish_at is None or (stored.value.finish_at > now and not at_once):
        return None
    erasure = stored.value
    if current_leads(deps, [erasure.lead_id])[0]:
        erase_person(deps, erasure.lead_id, erasure.until - now)
        return erasure
    _empty(deps, erasure.lead_id)
    # Set aside while the person was being erased.
    forget_kept(deps, kept_of_erased(deps, dict.fromkeys(erasure.signs, erasure.erased_at)))
    # Kept of an undone import under an id that is no lead's any more.
    forget_taken_back_of_erased(deps)
    deps.store.purge()
    deps.model.purge()
    loading = []
    for import_id in erasure.import_ids:
        upload = deps.store.get(Upload, import_id)
        if upload and upload.value.state in _AT_WORK and now - erasure.erased_at < LOADING_ENDS:
            loading.append(import_id)
        elif upload:
            drop_list(deps, upload.value, erasure.lead_id)
    done = replace(erasure, import_ids=tuple(loading), signs=(), finish_at=now + LOOK_AGAIN if loading else None)
    deps.store.commit([Put(done, stored.version)])
    return done
