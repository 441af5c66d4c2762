"""The functions together, on a double of AWS: what holds beyond the stories."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.check_store import check_store
from chalicelib.flows.presigned_upload import prepare_upload
from chalicelib.flows.report_returns import read_report
from chalicelib.identify import search_words
from chalicelib.records.house import OPEN_LEADS, Workload
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Delete, Ref
from chalicelib.records.search import LeadQuery
from chalicelib.records.upload import Upload, UploadState
from chalicelib.store.index_blobs import LOG, BlobReadModel
from tests.contracts.places import PLACES
from tests.stories.conftest import MONDAY, World, deployed_world
from tests.stories.people import EVERYBODY, FAIR

JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "phone": "+49 30 123456"}


@pytest.fixture(params=PLACES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with deployed_world(request.param, tmp_path, MONDAY) as opened:
        opened.put(*EVERYBODY)
        yield opened


@pytest.fixture
def calls(world: World) -> list[str]:
    """What the service asks of AWS from now on, by operation."""
    noted: list[str] = []

    def note(model: Any, **_: Any) -> None:
        noted.append(model.name)

    from chalicelib.wiring import service

    client = service().deps.store._store._table._client()  # type: ignore[attr-defined]
    client.meta.events.register("before-call.dynamodb", note)
    return noted


def test_a_form_takes_two_calls_of_dynamodb_and_of_nothing_else(world: World, calls: list[str]) -> None:
    world.client.post("/f/contact", json={"name": "First", "email": "first@customer.example.net"})
    calls.clear()
    assert world.client.post("/f/contact", json=JANA).status_code == 201
    assert calls == ["BatchGetItem", "TransactWriteItems"]


def test_after_a_day_of_work_nothing_is_wrong(world: World) -> None:
    world.client.post("/f/contact", json=JANA)
    for _ in range(4):
        world.later(hours=6)
    world.client.post("/f/contact", json={**JANA, "message": "Once more"})
    world.work()
    checked = check_store(world.deps)
    assert checked["violations"] == []
    assert (checked["leads"], checked["touches"], checked["received"]) == (1, 2, 2)
    counted = world.deps.store.get(Workload, OPEN_LEADS)
    assert counted
    assert sum(counted.value.leads.values()) == 1
    report = read_report(world.deps)
    assert report


def test_a_record_that_cannot_be_read_ends_alone_and_the_others_show(world: World) -> None:
    assert world.pump
    world.client.post("/f/contact", json=JANA)
    key = {"pk": {"S": "LEAD#L9"}, "sk": {"S": "LEAD"}}
    odd = {"kind": {"S": "Lead"}, "version": {"N": "1"}, "body": {"B": b'{"nonsense": 1}'}, "write_id": {"S": "x"}}
    world.pump.clients.dynamodb().put_item(TableName=world.pump.settings.table, Item={**key, **odd})
    world.work()
    assert world.deps.model.leads(LeadQuery(text="jana")).total == 1
    url = world.pump._url("index")
    asked = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"]}
    waiting = world.pump.clients.sqs().get_queue_attributes(**asked)["Attributes"]
    # It waits to come again, alone, until it is given up.
    assert waiting["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_a_deleted_record_leaves_the_read_model(world: World) -> None:
    world.client.post("/f/contact", json=JANA)
    world.work()
    (row,) = world.deps.model.leads(LeadQuery()).rows
    world.now += timedelta(minutes=1)
    world.deps.store.commit([Delete(Ref(Lead, (row.lead_id,)))])
    world.work()
    assert world.deps.model.leads(LeadQuery()).total == 0


def test_a_read_model_that_is_lost_is_made_again_by_telling_everything_again(world: World) -> None:
    world.client.post("/f/contact", json=JANA)
    world.work()
    for key in world.deps.blobs.list(LOG):
        world.deps.blobs.delete(key)
    cold = BlobReadModel(
        world.deps.blobs, world.pump.settings.data / "cold", world.deps.new_id, search_words, seconds=0
    )  # type: ignore[union-attr]
    assert cold.leads(LeadQuery()).total == 0
    world.deps.feed.repeat()
    world.work()
    assert cold.leads(LeadQuery(text="jana")).total == 1


def test_a_file_posted_to_the_bucket_is_loaded_by_its_notice_alone(world: World) -> None:
    assert world.pump
    announced = prepare_upload(world.deps, "cards.csv", FAIR.campaign_id, "", {}, "a program")
    assert announced.form.fields["key"] == f"uploads/{announced.upload.import_id}/source"
    world.pump.clients.s3().put_object(
        Bucket=world.pump.settings.bucket, Key=announced.form.fields["key"], Body=b"name,email\nA B,a@b.example.com\n"
    )
    world.work()
    stored = world.deps.store.get(Upload, announced.upload.import_id)
    assert stored
    assert (stored.value.state, stored.value.created) == (UploadState.FINISHED, 1)


def test_a_storm_of_changes_makes_few_reports_and_the_last_change_is_in_one(world: World) -> None:
    assert world.pump
    for number in range(12):
        someone = {"name": f"Guest {number}", "email": f"g{number}@customer{number}.example.com"}
        world.client.post("/f/contact", json=someone)
        # The stream brings one form at a time; the reports' queue is slower than the others.
        world.pump._stream()
        world.pump._queue("index")
    asked = {"QueueUrl": world.pump._url("reports"), "AttributeNames": ["ApproximateNumberOfMessages"]}
    assert world.pump.clients.sqs().get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"] == "1"
    world.work()
    report = read_report(world.deps)
    assert report
    section = report["sections"][0]
    assert sum(line["leads"] for line in [*section["rows"], section["unattributed"]]) == 12
