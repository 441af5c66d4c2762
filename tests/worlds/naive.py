"""A flow as it is often written, one flaw at a time: the checks of a world are shown to find each of them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from chalicelib.flows.submission import Answer, Submission
from chalicelib.flows.submit import submit
from chalicelib.records.lead import Lead
from chalicelib.records.mail_ports import Mail, NoWord, TransportError
from chalicelib.records.message import PROMOTIONAL, Message, MessageKind, MessageState
from chalicelib.records.ports import Deps, Put, Ref, StoreUnavailable
from chalicelib.records.touch import Request
from tests.worlds.scheduler import Killed
from tests.worlds.wire import mail_name
from tests.worlds.world import HOUR, World


class Naive:
    """A store whose commit has a flaw; everything else is the real one's."""

    def __init__(self, deps: Deps, commit: Callable[[Deps, list[Any]], None]) -> None:
        self._deps, self._commit = deps, commit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._deps.store, name)

    def commit(self, writes: Any) -> None:
        self._commit(self._deps, list(writes))


def _with(commit: Callable[[Deps, list[Any]], None]) -> Callable[[Deps, Submission], Answer]:
    def naive_submit(deps: Deps, submission: Submission) -> Answer:
        store: Any = Naive(deps, commit)
        return submit(replace(deps, store=store), submission)

    return naive_submit


def _send_and_record(deps: Deps, writes: list[Any]) -> None:
    """The mail first, so that it is surely sent; the record of it follows."""
    recorded = []
    for put in writes:
        message = put.record
        if isinstance(message, Message) and message.kind is MessageKind.CONFIRMATION:
            with suppress(TransportError, NoWord):
                deps.transport.send(_mail(message))
            message = replace(message, state=MessageState.SENT, attempt=1, sent_at=deps.clock())
        recorded.append(replace(put, record=message))
    deps.store.commit(recorded)


def _mail(message: Message) -> Mail:
    name = mail_name(message.lead_id, message.message_id)
    about = (message.lead_id, message.message_id, message.attempt_id)
    return Mail(message.to, "Thank you", "Thank you", "", f"{name}@leadline.example", about=about)


def _unconditional(deps: Deps, writes: list[Any]) -> None:
    """It has just been looked up, so who should have changed it?"""
    deps.store.commit([replace(put, if_version=None) for put in writes])


def _nobodys(deps: Deps, writes: list[Any]) -> None:
    """Somebody will look after it."""

    def without(record: Any) -> Any:
        if isinstance(record, Lead):
            return replace(record, assignment=None)
        return replace(record, owner_id="") if isinstance(record, Request) else record

    deps.store.commit([Put(without(put.record), put.if_version) for put in writes])


send_first = _with(_send_and_record)
read_then_write = _with(_unconditional)
no_owner = _with(_nobodys)


def acknowledge_first(deps: Deps, submission: Submission) -> Answer:
    """The visitor need not wait for the store; it will surely work."""
    told: list[Answer] = []

    class Later(Exception):
        """The answer is known; what is left is the writing."""

    def note(_deps: Deps, writes: list[Any]) -> None:
        (request,) = [put.record for put in writes if isinstance(put.record, Request)]
        told.append(Answer(request.lead_id, request.touch_id, request.request_id, False))
        try:
            deps.store.commit(writes)
        except Exception as error:
            raise Later from error

    try:
        return _with(note)(deps, submission)
    except Later:
        return told[-1]


def without_a_key(deps: Deps, submission: Submission) -> Answer:
    """Each attempt is a new submission: nothing says that it is the same."""
    return submit(deps, replace(submission, token=deps.new_id()))


def send_what_was_decided(world: World) -> None:
    """Promotion is sent when its turn comes, by what was known when it was queued; the queue is an hour long."""
    while True:
        try:
            queued = world.place.call(_promotion)
            world.scheduler.sleep(HOUR)
            world.place.call(lambda deps, queued=queued: [_send(deps, message) for message in queued])
        except (StoreUnavailable, TransportError, NoWord, Killed):
            continue
        if world.scheduler.now > 30 * HOUR:
            return


def _promotion(deps: Deps) -> list[Message]:
    ids = deps.model.messages(limit=10_000)
    found = deps.store.get_many([Ref(Message, one) for one in ids])
    return [
        s.value for s in found if s and s.value.kind in PROMOTIONAL and s.value.state is not MessageState.SUPPRESSED
    ]


def _send(deps: Deps, message: Message) -> None:
    deps.transport.send(_mail(message))
