"""Search and the table of leads over 1,000 and 100,000 people, on both engines: what the model answers in, and what the
page takes as it is asked for, signed in, its HTML included.

    python -m bench search

Embedded is the file beside the store. On AWS the model is a log in the bucket, here moto's in this process: the page's
time has moto's own in it."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import httpx

from bench.many_people import CAMPAIGNS, REPS, fill
from chalicelib import wiring
from chalicelib.assign.visibility import Sight, sight_of
from chalicelib.flows.find_people import find_people
from chalicelib.flows.sessions import start_session
from chalicelib.identify import search_words
from chalicelib.records.ports import Blobs, Deps, Put
from chalicelib.records.rep import Rep, Role
from chalicelib.records.search import LeadQuery
from chalicelib.records.sign_in import SignInWay
from chalicelib.settings import Settings
from chalicelib.store.ids import UlidMaker
from chalicelib.store.index_blobs import BlobReadModel
from tests.contracts.places import aws, make_deployment

COUNTS = (1_000, 100_000)
TIMES = 5
# Beginnings, whole words, both scripts, pinyin, initials, addresses, numbers, slips, and what half of them have.
TYPED = (
    "ja", "jana", "mü", "müller", "jana mül", "hofmann pum", "brückthal", "li", "王", "王伟", "wangwei", "wang wei",
    "wxm", "北京", "beijing", "jana.muller", "person99@", "+49 30 2000", "030 20001234", "13810001", "schmdit",
    "janna muler", "zimmermnan", "hofmnan technik", "wnag", "gmbh", "m", "qqqq",
)  # fmt: skip
TABLE: tuple[dict[str, str], ...] = (
    {}, {"sort": "score"}, {"sort": "name"}, {"offset": "50000"}, {"status": "new"},
    {"status": "rejected", "sort": "name"}, {"owner": REPS[3]}, {"campaign": CAMPAIGNS[7]},
    {"campaign": CAMPAIGNS[7], "status": "customer", "sort": "score"},
    {"min_score": "95"}, {"text": "müller", "sort": "score"}, {"text": "li"}, {"text": "gmbh", "sort": "name"},
    {"text": "jana", "status": "rejected"}, {"sort": "company"}, {"sort": "due"}, {"sort": "created", "turned": "yes"},
    {"sort": "touches"}, {"sort": "name", "offset": "49950"}, {"sort": "due", "offset": "99900"}, {"band": "middle"},
    {"due": "late", "sort": "due"}, {"company": "pumpen", "sort": "company"}, {"created_from": "2026-02-01"},
    {"country": "CN", "sort": "name"},
)  # fmt: skip
BOSS = Rep("boss", "Boss Example", "boss@example.com", Role.MANAGER)
TEAM = (BOSS, *(Rep(rep_id, rep_id, f"{rep_id}@example.com") for rep_id in REPS))


def run() -> Iterable[tuple[str, str]]:
    for count in COUNTS:
        yield from _embedded(count)
        yield from _on_aws(count)


def _embedded(count: int) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        service = wiring.open_service(Settings(data=Path(folder)))
        begun = time.process_time()
        fill(service.deps.model, count)
        yield f"embedded, {count:,} people: written into the model", f"{time.process_time() - begun:.1f} CPU s"
        service.deps.model.purge()
        size = os.path.getsize(Path(folder) / "index.db") / 1e6
        yield f"embedded, {count:,} people: the file", f"{size:.0f} MB"
        wiring.use(service)
        yield from _measured(service.deps, f"embedded, {count:,} people")
        service.close()


def _on_aws(count: int) -> Iterator[tuple[str, str]]:
    with aws("moto") as clients, tempfile.TemporaryDirectory() as folder:
        settings = make_deployment(clients, "moto", fresh_seconds=3600)
        service = wiring.open_service(settings)
        fill(service.deps.model, count)
        service.deps.model.purge()
        yield from _cold(service.deps.blobs, Path(folder), count)
        wiring.use(service)
        yield from _measured(service.deps, f"AWS, {count:,} people")
        service.close()


def _cold(blobs: Blobs, folder: Path, count: int) -> Iterator[tuple[str, str]]:
    """A function that has just started, and the snapshot it reads."""
    snapshot = next(key for key in reversed(blobs.list("index/")) if key.endswith("/copy"))
    yield f"AWS, {count:,} people: snapshot in the bucket", f"{len(blobs.get(snapshot) or b'') / 1e6:.1f} MB"
    wall, cpu = [], []
    for n in range(TIMES):
        model = BlobReadModel(blobs, folder / str(n), UlidMaker(), search_words, seconds=600)
        begun, worked = time.perf_counter(), time.process_time()
        model.leads(LeadQuery(limit=1))
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - worked)
        size = sum(file.stat().st_size for file in (folder / str(n)).iterdir()) / 1e6
        model.close()
    yield f"AWS, {count:,} people: a cold copy", f"{statistics.median(wall):.2f} s, {statistics.median(cpu):.2f} CPU s"
    yield f"AWS, {count:,} people: the copy in /tmp", f"{size:.0f} MB"


def _measured(deps: Deps, where: str) -> Iterator[tuple[str, str]]:
    deps.store.commit([Put(rep) for rep in TEAM])
    deps.directory.forget()
    for whose, sight in (("everybody's", Sight()), ("a rep's", sight_of(TEAM[4], TEAM))):
        found = [timed(partial(find_people, deps, sight, text)) for text in TYPED]
        yield f"search, {where}: {whose}", told(found)
    with signed_in(deps) as client:
        for name, path, queries in (
            ("suggestions", "/app/search/suggest", [{"q": text} for text in TYPED]),
            ("search page", "/app/search", [{"q": text} for text in TYPED]),
            ("leads table page", "/app/leads", TABLE),
        ):
            times = [timed(partial(get, client, f"{path}?{urlencode(query)}")) for query in queries]
            yield f"{name}, {where}", told(times)
            worst = max(range(len(times)), key=lambda n: statistics.median(each.wall for each in times[n]))
            yield "— the slowest of them", f"{dict(queries[worst])}: {told([times[worst]])}"


@contextmanager
def signed_in(deps: Deps) -> Iterator[httpx.Client]:
    from app import app
    from chalicelib.handlers.gateway import Gateway
    from chalicelib.handlers.session_cookies import SESSION_COOKIE, cookie_name

    with httpx.Client(transport=httpx.WSGITransport(app=Gateway(app)), base_url="https://leadline.example") as client:
        client.cookies.set(
            cookie_name(SESSION_COOKIE), start_session(deps, BOSS.rep_id, SignInWay.LINK), domain="leadline.example"
        )
        yield client


def get(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")


@dataclass(frozen=True)
class Spent:
    """Seconds: by the clock, and of this process's CPU."""

    wall: float
    cpu: float


def timed(what: Callable[[], object]) -> list[Spent]:
    what()
    times = []
    for _ in range(TIMES):
        begun, worked = time.perf_counter(), time.process_time()
        what()
        times.append(Spent(time.perf_counter() - begun, time.process_time() - worked))
    return times


def told(groups: Sequence[Sequence[Spent]]) -> str:
    every = [each for group in groups for each in group]
    wall, cpu = _spread([each.wall for each in every]), _spread([each.cpu for each in every])
    return f"{wall}; CPU {cpu} (n = {len(every)})"


def _spread(seconds: Sequence[float]) -> str:
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[18]
    return f"p50 {statistics.median(seconds) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms"
