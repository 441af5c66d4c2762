from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.follow_up.policy import Allowed, Blocked, agreed_by, check, ground_of, said_no, with_news
from chalicelib.records.event import RegistrationState
from chalicelib.records.form import NewsAnswer
from chalicelib.records.message import MessageKind
from tests.follow_up.things import NOW, lead, message, registration, seminar

TRANSACTIONAL = [kind for kind in MessageKind if kind not in {"thank_you", "reminder_day", "reminder_hour"}]
REMINDERS = [MessageKind.REMINDER_DAY, MessageKind.REMINDER_HOUR]
THANK_YOU = message(MessageKind.THANK_YOU, basis="consent at the stand")


@pytest.mark.parametrize("kind", TRANSACTIONAL)
def test_what_a_person_waits_for_goes_to_one_who_wants_no_promotion(kind: MessageKind) -> None:
    assert check(message(kind), lead(), {"ada@example.com", "L1"}, NOW) == Allowed()


def test_promotion_goes_on_a_recorded_basis() -> None:
    assert check(THANK_YOU, lead(), set(), NOW) == Allowed()


def test_promotion_without_a_basis_waits_for_one() -> None:
    held = Blocked("no legal basis is recorded for this list", final=False)
    assert check(message(MessageKind.THANK_YOU), lead(), set(), NOW) == held
    because = message(MessageKind.THANK_YOU, reason="the recorded basis is not enough in this country: DE")
    assert check(because, lead(), set(), NOW) == Blocked(because.reason, final=False)


@pytest.mark.parametrize("entry", ["ada@example.com", "L1"])
def test_an_objection_stops_promotion_for_good_whatever_the_basis(entry: str) -> None:
    stopped = Blocked("the person wants no promotion", final=True)
    assert check(THANK_YOU, lead(), {entry}, NOW) == stopped
    written = message(MessageKind.THANK_YOU, to=" Ada@Example.com ", basis="consent")
    assert check(written, lead(), {entry}, NOW) == stopped
    assert check(THANK_YOU, lead(), {"bob@example.com"}, NOW) == Allowed()


def test_promotion_does_not_go_to_one_who_was_asked_and_said_no() -> None:
    asked = replace(lead(), extra={"consent": "no"})
    assert check(THANK_YOU, asked, set(), NOW) == Blocked("the person wants no promotion", final=True)
    assert check(THANK_YOU, replace(asked, extra={"consent": "yes"}), set(), NOW) == Allowed()


@pytest.mark.parametrize("kind", list(MessageKind))
def test_nothing_goes_once_the_persons_data_is_erased(kind: MessageKind) -> None:
    erased = Blocked("the person's data was erased", final=True)
    assert check(message(kind, basis="consent"), None, set(), NOW, seminar(), registration()) == erased
    flagged = lead(flags=("erased",))
    assert check(message(kind, basis="consent"), flagged, set(), NOW, seminar(), registration()) == erased


@pytest.mark.parametrize("kind", list(MessageKind))
@pytest.mark.parametrize("to", ["", "  "])
def test_nothing_goes_without_an_address(kind: MessageKind, to: str) -> None:
    missing = Blocked("there is no e-mail address", final=True)
    assert check(message(kind, to=to, basis="x"), lead(), set(), NOW, seminar(), registration()) == missing


@pytest.mark.parametrize("kind", REMINDERS)
def test_a_reminder_goes_for_what_takes_place_as_told(kind: MessageKind) -> None:
    told = message(kind, context={"starts_at": seminar().starts_at.isoformat()})
    assert check(told, lead(), {"L1"}, NOW, seminar(), registration()) == Allowed()
    assert check(message(kind), lead(), set(), NOW, seminar(), registration()) == Allowed()


@pytest.mark.parametrize("kind", REMINDERS)
def test_a_reminder_is_blocked_when_the_person_does_not_come(kind: MessageKind) -> None:
    cancelled = Blocked("the registration was cancelled", final=True)
    assert check(message(kind), lead(), set(), NOW, seminar(), None) == cancelled
    left = registration(state=RegistrationState.CANCELLED)
    assert check(message(kind), lead(), set(), NOW, seminar(), left) == cancelled
    waits = registration(state=RegistrationState.WAITING)
    on_list = Blocked("the person is on the waiting list", final=True)
    assert check(message(kind), lead(), set(), NOW, seminar(), waits) == on_list


@pytest.mark.parametrize("kind", REMINDERS)
def test_a_reminder_is_blocked_when_the_seminar_is_gone_moved_or_begun(kind: MessageKind) -> None:
    told = message(kind, context={"starts_at": seminar().starts_at.isoformat()})
    gone = Blocked("the seminar does not take place", final=True)
    assert check(told, lead(), set(), NOW, None, registration()) == gone
    moved = seminar(starts_at=seminar().starts_at + timedelta(days=1))
    assert check(told, lead(), set(), NOW, moved, registration()) == Blocked("the seminar was moved", final=True)
    begun = Blocked("the seminar has begun", final=True)
    assert check(told, lead(), set(), datetime(2026, 12, 3, 13, 0, tzinfo=UTC), seminar(), registration()) == begun
    just_before = datetime(2026, 12, 3, 12, 59, 59, tzinfo=UTC)
    assert check(told, lead(), set(), just_before, seminar(), registration()) == Allowed()


@pytest.mark.parametrize("kind", REMINDERS)
def test_a_reminder_is_for_the_state_of_seminar_and_registration_it_was_made_for(kind: MessageKind) -> None:
    told = message(kind, context={"starts_at": seminar().starts_at.isoformat(), "made_for": "1.2"})
    now = registration(sequence=2)
    assert check(told, lead(), set(), NOW, seminar(sequence=1), now) == Allowed()
    moved = Blocked("the seminar was moved", final=True)
    assert check(told, lead(), set(), NOW, seminar(sequence=3), now) == moved
    cancelled = Blocked("the registration was cancelled", final=True)
    assert check(told, lead(), set(), NOW, seminar(sequence=1), registration(sequence=4)) == cancelled


@pytest.mark.parametrize("kind", ["seminar_confirmation", "seminar_waiting", "seminar_promoted"])
def test_a_place_that_was_given_back_is_not_confirmed_any_more(kind: str) -> None:
    left = registration(state=RegistrationState.CANCELLED)
    cancelled = Blocked("the registration was cancelled", final=True)
    assert check(message(MessageKind(kind)), lead(), set(), NOW, seminar(), left) == cancelled
    assert check(message(MessageKind(kind)), lead(), set(), NOW, seminar(), registration()) == Allowed()


def test_the_cancellation_itself_is_told() -> None:
    left = registration(state=RegistrationState.CANCELLED)
    told = message(MessageKind.SEMINAR_CANCELLED)
    assert check(told, lead(), set(), NOW, seminar(), left) == Allowed()


@pytest.mark.parametrize("kind", list(MessageKind))
def test_nothing_goes_to_an_address_from_which_mail_came_back(kind: MessageKind) -> None:
    asked = message(kind, basis="consent")
    blocked = check(asked, lead(), set(), NOW, seminar(), registration(), dead_address=True)
    assert blocked == Blocked("mail to this address came back", final=True)


YES, NO = NewsAnswer(True, "form contact, 2026-03-02"), NewsAnswer(False)


def test_the_persons_own_yes_is_a_ground_where_the_list_has_none() -> None:
    asked = with_news(lead(), YES)
    assert ground_of(asked, "") == ("consent: form contact, 2026-03-02", "")
    assert ground_of(asked, "consent at the stand") == ("consent at the stand", "")
    assert ground_of(lead(), "") == ("", "no legal basis is recorded for this list")


def test_a_list_that_says_no_or_an_empty_box_takes_the_ground_away() -> None:
    asked = with_news(lead(), YES)
    assert agreed_by(replace(asked, extra={"consent": "no"})) == ""
    assert with_news(asked, NO) == asked
    assert said_no(with_news(asked, NewsAnswer(False, refused=True)))
    assert said_no(with_news(replace(lead(), extra={"consent": "yes"}), NO))
    assert agreed_by(with_news(with_news(lead(), NO), YES)) == YES.where
