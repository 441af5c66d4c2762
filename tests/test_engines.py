"""Which engine stands behind the ports, and that a whole story runs on the one on AWS."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.flows.submission import Answer, Submission
from chalicelib.flows.submit import submit
from chalicelib.flows.sweep_clocks import sweep
from chalicelib.records.contact import Contact
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Deps, Put
from chalicelib.records.rep import Rep
from chalicelib.records.touch import Request, Touch, TouchKind
from chalicelib.settings import Settings
from chalicelib.store.dynamo_meter import Meter
from tests.contracts.places import PLACES, THREADED, accepted_mail, aws, make_deployment

ROOT = Path(__file__).parents[1]
_LOADED = """
import json, sys
import app
from chalicelib.settings import Settings
from chalicelib.wiring import open_service
deps = open_service(Settings(**json.loads(sys.argv[1]))).deps
print(json.dumps([name for name in ("sqlite3", "boto3", "botocore", "jinja2", "numpy") if name in sys.modules]))
"""


def loaded(settings: dict[str, object]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, json.dumps(settings)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))


def test_the_embedded_engine_loads_nothing_of_aws(tmp_path: Path):
    code = _LOADED.replace("Settings(**", "Settings(data=__import__('pathlib').Path(sys.argv[2]), **")
    done = subprocess.run(
        [sys.executable, "-c", code, "{}", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == ["sqlite3"]


def test_the_engine_on_aws_loads_neither_sqlite_nor_what_only_mail_and_reports_need():
    named = {"engine": "dynamodb", "table": "t", "bucket": "b", "queue_prefix": "q", "region": "eu-central-1"}
    assert loaded(named | {"secret": "s" * 32, "public_url": "https://leadline.example"}) == ["botocore"]


_VISITORS = """
import sys
import app, chalicelib.handlers.http_form, chalicelib.engine_aws
print(*(name.removeprefix("chalicelib.") for name in sys.modules if name.startswith("chalicelib.")))
"""


def test_a_visitors_cold_start_loads_what_a_form_is_made_of_and_nothing_else():
    done = subprocess.run([sys.executable, "-c", _VISITORS], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    # Each noun is a dataclass, and making one takes up to a millisecond: whoever needs one more here says so.
    assert {name.removeprefix("records.") for name in loaded if name.startswith("records.")} == {
        "arrival", "campaign", "contact", "form", "heard", "house", "ids", "lead", "limits", "message", "outside_ports",
        "ports", "queue_ports", "read_model", "receipt", "rep", "touch",
    }  # fmt: skip
    for_others = {"handlers.access", "flows.register", "flows.read_status", "identify.compare", "store.journal",
                  "store.queue_sqs", "store.door_aws", "store.record_feed", "messaging.render"}  # fmt: skip
    assert not loaded & for_others


ANNA = Rep("anna", "Anna Muster", "anna@example.com")


@dataclass
class Deployment:
    deps: Deps
    mails: list[bytes]
    meter: Meter

    def later(self) -> Deps:
        """A minute on: what was queued is due."""
        return replace(self.deps, clock=lambda: self.deps.clock() + timedelta(minutes=1))


def open_on(place: str) -> Iterator[Deployment]:
    with aws(place) as clients:
        service = wiring.open_service(make_deployment(clients, place))
        service.deps.store.commit([Put(ANNA, 0)])
        ses = service.deps.transport
        mails = accepted_mail(ses._client())  # type: ignore[attr-defined]
        yield Deployment(service.deps, mails, Meter(service.deps.store._store._table._client()))  # type: ignore[attr-defined]
        service.close()


@pytest.fixture(params=PLACES)
def deployment(request: pytest.FixtureRequest) -> Iterator[Deployment]:
    yield from open_on(request.param)


@pytest.fixture(params=["embedded", *THREADED])
def busy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deps]:
    """Where several visitors may come at once."""
    if request.param == "embedded":
        service = wiring.open_service(Settings(data=tmp_path))
        service.deps.store.commit([Put(ANNA, 0)])
        yield service.deps
        service.close()
    else:
        for deployment in open_on(request.param):
            yield deployment.deps


def enquiry(token: str = "", name: str = "Maria Beispiel") -> Submission:
    contact = Contact(full_name=name, emails=("maria@customer.example.com",), message="Please call me.")
    return Submission(contact, TouchKind.FORM, token=token)


def test_a_form_is_one_person_with_owner_clock_and_mail_on_aws_too(deployment: Deployment):
    store = deployment.deps.store
    first = submit(deployment.deps, enquiry("one"))
    assert submit(deployment.deps, enquiry("one")).lead_id == first.lead_id
    again = submit(deployment.deps, enquiry("two"))
    assert (again.lead_id, again.known) == (first.lead_id, True)
    lead = store.get(Lead, first.lead_id)
    assert lead is not None
    assert lead.value.assignment is not None
    assert lead.value.assignment.owner_id == "anna"
    assert len(store.query(Touch, first.lead_id)) == len(store.query(Request, first.lead_id)) == 2
    sweep(deployment.later())
    assert {m.value.state for m in store.query(Message, first.lead_id)} == {MessageState.SENT}
    assert len(deployment.mails) == 4
    assert store.counts()["MatchKey"] == 1


def test_a_form_costs_no_more_than_it_may(deployment: Deployment):
    submit(deployment.deps, enquiry("warm", "Somebody Else"))
    deployment.deps.directory.reps()
    sweep(deployment.later())
    deployment.meter.take()
    contact = Contact(full_name="王小明", emails=("wang@customer.example.com",), phones=("+49 30 12345678",))
    submit(deployment.deps, Submission(contact, TouchKind.FORM, token="new"))
    new = deployment.meter.take()
    assert new.call_count == 2
    sweep(deployment.later())
    mails = deployment.meter.take()
    # Both mails' whole life; a notice is eight units of it.
    assert new.write_units + mails.write_units <= 24 + 8
    submit(deployment.deps, Submission(contact, TouchKind.FORM, token="known"))
    assert deployment.meter.take().call_count == 3


def test_of_twenty_identical_posts_one_is_stored(busy: Deps):
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(submit(busy, enquiry("same")))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.lead_id for answer in answers}) == 1
    assert len(answers) == 20
    one_each = dict.fromkeys(("Rep", "Lead", "Touch", "Request", "MatchKey", "Receipt"), 1)
    assert busy.store.counts() == one_each | {"Message": 2}


def test_everything_can_be_told_again_to_the_index_by_its_queue(deployment: Deployment):
    submit(deployment.deps, enquiry("one"))
    feed, queue = deployment.deps.feed, deployment.deps.queue
    assert feed.read("index") == []
    feed.repeat()
    told = [tuple(ref) for delivery in queue.receive("index", 100) for ref in delivery.body["refs"]]
    kinds = sorted(kind for kind, *_ in told)
    assert kinds == ["Lead", "Message", "Message", "Receipt", "Request", "Touch"]
    (lead_id,) = [ids[0] for kind, *ids in told if kind == "Lead"]
    assert deployment.deps.store.get(Lead, lead_id) is not None
