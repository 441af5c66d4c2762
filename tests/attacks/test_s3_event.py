"""Attacks by notifications of files (cases s3_event-…)."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.presigned_upload import prepare_upload
from chalicelib.flows.upload_list import error_key
from chalicelib.handlers.on_upload import import_ids, take_uploads
from chalicelib.records.deliveries import Delivery
from chalicelib.records.lead import Lead
from chalicelib.records.search import LeadQuery
from chalicelib.records.upload import Upload, UploadState
from tests.flows.test_presigned_upload import world  # noqa: F401
from tests.flows.test_upload_chunks import BUCKET, finish
from tests.stories.conftest import World
from tests.stories.people import FAIR

DATA = json.loads((Path(__file__).resolve().parents[2] / "infra" / "data_stack.json").read_text("utf-8"))["Resources"]
LIST = b"name,email,company\nAnn Lee,ann@customer.example.com,Lee AG\nBob Ray,bob@customer.example.net,Ray AG\n"
OTHER = b"name,email\nEve Evil,eve@evil.example.org\n"


def event(key: str, name: str = "ObjectCreated:Post", bucket: str = BUCKET, **more: str) -> dict[str, Any]:
    return {"eventName": name, "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": 9, **more}}}


def told(world: World, *records: dict[str, Any]) -> list[str]:  # noqa: F811
    return take_uploads(world.deps, [Delivery({"Records": list(records)}, "r", 1)], BUCKET)


def announced(world: World) -> tuple[Upload, str]:  # noqa: F811
    found = prepare_upload(world.deps, "cards.csv", FAIR.campaign_id, "", {}, "a program")
    return found.upload, found.form.fields["key"]


def test_s3_event_01_a_notification_of_another_bucket_begins_nothing(world: World) -> None:  # noqa: F811
    upload, key = announced(world)
    world.deps.blobs.put(key, LIST)
    assert told(world, event(key, bucket="somebody-elses")) == []
    stored = world.deps.store.get(Upload, upload.import_id)
    assert stored
    assert stored.value.state is UploadState.READING
    assert told(world, event(key)) == []
    assert finish(world.deps, upload).created == 2


@pytest.mark.parametrize(
    "key",
    ["uploads/../01ABC/source", "uploads/01ABC/../source", "uploads%2F01ABC%2Fsource%2F..", "drafts/01ABC/source",
     "uploads/01ABC/source/", "uploads//source", "uploads/01ABC/errors.csv", "uploads/01ABC/rows/000000",
     "uploads/%00/source",
     "uploads/01%252FABC/source", "/uploads/01ABC/source", "uploads/01ABC/source%0a", "x/uploads/01ABC/source", ""],
)  # fmt: skip
def test_s3_event_01_no_other_key_names_an_upload_however_it_is_written(key: str) -> None:
    assert list(import_ids({"Records": [event(key)]}, BUCKET)) == []


@pytest.mark.parametrize(
    "body",
    [{"Records": [{"eventName": "ObjectRemoved:Delete", "s3": event("uploads/01ABC/source")["s3"]}]}, {"Records": [{}]},
     {"Records": ["text"]}, {"Records": [{"s3": None, "eventName": "ObjectCreated:Put"}]}, {"Records": "text"},
     {"Records": None}, {}, {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": [], "object": {}}}]}],
)  # fmt: skip
def test_s3_event_01_what_is_no_news_of_a_file_names_none_and_holds_up_nobody(body: dict[str, Any]) -> None:
    assert list(import_ids(body, BUCKET)) == []


def test_s3_event_01_a_file_that_is_not_there_ends_no_upload(world: World) -> None:  # noqa: F811
    upload, key = announced(world)
    assert told(world, event(key)) == []
    stored = world.deps.store.get(Upload, upload.import_id)
    assert stored
    assert stored.value.state is UploadState.READING
    world.deps.blobs.put(key, LIST)
    told(world, event(key))
    assert finish(world.deps, upload).created == 2


def test_s3_event_03_told_twice_and_out_of_order_it_is_one_import(world: World) -> None:  # noqa: F811
    upload, key = announced(world)
    told(world, event(key, "ObjectRemoved:Delete", sequencer="03"))
    world.deps.blobs.put(key, LIST)
    for sequencer in ("02", "01", "02"):
        told(world, event(key, sequencer=sequencer, versionId=sequencer))
    # The form is good for an hour: whoever sends another file by it changes nothing that has begun.
    world.deps.blobs.put(key, OTHER)
    told(world, event(key, sequencer="09"))
    done = finish(world.deps, upload)
    told(world, event(key, sequencer="02"))
    world.work()
    assert (done.state, done.rows, done.created) == (UploadState.FINISHED, 2, 2)
    names = {row.full_name for row in world.deps.model.leads(LeadQuery()).rows}
    assert names == {"Ann Lee", "Bob Ray"}
    assert all(world.deps.store.get(Lead, row.lead_id) for row in world.deps.model.leads(LeadQuery()).rows)


def test_s3_event_05_what_an_upload_writes_tells_of_no_new_upload() -> None:
    assert list(import_ids({"Records": [event(error_key("01ABC"))]}, BUCKET)) == []
    told = DATA["Bucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    (notified,) = [one for one in told if one["Queue"]["Fn::GetAtt"][0] == "UploadsQueue"]
    rules = {rule["Name"]: rule["Value"] for rule in notified["Filter"]["S3Key"]["Rules"]}
    assert rules == {"prefix": "uploads/", "suffix": "/source"}
    written = [error_key("01ABC"), "uploads/01ABC/rows/000000"]
    assert not any(key.startswith(rules["prefix"]) and key.endswith(rules["suffix"]) for key in written)
