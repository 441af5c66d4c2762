"""A seeded world: visitors, lists, people of ours and the clock, over an engine on which much goes wrong; and what must
hold when it rests."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any, Protocol

from chalicelib.flows.hand_over import deactivate
from chalicelib.flows.read_list import source_key
from chalicelib.flows.submission import Answer, Submission, TooBusy
from chalicelib.flows.submit import submit
from chalicelib.flows.upload_list import new_upload
from chalicelib.flows.upload_state import enqueue_upload
from chalicelib.flows.work_lead import opt_out, write_note
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Conflict, Deps, NotFound, Put, StoreUnavailable
from chalicelib.records.touch import Touch
from chalicelib.records.upload import Upload
from tests.faults.finished import finish
from tests.faults.invariants import Finished, Handed, Post, Told, Verdict, judge
from tests.worlds.crowd import CARA, REPS, SET_UP, Crowd, Visit
from tests.worlds.faults import CALM, Fate, Rates
from tests.worlds.judging import Seen, more, not_as_stored
from tests.worlds.scheduler import Killed, Scheduler, Trace
from tests.worlds.ses_model import Taken

HOUR = 3600.0
# What a visitor sees as a page that says to try again; anything else is a bug and ends the world.
NO_ANSWER = (StoreUnavailable, TooBusy, Conflict, Killed)
# Submissions in an hour of the world.
PER_HOUR = 6000.0


class Place(Protocol):
    """An engine with all that runs on it."""

    fate: Fate
    tick_seconds: float
    feed_on: bool

    def start(self) -> None: ...
    def call(self, work: Callable[[Deps], Any]) -> Any: ...
    def busy(self) -> bool: ...
    def redrive(self) -> int: ...
    def read(self) -> Deps: ...
    def taken(self) -> list[Taken]: ...
    def close(self) -> None: ...


Submit = Callable[[Deps, Submission], Answer]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a world is made of."""

    seed: int
    submissions: int = 1000
    per_hour: float = PER_HOUR
    rates: Rates = field(default_factory=Rates)
    submit: Submit = submit
    feed_off_hours: float = 0.0
    sign_ups: float = 0.05
    objectors: float = 0.04
    # So long nine of ten calls fail: more than a queue gives a message out again for.
    outage_minutes: float = 0.0
    # A naive worker that runs beside the product's own.
    beside: Callable[["World"], None] | None = None
    keep_trace: bool = False


@dataclass
class Result:
    """A world at rest, judged. `came` is when each visitor came first and `outage_at` when nearly all began to fail, in
    seconds of the world."""

    plan: Plan
    finished: Finished
    verdict: Verdict
    counted: Counter[str]
    trace: Trace
    simulated_hours: float
    came: dict[int, float]
    outage_at: float

    def stored_of(self, numbers: Iterable[int]) -> int:
        """How many of these posts are stored."""
        stored = {touch.message for touch in self.finished.of("Touch")}
        return sum(self.finished.posts[number].message in stored for number in numbers)


class World:
    """Drives one plan over a place."""

    def __init__(self, plan: Plan, make_place: Callable[[Fate, Path], Place], folder: Path) -> None:
        self.plan, self.trace = plan, Trace(plan.keep_trace)
        self.scheduler = Scheduler(plan.seed, self.trace)
        self.fate = Fate(self.scheduler, self.scheduler.chance, CALM)
        self.place = make_place(self.fate, folder)
        self.crowd = Crowd(
            self.scheduler.chance, plan.rates.doubled, max(20, int(plan.submissions * 0.8)), plan.sign_ups
        )
        self.posts: dict[int, Post] = {}
        self.came: dict[int, float] = {}
        self.opted_out: dict[str, float] = {}
        self.sent = 0
        self._open = 0

    def run(self) -> Result:
        logging.disable(logging.CRITICAL)
        try:
            # Metrics are told on standard output.
            with redirect_stdout(StringIO()):
                return self._run()
        finally:
            self.scheduler.stop()
            self.place.close()
            logging.disable(logging.NOTSET)

    def _run(self) -> Result:
        written = [Put(record) for record in SET_UP]
        self.scheduler.spawn("set-up", lambda: self._settled("set-up", lambda deps: deps.store.commit(written)))
        self.scheduler.run(10.0)
        self.fate.rates = self.plan.rates
        self.place.start()
        hours = self._send_all()
        self.scheduler.run(hours * HOUR)
        self._quiet()
        return self._judged()

    def _send_all(self) -> float:
        """Everything that will happen, at its time; how many hours that takes."""
        chance, plan = self.scheduler.chance, self.plan
        hours = plan.submissions / plan.per_hour
        for number in range(plan.submissions):
            visit = self.crowd.visit(number)
            self.posts[number] = Post(visit.text, visit.person.email)
            at = self.came[number] = chance.uniform(10, hours * HOUR)
            for _ in range(visit.times):
                self._later(f"visitor-{number}", at + chance.uniform(0, 2), lambda v=visit: self._visit(v))
        lists = max(1, plan.submissions // 500)
        for number in range(lists):
            rows = 1100 if number % 10 == 9 else 60
            content = self.crowd.list_of(rows)
            self._later(f"marketer-{number}", chance.uniform(10, hours * HOUR), lambda c=content: self._upload(c))
        if plan.beside:
            self.scheduler.spawn("beside", lambda: plan.beside and plan.beside(self))
        self._later("cara-leaves", hours * HOUR / 2, self._leave)
        if plan.outage_minutes:
            self._later("outage", self._outage_at(), self._outage)
        if plan.feed_off_hours:
            self._later("feed", hours * HOUR / 2, self._feed_off)
        return hours

    def _outage_at(self) -> float:
        return self.plan.submissions / self.plan.per_hour * HOUR * 0.8

    def _later(self, name: str, after: float, work: Callable[[], Any]) -> None:
        def counted() -> None:
            try:
                work()
            finally:
                self._open -= 1

        self._open += 1
        self.scheduler.spawn(name, counted, after)

    # Visitors and people of ours

    def _visit(self, visit: Visit) -> None:
        """Sends, and sends again where no answer came; the impatient go away."""
        for _ in range(12 if visit.patient else 2):
            self.sent += 1
            try:
                answer: Answer = self.place.call(lambda deps: self.plan.submit(deps, visit.submission))
            except NO_ANSWER as error:
                self.fate.counted[f"no answer: {type(error).__name__}"] += 1
                self.scheduler.sleep(self.scheduler.chance.uniform(1, 20))
                continue
            post = self.posts[visit.number]
            self.posts[visit.number] = replace(post, told=(*post.told, Told(answer.lead_id, answer.request_id)))
            if len(post.told) == 0:
                self._follow_up(answer)
            return

    def _follow_up(self, answer: Answer) -> None:
        draw = self.scheduler.chance.random()
        if draw < 0.6:
            after = self.scheduler.chance.expovariate(1 / (4 * HOUR))
            self._later(
                "rep",
                after,
                lambda: self._settled("call", lambda d: write_note(d, answer.lead_id, "call", "", REPS[0])),
            )
        elif draw < 0.6 + self.plan.objectors:
            self._later("objector", self.scheduler.chance.uniform(60, 2 * HOUR), lambda: self._object(answer.lead_id))

    def _object(self, lead_id: str) -> None:
        self._settled("opt-out", lambda deps: opt_out(deps, lead_id))
        self.opted_out.setdefault(lead_id, self.scheduler.now)

    def _settled(self, name: str, work: Callable[[Deps], Any], longest: float = 20.0) -> Any:
        """Somebody who tries until it is done."""
        while True:
            try:
                return self.place.call(work)
            except NotFound:
                return None
            except NO_ANSWER as error:
                self.fate.counted[f"no answer: {type(error).__name__}"] += 1
                self.scheduler.sleep(self.scheduler.chance.uniform(1, longest))

    def _upload(self, content: bytes) -> None:
        made: list[Upload] = []

        def announce(deps: Deps) -> None:
            if not made:
                made.append(new_upload(deps, "cards.csv", "show", "consent", {}, "eva"))
            deps.blobs.put(source_key(made[0].import_id), content)
            try:
                deps.store.commit([Put(made[0], if_version=0)])
            except Conflict:
                # Written by an attempt whose answer was lost.
                return

        self._settled("announce", announce)
        self._settled("enqueue", lambda deps: enqueue_upload(deps, made[0]))

    def _leave(self) -> None:
        """It goes on where it was broken off: so many calls seldom all succeed."""
        self._settled("leave", lambda deps: deactivate(deps, CARA.rep_id), 600.0)

    def _outage(self) -> None:
        self.fate.rates = replace(self.plan.rates, throttled=0.9)
        self.scheduler.sleep(self.plan.outage_minutes * 60)
        self.fate.rates = self.plan.rates

    def _feed_off(self) -> None:
        """Nobody reads the feed; what came meanwhile is looked for in the read model before it is on again."""
        self.place.feed_on = False
        self.scheduler.sleep(self.plan.feed_off_hours * HOUR)
        found = self._settled("look", _shown_and_not)
        self.fate.counted["shown without the feed"] += found[0]
        self.fate.counted["not shown without the feed"] += found[1]
        self.place.feed_on = True

    # To rest

    def _quiet(self) -> None:
        """Days pass until everything due has been done; then all works, dead letters come back, and it rests."""
        if self.plan.feed_off_hours:
            # Minute by minute, as it is in truth: the clock has to do all of it.
            self.scheduler.run(self.scheduler.now + (self.plan.feed_off_hours + 1) * HOUR)
        self.place.tick_seconds = 1777.0
        for _ in range(80):
            self.scheduler.run(self.scheduler.now + 3 * HOUR)
            if not self._open and self.scheduler.now > 7 * 24 * HOUR:
                break
        self.fate.rates = CALM
        self.place.feed_on = True
        self.place.tick_seconds = 60.0
        self.scheduler.run(self.scheduler.now + 2 * HOUR)
        self.fate.counted["redriven"] += self.place.redrive()
        for _ in range(40):
            self.scheduler.run(self.scheduler.now + HOUR)
            if not self.place.busy():
                self.scheduler.run(self.scheduler.now + HOUR)
                return
        raise AssertionError("the world never came to rest")

    def _judged(self) -> Result:
        judged: list[Result] = []

        def look() -> None:
            deps = self.place.read()
            handed: list[Handed] = [taken.handed for taken in self.place.taken()]
            posts = [self.posts[number] for number in sorted(self.posts)]
            finished = finish(deps, handed, posts, sum(self.fate.excused.values()))
            verdict = judge(finished)
            verdict.violations += more(Seen(finished, self.place.taken(), posts, self.fate.excused, self.opted_out))
            verdict.violations += not_as_stored(deps)
            hours = round(self.scheduler.now / HOUR, 1)
            told = (self.plan, finished, verdict, self.fate.counted, self.trace, hours, self.came, self._outage_at())
            judged.append(Result(*told))

        self.scheduler.spawn("judge", look)
        self.scheduler.run(self.scheduler.now + HOUR)
        return judged[0]


def _shown_and_not(deps: Deps) -> tuple[int, int]:
    """How many leads and touches are shown, and how many that are stored are not."""
    stored = [ref for part in range(30) for ref, _ in deps.store.part(part, 30) if ref.kind in (Lead, Touch)]
    shown = sum(map(bool, deps.model.versions(stored)))
    return shown, len(stored) - shown
