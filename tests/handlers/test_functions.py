"""The Lambda functions: events of the right shape in, calls made, failed messages named."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.flows.keep_counts import count_workload, move_forgotten
from chalicelib.flows.report_returns import read_report
from chalicelib.flows.upload_list import start_upload
from chalicelib.handlers import functions
from chalicelib.handlers.batches import answer_batch, kind_of
from chalicelib.handlers.gateway import LeadlineApp
from chalicelib.handlers.on_change import MOST_BYTES, MOST_REFS, messages_of, on_change
from chalicelib.handlers.on_tick import keep_house
from chalicelib.handlers.on_tick import on_tick as tick
from chalicelib.records.deliveries import Delivery
from chalicelib.records.house import OPEN_LEADS, Workload
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import BadRecord, Ref, StoreUnavailable
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import MOST_ESCALATIONS, Request, RequestState
from chalicelib.records.upload import Upload, UploadState
from chalicelib.store.directory import CachedDirectory, CountedLoads
from chalicelib.store.kinds import KINDS, words_of
from chalicelib.wiring import service
from tests.aws_events import context, queue_event, schedule_event, stream_event
from tests.handlers.desk import Desk, given_to, open_desk
from tests.stories.people import BEN, FAIR

ROOT = Path(__file__).resolve().parents[2]
LEAD = Ref(Lead, ("L1",))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def sent(desk: Desk, topic: str) -> list[dict[str, Any]]:
    return [delivery.body for delivery in desk.world.deps.queue.receive(topic, 100)]


def failures(answer: Any) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def refs_of(records: Iterable[object]) -> list[Ref[Any]]:
    return [Ref(type(record), KINDS[type(record)].ids(record)) for record in records]


def test_every_function_is_part_of_the_package_under_its_name() -> None:
    app = LeadlineApp(app_name="leadline")
    functions.register(app)
    sources = {source.name: source.handler_string for source in app.event_sources}
    names = {"on_change", "on_index", "on_outbox", "on_mail_event", "on_report", "on_upload", "on_chunk", "on_tick"}
    assert sources == {name: f"chalicelib.handlers.functions.{name}" for name in names}
    assert all(callable(getattr(functions, name)) for name in names)


def test_loading_the_functions_loads_nothing_heavy() -> None:
    heavy = ("numpy", "jinja2", "boto3", "aws_lambda_powertools", "openpyxl")
    code = f"import chalicelib.handlers.functions, sys; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert run.stdout.strip() == "[]"


def test_the_stream_is_passed_on_to_each_reaction_once(desk: Desk) -> None:
    refs = [LEAD, Ref(Message, ("L1", "M1")), LEAD]
    functions.on_change(stream_event(refs), context())
    assert sent(desk, "index") == [{"refs": [["Lead", "L1"], ["Message", "L1", "M1"]]}]
    assert sent(desk, "outbox") == [{"refs": [["Message", "L1", "M1"]]}]
    assert sent(desk, "reports") == []


def test_what_no_reaction_knows_is_passed_by(desk: Desk) -> None:
    unheard = {"dynamodb": {"Keys": {"pk": {"S": "UNHEARD#1"}, "sk": {"S": "OF"}}}}
    assert on_change(desk.world.deps, [unheard]) == 0


def test_a_message_holds_as_many_records_as_the_queue_takes() -> None:
    many = [Ref(Lead, (f"L{n:025d}",)) for n in range(2 * MOST_REFS + 1)]
    assert [len(body["refs"]) for body in messages_of(many)] == [MOST_REFS, MOST_REFS, 1]
    long = [Ref(Lead, (f"{n:050000d}",)) for n in range(10)]
    bodies = list(messages_of(long))
    assert all(len(json.dumps(body)) < MOST_BYTES + 50_000 < 256 * 1024 for body in bodies)
    assert [ref for body in bodies for ref in body["refs"]] == [words_of(ref) for ref in long]


def test_messages_are_shown_in_the_read_model_and_ask_for_one_report(desk: Desk) -> None:
    desk.world.put(Lead("L1", "Jana Beispiel", created_at=desk.world.now))
    bodies = [{"refs": [["Lead", "L1"]]}, {"refs": [["Lead", "L1"], ["Touch", "L1", "T1"]]}]
    assert failures(functions.on_index(queue_event(bodies), context())) == []
    assert desk.world.deps.model.leads(LeadQuery(text="jana")).total == 1
    assert sent(desk, "reports") == [{"report": "returns"}]


def test_a_record_that_cannot_be_read_comes_again_alone_and_then_fails_alone(desk: Desk) -> None:
    from tests.flows.test_follow_feed import poison

    desk.world.put(Lead("L1", "Jana Beispiel", created_at=desk.world.now))
    poison(desk.world, "L9")
    among = {"refs": [["Lead", "L1"], ["Lead", "L9"]]}
    assert failures(functions.on_index(queue_event([among]), context())) == []
    assert desk.world.deps.model.leads(LeadQuery(text="jana")).total == 1
    alone = sent(desk, "index")
    assert alone == [{"refs": [["Lead", "L9"]]}]
    event = queue_event([{"refs": [["Lead", "L1"]]}, *alone])
    assert failures(functions.on_index(event, context())) == [event["Records"][1]["messageId"]]
    assert sent(desk, "index") == []


@pytest.mark.parametrize("body", ["no JSON", "[]", '{"other": 1}', '{"refs": [["Unheard", "x"]]}', '{"refs": [[]]}'])
def test_a_message_that_is_none_of_ours_fails_alone(desk: Desk, body: str) -> None:
    desk.world.put(Lead("L1", "Jana Beispiel", created_at=desk.world.now))
    event = queue_event([{"refs": [["Lead", "L1"]]}])
    event["Records"].append({**event["Records"][0], "messageId": "odd", "body": body})
    assert failures(functions.on_index(event, context())) == ["odd"]
    assert failures(functions.on_outbox(event, context())) == ["odd"]
    assert desk.world.deps.model.leads(LeadQuery(text="jana")).total == 1


def test_records_of_a_newer_release_are_sent_on_alone_and_wait_among_the_dead_letters(desk: Desk) -> None:
    desk.world.put(Lead("L1", "Jana Beispiel", created_at=desk.world.now))
    event = queue_event([{"refs": [["Lead", "L1"], ["Widget", "x"], ["Widget", "y"]]}])
    assert failures(functions.on_index(event, context())) == []
    assert desk.world.deps.model.leads(LeadQuery(text="jana")).total == 1
    alone = sent(desk, "index")
    assert alone == [{"refs": [["Widget", "x"], ["Widget", "y"]]}]
    assert len(failures(functions.on_index(queue_event(alone), context()))) == 1
    assert sent(desk, "index") == []


def test_what_breaks_altogether_lets_all_of_its_messages_come_again() -> None:
    def broken(deliveries: Any) -> list[str]:
        raise OSError("text that may hold what somebody typed")

    event = queue_event([{}, {}])
    assert failures(answer_batch(event, broken)) == [record["messageId"] for record in event["Records"]]


def test_a_failure_is_logged_by_its_kind_and_awss_code_without_a_word_of_what_it_was_about() -> None:
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": "jana@example.com"}}, "PutItem")
    assert kind_of(refused) == "ClientError AccessDenied"
    told = StoreUnavailable("PutItem")
    told.__cause__ = refused
    assert kind_of(told) == "StoreUnavailable AccessDenied"
    assert kind_of(ValueError("jana@example.com")) == "ValueError"


def test_how_often_a_message_came_is_told() -> None:
    seen: list[Delivery] = []

    def look(deliveries: Any) -> list[str]:
        seen.extend(deliveries)
        return []

    answer_batch(queue_event([{"a": 1}], attempt=3), look)
    assert [(delivery.body, delivery.attempt) for delivery in seen] == [({"a": 1}, 3)]


def test_fresh_mail_leaves_while_there_is_time_and_stays_due_when_there_is_not(desk: Desk) -> None:
    desk.world.client.post("/f/contact", json={"name": "Jana Beispiel", "email": "jana@customer.example.com"})
    (lead_id,) = {change.ref.ids[0] for change in desk.world.deps.feed.read("outbox") if change.ref.kind is Lead}
    mails = [stored.value for stored in desk.world.deps.store.query(Message, lead_id)]
    body = {"refs": [words_of(ref) for ref in refs_of(mails)]}
    functions.on_outbox(queue_event([body]), context(left_ms=1))
    assert desk.world.mails() == []
    functions.on_outbox(queue_event([body, body]), context())
    assert len(desk.world.mails()) == len(mails) == 2
    states = {stored.value.state for stored in desk.world.deps.store.query(Message, lead_id)}
    assert states == {MessageState.SENT}


def test_one_report_answers_all_who_asked(desk: Desk) -> None:
    assert failures(functions.on_report(queue_event([{"report": "returns"}] * 3), context())) == []
    assert read_report(desk.world.deps)


def test_a_list_goes_through_its_functions(desk: Desk) -> None:
    deps = desk.world.deps
    data = b"name,email\nJana Beispiel,jana@customer.example.com\n"
    upload = start_upload(deps, data, "cards.csv", FAIR.campaign_id, "", {}, "eva")
    assert failures(functions.on_upload(queue_event([{"import_id": upload.import_id}]), context())) == []
    assert failures(functions.on_chunk(queue_event(sent(desk, "chunks")), context())) == []
    stored = deps.store.get(Upload, upload.import_id)
    assert stored
    assert (stored.value.state, stored.value.created) == (UploadState.FINISHED, 1)


def test_the_clock_sweeps_and_writes_down_what_assigning_reads(desk: Desk) -> None:
    desk.ask()
    desk.world.now += timedelta(days=9)
    functions.on_tick(schedule_event(), context())
    (ids,) = desk.world.deps.model.requests()
    late = desk.world.deps.store.get(Request, *ids)
    assert late
    assert late.value.state is RequestState.ESCALATED
    functions.on_tick(schedule_event(), context())
    counted = desk.world.deps.store.get(Workload, OPEN_LEADS)
    assert counted
    assert counted.value.leads == desk.world.deps.model.open_by_owner()
    directory = CachedDirectory(desk.world.deps.store, CountedLoads(desk.world.deps.store))
    assert directory.load() == counted.value.leads


def metrics(printed: str) -> list[Any]:
    """What CloudWatch would read from a function's output: lines in its embedded metric format."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith('{"_aws"')]
    for line in lines:
        (told,) = line["_aws"]["CloudWatchMetrics"]
        assert (told["Namespace"], told["Dimensions"]) == ("Leadline", [["Table"]])
        assert line["Table"] == service().settings.table
    return [line["UnansweredRequests"] for line in lines]


def test_a_completed_sweep_is_told_with_the_requests_that_nobody_answers(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.ask()
    functions.on_tick(schedule_event(), context())
    assert metrics(capsys.readouterr().out) == [0]
    for _ in range(MOST_ESCALATIONS + 1):
        desk.world.later(days=9)
    capsys.readouterr()
    functions.on_tick(schedule_event(), context())
    assert metrics(capsys.readouterr().out) == [1]


def test_a_sweep_that_ran_out_of_time_is_not_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.ask()
    desk.world.now += timedelta(days=9)
    functions.on_tick(schedule_event(), context(left_ms=1_000))
    assert metrics(capsys.readouterr().out) == []


def test_where_nothing_was_counted_nobody_has_anything(desk: Desk) -> None:
    assert CachedDirectory(desk.world.deps.store, CountedLoads(desk.world.deps.store)).load() == {}


def test_a_count_that_has_not_changed_is_not_written_again(desk: Desk) -> None:
    desk.ask()
    versions = []
    for _ in range(2):
        count_workload(desk.world.deps)
        stored = desk.world.deps.store.get(Workload, OPEN_LEADS)
        assert stored
        versions.append(stored.version)
    assert versions == [1, 1]


def test_what_somebody_who_left_still_owns_goes_to_others(desk: Desk) -> None:
    desk.ask()
    given_to(desk, desk.lead_path(), BEN.rep_id)
    desk.world.put(replace(BEN, active=False))
    assert move_forgotten(desk.world.deps) == 1
    desk.world.work()
    assert BEN.rep_id not in desk.world.deps.model.open_by_owner()
    assert move_forgotten(desk.world.deps) == 0


def test_housekeeping_stops_when_time_is_up_and_one_failure_holds_up_nothing_else(desk: Desk) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise OSError

    keep_house(desk.world.deps, pause=lambda: True)
    keep_house(replace(desk.world.deps, model=Broken()))  # type: ignore[arg-type]
    assert desk.world.deps.store.get(Workload, OPEN_LEADS) is None
    keep_house(desk.world.deps)
    assert desk.world.deps.store.get(Workload, OPEN_LEADS)


def test_the_functions_log_in_lines_of_json() -> None:
    code = (
        "from chalicelib.handlers.lambda_log import structured; import logging; structured(); structured();"
        "logging.getLogger('leadline').error('due entry %s failed', 'L1/M1')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    (line,) = (run.stdout + run.stderr).strip().splitlines()
    told = json.loads(line)
    assert (told["level"], told["message"]) == ("ERROR", "due entry L1/M1 failed")


def test_one_work_of_the_clock_that_fails_holds_up_neither_mail_nor_escalations(desk: Desk) -> None:
    desk.ask()

    class Unreadable:
        def seminars(self) -> Any:
            raise BadRecord(Ref(Lead, ("-",)))

        def __getattr__(self, name: str) -> Any:
            return getattr(desk.world.deps.directory, name)

    desk.world.now += timedelta(days=3)
    broken: Any = Unreadable()
    assert tick(replace(desk.world.deps, directory=broken)).done > 0
