"""What handlers rely on from the waiting.queue."""

import json

from chalicelib.records.queue_ports import ATTEMPTS
from tests.contracts.conftest import Waiting


def test_a_message_is_received_with_its_body_and_attempt(waiting: Waiting) -> None:
    waiting.queue.send("uploads", {"import_id": "01"})
    (taken,) = waiting.queue.receive("uploads")
    assert taken.body == {"import_id": "01"}
    assert taken.attempt == 1


def test_topics_do_not_see_each_other(waiting: Waiting) -> None:
    waiting.queue.send("uploads", {})
    assert waiting.queue.receive("reports") == []


def test_a_message_in_work_is_hidden_and_done_is_gone(waiting: Waiting) -> None:
    waiting.queue.send("t", {})
    (taken,) = waiting.queue.receive("t")
    assert waiting.queue.receive("t") == []
    waiting.queue.done("t", taken.receipt)
    waiting.until_shown()
    assert waiting.queue.receive("t") == []


def test_a_message_that_was_not_done_comes_again(waiting: Waiting) -> None:
    waiting.queue.send("t", {})
    waiting.queue.receive("t")
    waiting.until_shown()
    (again,) = waiting.queue.receive("t")
    assert again.attempt == 2


def test_a_late_receipt_does_not_take_the_message_from_its_new_worker(strict: Waiting) -> None:
    strict.queue.send("t", {})
    (first,) = strict.queue.receive("t")
    strict.until_shown()
    strict.queue.receive("t")
    strict.queue.done("t", first.receipt)
    strict.until_shown()
    assert len(strict.queue.receive("t")) == 1


def test_no_more_than_asked_for_are_taken(waiting: Waiting) -> None:
    for n in range(5):
        waiting.queue.send("t", {"n": n})
    assert len(waiting.queue.receive("t", limit=2)) == 2


def test_more_than_a_handful_are_taken_when_asked_for(waiting: Waiting) -> None:
    for n in range(25):
        waiting.queue.send("t", {"n": n})
    assert {d.body["n"] for d in waiting.queue.receive("t", limit=100)} == set(range(25))


def test_text_of_every_kind_survives(waiting: Waiting) -> None:
    body = {"text": '王小明 𠮷 \u202e " <&>', "n": 1, "list": [None, True]}
    waiting.queue.send("t", body)
    assert waiting.queue.receive("t")[0].body == body


def given_up(waiting: Waiting, body: dict[str, object]) -> None:
    waiting.queue.send("t", body)
    for _ in range(ATTEMPTS):
        assert len(waiting.queue.receive("t")) == 1
        waiting.until_shown()


def test_what_failed_at_each_attempt_is_given_no_more_but_kept_and_can_be_given_again(dying: Waiting) -> None:
    given_up(dying, {"n": 1})
    assert dying.queue.receive("t") == []
    assert dying.queue.waiting("t") == 0
    letters, total = dying.queue.dead("t")
    assert total == 1
    assert [(letter.topic, json.loads(letter.body)) for letter in letters] == [("t", {"n": 1})]
    assert letters[0].message_id
    assert dying.queue.revive("t") == 1
    assert dying.queue.dead("t") == ([], 0)
    (again,) = dying.queue.receive("t")
    assert (again.body, again.attempt) == ({"n": 1}, 1)
    dying.queue.done("t", again.receipt)
    dying.until_shown()
    assert dying.queue.receive("t") == []


def test_what_waits_is_counted(waiting: Waiting) -> None:
    waiting.queue.send("t", {})
    waiting.queue.send("t", {})
    waiting.queue.receive("t", limit=1)
    assert waiting.queue.waiting("t") == 2
    assert waiting.queue.waiting("reports") == 0
