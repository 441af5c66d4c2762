"""What handlers rely on from the queue."""

import time

from chalicelib.records.ports import Queue


def test_a_message_is_received_with_its_body_and_attempt(queue: Queue) -> None:
    queue.send("uploads", {"import_id": "01"})
    (taken,) = queue.receive("uploads")
    assert taken.body == {"import_id": "01"}
    assert taken.attempt == 1


def test_topics_do_not_see_each_other(queue: Queue) -> None:
    queue.send("uploads", {})
    assert queue.receive("reports") == []


def test_a_message_in_work_is_hidden_and_done_is_gone(queue: Queue) -> None:
    queue.send("t", {})
    (taken,) = queue.receive("t")
    assert queue.receive("t") == []
    queue.done("t", taken.receipt)
    time.sleep(0.3)
    assert queue.receive("t") == []


def test_a_message_that_was_not_done_comes_again(queue: Queue) -> None:
    queue.send("t", {})
    queue.receive("t")
    time.sleep(0.3)
    (again,) = queue.receive("t")
    assert again.attempt == 2


def test_a_late_receipt_does_not_take_the_message_from_its_new_worker(queue: Queue) -> None:
    queue.send("t", {})
    (first,) = queue.receive("t")
    time.sleep(0.3)
    queue.receive("t")
    queue.done("t", first.receipt)
    time.sleep(0.3)
    assert len(queue.receive("t")) == 1


def test_no_more_than_asked_for_are_taken(queue: Queue) -> None:
    for n in range(5):
        queue.send("t", {"n": n})
    assert [d.body["n"] for d in queue.receive("t", limit=2)] == [0, 1]
