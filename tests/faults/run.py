"""Runs an entry point once to number its side effects, then once for each fault at each of them, each in a child
process that is made from the same world at the same moment."""

import gc
import logging
import os
import pickle
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.faults import aws_faults, sqlite_faults
from tests.faults.aws_pump import on_aws
from tests.faults.entries import Entry, api, form, scan, sent_list, sign_up
from tests.faults.invariants import Verdict, judge
from tests.faults.place import Place, embedded
from tests.faults.plan import Fault, Plan

ENGINES = ("dynamodb", "sqlite")
KINDS_FOR = {"dynamodb": aws_faults.kinds_for, "sqlite": sqlite_faults.kinds_for}
READS = {"dynamodb": aws_faults.reads, "sqlite": sqlite_faults.reads}
# A second fault strikes in the step itself or in what makes up for it, so many side effects behind the first at most:
# with two a whole run takes an hour on two processors, and twice that with four.
BEHIND = 2
# What a process that crashed has written is there for the next one on any file system; power cuts are not played here.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

At = dict[int, Fault]
# Where the functions write their metrics.
_NOWHERE = open(os.devnull, "w")  # noqa: SIM115


@dataclass(frozen=True)
class Outcome:
    """One run: the side effects that were counted, and what is wrong with the world at the end."""

    at: At
    calls: tuple[str, ...] = ()
    verdict: Verdict = field(default_factory=Verdict)
    struck: int = 0


@dataclass
class Tally:
    """What the runs of one entry point on one engine came to."""

    engine: str
    entry: str
    calls: tuple[str, ...]
    runs: int = 0
    repeated: int = 0
    unknown: int = 0
    broken: list[tuple[At, list[str]]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.runs += 1
        self.repeated += outcome.verdict.repeated
        self.unknown += outcome.verdict.unknown
        if outcome.verdict.violations:
            self.broken.append((outcome.at, outcome.verdict.violations))


def run_entry(engine: str, entry: Entry, pairs: bool = False, behind: int = BEHIND) -> Tally:
    """Singles, or pairs, of one entry point."""
    folder = Path(tempfile.mkdtemp(prefix="leadline-faults-", dir=MEMORY))
    try:
        with _world(engine, folder, entry) as one:
            clean = next(all_of([lambda: one({})]))
            tally = Tally(engine, entry.name, clean.calls)
            tally.add(clean)
            for outcome in _faults(one, engine, clean, behind if pairs else 0):
                tally.add(outcome)
            return tally
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _singles(engine: str, clean: Outcome) -> list[At]:
    """The same read many times in a row (a question to each of eight shards) fails at the first and at the last."""
    reads, calls = READS[engine], clean.calls
    return [
        {number: kind}
        for number, call in enumerate(calls, 1)
        if not (reads(call) and calls[number - 2 : number + 1] == (call,) * 3)
        for kind in KINDS_FOR[engine](call)
    ]


def _faults(one: Callable[..., Outcome], engine: str, clean: Outcome, behind: int) -> Iterator[Outcome]:
    singles = _singles(engine, clean)
    if not behind:
        yield from all_of([lambda at=at: one(at) for at in singles])
        return
    writes = [at for at in singles if not READS[engine](clean.calls[min(at) - 1])]
    # What follows the first fault is seen once for each, with the counting going on behind the step.
    for first in list(all_of([lambda at=at: one(at, beyond=True) for at in writes])):
        plans = _seconds(engine, first, behind)
        yield from all_of([lambda at=at: one(at, beyond=True) for at in plans])


def _seconds(engine: str, first: Outcome, behind: int) -> list[At]:
    """A fault of each kind at each of the next few side effects behind the first."""
    (number,) = first.at
    places = [place for place in range(number + 1, len(first.calls) + 1) if not READS[engine](first.calls[place - 1])]
    kinds = KINDS_FOR[engine]
    return [{**first.at, place: kind} for place in places[:behind] for kind in kinds(first.calls[place - 1])]


@contextmanager
def _world(engine: str, folder: Path, entry: Entry) -> Iterator[Callable[..., Outcome]]:
    """Gives a function that, in a child process, takes the step under faults and lets the world come to rest."""
    plan = Plan()
    step = entry.steps[engine]
    if engine == "dynamodb":
        with on_aws(folder, plan) as place:
            with redirect_stdout(_NOWHERE):
                entry.ready(place)
            yield lambda at, beyond=False: _one(_anew(place), step, at, beyond)
        return
    place = embedded(folder / "ready", plan)
    place.start()
    place.people()
    entry.ready(place)
    assert place.service
    place.service.close()
    yield lambda at, beyond=False: _one(_copied(place, folder), step, at, beyond)


def _anew(place: Place) -> Place:
    """A process that has just begun, so that the children of one moment share nothing but the account."""
    place.start()
    return place


def _copied(ready: Place, folder: Path) -> Place:
    own = Path(tempfile.mkdtemp(dir=folder)) / "data"
    shutil.copytree(ready.settings.data, own)
    place = replace(ready, settings=replace(ready.settings, data=own))
    sqlite_faults.install(place.plan)
    place.start()
    return place


def _one(place: Place, step: Callable[[Place], None], at: At, beyond: bool) -> Outcome:
    plan = place.plan
    plan.at, plan.calls, plan.struck, plan.armed = at, [], 0, True
    place.survive(lambda: _try(step, place))
    plan.armed = beyond
    for visitor in place.visitors:
        place.persist(visitor)
    place.settle()
    plan.armed = False
    verdict = judge(place.finished(len(at)))
    if plan.struck < len(at):
        verdict.violations.append(f"only {plan.struck} of {len(at)} faults struck")
    return Outcome(at, tuple(plan.calls), verdict, plan.struck)


def _try(step: Callable[[Place], None], place: Place) -> None:
    """What a function raises is its caller's, who tries again."""
    try:
        step(place)
    except Exception as error:
        logging.getLogger("faults").debug("the step failed: %s", error)


def all_of(works: list[Callable[[], Outcome]]) -> Iterator[Outcome]:
    """Each in a child of its own, as many at once as there are processors."""
    gc.collect()
    gc.freeze()
    live: dict[int, int] = {}
    waiting = iter(works)
    for work in waiting:
        live |= _begin(work)
        if len(live) >= (os.cpu_count() or 1):
            yield _end(live)
    while live:
        yield _end(live)


def _begin(work: Callable[[], Outcome]) -> dict[int, int]:
    reads, writes = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child:
        os.close(writes)
        return {child: reads}
    try:
        logging.disable(logging.CRITICAL)
        sys.stdout = _NOWHERE
        told = memoryview(pickle.dumps(_answer(work)))
        # Past the layer in which files are struck: the process that is played here may be dead.
        while told:
            told = told[os.write(writes, told) :]
    finally:
        os._exit(0)


def _answer(work: Callable[[], Outcome]) -> Outcome:
    try:
        return work()
    except BaseException as error:
        at = (work.__defaults__ or ({},))[0]  # type: ignore[attr-defined]
        told = "".join(traceback.format_exception(error)[-3:])
        return Outcome(at, (), Verdict([f"{type(error).__name__}: {error}\n{told}"]))


def _end(live: dict[int, int]) -> Outcome:
    child, _ = os.wait()
    with os.fdopen(live.pop(child), "rb") as pipe:
        outcome: Outcome = pickle.loads(pipe.read())
    return outcome


def warm_up() -> None:
    """Load in this process what each child would load anew."""
    with tempfile.TemporaryDirectory(prefix="leadline-faults-") as folder:
        place = embedded(Path(folder), Plan())
        place.start()
        place.people()
        for visitor in (form(), api(), scan(), sign_up(), sent_list()):
            place.visitors.append(visitor)
            place.persist(visitor)
        place.settle()
        place.finished(0)
        assert place.service
        place.service.close()
