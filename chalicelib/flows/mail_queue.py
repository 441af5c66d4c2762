"""How much mail waits, how fast it leaves, and until when that takes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.records.mail_ports import Allowance, Paced
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Deps

# More than so many due rows are not counted one by one.
COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class MailQueue:
    """`due` mails may leave now (`more`: at least so many), `waiting` is all that is pending, reminders for next month
    too. `allowance` is what the mail service takes, None where mail leaves at once; `done_at` when the last of the due
    ones has left at that pace, None where none is due."""

    due: int
    more: bool
    waiting: int
    allowance: Allowance | None
    done_at: datetime | None


def mail_queue(deps: Deps) -> MailQueue:
    now = deps.clock()
    found = deps.store.due(now, COUNTED + 1, Message)
    waiting = deps.model.counts().get(f"message.{MessageState.PENDING.value}", 0)
    more = len(found) > COUNTED
    due = min(len(found), COUNTED)
    mails = max(due, waiting) if more else due
    return MailQueue(due, more, waiting, _allowance(deps), time_for(deps, mails) if mails else None)


def time_for(deps: Deps, mails: int) -> datetime:
    """When so many mails have left, if all of them may leave now."""
    allowance = _allowance(deps)
    return deps.clock() + timedelta(seconds=mails / allowance.per_second if allowance else 0)


def _allowance(deps: Deps) -> Allowance | None:
    return deps.transport.pace.allowance() if isinstance(deps.transport, Paced) else None
