"""What is open with the people of `bench.many_people`: requests, promises and tasks, some late, most not; and what went
to them, mail and quotations. The same for the same count and moment."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

from bench.many_people import REPS, leads
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import ReadModel, Ref, Stored
from chalicelib.records.promise import Promise, PromiseState
from chalicelib.records.quote import Quote, QuoteState
from chalicelib.records.task import Task
from chalicelib.records.touch import Request, RequestState

_OPEN, _PAST = RequestState.OPEN, (RequestState.ANSWERED, RequestState.CLOSED)


def matters(count: int, now: datetime) -> Iterator[tuple[Ref[Any], Stored[Any]]]:
    """Of all leads a quarter has a contact ahead, a tenth one overdue, the others none planned; a twentieth waits for
    an answer; a tenth has a promise, and as many a task."""
    chance = random.Random(2)
    for n, lead in enumerate(leads(count)):
        drawn = chance.random()
        ahead = timedelta(hours=chance.randrange(1, 400))
        respond_by = now + ahead if drawn < 0.25 else now - ahead if drawn < 0.35 else None
        yield Ref(Lead, (lead.lead_id,)), Stored(replace(lead, respond_by=respond_by), 2)
        yield from _of_lead(n, lead.lead_id, now, chance)


def _of_lead(n: int, lead_id: str, now: datetime, chance: random.Random) -> Iterator[tuple[Ref[Any], Stored[Any]]]:
    owner, due = REPS[n % len(REPS)], now + timedelta(hours=chance.randrange(-100, 300))
    kind = chance.randrange(20)
    if kind < 5:
        state = _OPEN if kind == 0 else chance.choice(_PAST)
        request = Request(f"R{n}", lead_id, f"T{n}", due - timedelta(days=2), owner, due, state)
        answered = due - timedelta(hours=30) if state is not _OPEN else None
        yield Ref(Request, (lead_id, request.request_id)), Stored(replace(request, first_responded_at=answered), 1)
    elif kind < 7:
        promise = Promise(f"P{n}", lead_id, owner, "price", "Net", due.date(), "UTC", due, now, lead_id)
        kept = replace(promise, state=PromiseState.KEPT if kind == 5 else PromiseState.OPEN)
        yield Ref(Promise, (lead_id, promise.promise_id)), Stored(kept, 1)
    elif kind < 9:
        task = Task(f"K{n}", lead_id, owner, "Call", owner, now, due_at=due)
        yield Ref(Task, (lead_id, task.task_id)), Stored(task, 1)


def dealings(count: int, now: datetime) -> Iterator[tuple[Ref[Any], Stored[Any]]]:
    """Of each lead a confirmation and a notice, of every tenth a quotation, open or accepted."""
    for n, lead in enumerate(leads(count)):
        at = now - timedelta(minutes=n)
        for kind in (MessageKind.CONFIRMATION, MessageKind.REP_NOTICE):
            mail = Message(f"M{kind}", lead.lead_id, kind, "to@example.com", "en", MessageState.SENT, at, at)
            yield Ref(Message, (lead.lead_id, mail.message_id)), Stored(mail, 1)
        if n % 10 == 0:
            state = QuoteState.ACCEPTED if n % 20 else QuoteState.OPEN
            quote = Quote(f"Q{n}", lead.lead_id, f"Q-{n}", 1, lead.lead_id, "", REPS[n % len(REPS)], at, "EUR", (),
                          at.date(), "UTC", at + timedelta(days=30), state=state)  # fmt: skip
            yield Ref(Quote, (lead.lead_id, quote.quote_id)), Stored(quote, 1)


def add_matters(model: ReadModel, count: int, now: datetime, at_once: int = 5_000) -> None:
    """Onto people who are there already (`many_people.fill`), as the feed brings it."""
    changes = chain(matters(count, now), dealings(count, now))
    while group := list(islice(changes, at_once)):
        model.apply(group, now)
