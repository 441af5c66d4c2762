"""What a form and a list row cost on DynamoDB: calls and units as it bills them, counted at the client.

On moto in this process, with a short list; on an emulator (`LEADLINE_EMULATOR`) with the list of SPEC §5."""

import json
import os
import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import httpx
import msgspec

from bench.measure import ROOT
from chalicelib import wiring
from chalicelib.flows.plan_marketing import campaign_named
from chalicelib.flows.send_due import send_message
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.records.changes import Due
from chalicelib.records.form import Form
from chalicelib.records.message import MessageKind
from chalicelib.records.ports import Deps, Put
from chalicelib.records.rep import Rep
from chalicelib.store.dynamo_meter import Bill, Meter
from chalicelib.store.kinds import ref_of_key
from tests.contracts.places import EMULATOR, accepted_mail, aws, make_deployment

LIST = Path(os.environ.get("LEADLINE_LIST", ROOT.parent / "shared/cases/lists/leads4700.csv"))
# Moto copies the whole table for each transaction.
ROWS_ON_MOTO = 300


@contextmanager
def deployment() -> Iterator[tuple[Deps, Meter]]:
    place = "emulator" if EMULATOR else "moto"
    with aws(place) as clients:
        settings = make_deployment(clients, place, fresh_seconds=3600)
        accepted_mail(clients.ses())
        service = wiring.open_service(settings)
        wiring.use(service)
        # The engine's own client is the one that is listened to.
        table = service.deps.store._store._table  # type: ignore[attr-defined]
        meter = Meter(table._client())
        data = json.loads(resources.files("chalicelib").joinpath("data/sample.json").read_text("utf-8"))
        records = [msgspec.convert(rep, Rep) for rep in data["reps"]]
        form = msgspec.convert(next(f for f in data["forms"] if f["form_id"] == "contact"), Form)
        service.deps.store.commit([Put(record, 0) for record in (*records, form)])
        yield service.deps, meter
        service.close()


FIELDS = {
    "name": "Maria Beispiel-Hoffmann", "email": "maria.beispiel@customer.example.com",
    "company": "Beispiel Pumpen GmbH", "phone": "+49 30 12345678", 
    "message": "Please send a quotation for 20 pumps of type X200 by the end of the month.",
}  # fmt: skip
# As an advertisement's click leaves them in the form's hidden fields.
FIELDS |= {
    "utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring-pumps-2026", "utm_term": "industrial pump",
    "utm_content": "headline-b", "referrer": "https://www.google.com/",
    "gclid": "EAIaIQobChMI3eXg5bWOgQMVzpJoCR0aPwQAEAAYASAAEgKJ4PD_BwE",
}  # fmt: skip
LONG = "您好，我们需要二十台泵，请在月底之前报价，并说明交货期、质保和付款方式。" * 25


def post(client: httpx.Client, **changed: str) -> None:
    answer = client.post("/f/contact", data=FIELDS | changed, headers={"Accept": "application/json"})
    if answer.status_code not in (201, 303):
        raise RuntimeError(f"the form answered {answer.status_code}: {answer.text[:300]}")


def of_kind(deps: Deps, due: list[Due], kind: MessageKind) -> Due:
    return next(d for d in due if (m := deps.store.get(d.ref.kind, *d.ref.ids)) and m.value.kind is kind)  # type: ignore[union-attr]


def forms(deps: Deps, meter: Meter) -> Iterator[tuple[str, str]]:
    from datetime import timedelta

    from app import app
    from chalicelib.handlers.gateway import Gateway
    from chalicelib.records.message import Message

    client = httpx.Client(transport=httpx.WSGITransport(app=Gateway(app)), base_url="https://leadline.example")
    # The configuration is read once in ten seconds, for all who come.
    post(client, email="first@customer.example.com", name="Erste Person", phone="+49 30 87654321")
    for due in deps.store.due(deps.clock() + timedelta(minutes=1), kind=Message):
        send_message(deps, due.ref)
    meter.take()
    post(client)
    new = meter.take()
    known_items = meter.sizes()
    due = deps.store.due(deps.clock() + timedelta(minutes=1), kind=Message)
    lives: dict[MessageKind, int] = {}
    born: dict[MessageKind, int] = {}
    for kind in (MessageKind.CONFIRMATION, MessageKind.REP_NOTICE):
        one = of_kind(deps, due, kind)
        meter.take()
        send_message(deps, one.ref)
        sent = meter.take()
        key = ("LEAD#" + one.ref.ids[0], "MESSAGE#" + one.ref.ids[1])
        born[kind], lives[kind] = new.written[key], sent.write_units
        yield f"delivering one {kind}", told(sent)
    notice = born[MessageKind.REP_NOTICE] + lives[MessageKind.REP_NOTICE]
    form = new.write_units + lives[MessageKind.CONFIRMATION] - born[MessageKind.REP_NOTICE]
    yield "a form by a new person", told(new)
    yield "— write units with the confirmation's whole life (aim 24)", f"{form}"
    yield "— write units of the notice to the rep (aim 8)", f"{notice}"
    meter.take()
    post(client, message="And one more thing: do you deliver to Norway?")
    yield "a form by a known person", told(meter.take())
    post(client, name="欧阳王小明", email="ouyang@customer.example.com", phone="+86 138 0013 8000", message=LONG)
    long = meter.take()
    yield f"a form with {len(LONG)} Chinese characters", told(long)
    yield "— of it the touch", f"{sum(units for (_, sk), units in long.written.items() if sk.startswith('TOUCH'))}"
    for kind, found in sorted(known_items.items()):
        yield f"bytes of a {kind}", f"{statistics.median(found):.0f} (most {max(found)})"


def rows(deps: Deps, meter: Meter) -> Iterator[tuple[str, str]]:
    lines = LIST.read_bytes().splitlines(keepends=True)
    if not EMULATOR:
        lines = lines[: ROWS_ON_MOTO + 1]
    campaign_id = campaign_named(deps, "Summer fair", deps.clock()).campaign_id
    upload = start_upload(deps, b"".join(lines), "list.csv", campaign_id, "", {}, "bench")
    meter.take()
    done = run_upload(deps, upload.import_id)
    bill = meter.take()
    mail = sum(units for (_, sk), units in bill.written.items() if sk.startswith("MESSAGE#"))
    count = done.rows
    yield f"a list of {count} rows", told(bill)
    yield "— calls for each row (aim 0.2)", f"{bill.call_count / count:.3f}"
    yield "— write units for each row without mail (aim 16)", f"{(bill.write_units - mail) / count:.2f}"
    yield "— write units of mail for each row", f"{mail / count:.2f}"
    by_kind: Counter[str] = Counter()
    for key, units in bill.written.items():
        ref = ref_of_key(*key)
        by_kind[ref.kind.__name__ if ref else "other"] += units
    yield "— by kind", ", ".join(f"{kind} {units}" for kind, units in by_kind.most_common(8))


def told(bill: Bill) -> str:
    calls = ", ".join(f"{count} {name}" for name, count in sorted(bill.calls.items()))
    return f"{bill.call_count} calls ({calls}), {bill.read_units:g} read units, {bill.write_units} write units"


def run() -> list[tuple[str, str]]:
    with deployment() as (deps, meter):
        return [("counted on", EMULATOR or "moto"), *forms(deps, meter), *rows(deps, meter)]
