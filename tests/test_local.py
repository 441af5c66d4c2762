"""Who goes first in the one process: visitors, and in a rush that lasts the mail that was promised to them."""

import threading
import time
from typing import Any

import pytest

from chalicelib.local import Courtesy


def answer(_environ: Any, _start: Any) -> list[bytes]:
    return [b"done"]


def waited(work: Any) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_background_work_does_not_wait_where_nobody_is_being_answered() -> None:
    assert waited(Courtesy(answer, silence=0.0, most_seconds=30).wait) < 1


def test_background_work_waits_while_a_visitor_is_being_answered_but_goes_on_in_the_end() -> None:
    here, go_on = threading.Event(), threading.Event()

    def slow(_environ: Any, _start: Any) -> list[bytes]:
        here.set()
        go_on.wait(10)
        return []

    courtesy = Courtesy(slow, silence=0.0, most_seconds=0.2)
    visitor = threading.Thread(target=courtesy, args=({}, None))
    visitor.start()
    assert here.wait(10)
    assert waited(courtesy.wait) >= 0.2
    # Mail that is late lets nobody go first.
    assert waited(lambda: courtesy.wait(late=Courtesy.PATIENCE)) < 0.2
    go_on.set()
    visitor.join(10)


@pytest.mark.parametrize(
    ("late", "delay"),
    [(0, 0), (Courtesy.PATIENCE, 0), (1.5 * Courtesy.PATIENCE, 0.05), (2 * Courtesy.PATIENCE, 0.1), (1000, 0.1)],
)
def test_visitors_make_room_for_late_mail_by_a_tenth_of_a_second_at_most(late: float, delay: float) -> None:
    courtesy = Courtesy(answer)
    courtesy.late = late
    assert courtesy.delay() == pytest.approx(delay)
    took = waited(lambda: courtesy({}, None))
    assert took >= delay
