"""Take a deployment away: the code alone, or with its data."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from infra import stacks
from infra.stacks import DeployError


def remove(target: Any, with_data: bool, yes: bool, ask: Callable[[str], str] = input) -> Iterator[str]:
    """What was removed, a line each. Raises DeployError when a person says no."""
    if (
        with_data
        and not yes
        and ask(f"All data of {target.stage} goes for good. Type {target.stage}: ") != target.stage
    ):
        raise DeployError("nothing was removed")
    cloudformation = target.client("cloudformation")
    gone = stacks.delete(cloudformation, target.code_stack)
    yield f"{target.code_stack}: {'removed' if gone else 'was not there'}"
    if not with_data:
        yield f"{target.data_stack}: kept, with its table, bucket and queues"
        return
    kept = _resources(cloudformation, target.data_stack)
    _empty_and_unlock(target, kept)
    if stacks.describe(cloudformation, target.data_stack) is not None:
        stacks.protect(cloudformation, target.data_stack, False)
    gone = stacks.delete(cloudformation, target.data_stack)
    yield f"{target.data_stack}: {'removed' if gone else 'was not there'}"
    for kind, name in kept:
        if _delete(target, kind, name):
            yield f"{name}: deleted"
    if _quietly(lambda: target.client("ssm").delete_parameter(Name=target.secret)):
        yield f"{target.secret}: deleted"


def _resources(cloudformation: Any, stack: str) -> list[tuple[str, str]]:
    if stacks.describe(cloudformation, stack) is None:
        return []
    found = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    # One that was never made may name what is somebody else's: a half-made stack owns only what it created.
    own = [r for r in found if r.get("PhysicalResourceId") and r["ResourceStatus"] not in _NOT_OURS]
    return [(r["ResourceType"], r["PhysicalResourceId"]) for r in own]


_NOT_OURS = ("CREATE_FAILED", "DELETE_COMPLETE")


def _empty_and_unlock(target: Any, kept: list[tuple[str, str]]) -> None:
    for kind, name in kept:
        if kind == "AWS::DynamoDB::Table":
            unlock = target.client("dynamodb").update_table
            _quietly(lambda unlock=unlock, name=name: unlock(TableName=name, DeletionProtectionEnabled=False))
        if kind == "AWS::S3::Bucket":
            _empty(target.client("s3"), name)


def _empty(s3: Any, bucket: str) -> None:
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            keys = [{"Key": found["Key"]} for found in page.get("Contents", ())]
            if keys:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def _delete(target: Any, kind: str, name: str) -> bool:
    """Delete what the stack left because it retains it; whether it was still there."""
    if kind == "AWS::DynamoDB::Table":
        return _quietly(lambda: target.client("dynamodb").delete_table(TableName=name))
    if kind == "AWS::S3::Bucket":
        return _quietly(lambda: target.client("s3").delete_bucket(Bucket=name))
    if kind == "AWS::SQS::Queue":
        return _quietly(lambda: target.client("sqs").delete_queue(QueueUrl=name))
    return False


_GONE = ("ResourceNotFoundException", "NoSuchBucket", "ParameterNotFound", "QueueDoesNotExist",
         "AWS.SimpleQueueService.NonExistentQueue")  # fmt: skip


def _quietly(call: Callable[[], Any]) -> bool:
    """Whether there was something to do; that it is gone already is well."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return False
        print(f"left: {error.response['Error'].get('Message')}", file=sys.stderr)
        return False
    return True
