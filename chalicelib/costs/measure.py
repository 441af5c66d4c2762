"""The work whose cost is told: forms of new and known people, rows of a list, and a service nobody uses."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from chalicelib.costs.world import Use, World
from chalicelib.flows.plan_marketing import campaign_named
from chalicelib.flows.upload_chunks import CHUNKS, begin_upload, place_chunk
from chalicelib.flows.upload_list import start_upload
from chalicelib.handlers.on_tick import keep_house, make_up_for_the_feed, on_tick
from chalicelib.records.form import Form
from chalicelib.records.message import Message, MessageKind
from chalicelib.records.ports import Ref
from chalicelib.records.rep import Rep
from chalicelib.store.kinds import ref_of_key

FORMS, ROWS, TICKS = 100, 1_000, 5
BASIS = "consent given at the stand"
# As an advertisement's click leaves them in the form's hidden fields.
CLICK = {
    "utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring-pumps-2026", "utm_term": "industrial pump",
    "utm_content": "headline-b", "referrer": "https://www.google.com/",
    "gclid": "EAIaIQobChMI3eXg5bWOgQMVzpJoCR0aPwQAEAAYASAAEgKJ4PD_BwE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Forms:
    """What so many forms used. `trips` are the round trips to the store of one, `form_units` the write units of one
    with its confirmation's whole life, `notice_units` those of the notice to the rep."""

    count: int
    use: Use
    trips: int
    form_units: float
    notice_units: float


@dataclass(frozen=True, slots=True)
class Rows:
    """What so many rows of a list used; `units` are the write units of one without its mail."""

    count: int
    use: Use
    units: float


@contextmanager
def opened(warm: bool = False) -> Iterator[World]:
    """With the sample's people and its contact form; `warm` when some have come already, so that the modules and the
    configuration are loaded."""
    with tempfile.TemporaryDirectory(prefix="leadline-cost-") as folder:
        world = World(Path(folder))
        data = json.loads(resources.files("chalicelib").joinpath("data/sample.json").read_text("utf-8"))
        form = next(form for form in data["forms"] if form["form_id"] == "contact")
        world.put(*(msgspec.convert(rep, Rep) for rep in data["reps"]), msgspec.convert(form, Form))
        for number in range(3 if warm else 0):
            _post(world, f"warm{number}")
        world.follow()
        world.take()
        yield world


def _post(world: World, name: str, **changed: str) -> None:
    fields = {
        "name": f"Maria Beispiel-{name.title()}", "email": f"{name}.beispiel@customer.example.com",
        "company": f"Beispiel Pumpen {name.title()} GmbH", "phone": "",
        "message": "Please send a quotation for 20 pumps of type X200 by the end of the month.",
    }  # fmt: skip
    status = world.post("/f/contact", urlencode({**fields, **CLICK, **changed}))
    if status != 303:
        raise RuntimeError(f"a form was answered {status}")


def forms(world: World, known: bool, count: int = FORMS) -> Forms:
    """Posts by people who are new, or who have written before, with all that follows from each."""
    mark = "known" if known else "new"
    if known:
        for number in range(count):
            _post(world, f"{mark}{_letters(number)}", phone=_phone(number))
            world.follow()
        world.take()
    trips = 0
    used = Use()
    for number in range(count):
        more = {"message": "And one more thing: do you deliver to Norway?"} if known else {}
        _post(world, f"{mark}{_letters(number)}", phone=_phone(number), **more)
        trips = max(trips, world.table.tally.bill.call_count)
        world.follow()
        _add(used, world.take())
    notices = _units_of_notices(world, used)
    everything = used.bill.write_units
    return Forms(count, used, trips, (everything - notices) / count, notices / count)


def _letters(number: int) -> str:
    """Names that are nobody else's: 0 to aa, 1 to ab."""
    return f"{chr(97 + number // 26 % 26)}{chr(97 + number % 26)}{chr(97 + number // 676)}"


def _phone(number: int) -> str:
    return f"+49 30 8{number:06d}"


def _units_of_notices(world: World, used: Use) -> int:
    units = 0
    for key, written in used.bill.written.items():
        ref = ref_of_key(*key)
        if ref and ref.kind is Message and _kind(world, ref) is MessageKind.REP_NOTICE:
            units += written
    return units


def _kind(world: World, ref: Ref[Message]) -> MessageKind:
    stored = world.deps.store.get(Message, *ref.ids)
    assert stored
    return stored.value.kind


def rows(world: World, count: int = ROWS) -> Rows:
    """A list with a legal basis, by chunks as on AWS, with the mails it leads to."""
    lines = ["name,company,title,email,phone"]
    for number in range(count):
        who = f"{_letters(number)}{_letters(number // 676)}"
        lines.append(
            f"Visitor {who.title()},Werk {who.title()} AG,Buyer,{who}@visitor.example.org,+49 40 7{number:06d}"
        )
    campaign_id = campaign_named(world.deps, "Summer fair").campaign_id
    world.deps.directory.forget()
    world.deps.directory.campaigns()
    body = "\n".join(lines).encode()
    upload = start_upload(world.deps, body, "list.csv", campaign_id, BASIS, {}, "cost")
    world.take()
    with world.running("on_upload"):
        begin_upload(world.deps, upload.import_id, again=False)
    while deliveries := world.queue.receive(CHUNKS, 1):
        with world.running("on_chunk"):
            place_chunk(world.deps, upload.import_id, int(deliveries[0].body["chunk"]), again=False)
    placed = world.table.tally.bill
    mails = sum(units for (_, sk), units in placed.written.items() if sk.startswith("MESSAGE#"))
    units = (placed.write_units - mails) / count
    world.follow()
    world.later(days=1)
    with world.running("on_tick"):
        on_tick(world.deps)
    world.follow()
    return Rows(count, world.take(), units)


def idle(world: World, ticks: int = TICKS) -> Use:
    """The clock's runs of so many minutes in which nothing comes: the first ones settle what is left to do."""
    for number in range(2 + ticks):
        world.later(minutes=1)
        world.deps.directory.forget()
        if number == 2:
            world.take()
        with world.running("on_tick"):
            keep_house(world.deps)
            on_tick(world.deps, look_first=True)
            make_up_for_the_feed(world.deps)
        world.follow()
    return world.take()


def _add(total: Use, more: Use) -> None:
    for operation, calls in more.bill.calls.items():
        total.bill.calls[operation] = total.bill.calls.get(operation, 0) + calls
    total.bill.read_units += more.bill.read_units
    for key, units in more.bill.written.items():
        total.bill.written[key] = total.bill.written.get(key, 0) + units
    for function, seconds in more.seconds.items():
        total.seconds[function] = total.seconds.get(function, 0.0) + seconds
    total.runs += more.runs
    total.waits += more.waits
    total.s3 += more.s3
    total.messages += more.messages
    total.mails += more.mails
    total.news += more.news
