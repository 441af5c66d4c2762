"""What a person in a story does and sees, at whatever address it is told."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx

from chalicelib.engine_aws import FRESH_SECONDS
from chalicelib.flows.sessions import start_session
from chalicelib.records.event import Seminar
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, Put
from chalicelib.records.rep import Rep
from chalicelib.records.search import LeadQuery
from chalicelib.records.sign_in import SignInWay
from chalicelib.records.touch import Touch
from tests.stories.ageing import age, due
from tests.stories.ledger import Ledger
from tests.stories.place import KEY, Letter, Place
from tests.told import receipt_of

T = TypeVar("T")
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}
BEARER = {"Authorization": f"Bearer {KEY}"}
# So long at most somebody waits for what has to come: no measure, but the end of waiting for what never does.
SECONDS = 240.0
ZONE = "Europe/Berlin"


def _mark() -> str:
    return "x" + secrets.token_hex(4)


def address_of(mark: str) -> str:
    """An IP address of the range kept for measurements (RFC 2544)."""
    number = int(mark[1:], 16)
    return f"198.{18 + number % 2}.{number // 2 % 256}.{number // 512 % 256}"


@contextmanager
def story_at(place: Place) -> Iterator["Story"]:
    mark = _mark()
    with place.visitor(address_of(mark)) as client:
        yield Story(place, client, mark)


@dataclass
class Story:
    """A browser at a place. `mark` stands in each address the story makes up, so that stories share a service and do
    not meet."""

    place: Place
    client: httpx.Client
    mark: str
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def deps(self) -> Deps:
        return self.place.deps

    def email(self, name: str) -> str:
        return f"{name.lower()}@{self.mark}.example.com"

    def phone(self, n: int = 0) -> str:
        """A number of nobody's, in a range of this story's own."""
        return f"+4930{(int(self.mark[1:], 16) % 900_000) * 10 + 21_000_000 + n}"

    def person(self, name: str, **more: str) -> dict[str, str]:
        """What somebody of that name fills in."""
        return {"name": f"{name} Beispiel", "email": self.email(name), **more}

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path, headers=HTML)

    def post(self, path: str, /, **sent: str) -> httpx.Response:
        """A form of ours, as a browser sends it. Where the service looks for spam, it is filled in as people do: not in
        no time, and by each in words of their own."""
        if self.place.watched and path.startswith(("/f/", "/embed/")):
            time.sleep(1.1)
            if sent.get("message"):
                sent["message"] += f" {sent.get('email', '')}"
        return self.client.post(path, data=sent, headers=HTML)

    def submit(self, form: str = "contact", **sent: str) -> str:
        """A visitor opens the form, fills it in and sends it; the path of the status page."""
        # Whichever of the functions answers may have read the forms a second ago, when this one was not there yet.
        once = self.wait_until(lambda: self._opened(form))
        answer = self.post(f"/f/{form}", once=once, **sent)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def _opened(self, form: str) -> str:
        """The one-time token of the form's page, "" while there is none."""
        found = re.search(r'name="once" value="([^"]+)"', self.client.get(f"/f/{form}", headers=HTML).text)
        return found.group(1) if found else ""

    def status(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(path, headers=JSON).json()
        return found

    def lead_of(self, path: str) -> str:
        """The lead_id behind a status page."""
        receipt = receipt_of(self.deps, path)
        assert receipt, path
        return receipt.lead_id

    def api(self, path: str, body: dict[str, Any], method: str = "POST") -> dict[str, Any]:
        """A program calls, and is answered."""
        answer = self.client.request(method, path, json=body, headers=BEARER)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found

    def sign_in(self, rep_id: str) -> None:
        """As by a link from the mail, without its page."""
        cookie = start_session(self.deps, rep_id, SignInWay.LINK)
        domain = httpx.URL(self.place.address).host
        self.client.cookies.set(self.place.session_cookie, cookie, domain=domain)

    def csrf(self, path: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found, f"no csrf field on {path}"
        return found.group(1)

    def letters(self, name: str) -> list[Letter]:
        """What this story's person of that name has got by mail."""
        return self.place.letters(self.email(name))

    def stored(self, lead_id: str) -> Lead:
        found = self.deps.store.get(Lead, lead_id)
        assert found
        return found.value

    def touches(self, lead_id: str) -> list[Touch]:
        return [stored.value for stored in self.deps.store.query(Touch, lead_id)]

    def found(self, text: str = "") -> list[str]:
        """The lead_ids a search for these words, or for this story's mark, finds."""
        return [row.lead_id for row in self.deps.model.leads(LeadQuery(text=text or self.mark)).rows]

    def put(self, *records: object) -> None:
        """What is not made over HTTP."""
        self.deps.store.commit([Put(record) for record in records])

    def hire(self, rep: Rep) -> None:
        """Somebody new of ours, known to whichever function answers next."""
        self.put(rep)
        if self.place.watched:
            time.sleep(FRESH_SECONDS + 1)
        self.wait_until_known(rep)

    def wait_until_known(self, *reps: Rep) -> None:
        """The service, which is another process, may have read who works here just before they did."""
        with self.colleague("ada") as ada:
            for rep in reps:
                self.wait_until(lambda rep=rep: f'value="{rep.rep_id}"' in ada.get("/app/leads").text)

    @contextmanager
    def colleague(self, rep_id: str) -> Iterator["Story"]:
        """Somebody of ours, signed in at a browser of their own."""
        with self.place.visitor(address_of(self.mark)) as client:
            other = Story(self.place, client, self.mark)
            other.sign_in(rep_id)
            yield other

    def seminar(self, seats: int, starts_in: timedelta = timedelta(days=9)) -> Seminar:
        """One of this story's own, with its form, set up in the console."""
        starts = (datetime.now(UTC) + starts_in).astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)
        wall = [(starts + timedelta(hours=hours)).isoformat(timespec="minutes") for hours in (0, 2)]
        plan = {"title": f"Choosing sensors {secrets.token_hex(4)}", "place": "Example Hall", "seats": str(seats),
                "wall_start": wall[0], "wall_end": wall[1], "zone": ZONE, "campaign_id": "fair"}  # fmt: skip
        with self.colleague("ada") as ada:
            made = ada.post("/app/seminars", csrf=ada.csrf("/app/seminars/new"), **plan)
        assert made.status_code == 303, made.text
        stored = self.deps.store.get(Seminar, made.headers["location"].rpartition("/")[2].partition("?")[0])
        assert stored
        return stored.value

    def crowd(self, many: int, one: Callable[[int, httpx.Client], T]) -> list[T]:
        """So many visitors, each at a browser of their own, as many at once as the place serves."""

        def come(n: int) -> T:
            with self.place.visitor(address_of(self.mark)) as client:
                return one(n, client)

        with ThreadPoolExecutor(self.place.at_once) as pool:
            return list(pool.map(come, range(many)))

    def wait_until(self, look: Callable[[], T], seconds: float = SECONDS) -> T:
        """What `look` finds, as soon as it finds something: feeds, queues and clocks take their time."""
        until = time.monotonic() + seconds
        while True:
            if found := look():
                return found
            assert time.monotonic() < until, f"nothing came within {seconds} s"
            self.place.work()
            time.sleep(0.1)

    def rest(self, *lead_ids: str) -> None:
        """Until nothing of these people is left to do."""
        self.place.tick()
        self.wait_until(lambda: not due(self.deps.store, lead_ids))

    def later(self, *lead_ids: str, **delta: float) -> None:
        """Time passes for these people, and the service does what it does meanwhile."""
        self.age(*lead_ids, **delta)
        self.rest(*lead_ids)

    def age(self, *lead_ids: str, **delta: float) -> None:
        """So much earlier it all was, before anybody looks."""
        age(self.deps.store, lead_ids, timedelta(**delta))
