"""Every way in: how it is made ready, and the one step in which the faults strike."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.flows.merge_people import ask_merge
from chalicelib.flows.sessions import start_session
from chalicelib.handlers import functions
from chalicelib.handlers.session_cookies import SESSION_COOKIE
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import Put
from chalicelib.records.sign_in import SignInWay
from chalicelib.records.touch import Request
from chalicelib.records.upload import Upload
from tests.aws_events import context, schedule_event
from tests.exports import Tables, zipped
from tests.faults.finished import every_record
from tests.faults.invariants import Turn
from tests.faults.place import AwsPlace, EmbeddedPlace, Place, Visitor
from tests.ses_events import of_row
from tests.state_hash import state_of
from tests.stories.conftest import KEY
from tests.stories.people import EVA

Step = Callable[[Any], None]
BEARER = {"Authorization": f"Bearer {KEY}"}
JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "phone": "+49 30 123456"}
LIST = b"name,email\nOtto Muster,otto@list.example.com\nJana Beispiel,jana@customer.example.com\n,\n"

# A small export, and a newer one with a company, a note and another person, in which a deal has moved on.
OLDER = {
    "contacts.csv": [["Record ID", "First Name", "Last Name", "Email", "Lifecycle Stage"],
                     ["1", "Otto", "Muster", "otto@list.example.com", "lead"]],
    "deals.csv": [["Record ID", "Deal Name", "Deal Stage", "Amount", "Associated Contact IDs"],
                  ["7", "Big line", "Proposal", "800", "1"]],
}  # fmt: skip
NEWER = {
    "companies.csv": [["Record ID", "Company name", "Company owner"], ["5", "Muster Werk GmbH", ""]],
    "contacts.csv": [*OLDER["contacts.csv"], ["2", "Timo", "Test", "timo@werk.example.com", "lead"]],
    "deals.csv": [OLDER["deals.csv"][0], ["7", "Big line", "Closed Won", "950", "1"], ["8", "Line", "New", "10", "2"]],
    "notes.csv": [["Record ID", "Note body", "Activity date", "Associated Contact IDs"],
                  ["3", "Called her", "2025-03-03 12:00", "2"]],
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """`ready` makes the world what it is when the step is taken. `steps` by engine: an entry point that an engine does
    not have is not there."""

    name: str
    ready: Callable[[Any], None]
    steps: Mapping[str, Step] = field(default_factory=dict)


def form(number: int = 1, once: bool = True, **changed: str) -> Visitor:
    """A visitor with a page of their own, or without its one-time token."""
    message = f"Please send us a quotation, {number}."
    token = {"once": f"page-{number}"} if once else {}
    return Visitor("/f/contact", {**JANA, **token, "message": message, **changed}, message, JANA["email"])


def _program(path: str, message: str, person: str, body: dict[str, Any]) -> Visitor:
    return Visitor(path, body, message, person, {**BEARER, "Idempotency-Key": f"key {message}"})


def api() -> Visitor:
    body = {"name": "Ada Muster", "email": "ada@shop.example.com", "message": "From the shop.", "campaign": "ads"}
    return _program("/v1/leads", body["message"], body["email"], body)


def scan() -> Visitor:
    body = {"card": "MECARD:N:Muster,Eva;EMAIL:eva@scan.example.com;;", "note": "Wants a sensor.", "campaign": "fair"}
    return _program("/v1/scans", body["note"], "eva@scan.example.com", body)


def sign_up() -> Visitor:
    body = {"name": "Li Wei", "email": "li@seminar.example.com", "once": "seat"}
    return Visitor("/f/seminar", body, "", body["email"])


def sent_list() -> Visitor:
    body = {"campaign": "Spring Fair", "basis": "consent at the stand"}
    return Visitor("/v1/imports", body, headers=BEARER, files={"file": ("cards.csv", LIST)})


def sent_export(tables: Tables) -> Visitor:
    return Visitor("/v1/imports", {"campaign": "Spring Fair"}, headers=BEARER,
                   files={"file": ("export.zip", zipped(tables))})  # fmt: skip


def button(place: Place, import_id: str, back: bool) -> Visitor:
    """Somebody of ours on an import's page: takes it back, or puts it back."""
    path = f"/app/uploads/{import_id}"
    headers = {"Cookie": f"{SESSION_COOKIE}={start_session(place.deps, EVA.rep_id, SignInWay.SAMPLE)}"}
    token = re.search(r'name="csrf" value="([^"]+)"', place.client.get(path, headers=headers).text)
    assert token
    return Visitor(f"{path}/undo", {"csrf": token[1], "back": "1" if back else ""}, headers=headers, once=True)


def _nothing(place: Place) -> None:
    """People are there; nobody has come yet."""


def _known(place: Place) -> None:
    _came(place, form(0))
    place.settle()


def _came(place: Place, *visitors: Visitor) -> None:
    for visitor in visitors:
        place.visitors.append(visitor)
        place.persist(visitor)


def _two_came(place: Place) -> None:
    _came(place, form(1), api())


def _list_came(place: Place) -> None:
    _two_came(place)
    _came(place, sent_list())


def _changes_told(place: AwsPlace) -> None:
    _two_came(place)
    place.pump._stream()


def _list_begun(place: AwsPlace) -> None:
    _list_came(place)
    place.pump._queue("uploads")


def _indexed(place: AwsPlace) -> None:
    _changes_told(place)
    place.pump._queue("index")


def _news_came(place: AwsPlace) -> None:
    """Of a mail whose sender died without an answer that it was delivered, and of another that it came back."""
    _changes_told(place)
    place.pump._queue("outbox")
    place.pump._queue("index")
    rows = [place.deps.store.query(Message, place.told(visitor)[0].lead_id) for visitor in place.visitors]
    silent, dead = (next(s.value for s in of if s.value.kind is MessageKind.CONFIRMATION) for of in rows)
    silent = replace(silent, state=MessageState.SENDING, claimed_at=place.now, sent_at=None)
    place.deps.store.commit([Put(silent)])
    place.pump.tell(of_row("Delivery", silent), of_row("Bounce", dead))


def _loaded(place: Place) -> None:
    """A list is loaded, and everything has come to rest; whoever is to press the button has the page open."""
    _two_came(place)
    place.settle()
    before = _state(place)
    _came(place, sent_list())
    place.settle()
    place.turn = Turn(_state(place), before)
    _page_is_open(place, back=False)


def _export_loaded(place: Place) -> None:
    """A whole export is loaded, and after it a newer one, which is to be taken back."""
    _two_came(place)
    _came(place, sent_export(OLDER))
    place.settle()
    before = _state(place)
    _came(place, sent_export(NEWER))
    place.settle()
    place.turn = Turn(_state(place), before)
    assert place.turn.before != place.turn.done
    _page_is_open(place, back=False)


def _taken_back(place: Place) -> None:
    """The undo was done; whoever is to press the other button has the page open."""
    _asked(place)
    _back_page_is_open(place)


def _back_page_is_open(place: Place) -> None:
    place.settle()
    assert place.turn
    assert _state(place) == place.turn.done
    place.turn = Turn(place.turn.done, place.turn.before)
    _page_is_open(place, back=True)


def _page_is_open(place: Place, back: bool) -> None:
    *_, upload = sorted(stored.value.import_id for stored in place.deps.store.query(Upload))
    place.visitors = [visitor for visitor in place.visitors if not visitor.once]
    place.visitors.append(button(place, upload, back))


def part_button(place: Place, stays: str, gone: str, back: bool) -> Visitor:
    """Somebody of ours on a lead's page: two people after all, or one again."""
    path = f"/app/leads/{stays}"
    headers = {"Cookie": f"{SESSION_COOKIE}={start_session(place.deps, EVA.rep_id, SignInWay.SAMPLE)}"}
    token = re.search(r'name="csrf" value="([^"]+)"', place.client.get(path, headers=headers).text)
    assert token
    sent = {"csrf": token[1], "gone": gone, "back": "1" if back else ""}
    return Visitor(f"{path}/part", sent, headers=headers, once=True)


def _one(place: Place) -> None:
    """Two are one, and everything has come to rest; whoever is to part them has the page open."""
    _two_came(place)
    place.settle()
    before = _state(place)
    stays, gone = (place.told(visitor)[0].lead_id for visitor in place.visitors)
    ask_merge(place.deps, stays, gone, EVA.rep_id)
    place.settle()
    place.turn = Turn(_state(place), before)
    place.visitors.append(part_button(place, stays, gone, back=False))


def _two_again(place: Place) -> None:
    """They were parted; whoever is to make them one again has the page open."""
    _one(place)
    _press(place)
    place.settle()
    assert place.turn
    assert _state(place) == place.turn.done
    place.turn = Turn(place.turn.done, place.turn.before)
    *_, button = place.visitors
    stays, gone = button.path.split("/")[3], button.body["gone"]
    place.visitors = [visitor for visitor in place.visitors if not visitor.once]
    place.visitors.append(part_button(place, stays, gone, back=True))


def _asked_to_part(place: Place) -> None:
    _one(place)
    _press(place)


def _asked_to_merge(place: Place) -> None:
    _two_again(place)
    _press(place)


def _state(place: Place) -> str:
    return state_of(every_record(place.deps.store))


def _asked(place: Place) -> None:
    _loaded(place)
    _press(place)


def _asked_back(place: Place) -> None:
    _taken_back(place)
    _press(place)


def _export_asked(place: Place) -> None:
    _export_loaded(place)
    _press(place)


def _export_asked_back(place: Place) -> None:
    _export_asked(place)
    _back_page_is_open(place)
    _press(place)


def _press(place: Place) -> None:
    place.send(place.visitors[-1])


def _late(place: Place) -> None:
    """A mail that is due and an answer that is late."""
    _known(place)
    (stored,) = place.deps.store.query(Request, _only_lead(place))
    place.now = stored.value.respond_by + timedelta(minutes=1)
    _came(place, api())
    place.now += timedelta(minutes=1)


def _only_lead(place: Place) -> str:
    return place.told(place.visitors[0])[0].lead_id


def _sends(*visitors: Callable[[], Visitor]) -> Step:
    def step(place: Place) -> None:
        for make in visitors:
            visitor = make()
            place.visitors.append(visitor)
            place.send(visitor)

    return step


def _on_both(step: Step) -> dict[str, Step]:
    return {"dynamodb": step, "sqlite": step}


def _queue(topic: str) -> Step:
    return lambda place: place.pump._queue(topic)


def _tick(place: AwsPlace) -> None:
    functions.on_tick(schedule_event(), context())


def _index(place: EmbeddedPlace) -> None:
    from chalicelib.handlers.on_change import bring_index_up_to_date

    bring_index_up_to_date(place.deps)


def _send_fresh(place: EmbeddedPlace) -> None:
    from chalicelib.handlers.on_change import send_what_is_fresh

    send_what_is_fresh(place.deps)


def _embedded_tick(place: EmbeddedPlace) -> None:
    from chalicelib.handlers.on_tick import make_up_for_the_feed, on_tick

    on_tick(place.deps)
    make_up_for_the_feed(place.deps)


def _upload(place: EmbeddedPlace) -> None:
    from chalicelib.handlers.on_upload import on_upload

    on_upload(place.deps)


def _report(place: EmbeddedPlace) -> None:
    from chalicelib.handlers.on_change import bring_index_up_to_date, renew_reports
    from chalicelib.handlers.on_report import on_report

    bring_index_up_to_date(place.deps)
    renew_reports(place.deps)
    on_report(place.deps, "EUR")


ENTRIES = (
    Entry("form, a new person", _nothing, _on_both(_sends(form))),
    Entry("form, a known person, no token", _known, _on_both(_sends(lambda: form(2, once=False)))),
    Entry("API", _nothing, _on_both(_sends(api))),
    Entry("scan", _nothing, _on_both(_sends(scan))),
    Entry("seminar sign-up", _nothing, _on_both(_sends(sign_up))),
    Entry("list, sent", _two_came, _on_both(_sends(sent_list))),
    Entry("list, loaded", _list_came, {"sqlite": _upload}),
    Entry("list, read", _list_came, {"dynamodb": _queue("uploads")}),
    Entry("list, a chunk", _list_begun, {"dynamodb": _queue("chunks")}),
    Entry("undo, asked for", _loaded, _on_both(_press)),
    Entry("undo", _asked, {"dynamodb": _queue("uploads"), "sqlite": _upload}),
    Entry("merge, asked for", _two_again, _on_both(_press)),
    Entry("merge", _asked_to_merge, {"dynamodb": _queue("uploads"), "sqlite": _upload}),
    Entry("part, asked for", _one, _on_both(_press)),
    Entry("part", _asked_to_part, {"dynamodb": _queue("uploads"), "sqlite": _upload}),
    Entry("put back, asked for", _taken_back, _on_both(_press)),
    Entry("put back", _asked_back, {"dynamodb": _queue("uploads"), "sqlite": _upload}),
    Entry("undo of an export", _export_asked, {"dynamodb": _queue("uploads"), "sqlite": _upload}),
    Entry("put back of an export", _export_asked_back, {"dynamodb": _queue("uploads"), "sqlite": _upload}),
    Entry("change feed", _two_came, {"dynamodb": lambda place: place.pump._stream()}),
    Entry("change feed, read model", _changes_told, {"dynamodb": _queue("index")}),
    Entry("change feed, read model", _two_came, {"sqlite": _index}),
    Entry("change feed, mail", _changes_told, {"dynamodb": _queue("outbox")}),
    Entry("change feed, mail", _two_came, {"sqlite": _send_fresh}),
    Entry("mail events", _news_came, {"dynamodb": _queue("mail-events")}),
    Entry("clock", _late, {"dynamodb": _tick, "sqlite": _embedded_tick}),
    Entry("report", _indexed, {"dynamodb": _queue("reports")}),
    Entry("report", _two_came, {"sqlite": _report}),
)
