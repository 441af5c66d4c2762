"""The deployment script's own decisions; what it makes is tested on the emulator (tests/deploy)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.stub import Stubber
from moto import mock_aws

from infra import buckets
from infra import deploy as script
from infra.brand_checks import check_brand
from infra.deploy import Target, explain
from infra.executions import kept_at_first
from infra.mail_checks import check_mail
from infra.remove import remove
from infra.sources import digest, note
from infra.stacks import DeployError


def target(package: Path, region: str = "eu-central-1") -> Target:
    return Target(boto3.Session("test", "test", region_name=region), None, "dev", package)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name in ("data_stack", "code_stack"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"Parameters": {"Sender": {}}, "Resources": {}}))
    for name in ("function", "analytics"):
        (tmp_path / f"{name}.zip").write_bytes(name.encode())
    note(tmp_path, digest())
    return tmp_path


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def test_without_a_package_nothing_is_asked_of_aws(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="make package"):
        script.deploy(target(tmp_path), {})


def test_a_stale_package_is_not_deployed(package: Path) -> None:
    (package / "function.zip").write_bytes(b"an older one")
    with pytest.raises(DeployError, match=r"function\.zip is not what was packed: run `make package` first"):
        script.deploy(target(package), {})


def test_a_parameter_no_template_has_is_refused_naming_those_there_are(package: Path) -> None:
    with pytest.raises(DeployError, match="no parameter Sendr; there are Sender"):
        script.deploy(target(package), {"Sendr": "x"})


def test_a_region_without_ses_is_refused(package: Path) -> None:
    with pytest.raises(DeployError, match="no SES in cn-north-1"):
        check_mail(target(package, "cn-north-1"), {})


def test_where_a_mail_server_is_named_no_region_needs_ses(package: Path) -> None:
    check_mail(target(package, "cn-north-1"), {"SmtpHost": "mail.example.com"})


def test_a_mail_server_named_on_an_earlier_deployment_still_counts(package: Path) -> None:
    class Formation:
        def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
            kept = [{"ParameterKey": k, "ParameterValue": v} for k, v in (("SmtpHost", "a"), ("Currency", "EUR"))]
            return {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Parameters": kept}]}

    assert script.already_set(Formation(), "code", {"Currency": "CNY"}) == {"SmtpHost": "a"}


def test_the_secret_is_made_once_and_never_changed(package: Path, aws: None) -> None:
    chosen = target(package)
    script.keep_secret(chosen)
    ssm = chosen.client("ssm")
    first = ssm.get_parameter(Name="/leadline/dev/secret", WithDecryption=True)["Parameter"]
    script.keep_secret(chosen)
    assert ssm.get_parameter(Name="/leadline/dev/secret", WithDecryption=True)["Parameter"]["Value"] == first["Value"]
    assert (first["Type"], len(first["Value"])) == ("SecureString", 64)


@pytest.mark.parametrize(("quota", "kept"), [(10, {}), (299, {}), (300, {"HttpConcurrency": "100"})])
def test_a_new_deployment_keeps_executions_for_forms_where_the_accounts_quota_has_them(
    quota: int, kept: dict[str, str]
) -> None:
    functions = boto3.client("lambda", "eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(functions) as told:
        told.add_response("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": quota}})
        assert kept_at_first(functions) == kept


def test_whose_credentials_may_not_ask_for_the_quota_deploys_all_the_same() -> None:
    functions = boto3.client("lambda", "eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(functions) as told:
        told.add_client_error("get_account_settings", "AccessDeniedException")
        assert kept_at_first(functions) == {}


def test_a_zip_is_named_by_what_is_in_it_and_loaded_up_once(package: Path, aws: None) -> None:
    chosen = target(package, "us-east-1")
    s3 = chosen.client("s3")
    s3.create_bucket(Bucket="code")
    keys = buckets.upload(chosen, "code")
    written = {found["Key"]: found["LastModified"] for found in s3.list_objects_v2(Bucket="code")["Contents"]}
    assert set(keys.values()) == set(written)
    assert buckets.upload(chosen, "code") == keys
    (package / "function.zip").write_bytes(b"changed")
    assert buckets.upload(chosen, "code")["CodeKey"] != keys["CodeKey"]


def test_zips_of_long_ago_are_dropped_and_those_a_rollback_may_ask_for_stay(package: Path, aws: None) -> None:
    chosen = target(package, "us-east-1")
    s3 = chosen.client("s3")
    s3.create_bucket(Bucket="code")
    for number in range(buckets.ZIPS_KEPT + 2):
        s3.put_object(Bucket="code", Key=f"function-{number}.zip", Body=b"")
    s3.put_object(Bucket="code", Key="analytics-0.zip", Body=b"")
    buckets.prune(chosen, "code")
    left = [found["Key"] for found in s3.list_objects_v2(Bucket="code")["Contents"]]
    assert len(left) == buckets.ZIPS_KEPT + 1
    assert "analytics-0.zip" in left


def test_what_s3_sends_to_try_a_queue_out_is_no_dead_letter(package: Path, aws: None) -> None:
    chosen = target(package, "us-east-1")
    sqs = chosen.client("sqs")
    url = sqs.create_queue(QueueName="leadline-dev-changes-dead")["QueueUrl"]
    for body in ('{"Service":"Amazon S3","Event":"s3:TestEvent"}', '{"Records": []}'):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    buckets.drop_test_events(chosen, "leadline-dev-")
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    left = [counts[f"ApproximateNumberOfMessages{state}"] for state in ("", "NotVisible")]
    assert sum(map(int, left)) == 1


def client_error(code: str, message: str = "because") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateStack")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NoCredentialsError(), "there are no AWS credentials"),
        (client_error("AccessDenied", "User x is not authorized"), "may not CreateStack: User x is not authorized"),
        (client_error("ExpiredToken"), "expired or unknown"),
        (client_error("ValidationError", "no such thing"), "CreateStack: no such thing"),
        (DeployError("half made"), "half made"),
    ],
)
def test_what_goes_wrong_is_one_line(error: Exception, told: str) -> None:
    assert told in explain(error)
    assert "\n" not in explain(error)


@pytest.mark.parametrize("arguments", [["--stage", "Big"], ["--stage", "x" * 16], ["--set", "Sender"], ["--with-data"]])
def test_arguments_that_cannot_be_are_refused_before_anything_else(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        script.main(arguments)
    assert left.value.code == 2


def test_data_is_deleted_only_by_typing_the_stages_name(package: Path) -> None:
    with pytest.raises(DeployError, match="nothing was removed"):
        list(remove(target(package), with_data=True, yes=False, ask=lambda _: "y"))


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"BrandColor": "#ffcc00"}, "WCAG AA"),
        ({"BrandColorDark": "#000000"}, "LEADLINE_BRAND_COLOR_DARK"),
        ({"BrandLogo": "templates/brand/nothing.svg"}, "nothing.svg"),
        ({"BrandLogo": "templates/assets/app.css"}, "LEADLINE_BRAND_LOGO"),
    ],
)
def test_a_brand_no_page_could_show_is_refused_before_anything_is_deployed(chosen: dict[str, str], why: str) -> None:
    with pytest.raises(DeployError, match=why):
        check_brand(chosen)
    check_brand({"BrandColor": "#7a1f5c", "BrandLogo": "templates/assets/favicon.svg"})
