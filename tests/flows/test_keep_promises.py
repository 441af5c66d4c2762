"""A promise from given to settled: the reminder in the rep's morning, the end of the day, and whoever has left."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from chalicelib.flows.hand_over import deactivate
from chalicelib.flows.keep_promises import Promised, give_promise, settle_promise
from chalicelib.flows.work_lead import write_note
from chalicelib.follow_up.promises import NOT_SAID, kept
from chalicelib.records.lead import Note
from chalicelib.records.message import Message, MessageKind
from chalicelib.records.ports import NotFound
from chalicelib.records.promise import Promise, PromiseState
from tests.handlers.desk import Desk, given_to, open_desk
from tests.stories.people import ANNA, EVA

FRIDAY = date(2026, 3, 6)
SAID = Promised("datasheet", "Datasheet of the S200", FRIDAY)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path)
    made.ask()
    given_to(made, made.lead_path(), "anna")
    return made


def lead_id(desk: Desk) -> str:
    return desk.lead_path().rpartition("/")[2]


def stored(desk: Desk) -> Promise:
    (found,) = desk.world.deps.store.query(Promise, lead_id(desk))
    return found.value


def notices(desk: Desk, kind: MessageKind) -> list[str]:
    return sorted(m.value.to for m in desk.world.deps.store.query(Message, lead_id(desk)) if m.value.kind is kind)


def test_the_rep_is_reminded_when_work_opens_on_the_day_in_the_reps_zone(desk: Desk) -> None:
    give_promise(desk.world.deps, lead_id(desk), ANNA, SAID)
    desk.world.later(days=3, hours=23.9)  # Friday 08:54 in Berlin
    assert notices(desk, MessageKind.PROMISE_DUE) == []
    desk.world.later(hours=0.2)
    assert notices(desk, MessageKind.PROMISE_DUE) == [ANNA.email]
    (mail,) = [m for m in desk.world.mails(ANNA.email) if "S200" in m.text]
    assert "6 March 2026" in mail.text
    desk.world.later(hours=2)
    assert notices(desk, MessageKind.PROMISE_DUE) == [ANNA.email]


def test_what_is_not_kept_by_the_end_of_the_day_is_broken_and_the_manager_is_told(desk: Desk) -> None:
    give_promise(desk.world.deps, lead_id(desk), ANNA, SAID)
    desk.world.later(days=4, hours=15.1)  # Saturday 00:06 in Berlin
    assert (stored(desk).state, stored(desk).reason) == (PromiseState.BROKEN, NOT_SAID)
    assert notices(desk, MessageKind.PROMISE_BROKEN) == [ANNA.email, EVA.email]


def test_what_is_kept_is_neither_reminded_of_nor_broken(desk: Desk) -> None:
    made = give_promise(desk.world.deps, lead_id(desk), ANNA, SAID)
    act = partial(kept, by="anna", now=desk.world.deps.clock())
    settle_promise(desk.world.deps, made.lead_id, made.promise_id, act)
    desk.world.later(days=7)
    assert stored(desk).state is PromiseState.KEPT
    assert notices(desk, MessageKind.PROMISE_DUE) == notices(desk, MessageKind.PROMISE_BROKEN) == []


def test_a_promise_of_somebody_who_has_left_is_the_owners_to_keep(desk: Desk) -> None:
    give_promise(desk.world.deps, lead_id(desk), ANNA, SAID)
    deactivate(desk.world.deps, "anna")
    desk.world.work()
    desk.world.later(days=4, hours=0.1)
    # The open request went to her meanwhile, and the lead with it.
    assert notices(desk, MessageKind.PROMISE_DUE) == [EVA.email]


def test_a_promise_due_today_after_work_has_opened_has_no_reminder(desk: Desk) -> None:
    desk.world.later(hours=2)
    made = give_promise(desk.world.deps, lead_id(desk), ANNA, replace(SAID, due_on=date(2026, 3, 2)))
    assert made.remind_at is None


def test_a_promise_for_a_sunday_is_reminded_of_on_the_friday_before(desk: Desk) -> None:
    made = give_promise(desk.world.deps, lead_id(desk), ANNA, replace(SAID, due_on=date(2026, 3, 8)))
    assert made.remind_at
    assert made.remind_at.date() == FRIDAY


def test_a_call_and_what_was_promised_in_it_are_written_down_together(desk: Desk) -> None:
    write_note(desk.world.deps, lead_id(desk), "call", "Talked it through.", ANNA, SAID)
    (note,) = [n.value for n in desk.world.deps.store.query(Note, lead_id(desk)) if n.value.kind == "call"]
    assert (stored(desk).source, stored(desk).note_id) == ("call", note.note_id)


def test_nobody_can_promise_to_a_lead_there_is_none_of_or_settle_a_promise_never_given(desk: Desk) -> None:
    with pytest.raises(NotFound):
        give_promise(desk.world.deps, "nobody", ANNA, SAID)
    with pytest.raises(NotFound):
        settle_promise(desk.world.deps, lead_id(desk), "none", lambda p: p)


def test_a_promise_settled_meanwhile_is_looked_at_anew(desk: Desk) -> None:
    deps = desk.world.deps
    made = give_promise(deps, lead_id(desk), ANNA, SAID)
    looked: list[PromiseState] = []

    def act(promise: Promise) -> Promise:
        looked.append(promise.state)
        if len(looked) == 1:
            settle_promise(deps, made.lead_id, made.promise_id, partial(kept, by="ben", now=deps.clock()))
        return replace(promise, visible=True)

    settle_promise(deps, made.lead_id, made.promise_id, act)
    assert looked == [PromiseState.OPEN, PromiseState.KEPT]
    assert stored(desk).settled_by == "ben"
    assert made.due_at - made.made_at > timedelta(days=4)
