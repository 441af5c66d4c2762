"""Rules of the two stacks, read from their sources."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.reactions import REACTIONS
from chalicelib.handlers.lambda_metrics import sweep_completed
from chalicelib.store.kinds import KINDS, Kind

ROOT = Path(__file__).resolve().parents[2]
DATA = json.loads((ROOT / "infra" / "data_stack.json").read_text("utf-8"))["Resources"]
CODE = json.loads((ROOT / "infra" / "code_stack.json").read_text("utf-8"))
CHALICE = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))
FUNCTIONS = CHALICE["stages"]["package"]["lambda_functions"]
TOPICS = {
    "index": "on_index",
    "outbox": "on_outbox",
    "mail-events": "on_mail_event",
    "reports": "on_report",
    "uploads": "on_upload",
    "chunks": "on_chunk",
}


def of_type(kind: str) -> dict[str, Any]:
    return {name: resource for name, resource in DATA.items() if resource["Type"] == kind}


def policies() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, function in FUNCTIONS.items():
        path = ROOT / ".chalice" / function["iam_policy_file"]
        for statement in json.loads(path.read_text("utf-8"))["Statement"]:
            yield name, statement


@pytest.mark.parametrize("topic", TOPICS)
def test_a_queue_gives_its_work_five_chances_and_time_for_six_runs_of_its_function(topic: str) -> None:
    named = "".join(part.capitalize() for part in topic.split("-"))
    queue = DATA[f"{named}Queue"]["Properties"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{named}Dead", "Arn"]}
    assert queue["VisibilityTimeout"] >= 6 * FUNCTIONS[TOPICS[topic]]["lambda_timeout"]


def test_what_waits_at_the_door_waits_out_an_outage_of_days() -> None:
    """Each look of the clock while the store is down is an attempt."""
    door = DATA["DoorQueue"]["Properties"]
    assert door["VisibilityTimeout"] >= 6 * FUNCTIONS["on_tick"]["lambda_timeout"]
    assert door["VisibilityTimeout"] * door["RedrivePolicy"]["maxReceiveCount"] >= 4 * 24 * 3600
    assert door["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize("function", [*TOPICS.values(), "on_change"])
def test_a_message_that_failed_comes_again_alone(function: str) -> None:
    logical = "".join(part.capitalize() for part in function.split("_"))
    (event,) = CODE["Resources"][logical]["Properties"]["Events"].values()
    assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_change_that_cannot_be_passed_on_ends_among_the_dead_letters_and_holds_up_nothing() -> None:
    (event,) = CODE["Resources"]["OnChange"]["Properties"]["Events"].values()
    stream = event["Properties"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert 0 < stream["MaximumRetryAttempts"] <= 3
    # The stream forgets after a day: what is given up before that is still there to be looked at.
    assert 0 < stream["MaximumRecordAgeInSeconds"] <= 6 * 3600
    failed = stream["DestinationConfig"]["OnFailure"]
    assert (failed["Type"], failed["Destination"]["Fn::Sub"]) == ("S3", "arn:${AWS::Partition}:s3:::${BucketName}")
    # Lambda puts them below aws/lambda/; the bucket tells of each, so that they show among the dead letters.
    told = DATA["Bucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"][1]
    assert told["Queue"] == {"Fn::GetAtt": ["ChangesDead", "Arn"]}
    assert told["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "aws/lambda/"}]


def passes(pattern: Any, record: Any) -> bool:
    """Lambda's filter rules as far as ours use them: nested names, lists of exact values and prefixes."""
    if isinstance(pattern, list):
        return any(record == p if isinstance(p, str) else record.startswith(p["prefix"]) for p in pattern)
    return all(name in record and passes(inner, record[name]) for name, inner in pattern.items())


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_stream_brings_what_somebody_reacts_to_and_leaves_out_what_nobody_does(kind: Kind) -> None:
    """The feed's filters go by partition: a lead's own notes come along, match keys and all that signs in do not."""
    (event,) = CODE["Resources"]["OnChange"]["Properties"]["Events"].values()
    filters = [json.loads(each["Pattern"]) for each in event["Properties"]["FilterCriteria"]["Filters"]]
    pk, sk = kind.key(("one", "two")[: kind.parents + bool(kind.parents or not kind.sk)])
    record = {"dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}}}
    wanted = any(kind.type in kinds for kinds in REACTIONS.values())
    assert any(passes(each, record) for each in filters) is (wanted or kind.pk == "LEAD")


def test_every_dead_letter_raises_an_alarm() -> None:
    dead = {name.removesuffix("Dead") for name in DATA if name.endswith("Dead")}
    alarms = {name.removesuffix("GivenUp") for name, r in CODE["Resources"].items() if name.endswith("GivenUp")}
    assert dead == alarms
    assert dead >= {"Index", "Outbox", "Reports", "Uploads", "Chunks", "Door", "Changes"}


ALARMS = {
    "NoSweep": ("Leadline", "UnansweredRequests", 1, "breaching"),
    "Unanswered": ("Leadline", "UnansweredRequests", 0, "notBreaching"),
    "ChangesLate": ("AWS/Lambda", "IteratorAge", 900_000, "notBreaching"),
    "IndexLate": ("AWS/SQS", "ApproximateAgeOfOldestMessage", 900, "notBreaching"),
    "UploadsLate": ("AWS/SQS", "ApproximateAgeOfOldestMessage", 3600, "notBreaching"),
    "ChunksLate": ("AWS/SQS", "ApproximateAgeOfOldestMessage", 3600, "notBreaching"),
    "FunctionsThrottled": ("AWS/Lambda", "Throttles", 0, "notBreaching"),
    "ReadsThrottled": ("AWS/DynamoDB", "ReadThrottleEvents", 0, "notBreaching"),
    "WritesThrottled": ("AWS/DynamoDB", "WriteThrottleEvents", 0, "notBreaching"),
    "BouncesMany": ("AWS/SES", "Reputation.BounceRate", 0.04, "notBreaching"),
    "ComplaintsMany": ("AWS/SES", "Reputation.ComplaintRate", 0.0008, "notBreaching"),
}


@pytest.mark.parametrize("name", ALARMS)
def test_what_a_person_has_to_know_raises_an_alarm(name: str) -> None:
    alarm = CODE["Resources"][name]["Properties"]
    told = (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"], alarm["TreatMissingData"])
    assert told == ALARMS[name]
    assert alarm["AlarmActions"]["Fn::If"][:2] == ["HasAlarmTopic", [{"Ref": "AlarmTopic"}]]


def test_five_minutes_without_a_completed_sweep_breach_and_its_metric_is_the_one_the_clock_writes() -> None:
    alarm = CODE["Resources"]["NoSweep"]["Properties"]
    assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("SampleCount", 300, 1)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    line = json.loads(sweep_completed("leadline-dev", 3, datetime(2026, 3, 2, tzinfo=UTC)))
    (told,) = line["_aws"]["CloudWatchMetrics"]
    assert (told["Namespace"], told["Metrics"][0]["Name"]) == (alarm["Namespace"], alarm["MetricName"])
    assert [[d["Name"] for d in alarm["Dimensions"]]] == told["Dimensions"] == [["Table"]]


def test_spending_has_brakes_and_a_budget() -> None:
    table = DATA["Table"]["Properties"]
    units = {"MaxReadRequestUnits": {"Ref": "MaxReadUnits"}, "MaxWriteRequestUnits": {"Ref": "MaxWriteUnits"}}
    assert table["OnDemandThroughput"] == table["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == units
    throttle = CODE["Resources"]["HttpStage"]["Properties"]["DefaultRouteSettings"]
    assert set(throttle) == {"ThrottlingBurstLimit", "ThrottlingRateLimit"}
    for mapping in CODE["Resources"].values():
        for event in mapping.get("Properties", {}).get("Events", {}).values():
            if event["Type"] == "SQS":
                assert event["Properties"]["ScalingConfig"]["MaximumConcurrency"] <= 5
    assert CODE["Resources"]["Budget"]["Condition"] == "HasBudget"


def test_capture_keeps_executions_of_its_own_where_the_accounts_quota_has_them_to_give() -> None:
    assert CODE["Parameters"]["HttpConcurrency"]["Default"] == 0
    reserved = CODE["Resources"]["APIHandler"]["Properties"]["ReservedConcurrentExecutions"]
    assert reserved == {"Fn::If": ["KeepsConcurrency", {"Ref": "HttpConcurrency"}, {"Ref": "AWS::NoValue"}]}


def test_what_is_left_over_in_the_bucket_goes_by_itself() -> None:
    rules = {r["Id"]: r for r in DATA["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]}
    prefixes = {r.get("Prefix", "") for r in rules.values()}
    assert prefixes >= {"drafts/", "uploads/", "aws/lambda/"}
    assert rules["broken-uploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 2}
    # The read model's log and the reports are not left over: what keeps them drops them.
    assert not {"index/", "reports/", ""} & {r["Prefix"] for r in rules.values() if "ExpirationInDays" in r}


def test_what_holds_data_stays_when_the_stack_goes() -> None:
    holding = {**of_type("AWS::DynamoDB::Table"), "Bucket": DATA["Bucket"]}
    holding |= {
        name: queue for name, queue in of_type("AWS::SQS::Queue").items() if name.endswith(("Dead", "DoorQueue"))
    }
    assert len(holding) >= 10
    for name, resource in holding.items():
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate", name
        assert resource["UpdateReplacePolicy"] == "Retain", name
    table = DATA["Table"]["Properties"]
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize("name", ["Bucket", "CodeBucket"])
def test_buckets_are_encrypted_closed_to_the_public_and_speak_tls_alone(name: str) -> None:
    bucket = DATA[name]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    (statement,) = DATA[f"{name}Policy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_queues_are_encrypted() -> None:
    assert {q["Properties"]["SqsManagedSseEnabled"] for q in of_type("AWS::SQS::Queue").values()} == {True}


def test_the_table_is_one_with_a_sparse_index_of_what_is_due_and_pays_by_request() -> None:
    table = DATA["Table"]["Properties"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    (index,) = table["GlobalSecondaryIndexes"]
    assert (index["IndexName"], [key["AttributeName"] for key in index["KeySchema"]]) == (
        "due",
        ["due_shard", "due_at"],
    )
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kind", "version"]}
    assert "TimeToLiveSpecification" not in table


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_says_its_memory_its_time_and_its_own_policy(name: str) -> None:
    function = FUNCTIONS[name]
    assert function["lambda_memory_size"] >= 256
    assert 1 <= function["lambda_timeout"] <= 900
    others = [f["iam_policy_file"] for other, f in FUNCTIONS.items() if other != name]
    assert function["iam_policy_file"] not in others


# Where a policy does not name one thing alone, and why.
WILDCARDS = {
    "*": "SES, in its sandbox, asks about the recipient's address as well; the sender's is a condition; and what the "
    "account may send is asked of no resource (ses:GetAccount)",
    "log-group:/aws/lambda/${AWS::StackName}-": "CloudFormation gives the function's name its ending",
    "${BucketName}/": "files of one kind share the beginning of their key",
}


def test_no_policy_allows_a_whole_service_or_everything() -> None:
    for function, statement in policies():
        assert all("*" not in action for action in statement["Action"]), function
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        for resource in resources:
            text = resource if isinstance(resource, str) else resource.get("Fn::Sub", "")
            named = [known for known in WILDCARDS if text == known or (known != "*" and known in text)]
            assert "*" not in text or named, (function, text)
            asks_only = statement["Action"] == ["ses:GetAccount"]
            sends = statement["Sid"] == "SendMailAsOurselves" and "Condition" in statement
            assert text != "*" or asks_only or sends, function
            assert not text.endswith("${BucketName}/*"), function


def test_every_setting_that_the_functions_read_is_a_parameter_of_the_template_or_says_why_not() -> None:
    """README's names; the ones missing here belong to the embedded service, to tests, or are Lambda's own."""
    names = set(re.findall(r"`(LEADLINE_[A-Z_]+)`", (ROOT / "README.md").read_text("utf-8")))
    given = set(CODE["Globals"]["Function"]["Environment"]["Variables"])
    assert names - given == {
        "LEADLINE_DATA", "LEADLINE_HOST", "LEADLINE_PORT", "LEADLINE_JOURNAL",  # the embedded service's
        "LEADLINE_REGION",  # Lambda says AWS_REGION
        "LEADLINE_SECRET", "LEADLINE_AWS_ENDPOINT", "LEADLINE_RATE_LIMITS",  # for tests
        "LEADLINE_MAIL_SHARE",  # of those functions alone that send
        "LEADLINE_OIDC_SCOPES", "LEADLINE_PROXIES", "LEADLINE_FRESH_SECONDS",  # their defaults are meant for AWS
            "LEADLINE_SUPPRESSION_DAYS",  # ten years everywhere, until somebody asks for less
            "LEADLINE_LINK_SECRETS",  # a secret does not belong into a function's environment
    }  # fmt: skip


def test_mail_leaves_under_the_senders_own_address_alone_and_only_from_those_who_send() -> None:
    sending = {function: statement for function, statement in policies() if "ses:SendEmail" in statement["Action"]}
    assert set(sending) == {"on_outbox", "on_tick"}
    for statement in sending.values():
        assert "Sender" in json.dumps(statement["Condition"]["StringEqualsIfExists"]["ses:FromAddress"])


def test_the_router_of_changes_reads_no_record_and_the_index_notes_asked_reports_and_failures_alone() -> None:
    actions: dict[str, set[str]] = {}
    for function, statement in policies():
        actions.setdefault(function, set()).update(statement["Action"])
    assert not {"dynamodb:GetItem", "dynamodb:PutItem", "s3:GetObject"} & actions["on_change"]
    (written,) = [s for name, s in policies() if name == "on_index" and "dynamodb:PutItem" in s["Action"]]
    assert written["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["GIVENUP#*", "REPORT"]}}


@pytest.mark.parametrize(
    "path",
    [
        "infra/data_stack.json",
        "infra/code_stack.json",
        *(f".chalice/{p.name}" for p in sorted((ROOT / ".chalice").glob("policy-*.json"))),
    ],
)
def test_no_template_names_a_partition_a_region_or_an_account(path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    assert "arn:aws:" not in text
    assert "arn:aws-cn:" not in text
    assert "amazonaws.com/" not in text
    assert "us-east-1" not in text


def test_only_the_report_function_carries_the_analytics_layer() -> None:
    with_layer = [name for name, r in CODE["Resources"].items() if "Layers" in r.get("Properties", {})]
    assert with_layer == ["OnReport"]


def test_files_made_to_be_downloaded_are_forgotten_after_a_day() -> None:
    rules = {rule["Id"]: rule for rule in DATA["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]}
    assert rules["downloads"] == {"Id": "downloads", "Status": "Enabled", "Prefix": "downloads/", "ExpirationInDays": 1}
