"""Mail that was handed over and nobody answered for: the rule of its kind says whether it goes again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from chalicelib.flows.mail_queue import COUNTED, mail_queue
from chalicelib.flows.send_due import send_message
from chalicelib.flows.sweep_clocks import sweep
from chalicelib.follow_up.outbox import FULL, GRACE, NO_WORD, UNREAD
from chalicelib.handlers.on_change import bring_index_up_to_date
from chalicelib.records.mail_ports import Allowance, Busy, Mail, NoWord
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import Deps, Put, Ref, StoreUnavailable, Write
from tests.handlers.desk import NOW, Desk, open_desk


@dataclass
class Silent:
    """A mail server that takes each mail and never answers."""

    taken: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        self.taken.append(mail)
        raise NoWord("silence")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = open_desk(tmp_path)
    desk.ask()
    return desk


def a_mail(desk: Desk, kind: MessageKind) -> Ref[Message]:
    """A row of that kind, due now."""
    lead_id = desk.lead_path().rpartition("/")[2]
    made = desk.world.deps.store.query(Message, lead_id)[0].value
    row = replace(made, message_id="again", kind=kind, state=MessageState.PENDING, due_at=desk.world.now, attempt=0,
                  claimed_at=None, sent_at=None, basis="asked for it", campaign_id="fair")  # fmt: skip
    desk.world.put(row)
    return Ref(Message, (lead_id, "again"))


def state(deps: Deps, ref: Ref[Message]) -> Message:
    stored = deps.store.get(Message, *ref.ids)
    assert stored
    return stored.value


def test_what_a_person_waits_for_goes_again_under_the_same_message_id(desk: Desk) -> None:
    ref, silent = a_mail(desk, MessageKind.CONFIRMATION), Silent()
    deps = replace(desk.world.deps, transport=silent)
    assert send_message(deps, ref) is MessageState.SENDING
    assert send_message(deps, ref) is None
    desk.world.now += GRACE - timedelta(seconds=1)
    assert send_message(deps, ref) is None
    desk.world.now += timedelta(seconds=1)
    assert send_message(deps, ref) is MessageState.PENDING
    assert send_message(desk.world.deps, ref) is MessageState.SENT
    assert silent.taken[0].message_id in str(desk.world.mails()[-1].headers)


def test_a_seminars_confirmation_that_goes_again_is_the_same_event_in_a_calendar(desk: Desk) -> None:
    silent = Silent()
    desk.world.deps = replace(desk.world.deps, transport=silent)
    desk.ask("seminar", name="Li Wei", email="li@seminar.example.com")
    desk.world.later(seconds=GRACE.total_seconds() + 60)
    first, again = [mail for mail in silent.taken if mail.calendar]
    assert again.message_id == first.message_id
    events = [Calendar.from_ical(mail.calendar).walk("VEVENT")[0] for mail in (first, again)]
    assert events[0]["UID"] == events[1]["UID"]
    assert events[0]["SEQUENCE"] == events[1]["SEQUENCE"]


def test_promotion_never_goes_again(desk: Desk) -> None:
    ref, silent = a_mail(desk, MessageKind.THANK_YOU), Silent()
    deps = replace(desk.world.deps, transport=silent)
    assert send_message(deps, ref) is MessageState.SENDING
    desk.world.now = NOW + GRACE + timedelta(hours=1)
    assert send_message(deps, ref) is MessageState.UNKNOWN
    assert state(deps, ref).reason == NO_WORD
    assert send_message(deps, ref) is None
    assert len(silent.taken) == 1


@dataclass
class Scarce:
    """A mail service with a pace: `waits` are what the next turns cost, `taken` who asked for one."""

    waits: list[float] = field(default_factory=list)
    taken: list[bool] = field(default_factory=list)
    closed: float = 0.0
    sent: list[str] = field(default_factory=list)
    busy: float = 0.0
    told: Allowance = Allowance(2.0, 200, 50)  # noqa: RUF009

    @property
    def pace(self) -> "Scarce":
        return self

    def take(self, bulk: bool) -> float:
        self.taken.append(bulk)
        return self.waits.pop(0) if self.waits else 0.0

    def refused(self, seconds: float) -> None:
        self.closed = seconds

    def allowance(self) -> Allowance:
        return self.told

    def send(self, mail: Mail) -> None:
        if self.busy:
            raise Busy("no more today", self.busy)
        self.sent.append(mail.message_id)


def test_where_the_day_is_used_up_a_row_waits_unclaimed_and_then_leaves(desk: Desk) -> None:
    ref, scarce = a_mail(desk, MessageKind.CONFIRMATION), Scarce(waits=[300.0])
    deps = replace(desk.world.deps, transport=scarce)
    assert send_message(deps, ref) is MessageState.PENDING
    row = state(deps, ref)
    assert (row.attempt, row.reason) == (0, FULL)
    assert send_message(deps, ref) is None
    desk.world.now += timedelta(seconds=300)
    assert send_message(deps, ref) is MessageState.SENT
    assert state(deps, ref).attempt == 1
    assert len(scarce.sent) == 1


def test_a_service_that_is_busy_costs_no_attempt_however_often(desk: Desk) -> None:
    ref, scarce = a_mail(desk, MessageKind.CONFIRMATION), Scarce(busy=900.0)
    deps = replace(desk.world.deps, transport=scarce)
    for _ in range(8):
        assert send_message(deps, ref) is MessageState.PENDING
        assert state(deps, ref).attempt == 0
        desk.world.now += timedelta(seconds=900)
    assert scarce.closed == 900.0
    scarce.busy = 0.0
    assert send_message(deps, ref) is MessageState.SENT


def test_a_lists_mail_asks_for_its_turn_as_bulk_and_what_is_waited_for_does_not(desk: Desk) -> None:
    scarce = Scarce()
    deps = replace(desk.world.deps, transport=scarce)
    for kind in (MessageKind.CONFIRMATION, MessageKind.THANK_YOU):
        send_message(deps, a_mail(desk, kind))
    assert scarce.taken == [False, True]


def test_a_confirmation_leaves_before_a_lists_mails_that_piled_up_before_it(desk: Desk) -> None:
    made, scarce = state(desk.world.deps, a_mail(desk, MessageKind.THANK_YOU)), Scarce()
    pile = [replace(made, message_id=f"thanks-{n}", due_at=NOW - timedelta(hours=1)) for n in range(30)]
    asked = replace(made, message_id="asked", kind=MessageKind.CONFIRMATION, due_at=NOW)
    desk.world.put(replace(made, state=MessageState.SUPPRESSED), *pile, asked)
    sweep(replace(desk.world.deps, transport=scarce), limit=10, most=5)
    assert len(scarce.sent) == 5
    assert ".asked@" in scarce.sent[0]


def test_the_queue_says_how_much_waits_and_when_the_last_of_it_has_left(desk: Desk) -> None:
    deps = replace(desk.world.deps, transport=Scarce())
    assert mail_queue(deps).done_at is None
    made = state(deps, a_mail(desk, MessageKind.THANK_YOU))
    later = [replace(made, message_id=f"thanks-{n}", due_at=NOW + timedelta(days=9)) for n in range(3)]
    desk.world.put(*(replace(made, message_id=f"thanks-{n}") for n in range(10, 13)), *later)
    bring_index_up_to_date(deps)
    queue = mail_queue(deps)
    assert (queue.due, queue.more, queue.waiting) == (4, False, 7)
    assert queue.done_at == NOW + timedelta(seconds=2)
    # Where mail leaves at once, there is nothing to wait for.
    assert mail_queue(desk.world.deps).allowance is None


def test_a_queue_too_long_to_count_is_counted_by_the_read_model(desk: Desk) -> None:
    deps = replace(desk.world.deps, transport=Scarce())
    made = state(deps, a_mail(desk, MessageKind.THANK_YOU))
    deps.store.commit_each([[Put(replace(made, message_id=f"thanks-{n}"))] for n in range(COUNTED + 8)])
    bring_index_up_to_date(deps)
    queue = mail_queue(deps)
    assert (queue.due, queue.more) == (COUNTED, True)
    assert queue.done_at == NOW + timedelta(seconds=(COUNTED + 9) / 2)


@dataclass
class AwayAt:
    """A store that does not answer at some of its commits, counted from 1."""

    store: Any
    away: set[int]
    commits: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit(self, writes: Sequence[Write]) -> None:
        self.commits += 1
        if self.commits in self.away:
            raise StoreUnavailable("away")
        self.store.commit(writes)


@pytest.mark.parametrize(("away", "noted"), [({2}, True), ({2, 3}, True), ({2, 3, 4}, False)])
def test_that_a_mail_left_is_noted_also_when_the_store_is_away_for_a_moment(
    desk: Desk, away: set[int], noted: bool
) -> None:
    ref = a_mail(desk, MessageKind.CONFIRMATION)
    deps = replace(desk.world.deps, store=AwayAt(desk.world.deps.store, away))
    if noted:
        assert send_message(deps, ref) is MessageState.SENT
    else:
        with pytest.raises(StoreUnavailable):
            send_message(deps, ref)
    assert state(desk.world.deps, ref).state is (MessageState.SENT if noted else MessageState.SENDING)


def test_a_store_that_cannot_be_read_uses_up_no_attempt_and_holds_nothing_up(desk: Desk) -> None:
    ref = a_mail(desk, MessageKind.CONFIRMATION)
    deps = desk.world.deps

    class Unread(AwayAt):
        def get_many(self, refs: Sequence[Ref[Any]]) -> Any:
            raise StoreUnavailable("away")

    unread = replace(deps, store=Unread(deps.store, set()))
    for _ in range(8):
        assert send_message(unread, ref) is MessageState.PENDING
        waiting = state(deps, ref)
        assert (waiting.attempt, waiting.reason) == (0, UNREAD)
        assert send_message(unread, ref) is None, "not at once"
        desk.world.now += timedelta(minutes=2)
    assert send_message(deps, ref) is MessageState.SENT
    assert state(deps, ref).attempt == 1


def test_a_claim_is_not_lost_to_somebody_whose_clock_is_five_minutes_ahead(desk: Desk) -> None:
    ref = a_mail(desk, MessageKind.CONFIRMATION)
    ahead = replace(desk.world.deps, clock=lambda: desk.world.now + timedelta(minutes=5, seconds=30))
    seen: list[MessageState | None] = []

    class Slow:
        def send(self, mail: Mail) -> None:
            seen.append(send_message(ahead, ref))

    assert send_message(replace(desk.world.deps, transport=Slow()), ref) is MessageState.SENT  # type: ignore[arg-type]
    assert seen == [None]
    assert send_message(ahead, ref) is None
