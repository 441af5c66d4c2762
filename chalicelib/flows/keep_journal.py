"""What goes into the journal: objections and erasures before they are acknowledged; submissions by the change feed,
mails that left by whoever sent them, so that no visitor waits for it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from chalicelib.flows.follow_merges import current_leads
from chalicelib.flows.note_kept import note_kept
from chalicelib.flows.reactions import JOURNAL, concerned
from chalicelib.flows.suppression import suppressions_of
from chalicelib.identify.normalise import identity_of
from chalicelib.records.erasure import Erasure, Suppression
from chalicelib.records.event import Registration
from chalicelib.records.ids import made_at
from chalicelib.records.journal import Entry, Noted
from chalicelib.records.kept import Replayed
from chalicelib.records.lead import Lead
from chalicelib.records.message import INTERNAL, Message
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.receipt import Receipt
from chalicelib.records.touch import Request, Touch

# An objection has no end; this is when the keyed hash of its address is looked at again.
OBJECTION_LASTS = timedelta(days=36_500)


def note_objections(deps: Deps, leads: Iterable[Lead], at: datetime) -> None:
    """Durable on return. With the keyed addresses: the person may have come after the backup that is restored."""
    entries = []
    for lead in leads:
        until = at + OBJECTION_LASTS
        keys = suppressions_of(deps, identity_of(lead), at, until, promotion_only=True)
        # By every id: the backup that is restored may be older than a merge.
        entries += [Entry(Noted.OPT_OUT, at, lead_id, until=until, suppressions=tuple(keys))
                    for lead_id in (lead.lead_id, *lead.merged_ids)]  # fmt: skip
    deps.journal.append(entries)


def note_erasure(deps: Deps, erasure: Erasure, suppressions: Sequence[Suppression]) -> None:
    """Durable on return."""
    at, until = erasure.erased_at, erasure.until
    entry = Entry(Noted.ERASURE, at, erasure.lead_id, erasure.signs, until, tuple(suppressions))
    deps.journal.append([entry])


def note_sent(deps: Deps, refs: Sequence[Ref[Message]]) -> None:
    """Mails that have just left."""
    mails = [stored.value for stored in deps.store.get_many(refs) if stored]
    now = deps.clock()
    deps.journal.append(
        [Entry(Noted.SENT, m.sent_at or now, m.lead_id, (m.message_id, m.kind.value, m.request_id)) for m in mails]
    )


def journal_changes(deps: Deps, refs: Sequence[Ref[Any]]) -> int:
    """Note the submissions and seats among these records as they are now, a submission with its mails where they are
    among them too, and what had waited at the door; how many entries that made. Told twice they are noted twice, which
    does no harm."""
    wanted = concerned(JOURNAL, refs)
    read = deps.store.get_many(wanted) if wanted else []
    found = [stored.value for stored in read if stored]
    receipts = [record for record in found if isinstance(record, Receipt) and record.lead_id]
    entries = _received(deps, receipts, [ref for ref in refs if ref.kind is Message])
    entries += [_seat(record) for record in found if isinstance(record, Registration)]
    entries += [_from_door(record) for record in found if isinstance(record, Replayed)]
    deps.journal.append(entries)
    return len(entries) + note_kept(deps, wanted, read)


def _received(deps: Deps, receipts: Sequence[Receipt], mails: Iterable[Ref[Message]]) -> list[Entry]:
    answers = _mails(deps, {receipt.request_id for receipt in receipts}, {r.lead_id for r in receipts}, mails)
    found = _about(deps, receipts, [receipt.lead_id for receipt in receipts])
    if not all(found[::3]):
        found = _about(deps, receipts, _led_on(deps, receipts))
    entries = []
    for place, receipt in enumerate(receipts):
        lead, touch, request = found[3 * place : 3 * place + 3]
        if lead is None or touch is None:
            # Erased by now.
            continue
        about = [request, *answers.get(request.request_id, ())] if request else []
        # The receipt itself, which stays of an erased person: its address goes on to say so after a restore.
        ids = (receipt.touch_id, receipt.request_id, receipt.token, receipt.outcome.value, receipt.body)
        entries.append(
            Entry(Noted.RECEIVED, receipt.received_at, receipt.lead_id, ids, records=(receipt, lead, touch, *about))
        )
    return entries


def _about(deps: Deps, receipts: Sequence[Receipt], lead_ids: Sequence[str]) -> list[Any]:
    """Of each its lead, touch and request."""
    refs: list[Ref[Any]] = []
    for receipt, lead_id in zip(receipts, lead_ids, strict=True):
        refs += [Ref(Lead, (lead_id,)), Ref(Touch, (lead_id, receipt.touch_id))]
        refs.append(Ref(Request, (lead_id, receipt.request_id or "-")))
    return [stored.value if stored else None for stored in (deps.store.get_many(refs) if refs else ())]


def _led_on(deps: Deps, receipts: Sequence[Receipt]) -> list[str]:
    """The ids their people have by now."""
    leads = current_leads(deps, [receipt.lead_id for receipt in receipts])
    return [lead.value.lead_id if lead else r.lead_id for lead, r in zip(leads, receipts, strict=True)]


def _mails(
    deps: Deps, request_ids: Collection[str], lead_ids: Collection[str], refs: Iterable[Ref[Message]]
) -> dict[str, list[Message]]:
    """What goes to the visitors themselves, by request: a notice to one of us is of no use after a restore."""
    wanted = [ref for ref in dict.fromkeys(refs) if ref.ids[0] in lead_ids]
    found: dict[str, list[Message]] = {}
    for stored in deps.store.get_many(wanted) if wanted else ():
        if stored and stored.value.kind not in INTERNAL and stored.value.request_id in request_ids:
            found.setdefault(stored.value.request_id, []).append(stored.value)
    return found


def _seat(place: Registration) -> Entry:
    at = place.cancelled_at or place.registered_at
    return Entry(Noted.RECEIVED, at, place.lead_id, (place.event_id,), records=(place,))


def _from_door(replayed: Replayed) -> Entry:
    return Entry(Noted.RECEIVED, made_at(replayed.post_id), "", (replayed.post_id, replayed.receipt))


def feed_journal(deps: Deps, limit: int = 1000) -> int:
    """Note what the next changes brought; how many changes there were."""
    changes = deps.feed.read(JOURNAL, limit)
    if changes:
        journal_changes(deps, [change.ref for change in changes])
        deps.feed.done(JOURNAL, changes[-1].sequence)
    return len(changes)
