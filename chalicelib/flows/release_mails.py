"""Held thank-you mails of a list, let go once a legal basis is recorded: in batches, one behind the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.flows.follow_merges import people_named
from chalicelib.flows.place_rows import MAILS_PER_SECOND, list_touch_id
from chalicelib.flows.upload_state import change_upload
from chalicelib.follow_up.messages import thanks_id
from chalicelib.follow_up.outbox import FIRST_DUE, release, suppress
from chalicelib.follow_up.policy import Blocked, check, ground_of
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Deps, NotFound, Put, Ref, Stored
from chalicelib.records.touch import Touch
from chalicelib.records.upload import RowResults, Upload

BATCH = 500
# Each round only what somebody else changed at the same moment (an opt-out, a claim) is looked at again.
ROUNDS = 10


@dataclass(slots=True)
class Released:
    """`queued` became due; `dropped` are not wanted any more, and do not wait any longer either."""

    queued: int = 0
    dropped: int = 0


def record_basis(deps: Deps, import_id: str, basis: str) -> int:
    """Record the legal basis of a list after the fact: held mails it permits become due. How many those were.

    An upload that still runs lets go the mails of the chunk in work itself."""
    try:
        upload = change_upload(deps, import_id, lambda upload: replace(upload, basis=basis))
    except LookupError:
        raise NotFound from None
    ids = [row[2] for chunk in deps.store.query(RowResults, import_id) for row in chunk.value.results]
    done = release_mails(deps, upload, ids)
    gone = done.queued + done.dropped
    change_upload(
        deps,
        import_id,
        lambda upload: replace(
            upload, mails_queued=upload.mails_queued + done.queued, mails_held=max(0, upload.mails_held - gone)
        ),
    )
    deps.wake()
    return done.queued


def release_mails(deps: Deps, upload: Upload, lead_ids: Iterable[str], ahead: int = 0) -> Released:
    """What the upload's basis permits becomes due, behind `ahead` mails that go first; whoever wants no promotion is
    left alone for good; what stays held says why. Again it changes nothing."""
    done = Released()
    pending = list(dict.fromkeys(lead_id for lead_id in lead_ids if lead_id))
    for _ in range(ROUNDS):
        contested: list[str] = []
        for start in range(0, len(pending), BATCH):
            contested += _release_batch(deps, upload, pending[start : start + BATCH], done, ahead)
        pending = contested
        if not pending:
            break
    return done


def _release_batch(deps: Deps, upload: Upload, lead_ids: list[str], done: Released, ahead: int) -> list[str]:
    """Write one batch, in one round trip; the ids of those somebody else changed first."""
    puts: list[Put] = []
    turn = ahead + done.queued
    for mail, lead, recorded in _held(deps, upload, lead_ids):
        changed = _as_it_is_now(deps, recorded, mail.value, lead, turn)
        turn += changed.state is MessageState.PENDING
        if changed != mail.value:
            puts.append(Put(changed, mail.version))
    answers = deps.store.commit_each([[put] for put in puts])
    for put, answer in zip(puts, answers, strict=True):
        if answer is None:
            done.queued += put.record.state is MessageState.PENDING
            done.dropped += put.record.state is MessageState.SUPPRESSED
    return [put.record.lead_id for put, answer in zip(puts, answers, strict=True) if answer]


def _held(deps: Deps, upload: Upload, lead_ids: list[str]) -> Iterator[tuple[Stored[Message], Lead, str]]:
    """Each held mail with its person and the basis recorded: what the row itself named, as the touch has it, else the
    list's."""
    mails = deps.store.get_many([Ref(Message, (i, thanks_id(upload.campaign_id))) for i in lead_ids])
    held = [m for m in mails if m and m.value.state is MessageState.HELD and m.value.import_id == upload.import_id]
    leads = people_named(deps, [mail.value.lead_id for mail in held])
    refs = [Ref(Touch, (mail.value.lead_id, list_touch_id(upload.campaign_id))) for mail in held]
    for mail, lead, touch in zip(held, leads, deps.store.get_many(refs) if refs else [], strict=True):
        if lead:
            yield mail, lead, (touch.value.details.get("basis") if touch else "") or upload.basis


def _as_it_is_now(deps: Deps, recorded: str, mail: Message, lead: Lead, turn: int) -> Message:
    now = deps.clock()
    permitted, gap = ground_of(lead, recorded)
    if not permitted:
        return replace(mail, reason=gap)
    due_at = now + FIRST_DUE + timedelta(seconds=turn / MAILS_PER_SECOND)
    due = replace(release(mail, permitted, now), due_at=due_at)
    verdict = check(due, lead, (lead.lead_id,) if lead.opted_out_at else (), now)
    return suppress(mail, verdict.reason) if isinstance(verdict, Blocked) and verdict.final else due
