"""The deployment script on the emulator: made, brought up to date, taken away, and the accidents between."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.deploy import Target, deploy
from infra.sources import digest, note

ROOT = Path(__file__).resolve().parents[2]
Aws = Callable[[str], Any]


def run(endpoint: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.deploy", "--endpoint", endpoint, "--stage", "life", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environ}, capture_output=True, text=True,
                          timeout=120, check=False)  # fmt: skip


@pytest.fixture
def stage(endpoint: str) -> Iterator[None]:
    """The stage `life`, away again whatever the test did to it."""
    yield
    left = run(endpoint, "--remove", "--with-data", "--yes")
    assert left.returncode == 0, left.stderr


def stacks(aws: Aws) -> set[str]:
    found = aws("cloudformation").list_stacks()["StackSummaries"]
    return {s["StackName"] for s in found if s["StackStatus"] != "DELETE_COMPLETE" and "-life" in s["StackName"]}


def bucket(aws: Aws) -> str:
    return f"leadline-life-{aws('sts').get_caller_identity()['Account']}-us-east-1"


def put_item(aws: Aws) -> None:
    aws("dynamodb").put_item(TableName="leadline-life", Item={"pk": {"S": "LEAD#1"}, "sk": {"S": "LEAD#1"}})


def items(aws: Aws) -> int:
    return int(aws("dynamodb").scan(TableName="leadline-life")["Count"])


def parameters(aws: Aws) -> dict[str, str]:
    found = aws("cloudformation").describe_stacks(StackName="leadline-life")["Stacks"][0]["Parameters"]
    return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in found}


@pytest.mark.usefixtures("stage")
def test_a_deployment_from_its_first_day_to_its_last(endpoint: str, aws: Aws) -> None:
    first = run(endpoint, "--set", "PublicUrl=https://life.example", "--set", "Sender=Us <us@unverified.example>")
    assert (first.returncode, first.stdout) == (0, "https://life.example\n"), first.stderr
    assert "us@unverified.example is not verified" in first.stderr
    # The pages' origin may post to the bucket, and no other.
    (rule,) = aws("s3").get_bucket_cors(Bucket=bucket(aws))["CORSRules"]
    assert (rule["AllowedOrigins"], rule["AllowedMethods"]) == (["https://life.example"], ["POST"])
    # What was set once stays on the next deployment.
    assert run(endpoint, "--set", "Currency=CNY").returncode == 0
    told = parameters(aws)
    assert (told["PublicUrl"], told["Currency"]) == ("https://life.example", "CNY")
    assert "export LEADLINE_TABLE=leadline-life\n" in run(endpoint, "--settings").stdout
    # The data outlives the code and meets it again.
    put_item(aws)
    secret = aws("ssm").get_parameter(Name="/leadline/life/secret")["Parameter"]["Value"]
    assert run(endpoint, "--remove").returncode == 0
    assert stacks(aws) == {"leadline-life-data"}
    assert run(endpoint).returncode == 0
    assert aws("ssm").get_parameter(Name="/leadline/life/secret")["Parameter"]["Value"] == secret
    assert items(aws) == 1
    # Removing with the data leaves nothing.
    assert run(endpoint, "--remove", "--with-data", "--yes").returncode == 0
    assert stacks(aws) == set()
    assert "leadline-life" not in aws("dynamodb").list_tables()["TableNames"]
    assert [b["Name"] for b in aws("s3").list_buckets()["Buckets"] if "-life-" in b["Name"]] == []
    assert aws("sqs").list_queues(QueueNamePrefix="leadline-life-").get("QueueUrls", []) == []


def lines(told: subprocess.CompletedProcess[str], kind: str) -> list[str]:
    return [line for line in told.stdout.splitlines() if line.startswith(f"{kind}: ")]


@pytest.mark.usefixtures("stage")
def test_the_doctor_says_what_is_there_and_what_is_not_and_changes_nothing(endpoint: str, aws: Aws) -> None:
    before = run(endpoint, "--doctor", "--set", "OidcSecretParameter=/none/such")
    assert before.returncode == 2, before.stdout + before.stderr
    assert "note: leadline-life is not deployed" in before.stdout
    assert "there is no parameter /none/such" in before.stdout
    assert stacks(aws) == set()
    assert run(endpoint).returncode == 0
    told = run(endpoint, "--doctor", "--set", "Sender=Us <us@leadline.example>")
    # The emulator keeps no backups, whatever the template asks for.
    missing = "wrong: the table leadline-life cannot be restored to a point in time: that is off"
    assert lines(told, "wrong") == [missing], told.stdout + told.stderr
    found = aws("cloudformation").describe_stacks(StackName="leadline-life-data")["Stacks"][0]
    assert found["EnableTerminationProtection"] is True
    too_much = run(endpoint, "--doctor", "--set", "HttpConcurrency=5000")
    assert any("HttpConcurrency is 5000" in line for line in lines(too_much, "wrong"))


def indexes(aws: Aws) -> list[str]:
    table = aws("dynamodb").describe_table(TableName="leadline-life")["Table"]
    return sorted(index["IndexName"] for index in table["GlobalSecondaryIndexes"])


@pytest.mark.usefixtures("stage")
def test_an_index_comes_with_a_release_and_goes_with_the_one_before(endpoint: str, aws: Aws, tmp_path: Path) -> None:
    """Old, new and old again, with items in the table all the time."""
    target = Target(boto3.Session(), endpoint, "life")
    deploy(target, {"PublicUrl": "https://life.example"})
    put_item(aws)
    newer = tmp_path / "dist"
    shutil.copytree(ROOT / "dist", newer)
    template = json.loads((newer / "data_stack.json").read_text("utf-8"))
    table = template["Resources"]["Table"]["Properties"]
    for name in ("by_day", "by_owner"):
        key = [{"AttributeName": name, "KeyType": "HASH"}]
        table["GlobalSecondaryIndexes"].append(
            {"IndexName": name, "KeySchema": key, "Projection": {"ProjectionType": "KEYS_ONLY"}}
        )
        table["AttributeDefinitions"].append({"AttributeName": name, "AttributeType": "S"})
    (newer / "data_stack.json").write_text(json.dumps(template))
    note(newer, digest())
    deploy(replace(target, package=newer), {})
    assert indexes(aws) == ["by_day", "by_owner", "due"]
    deploy(target, {})
    assert (indexes(aws), items(aws)) == (["due"], 1)


@pytest.mark.usefixtures("stage")
def test_a_half_made_stack_is_named_and_removing_it_clears_the_way(endpoint: str, aws: Aws) -> None:
    # Somebody else's bucket has the name.
    taken = bucket(aws)
    aws("s3").create_bucket(Bucket=taken)
    failed = run(endpoint)
    assert failed.returncode == 2
    assert failed.stderr.count("\n") <= 1, failed.stderr
    assert "leadline-life-data was not made: /Resources/Bucket" in failed.stderr
    assert "already exists" in failed.stderr
    aws("s3").put_object(Bucket=taken, Key="theirs", Body=b"keep")
    half = run(endpoint)
    assert (half.returncode, half.stderr.count("half made")) == (2, 1)
    assert run(endpoint, "--remove", "--with-data", "--yes").returncode == 0
    assert aws("s3").get_object(Bucket=taken, Key="theirs")["Body"].read() == b"keep"
    aws("s3").delete_object(Bucket=taken, Key="theirs")
    aws("s3").delete_bucket(Bucket=taken)
    assert stacks(aws) == set()


@pytest.mark.usefixtures("stage")
def test_a_table_left_by_a_deleted_stack_is_named(endpoint: str, aws: Aws) -> None:
    aws("dynamodb").create_table(
        TableName="leadline-life", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip
    told = run(endpoint)
    assert (told.returncode, told.stdout) == (2, "")
    assert "the table leadline-life is there without its stack" in told.stderr
    aws("dynamodb").delete_table(TableName="leadline-life")


def test_missing_permissions_are_one_line_that_names_what_was_refused(endpoint: str, aws: Aws) -> None:
    iam = aws("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    told = run(endpoint, AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])
    assert told.returncode == 2
    assert "these credentials may not" in told.stderr
    assert told.stderr.count("\n") == 1
