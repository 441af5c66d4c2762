"""The checks bite: a world that went well passes, and each way of breaking it is named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.upload_list import start_upload
from chalicelib.flows.upload_state import enqueue_upload
from chalicelib.records.message import MessageKind, MessageState
from tests.faults.finished import finish, in_mailbox
from tests.faults.invariants import Finished, Handed, Post, Told, Turn, judge
from tests.state_hash import state_of
from tests.stories.conftest import KEY, MONDAY, World, build_world
from tests.stories.people import EVERYBODY

JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "phone": "+49 30 123456"}
LIST = b"name,email\nOtto Muster,otto@list.example.com\nJana Beispiel,jana@customer.example.com\n,\n"


def lived(folder: Path) -> Finished:
    """Two forms of one person, a scan, a list."""
    world = build_world(folder, MONDAY)
    world.put(*EVERYBODY)
    posts = [_posted(world, "first"), _posted(world, "second"), _scanned(world, "at the fair")]
    upload = start_upload(world.deps, LIST, "l.csv", "fair", "consent at the stand", {}, "eva")
    enqueue_upload(world.deps, upload)
    world.work()
    for _ in range(3):
        world.later(minutes=10)
    return finish(world.deps, in_mailbox(folder / "mailbox"), posts, most_repeats=0)


def _posted(world: World, message: str) -> Post:
    answer = world.client.post("/f/contact", json={**JANA, "message": message})
    return Post(message, JANA["email"], (Told(world.lead_id(answer), answer.json()["request_id"]),))


def _scanned(world: World, note: str) -> Post:
    body = {
        "card": "MECARD:N:Muster,Eva;EMAIL:eva@scan.example.com;;",
        "note": note,
        "campaign": "fair",
        "scan_id": "1",
    }
    answer = world.client.post("/v1/scans", json=body, headers={"Authorization": f"Bearer {KEY}"}).json()
    return Post(note, "eva@scan.example.com", (Told(answer["lead_id"], answer["request_id"]),))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return lived(tmp_path_factory.mktemp("world"))


def test_a_world_in_which_nothing_went_wrong_breaks_no_invariant(good: Finished) -> None:
    verdict = judge(good)
    assert verdict.violations == []
    assert (verdict.repeated, verdict.unknown) == (0, 0)
    assert (len(good.of("Lead")), len(good.of("Touch")), len(good.of("Receipt"))) == (3, 5, 3)
    assert good.reported_leads == 3


def changed(finished: Finished, kind: str, change: Callable[[list[Any]], list[Any]]) -> Finished:
    return replace(finished, records={**finished.records, kind: change(list(finished.of(kind)))})


def confirmed(f: Finished) -> Any:
    return next(m for m in f.of("Message") if m.kind is MessageKind.CONFIRMATION)


def thanked(f: Finished) -> Any:
    return next(m for m in f.of("Message") if m.kind is MessageKind.THANK_YOU)


def handed(f: Finished, message: Any) -> Handed:
    return next(
        h for h in f.handed if message.message_id in h.message_id and message.lead_id in h.message_id + message.lead_id
    )


def with_message(f: Finished, message: Any, **new: Any) -> Finished:
    return changed(f, "Message", lambda all_: [replace(m, **new) if m == message else m for m in all_])


BROKEN: dict[str, tuple[str, Callable[[Finished], Finished]]] = {
    "an acknowledged touch is gone": (
        "lost: 'first'",
        lambda f: changed(f, "Touch", lambda t: [x for x in t if x.message != "first"]),
    ),
    "a touch is there twice": (
        "doubled: 'first'",
        lambda f: changed(f, "Touch", lambda t: t + [x for x in t if x.message == "first"]),
    ),
    "an acknowledged request is gone": ("lost: the request", lambda f: changed(f, "Request", lambda r: r[1:])),
    "two acknowledgements differ": (
        "acknowledged as 2",
        lambda f: replace(f, posts=[replace(f.posts[0], told=(*f.posts[0].told, Told("x", "y")))]),
    ),
    "a person is there twice": (
        "people have one address",
        lambda f: changed(f, "Lead", lambda a: [*a, replace(a[0], lead_id="L9")]),
    ),
    "a person is gone": (
        "lost: nobody has the address",
        lambda f: changed(f, "Lead", lambda a: [x for x in a if JANA["email"] not in x.emails]),
    ),
    "the keys are gone": ("no match key finds", lambda f: changed(f, "MatchKey", lambda k: [])),
    "a key leads nowhere": (
        "match keys name people",
        lambda f: changed(f, "MatchKey", lambda k: [*k, replace(k[0], lead_id="L9")]),
    ),
    "a receipt is gone": ("has 0 receipts", lambda f: changed(f, "Receipt", lambda r: r[1:])),
    "a receipt is alone": (
        "a receipt without its request",
        lambda f: changed(f, "Receipt", lambda r: [*r, replace(r[0], token="t", request_id="z")]),
    ),
    "a touch is not counted": (
        "counts",
        lambda f: changed(f, "Lead", lambda a: [replace(x, touch_count=9) for x in a]),
    ),
    "nobody owns a lead": (
        "without owner: lead",
        lambda f: changed(f, "Lead", lambda a: [replace(x, assignment=None) for x in a]),
    ),
    "an owner has left": (
        "without owner: request",
        lambda f: changed(f, "Rep", lambda r: [replace(x, active=False) for x in r]),
    ),
    "no confirmation was decided": (
        "has 0 confirmations",
        lambda f: changed(f, "Message", lambda m: [x for x in m if x != confirmed(f)]),
    ),
    "two confirmations were decided": (
        "has 2 confirmations",
        lambda f: changed(f, "Message", lambda m: [*m, replace(confirmed(f), message_id="M" * 26)]),
    ),
    "no notice was decided": (
        "0 notices",
        lambda f: changed(f, "Message", lambda m: [x for x in m if x.kind is not MessageKind.REP_NOTICE]),
    ),
    "nobody is thanked": (
        "no thank-you",
        lambda f: changed(f, "Message", lambda m: [x for x in m if x.kind is not MessageKind.THANK_YOU]),
    ),
    "a mail went twice in one claim": (
        "in 1 claims",
        lambda f: replace(f, handed=[*f.handed, handed(f, confirmed(f))]),
    ),
    "promotion went twice": (
        "promotion",
        lambda f: with_message(replace(f, handed=[*f.handed, handed(f, thanked(f))]), thanked(f), attempt=2),
    ),
    "more went again than went astray": (
        "at most 0",
        lambda f: with_message(replace(f, handed=[*f.handed, handed(f, confirmed(f))]), confirmed(f), attempt=2),
    ),
    "a mail never left": (
        "never handed over",
        lambda f: replace(f, handed=[h for h in f.handed if h != handed(f, confirmed(f))]),
    ),
    "a mail has no row": ("has no outbox row", lambda f: replace(f, handed=[*f.handed, Handed("x@y", "z")])),
    "a mail is stuck": ("is sending", lambda f: with_message(f, confirmed(f), state=MessageState.SENDING)),
    "a mail waits": ("still waits", lambda f: with_message(f, confirmed(f), state=MessageState.PENDING)),
    "a confirmation's fate is unknown": (
        "is unknown",
        lambda f: with_message(f, confirmed(f), state=MessageState.UNKNOWN),
    ),
    "an upload never ended": (
        "lost: upload",
        lambda f: changed(f, "Upload", lambda u: [replace(x, state=x.state.READING) for x in u]),
    ),
    "an upload counts wrongly": (
        "miscounted: upload",
        lambda f: changed(f, "Upload", lambda u: [replace(x, created=9) for x in u]),
    ),
    "a row has two outcomes": (
        "has two outcomes",
        lambda f: changed(f, "RowResults", lambda r: [replace(x, results=x.results + x.results) for x in r]),
    ),
    "a list's person is gone": (
        "people of upload",
        lambda f: changed(f, "Lead", lambda a: [x for x in a if "otto@list.example.com" not in x.emails]),
    ),
    "an undo was done in part": ("in part", lambda f: replace(f, turn=Turn("before", "after"))),
    "an undo that somebody was told of was not done": (
        "is not",
        lambda f: replace(f, turn=Turn(state_of(r for records in f.records.values() for r in records), "", told=True)),
    ),
    "the read model lags": ("shows 2 leads", lambda f: replace(f, shown={**f.shown, "leads": 2})),
    "the read model has an old state": ("shows {", lambda f: replace(f, shown={**f.shown, "message.pending": 1})),
    "an owner's count is wrong": ("by owner", lambda f: replace(f, open_by_owner={"anna": 9})),
    "the report is old": ("the report has", lambda f: replace(f, reported_leads=1)),
}


@pytest.mark.parametrize("way", BROKEN)
def test_a_broken_world_is_told_of(good: Finished, way: str) -> None:
    expected, breaking = BROKEN[way]
    violations = judge(breaking(good)).violations
    assert any(expected in violation for violation in violations), violations


def test_promotion_of_unknown_fate_and_a_confirmation_sent_again_are_counted_apart(good: Finished) -> None:
    repeated = with_message(replace(good, handed=[*good.handed, handed(good, confirmed(good))], most_repeats=1),
                            confirmed(good), attempt=2)  # fmt: skip
    verdict = judge(repeated)
    assert (verdict.violations, verdict.repeated) == ([], 1)
    unknown = with_message(good, thanked(good), state=MessageState.UNKNOWN)
    verdict = judge(unknown)
    assert verdict.unknown == 1
    assert not [violation for violation in verdict.violations if not violation.startswith("miscounted")]


def test_a_post_that_was_never_stored_nor_acknowledged_is_no_violation(good: Finished) -> None:
    assert judge(replace(good, posts=[*good.posts, Post("never came", "nobody@example.com")])).violations == []
