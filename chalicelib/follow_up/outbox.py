"""The states of an outbox row, from decided to delivered.

    held --release--> pending --claim--> sending --sent--> sent
                         ^                  |--failed----> failed
                         |------retry-------|--suppress--> suppressed
                         |------put off-----|
                         |------lost--------|--hold------> held
                                            `--lost------> unknown --sent, failed--> (a late word of the provider)

Values in, values out; the store makes the claim a conditional write, so that one worker sends. A step that
the picture does not show raises ValueError. What is unknown or failed a person may let go again, mark as sent or give
up, as whoever has to know does what no rule can.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from chalicelib.follow_up.reasons import ENOUGH, UNDELIVERABLE
from chalicelib.records.message import PROMOTIONAL, Message, MessageState

# Rows are born due a little ahead: the change feed sends them at once, and the sweep, which runs each minute,
# does not reach for a row that the feed has in hand.
FIRST_DUE = timedelta(seconds=2)

# How long a claim may stay without a word before it counts as lost: longer than any send takes (a worker's
# time limit and the provider's together) where the claimer's clock is five minutes behind ours, short enough that a
# confirmation sent again is still of use.
GRACE = timedelta(minutes=10)

BEFORE_RESTORE = "it may have been sent before the restore; not sent again"
UNREAD = "what it is about could not be read; it goes again by itself"
FULL = "the mail service takes no more at present"
MARKED = "marked as sent by hand"
GIVEN_UP = "given up by hand"
NO_WORD = "no answer from the mail service; not sent again"


@cache
def retry_delays() -> tuple[timedelta, ...]:
    """How long to wait after the first, second, … failed attempt; after the last there is no further one."""
    data = json.loads((Path(__file__).parent.parent / "data" / "retry.json").read_text("utf-8"))
    return tuple(timedelta(minutes=minutes) for minutes in data["delays_minutes"])


def is_due(m: Message, now: datetime) -> bool:
    """Whether the row may be claimed: pending, and due now or within FIRST_DUE."""
    return m.state is MessageState.PENDING and m.due_at <= now + FIRST_DUE


def claim(m: Message, now: datetime) -> Message:
    """Take the row for one attempt at sending. ValueError for a row that is not due."""
    _check(m, "claimed", MessageState.PENDING)
    if not is_due(m, now):
        raise ValueError(f"message {m.message_id} cannot be claimed before it is due")
    return replace(m, state=MessageState.SENDING, attempt=m.attempt + 1, claimed_at=now)


def sent(m: Message, now: datetime) -> Message:
    """It went out. The provider's event may say so late: of an unknown row, or of one that waits to go again."""
    if m.state is not MessageState.PENDING or m.attempt == 0:
        _check(m, "sent", MessageState.SENDING, MessageState.UNKNOWN)
    return replace(m, state=MessageState.SENT, sent_at=now, reason="")


def failed(m: Message, reason: str, now: datetime) -> Message:
    """It will never go out (the address or content is refused for good). `due_at` says since when."""
    _check(m, "failed", MessageState.SENDING, MessageState.UNKNOWN)
    return replace(m, state=MessageState.FAILED, reason=reason, due_at=now)


def retry(m: Message, reason: str, now: datetime) -> Message:
    """It did not go out this time: pending again after a growing delay, failed after the last one."""
    _check(m, "retried", MessageState.SENDING)
    delays = retry_delays()
    if m.attempt > len(delays):
        return failed(m, reason, now)
    due_at = now + delays[m.attempt - 1]
    return replace(m, state=MessageState.PENDING, due_at=due_at, claimed_at=None, reason=reason)


def put_off(m: Message, reason: str, until: datetime) -> Message:
    """Nothing was handed over: the mail service takes no more for now, or what the mail is about could not be read.
    The row waits, and this was no attempt of its own."""
    _check(m, "postponed", MessageState.PENDING, MessageState.SENDING)
    attempt = m.attempt - 1 if m.state is MessageState.SENDING else m.attempt
    return replace(m, state=MessageState.PENDING, attempt=attempt, claimed_at=None, due_at=until, reason=reason)


def suppress(m: Message, reason: str) -> Message:
    """It must not go out, for good."""
    _check(m, "suppressed", MessageState.HELD, MessageState.PENDING, MessageState.SENDING)
    return replace(m, state=MessageState.SUPPRESSED, reason=reason)


def hold(m: Message, reason: str) -> Message:
    """It must not go out yet; `release` lets it go."""
    _check(m, "held", MessageState.PENDING, MessageState.SENDING)
    return replace(m, state=MessageState.HELD, reason=reason, claimed_at=None)


def release(m: Message, basis: str, now: datetime) -> Message:
    """Let a held row go on a legal ground that is recorded by now. ValueError without one."""
    _check(m, "released", MessageState.HELD)
    if not basis:
        raise ValueError(f"message {m.message_id} cannot be released without a legal basis")
    return replace(m, state=MessageState.PENDING, basis=basis, reason="", due_at=now + FIRST_DUE)


def may_settle(m: Message) -> bool:
    """Whether a person may decide what becomes of the row: nothing else will."""
    kept_back = m.state is MessageState.SUPPRESSED and m.reason in (UNDELIVERABLE, ENOUGH)
    return m.state in (MessageState.UNKNOWN, MessageState.FAILED) or kept_back


def send_again(m: Message, now: datetime) -> Message:
    """A person lets it go once more, with all attempts before it: the same mail, under the same Message-ID."""
    _check_settles(m)
    return replace(
        m, state=MessageState.PENDING, again=m.again + 1, attempt=0, claimed_at=None, due_at=now + FIRST_DUE, reason=""
    )


def mark_sent(m: Message, now: datetime) -> Message:
    """A person knows that it arrived."""
    _check_settles(m)
    return replace(m, state=MessageState.SENT, sent_at=now, reason=MARKED)


def give_up(m: Message) -> Message:
    """A person decides that it is not to go any more."""
    _check_settles(m)
    return replace(m, state=MessageState.SUPPRESSED, reason=GIVEN_UP)


def is_lost(m: Message, now: datetime) -> bool:
    """Whether the row was claimed longer than GRACE ago and nothing was heard since."""
    claimed = m.state is MessageState.SENDING and m.claimed_at is not None
    return claimed and m.claimed_at is not None and now - m.claimed_at >= GRACE


def lost(m: Message, now: datetime) -> Message:
    """What to do with a row whose worker fell silent: it may or may not have gone out.

    What a person waits for goes again under the same message_id (twice is better than never, and mail
    programs join the two by Message-ID), as often as a failing one would. Promotion never goes again.
    """
    if not is_lost(m, now):
        raise ValueError(f"message {m.message_id} is not lost")
    if m.kind in PROMOTIONAL or m.attempt > len(retry_delays()):
        return replace(m, state=MessageState.UNKNOWN, reason=NO_WORD)
    return replace(m, state=MessageState.PENDING, due_at=now, claimed_at=None)


def restored(m: Message, now: datetime) -> Message:
    """A row brought back from a backup: what was due by now may have left since, so that it is unknown for good."""
    if m.state is MessageState.SENDING or is_due(m, now):
        return replace(m, state=MessageState.UNKNOWN, reason=BEFORE_RESTORE)
    return m


def sent_before(m: Message, at: datetime) -> Message:
    """A row brought back of which the journal knows that it left."""
    return replace(m, state=MessageState.SENT, sent_at=at, reason="")


def _check_settles(m: Message) -> None:
    if not may_settle(m):
        raise ValueError(f"message {m.message_id} is {m.state}: nothing of it is to be decided")


def _check(m: Message, step: str, *allowed: MessageState) -> None:
    if m.state not in allowed:
        raise ValueError(f"message {m.message_id} is {m.state} and cannot be {step}")
