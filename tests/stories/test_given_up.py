"""Work that fails at each attempt is listed with its reason, and done once when its cause is mended."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.dead_letters import NEWS, UNKNOWN, list_dead, note_failure
from chalicelib.flows.upload_list import start_upload
from chalicelib.flows.upload_state import enqueue_upload
from chalicelib.handlers.on_upload import on_upload
from chalicelib.handlers.replay import replay, replay_changes
from chalicelib.records.deliveries import GivenUp
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Put
from chalicelib.records.queue_ports import ATTEMPTS
from chalicelib.records.search import LeadQuery
from chalicelib.records.upload import Upload, UploadState
from chalicelib.store.kinds import KINDS
from chalicelib.store.queue_sqlite import SqliteQueue
from tests.contracts.places import PLACES
from tests.ses_events import TOPIC, event, notification
from tests.stories.conftest import HTML, MONDAY, World, build_world, cli, deployed_world
from tests.stories.people import EVERYBODY

LIST = b"name,email\nOtto Muster,otto@list.example.com\n"


class Broken:
    """A disk that answers nothing."""

    def get(self, key: str) -> bytes:
        raise MemoryError

    def list(self, prefix: str) -> list[str]:
        return []


def given_up_list(folder: Path) -> tuple[World, str]:
    """A list that could not be loaded at any attempt; its import_id."""
    world = build_world(folder, MONDAY)
    world.put(*EVERYBODY)
    upload = start_upload(world.deps, LIST, "l.csv", "fair", "consent", {}, "eva")
    enqueue_upload(world.deps, upload)
    queue = world.deps.queue
    assert isinstance(queue, SqliteQueue)
    broken: Any = Broken()
    for _ in range(ATTEMPTS + 2):
        assert on_upload(replace(world.deps, blobs=broken)) == 0
        queue.release_all()
    return world, upload.import_id


def state_of(world: World, import_id: str) -> UploadState:
    stored = world.deps.store.get(Upload, import_id)
    assert stored
    return stored.value.state


def test_embedded_it_is_shown_with_its_reason_and_a_button_brings_it_to_its_end(tmp_path: Path) -> None:
    world, import_id = given_up_list(tmp_path)
    assert state_of(world, import_id) is UploadState.FAILED
    world.sign_in("eva")
    page = world.client.get("/app/operations/waiting", headers=HTML).text
    assert "it could not be done: MemoryError" in page
    assert import_id in page
    assert "1 piece of work was given up" in world.client.get("/app/operations", headers=HTML).text
    csrf = world.csrf("/app/operations/waiting")
    answer = world.client.post("/app/operations/waiting/replay", data={"csrf": csrf}, headers=HTML)
    assert answer.headers["location"] == "/app/operations/waiting?said=1"
    world.work()
    assert state_of(world, import_id) is UploadState.FINISHED
    assert "Nothing was given up." in world.client.get("/app/operations/waiting?said=1", headers=HTML).text
    assert world.deps.model.leads(LeadQuery()).total == 1
    world.sign_in("anna")
    assert world.client.get("/app/operations/waiting", headers=HTML).status_code == 403


def test_the_command_line_lists_it_and_does_it(tmp_path: Path) -> None:
    world, import_id = given_up_list(tmp_path)
    told = json.loads(cli(tmp_path, "replay", "--list", "--json").stdout)
    (letter,) = told["dead"]
    assert (letter["topic"], letter["reason"], letter["attempts"]) == (
        "uploads", "it could not be done: MemoryError", ATTEMPTS,
    )  # fmt: skip
    assert import_id in letter["what"]
    assert (told["door"], told["totals"], told["changes"]) == (0, {"uploads": 1}, 0)
    assert json.loads(cli(tmp_path, "check", "--json").stdout)["given_up"] == 1
    done = json.loads(cli(tmp_path, "replay", "--json").stdout)
    assert done == {"door": 0, "dead": {"uploads": 1}, "changes": 0}
    assert state_of(world, import_id) is UploadState.FINISHED
    assert json.loads(cli(tmp_path, "replay", "--json").stdout) == {"door": 0, "dead": {}, "changes": 0}


def test_a_failure_before_the_last_attempt_is_not_noted_and_the_first_reason_counts(tmp_path: Path) -> None:
    world = build_world(tmp_path, MONDAY)
    note_failure(world.deps, "index", "m-1", ATTEMPTS - 1, "too early")
    note_failure(world.deps, "index", "m-1", ATTEMPTS, "the record cannot be read")
    note_failure(world.deps, "index", "m-1", ATTEMPTS, "it could not be done")
    assert [s.value.reason for s in world.deps.store.query(GivenUp, "index")] == ["the record cannot be read"]


@pytest.fixture(params=PLACES)
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    with deployed_world(request.param, tmp_path, MONDAY) as world:
        world.put(*EVERYBODY)
        yield world


def with_dead_letters(world: World, topic: str) -> str:
    """As in the data stack, but that what failed comes again at once; the queue's address."""
    assert world.pump
    sqs, prefix = world.pump.clients.sqs(), world.pump.settings.queue_prefix
    dead = sqs.create_queue(QueueName=f"{prefix}{topic}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    url = str(sqs.get_queue_url(QueueName=prefix + topic)["QueueUrl"])
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": ATTEMPTS})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"})
    return url


def test_on_aws_a_message_is_given_up_with_its_reason_and_its_record_shown_when_it_is_mended(deployed: World) -> None:
    world = deployed
    assert world.pump
    url = with_dead_letters(world, "index")
    lead = Lead("L9", "Otto Muster", created_at=MONDAY)
    pk, sk = KINDS[Lead].key(("L9",))
    odd = {"kind": {"S": "Lead"}, "version": {"N": "1"}, "body": {"B": b'{"nonsense": 1}'}, "write_id": {"S": "x"}}
    world.pump.clients.dynamodb().put_item(
        TableName=world.pump.settings.table, Item={"pk": {"S": pk}, "sk": {"S": sk}, **odd}
    )
    world.pump.clients.sqs().send_message(QueueUrl=url, MessageBody=json.dumps({"refs": [["Lead", "L9"]]}))
    world.pump._queue("index")
    dead = list_dead(world.deps)
    assert dead.totals == {"index": 1}
    (letter,) = dead.letters
    assert (letter.topic, letter.reason) == ("index", "the record cannot be read: Lead/L9")
    world.deps.store.commit([Put(lead)])
    assert replay(world.deps, "").dead == {"index": 1}
    world.pump._queue("index")
    assert list_dead(world.deps).total == 0
    assert [row.lead_id for row in world.deps.model.leads(LeadQuery()).rows] == ["L9"]


def test_on_aws_a_message_nobody_said_anything_of_is_listed_all_the_same(deployed: World) -> None:
    world = deployed
    assert world.pump
    with_dead_letters(world, "mail-events")
    sqs, prefix = world.pump.clients.sqs(), world.pump.settings.queue_prefix
    url = sqs.get_queue_url(QueueName=f"{prefix}mail-events-dead")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody='{"recipients": ["somebody@example.com"]}')
    (letter,) = list_dead(world.deps).letters
    assert letter.reason == UNKNOWN
    assert "somebody" not in letter.what, "what somebody sent is not for everybody's eyes"


def test_on_aws_news_that_was_given_up_is_heard_where_it_lies_and_what_is_not_believed_stays(deployed: World) -> None:
    """Nobody but the mail service's topic may fill that queue, so it is not given again."""
    world = deployed
    assert world.pump
    with_dead_letters(world, NEWS)
    sqs, prefix = world.pump.clients.sqs(), world.pump.settings.queue_prefix
    url = sqs.get_queue_url(QueueName=f"{prefix}{NEWS}-dead")["QueueUrl"]
    bounce = event("Bounce", ("L1", "m1", "1"), "otto@list.example.com")
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(notification(bounce)))
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(notification(bounce, topic="arn:aws:sns:x:9:evil")))
    assert replay(world.deps, TOPIC).dead == {NEWS: 1}
    assert world.deps.queue.dead(NEWS)[1] == 1
    assert world.deps.queue.receive(NEWS) == []


@pytest.mark.parametrize("as_text", [True, False])
def test_on_aws_changes_that_were_not_passed_on_are_passed_on_from_the_bucket(deployed: World, as_text: bool) -> None:
    """As Lambda writes a failed batch of the stream: with the whole event in it, as text."""
    world = deployed
    assert world.pump
    world.work()
    world.deps.store.commit([Put(Lead("L7", "Otto Muster", created_at=MONDAY))])
    # The stream has forgotten it.
    shards = world.pump._shards()
    for shard in shards:
        page = world.pump.streams.get_records(ShardIterator=world.pump.shards[shard], Limit=100)
        world.pump.shards[shard] = page["NextShardIterator"]
    pk, sk = KINDS[Lead].key(("L7",))
    event = {"Records": [{"dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}}}]}
    body = {
        "requestContext": {"condition": "RetryAttemptsExhausted"},
        "payload": json.dumps(event) if as_text else event,
    }
    world.deps.blobs.put("aws/lambda/1/shard/2026/03/02/failed", json.dumps(body).encode())
    world.deps.blobs.put("aws/lambda/1/shard/2026/03/02/odd", b"\xff")
    assert list_dead(world.deps).changes == 2
    assert replay_changes(world.deps) == 2
    assert list_dead(world.deps).changes == 0
    world.pump._queue("index")
    assert [row.lead_id for row in world.deps.model.leads(LeadQuery()).rows] == ["L7"]
