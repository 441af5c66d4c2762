"""Mail leaves as fast as the service takes it, bulk last; and rows wait, unharmed, where nothing is left of the day."""

from dataclasses import dataclass, field

import pytest

from chalicelib.messaging.pace import ASK_EVERY, BULK_WAIT, LONGEST_TURN, URGENT_WAIT, SharedPace
from chalicelib.records.mail_ports import Allowance


@dataclass
class Clock:
    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Account:
    """Says what is allowed, or nothing."""

    told: Allowance | None
    asked: int = 0

    def __call__(self) -> Allowance | None:
        self.asked += 1
        return self.told


def pace(account: Account, clock: Clock, share: float = 1.0, most: float = 0.0) -> SharedPace:
    return SharedPace(account, share, most, clock, clock.sleep)


def test_the_first_mail_leaves_at_once_and_each_next_one_at_the_accounts_rate() -> None:
    clock = Clock()
    bucket = pace(Account(Allowance(4.0)), clock)
    assert [bucket.take(False) for _ in range(3)] == [0, 0, 0]
    assert clock.slept == [0.25, 0.25]
    clock.now += 60
    bucket.take(False)
    assert len(clock.slept) == 2


def test_a_process_keeps_to_its_share_and_to_a_slower_rate_that_was_set() -> None:
    clock = Clock()
    bucket = pace(Account(Allowance(20.0)), clock, share=0.1, most=10.0)
    for _ in range(2):
        bucket.take(False)
    assert clock.slept == [1.0]
    assert bucket.allowance().per_second == 10.0


def test_shares_of_all_senders_make_the_rate_of_one_account() -> None:
    account = Account(Allowance(10.0))
    sent = 0
    for share in (0.1,) * 5 + (0.5,):
        clock = Clock()
        bucket = pace(account, clock, share)
        while clock.now < 200.0:
            bucket.take(False)
            sent += 1
    # A hundred seconds at ten a second, and of each the mail before its pace begins and the one at the end.
    assert 1000 <= sent <= 1012


def test_a_turn_that_is_far_off_is_not_waited_for() -> None:
    clock = Clock()
    bucket = pace(Account(Allowance(0.05)), clock)
    assert bucket.take(False) == 0
    assert bucket.take(False) == pytest.approx(20)
    assert clock.slept == []


def test_the_account_is_asked_once_a_minute_and_what_it_said_holds_while_it_is_silent() -> None:
    clock, account = Clock(), Account(Allowance(1000.0))
    bucket = pace(account, clock)
    for _ in range(5):
        bucket.take(False)
    assert account.asked == 1
    account.told = None
    clock.now += ASK_EVERY
    assert bucket.allowance().per_second == 1000.0
    assert account.asked == 2


def test_an_account_that_never_said_anything_gets_one_mail_a_second() -> None:
    assert pace(Account(None), Clock()).allowance() == Allowance(1.0)


def test_bulk_leaves_the_last_tenth_of_the_day_to_what_people_wait_for() -> None:
    clock, account = Clock(), Account(Allowance(1000.0, 200, 20))
    bucket = pace(account, clock)
    assert bucket.take(True) >= BULK_WAIT
    assert bucket.take(False) == 0


def test_when_nothing_is_left_of_the_day_mail_is_put_off_and_spread() -> None:
    clock, account = Clock(), Account(Allowance(2.0, 200, 0))
    bucket = pace(account, clock)
    assert [bucket.take(False), bucket.take(True)] == [URGENT_WAIT + 0.5, BULK_WAIT + 1.0]
    account.told = Allowance(2.0, 200, 50)
    clock.now += ASK_EVERY
    assert bucket.take(True) == 0


def test_what_was_sent_since_the_account_was_asked_counts() -> None:
    clock = Clock()
    bucket = pace(Account(Allowance(1000.0, 200, 3)), clock)
    assert [bucket.take(False) for _ in range(3)] == [0, 0, 0]
    assert bucket.take(False) > LONGEST_TURN


def test_a_service_that_refuses_is_left_alone_for_so_long() -> None:
    clock, account = Clock(), Account(Allowance(1000.0))
    bucket = pace(account, clock)
    bucket.take(False)
    bucket.refused(900)
    assert bucket.take(False) == pytest.approx(900 + LONGEST_TURN)
    clock.now += 900
    assert bucket.take(False) == 0
    assert account.asked == 2
