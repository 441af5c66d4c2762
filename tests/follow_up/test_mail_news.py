"""News of a mail in any order, more than once, and of an earlier handing over."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from chalicelib.follow_up import outbox
from chalicelib.follow_up.mail_news import (
    REJECTED,
    RETURNED,
    after,
    concerns,
    dead_address,
    is_dead,
    lifted,
    opts_out,
)
from chalicelib.records.mail_news import DeadAddress, MailNews, NewsKind
from chalicelib.records.message import INTERNAL, PERSONAL, Message, MessageKind, MessageState
from tests.follow_up.things import MINUTE, NOW, message

K = NewsKind


def news(kind: NewsKind, minutes: int = 1, **changed: Any) -> MailNews:
    given: dict[str, Any] = {"news_id": "N1", "kind": kind, "at": NOW + minutes * MINUTE, "lead_id": "L1",
                             "message_id": "M1", "attempt": "0.1", "recipients": ("Ada@Example.com",)}  # fmt: skip
    return MailNews(**(given | changed))


def row(state: str = "sending", **changed: Any) -> Message:
    return message(state=MessageState(state), **({"attempt": 1, "claimed_at": NOW} | changed))


@pytest.mark.parametrize("kind", [K.SEND, K.DELIVERY, K.DELAY, K.SOFT_BOUNCE, K.COMPLAINT])
@pytest.mark.parametrize("state", ["sending", "unknown", "pending", "failed", "held", "suppressed"])
def test_whatever_is_told_of_a_mail_that_left_makes_its_row_sent(kind: NewsKind, state: str) -> None:
    done = after(row(state, reason="no answer"), news(kind))
    assert (done.state, done.sent_at, done.reason) == (MessageState.SENT, NOW + MINUTE, "")


def test_a_row_that_is_sent_keeps_its_time_and_takes_the_delivery_in() -> None:
    sent = row("sent", sent_at=NOW)
    assert after(sent, news(K.SEND)) == sent
    done = after(sent, news(K.DELIVERY, words="250 ok"))
    assert (done.state, done.sent_at) == (MessageState.SENT, NOW)
    assert [(one.kind, one.at, one.words) for one in done.heard] == [(K.DELIVERY, NOW + MINUTE, "250 ok")]


@pytest.mark.parametrize("kind", sorted(INTERNAL))
def test_that_a_notice_to_our_own_people_arrived_is_not_written_down(kind: MessageKind) -> None:
    sent = row("sent", sent_at=NOW, kind=kind)
    assert after(sent, news(K.DELIVERY)) == sent
    assert after(row("unknown", kind=kind), news(K.DELIVERY)).state is MessageState.SENT
    assert [one.kind for one in after(sent, news(K.DELAY)).heard] == [K.DELAY]


def test_the_same_news_again_changes_nothing() -> None:
    for kind in NewsKind:
        once = after(row(), news(kind, words="x"))
        assert after(once, news(kind, words="x")) == once


def test_in_whatever_order_the_news_comes_the_row_ends_the_same() -> None:
    told = [news(K.SEND, 1), news(K.DELAY, 2), news(K.DELIVERY, 3), news(K.BOUNCE, 4, words="550")]
    ends = set()
    for order in permutations(told):
        m = row()
        for one in order:
            m = after(m, one)
        ends.add((m.state, m.reason, frozenset(m.heard)))
    assert len(ends) == 1
    assert ends.pop()[:2] == (MessageState.FAILED, f"{RETURNED}: 550")


def test_of_each_kind_the_latest_is_kept() -> None:
    m = after(after(row(), news(K.DELAY, 5, words="second")), news(K.DELAY, 2, words="first"))
    assert [one.words for one in m.heard] == ["second"]
    assert [one.words for one in after(m, news(K.DELAY, 9, words="third")).heard] == ["third"]


@pytest.mark.parametrize(("kind", "told"), [(K.BOUNCE, RETURNED), (K.REJECT, REJECTED)])
def test_a_mail_that_came_back_or_is_not_sent_has_failed(kind: NewsKind, told: str) -> None:
    done = after(row("sent", sent_at=NOW), news(kind))
    assert (done.state, done.reason, done.due_at) == (MessageState.FAILED, told, NOW + MINUTE)


def test_a_soft_bounce_is_only_noted() -> None:
    done = after(row("sent", sent_at=NOW), news(K.SOFT_BOUNCE, words="MailboxFull"))
    assert (done.state, done.heard[0].words) == (MessageState.SENT, "MailboxFull")


def again(m: Message) -> Message:
    """Let go once more by a person, and claimed."""
    return replace(m, state=MessageState.SENDING, again=m.again + 1, attempt=1, claimed_at=NOW + 9 * MINUTE)


def test_an_old_bounce_does_not_fail_a_mail_that_was_let_go_again() -> None:
    second = again(after(row(), news(K.BOUNCE)))
    assert after(second, news(K.BOUNCE, 2)).state is MessageState.SENDING


def test_an_old_proof_does_not_pass_for_the_new_handing_over_where_the_old_one_came_back() -> None:
    second = again(after(row(), news(K.BOUNCE)))
    assert after(second, news(K.SEND)).state is MessageState.SENDING
    assert after(second, news(K.SEND, attempt="1.1")).state is MessageState.SENT


def test_an_old_proof_spares_a_repeat_where_nothing_came_back() -> None:
    waiting = outbox.lost(row(), NOW + outbox.GRACE)
    assert after(replace(waiting, attempt=2), news(K.SEND)).state is MessageState.SENT


def test_news_without_an_attempt_counts_for_the_last_one() -> None:
    assert after(row("sent", sent_at=NOW, attempt=2), news(K.BOUNCE, attempt="")).state is MessageState.FAILED


def test_news_concerns_a_mail_that_was_handed_over_and_its_own_address_alone() -> None:
    assert concerns(row(), news(K.BOUNCE))
    assert concerns(row(), news(K.SEND, recipients=()))
    assert concerns(message(state=MessageState.UNKNOWN), news(K.SEND))
    assert concerns(message(again=1), news(K.SEND))
    assert not concerns(message(), news(K.SEND))
    assert not concerns(row(), news(K.BOUNCE, recipients=("ceo@customer.example",)))


def test_an_address_is_dead_from_its_hard_bounce_until_a_person_lifts_it() -> None:
    dead = dead_address(None, row(), news(K.BOUNCE), "d")
    assert dead == DeadAddress("d", NOW + MINUTE, "L1", "M1")
    assert is_dead(dead)
    assert not is_dead(None)
    assert dead_address(dead, row(), news(K.BOUNCE, 5), "d") is None
    assert dead_address(None, row(), news(K.SOFT_BOUNCE), "d") is None
    free = lifted(dead, "ada", NOW + 10 * MINUTE)
    assert (is_dead(free), free.lifted_by) == (False, "ada")
    assert dead_address(free, row(), news(K.BOUNCE, 9), "d") is None
    anew = dead_address(free, row(), news(K.BOUNCE, 11), "d")
    assert anew
    assert (is_dead(anew), anew.since) == (True, NOW + timedelta(minutes=11))


def test_a_complaint_ends_promotion_unless_it_is_one_of_our_own_peoples() -> None:
    assert opts_out(row(), news(K.COMPLAINT))
    assert not opts_out(row(), news(K.BOUNCE))
    for kind in INTERNAL | PERSONAL:
        assert not opts_out(replace(row(), kind=MessageKind(kind)), news(K.COMPLAINT))
