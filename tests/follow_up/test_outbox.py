from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.follow_up import outbox
from chalicelib.follow_up.outbox import FIRST_DUE, GRACE
from chalicelib.follow_up.reasons import UNDELIVERABLE
from chalicelib.records.message import PROMOTIONAL, Message, MessageKind, MessageState
from tests.follow_up.things import MINUTE, NOW, message

STEPS: dict[str, Callable[[Message], Message]] = {
    "claim": lambda m: outbox.claim(m, NOW),
    "sent": lambda m: outbox.sent(m, NOW),
    "failed": lambda m: outbox.failed(m, "refused", NOW),
    "retry": lambda m: outbox.retry(m, "busy", NOW),
    "suppress": lambda m: outbox.suppress(m, "objected"),
    "hold": lambda m: outbox.hold(m, "no basis"),
    "release": lambda m: outbox.release(m, "consent", NOW),
    "lost": lambda m: outbox.lost(m, NOW),
}
LEGAL = {
    "claim": {"pending"},
    "sent": {"sending", "unknown"},
    "failed": {"sending", "unknown"},
    "retry": {"sending"},
    "suppress": {"held", "pending", "sending"},
    "hold": {"pending", "sending"},
    "release": {"held"},
    "lost": {"sending"},
}


def in_state(state: str) -> Message:
    made = message(state=MessageState(state))
    return replace(made, attempt=1, claimed_at=NOW - GRACE) if state in ("sending", "unknown") else made


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", list(MessageState))
def test_only_the_steps_of_the_picture_are_possible(step: str, state: str) -> None:
    if state in LEGAL[step]:
        assert STEPS[step](in_state(state)).message_id == "M1"
    else:
        with pytest.raises(ValueError, match="M1"):
            STEPS[step](in_state(state))


def test_a_claim_counts_the_attempt_and_keeps_its_time() -> None:
    claimed = outbox.claim(message(attempt=2), NOW)
    assert (claimed.state, claimed.attempt, claimed.claimed_at) == (MessageState.SENDING, 3, NOW)


def test_a_row_may_be_claimed_as_soon_as_it_is_born_but_not_long_before_it_is_due() -> None:
    born = message(due_at=NOW + FIRST_DUE)
    assert outbox.is_due(born, NOW)
    assert outbox.claim(born, NOW).state is MessageState.SENDING
    tomorrow = message(MessageKind.REMINDER_DAY, due_at=NOW + 2 * FIRST_DUE)
    assert not outbox.is_due(tomorrow, NOW)
    with pytest.raises(ValueError, match="before it is due"):
        outbox.claim(tomorrow, NOW)
    assert not outbox.is_due(message(state=MessageState.SENT), NOW)


def test_a_sent_row_keeps_when_and_forgets_earlier_trouble() -> None:
    done = outbox.sent(replace(in_state("sending"), reason="busy"), NOW)
    assert (done.state, done.sent_at, done.reason) == (MessageState.SENT, NOW, "")


def test_a_late_word_of_the_provider_stops_a_row_that_waits_to_go_again() -> None:
    again = outbox.lost(in_state("sending"), NOW)
    assert outbox.sent(again, NOW).state is MessageState.SENT


def test_a_failed_row_says_why_and_since_when() -> None:
    failed = outbox.failed(in_state("sending"), "no such mailbox", NOW + MINUTE)
    assert (failed.state, failed.reason, failed.due_at) == (MessageState.FAILED, "no such mailbox", NOW + MINUTE)


def test_failing_again_and_again_waits_longer_each_time_and_then_gives_up() -> None:
    row, now, waits = message(), NOW, []
    while row.state is MessageState.PENDING:
        row = outbox.retry(outbox.claim(row, now), "busy", now)
        if row.state is MessageState.PENDING:
            assert (row.claimed_at, row.reason) == (None, "busy")
            waits.append((row.due_at - now) / MINUTE)
            now = row.due_at
    assert waits == [1, 5, 30, 120]
    assert (row.state, row.reason, row.attempt) == (MessageState.FAILED, "busy", 5)


def test_a_row_the_service_has_no_room_for_waits_and_has_made_no_attempt() -> None:
    before = replace(message(), attempt=2)
    claimed = outbox.claim(before, NOW)
    for row in (claimed, before):
        later = outbox.put_off(row, outbox.FULL, NOW + MINUTE)
        assert (later.state, later.due_at, later.reason) == (MessageState.PENDING, NOW + MINUTE, outbox.FULL)
        assert (later.attempt, later.claimed_at) == (2, None)
    with pytest.raises(ValueError, match="postponed"):
        outbox.put_off(in_state("sent"), outbox.FULL, NOW)


def test_a_suppressed_row_says_why() -> None:
    stopped = outbox.suppress(message(), "the person wants no promotion")
    assert (stopped.state, stopped.reason) == (MessageState.SUPPRESSED, "the person wants no promotion")


def test_a_held_row_goes_once_a_basis_is_recorded() -> None:
    held = outbox.hold(in_state("sending"), "no legal basis is recorded for this list")
    assert (held.state, held.claimed_at) == (MessageState.HELD, None)
    assert held.reason == "no legal basis is recorded for this list"
    freed = outbox.release(held, "consent at the stand", NOW + MINUTE)
    assert (freed.state, freed.basis, freed.reason) == (MessageState.PENDING, "consent at the stand", "")
    assert freed.due_at == NOW + MINUTE + FIRST_DUE
    with pytest.raises(ValueError, match="legal basis"):
        outbox.release(held, "", NOW)


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind not in PROMOTIONAL])
def test_a_lost_mail_a_person_waits_for_goes_again_under_the_same_id(kind: MessageKind) -> None:
    silent = message(kind, state=MessageState.SENDING, attempt=1, claimed_at=NOW)
    again = outbox.lost(silent, NOW + GRACE)
    assert (again.state, again.due_at, again.claimed_at) == (MessageState.PENDING, NOW + GRACE, None)
    assert (again.message_id, again.attempt) == ("M1", 1)


@pytest.mark.parametrize("kind", sorted(PROMOTIONAL))
def test_a_lost_promotion_never_goes_again(kind: MessageKind) -> None:
    silent = message(kind, state=MessageState.SENDING, attempt=1, claimed_at=NOW)
    unknown = outbox.lost(silent, NOW + GRACE)
    assert unknown.state is MessageState.UNKNOWN
    assert unknown.reason == "no answer from the mail service; not sent again"
    with pytest.raises(ValueError, match="unknown"):
        outbox.claim(unknown, NOW + 2 * GRACE)


def test_a_row_that_is_lost_each_time_is_given_up_as_unknown() -> None:
    row, now = message(), NOW
    while row.state is MessageState.PENDING:
        row, now = outbox.claim(row, now), now + GRACE
        row = outbox.lost(row, now)
    assert (row.state, row.attempt) == (MessageState.UNKNOWN, 5)


def test_a_claim_within_its_grace_is_not_lost() -> None:
    fresh = message(state=MessageState.SENDING, attempt=1, claimed_at=NOW)
    assert not outbox.is_lost(fresh, NOW + GRACE - MINUTE)
    with pytest.raises(ValueError, match="not lost"):
        outbox.lost(fresh, NOW + GRACE - MINUTE)
    assert outbox.is_lost(fresh, NOW + GRACE)


@pytest.mark.parametrize("state", list(MessageState))
def test_what_a_restore_brings_back_as_due_may_have_left_and_is_unknown_for_good(state: MessageState) -> None:
    due = state in (MessageState.PENDING, MessageState.SENDING)
    back = outbox.restored(replace(in_state(state), due_at=NOW - MINUTE), NOW)
    assert back.state is (MessageState.UNKNOWN if due else state)
    assert (back.reason == outbox.BEFORE_RESTORE) == due
    assert outbox.restored(message(due_at=NOW + MINUTE), NOW) == message(due_at=NOW + MINUTE)


def test_of_what_left_after_it_was_saved_the_journal_says_when() -> None:
    known = outbox.sent_before(replace(in_state("unknown"), reason=outbox.BEFORE_RESTORE), NOW)
    assert (known.state, known.sent_at, known.reason) == (MessageState.SENT, NOW, "")


@pytest.mark.parametrize(("state", "reason"), [("unknown", ""), ("failed", "refused"), ("suppressed", UNDELIVERABLE)])
def test_a_person_decides_where_no_rule_does(state: str, reason: str) -> None:
    row = message(state=MessageState(state), reason=reason, attempt=5, claimed_at=NOW)
    again = outbox.send_again(row, NOW)
    assert (again.state, again.again, again.attempt, again.claimed_at) == (MessageState.PENDING, 1, 0, None)
    assert (again.message_id, again.due_at, again.reason) == (row.message_id, NOW + FIRST_DUE, "")
    marked = outbox.mark_sent(row, NOW)
    assert (marked.state, marked.sent_at, marked.reason) == (MessageState.SENT, NOW, outbox.MARKED)
    given_up = outbox.give_up(row)
    assert (given_up.state, given_up.reason) == (MessageState.SUPPRESSED, outbox.GIVEN_UP)
    with pytest.raises(ValueError, match="nothing of it is to be decided"):
        outbox.give_up(given_up)


@pytest.mark.parametrize("state", ["held", "pending", "sending", "sent", "suppressed"])
def test_of_a_row_that_has_a_rule_nothing_is_to_be_decided(state: str) -> None:
    assert not outbox.may_settle(message(state=MessageState(state), reason="the person wants no promotion"))
