"""What was for a time only, and is over, goes: sessions, tickets, rate windows, stray news, who was kept out, which
nobody read any more; what was sent of submissions that nothing came of, whose receipts stay counted; what an undo took
back; and the audit trail of years ago."""

from typing import Any

from chalicelib.flows.keep_post import kept_key
from chalicelib.records.audit import Audit
from chalicelib.records.deliveries import GivenUp
from chalicelib.records.erasure import Suppression
from chalicelib.records.kept import Kept
from chalicelib.records.mail_news import StrayNews
from chalicelib.records.ports import Conflict, Delete, Deps
from chalicelib.records.sign_in import RateWindow, Session, Ticket
from chalicelib.records.undo import TakenBack, TakenItems
from chalicelib.records.visit import Visit

PASSING: tuple[type[Any], ...] = (Session, Ticket, RateWindow, StrayNews, Suppression, GivenUp, Kept, TakenBack,
                                  TakenItems, Audit, Visit)  # fmt: skip
MOST = 2_000
# Once an hour is often enough, and a clock that only knows the time needs no memory of the last round.
MINUTE = 7


def forget_expired(deps: Deps, most: int = MOST) -> int:
    """Delete what has expired, as long as nobody renewed it meanwhile, `most` of each kind; how many there were."""
    return sum(_forget(deps, kind, most) for kind in PASSING)


def _forget(deps: Deps, kind: type[Any], most: int) -> int:
    gone = 0
    while gone < most and (page := deps.store.due(deps.clock(), 200, kind)):
        if kind is Kept:
            # The personal data first: who dies in between finds the record again.
            for due in page:
                deps.blobs.delete(kept_key(due.ref.ids[0]))
        stored = deps.store.get_many([due.ref for due in page])
        groups = [[Delete(due.ref, s.version)] for due, s in zip(page, stored, strict=True) if s is not None]
        answers: list[Conflict | None] = deps.store.commit_each(groups) if groups else []
        if not any(answer is None for answer in answers):
            break
        gone += sum(answer is None for answer in answers)
    return gone


def forget_expired_hourly(deps: Deps) -> int:
    """For a clock that ticks each second."""
    return forget_expired(deps) if deps.clock().minute == MINUTE else 0
