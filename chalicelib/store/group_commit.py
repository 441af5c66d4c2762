"""Group commit: what several threads want written at the same time becomes one transaction and one fsync."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

W = TypeVar("W")
A = TypeVar("A")


def _closed_gate() -> threading.Lock:
    gate = threading.Lock()
    gate.acquire()
    return gate


@dataclass(slots=True)
class _Ticket(Generic[W, A]):
    """What one thread wants written, and what became of it. The gate opens when it is answered, or has to lead."""

    work: W
    gate: threading.Lock = field(default_factory=_closed_gate)
    answered: bool = False
    answer: A | None = None
    error: BaseException | None = None


class GroupCommit(Generic[W, A]):
    """Whoever comes while nobody writes leads: writes for all who wait, and passes the lead to one who came meanwhile.

    Each waits at a gate of its own. With one lock for all, those already answered stood in the queue for it only to
    learn that, each waiting for the interpreter as well, before the next could begin to write.

    `write_all` writes in one transaction and gives an answer for each; what it raises, each is told: nothing was
    written, for none of them."""

    def __init__(self, write_all: Callable[[Sequence[W]], Sequence[A]]) -> None:
        self._write_all = write_all
        self._lock = threading.Lock()
        self._waiting: list[_Ticket[W, A]] = []
        self._led = False

    def __call__(self, work: W) -> A:
        """The answer to this piece of work, when it is durable. Raises what the writing raised."""
        mine: _Ticket[W, A] = _Ticket(work)
        with self._lock:
            self._waiting.append(mine)
            leads, self._led = not self._led, True
        if not leads:
            mine.gate.acquire()
        if not mine.answered:
            self._lead(mine)
        if mine.error is not None:
            raise mine.error
        return mine.answer  # type: ignore[return-value]

    def _lead(self, mine: _Ticket[W, A]) -> None:
        with self._lock:
            batch, self._waiting = self._waiting, []
        try:
            for ticket, answer in zip(batch, self._write_all([ticket.work for ticket in batch]), strict=True):
                ticket.answer = answer
        except BaseException as error:
            for ticket in batch:
                ticket.error = error
        with self._lock:
            heir = self._waiting[0] if self._waiting else None
            self._led = heir is not None
        if heir:
            # First, so that the disk has its next work while the others go and answer.
            heir.gate.release()
        for ticket in batch:
            ticket.answered = True
            if ticket is not mine:
                ticket.gate.release()
