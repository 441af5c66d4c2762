"""What a deployment puts into its buckets, and what they leave behind that nobody asked for."""

import hashlib
from typing import Any


def upload(target: Any, bucket: str) -> dict[str, str]:
    """Both zips into the code bucket, named by their contents; the parameters that name them."""
    s3, keys = target.client("s3"), {}
    there = {found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", ())}
    for parameter, name in (("CodeKey", "function"), ("LayerKey", "analytics")):
        body = (target.package / f"{name}.zip").read_bytes()
        key = f"{name}-{hashlib.sha256(body).hexdigest()[:16]}.zip"
        if key not in there:
            s3.put_object(Bucket=bucket, Key=key, Body=body)
        keys[parameter] = key
    return keys


def drop_test_events(target: Any, queue_prefix: str) -> None:
    """S3 tries out each queue that a bucket tells of its files; among dead letters that would raise the alarm."""
    sqs = target.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{queue_prefix}changes-dead")["QueueUrl"]
    asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 5, "WaitTimeSeconds": 1}
    while tests := [m for m in sqs.receive_message(**asked).get("Messages", ()) if '"s3:TestEvent"' in m["Body"]]:
        for message in tests:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


# So many zips of each kind stay: the one that runs, and those a rollback may ask for.
ZIPS_KEPT = 5


def prune(target: Any, bucket: str) -> None:
    """Drop zips of long ago."""
    s3 = target.client("s3")
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", ())
    for name in ("function-", "analytics-"):
        newest = sorted((f for f in found if f["Key"].startswith(name)), key=lambda f: f["LastModified"], reverse=True)
        for old in newest[ZIPS_KEPT:]:
            s3.delete_object(Bucket=bucket, Key=old["Key"])
