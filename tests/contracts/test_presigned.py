"""A browser may put exactly the file it was given a form for into the bucket."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from chalicelib.records.ports import PostForm
from chalicelib.store.aws_clients import AwsClients
from chalicelib.store.blobs_s3 import S3Blobs
from tests.contracts.places import PLACES, THREADED, aws, drop_bucket, make_bucket

KEY = "uploads/01JD8Z3V5Q9W2N4K6M8P0R1T3V/source"


def open_bucket(place: str) -> Iterator[S3Blobs]:
    with aws(place) as clients:
        bucket = make_bucket(clients)
        yield S3Blobs(clients.s3, bucket)
        drop_bucket(clients, bucket)


@pytest.fixture(params=PLACES)
def bucket(request: pytest.FixtureRequest) -> Iterator[S3Blobs]:
    yield from open_bucket(request.param)


def form(bucket: S3Blobs, key: str = KEY, most: int = 1000) -> PostForm:
    return bucket.presigned_upload(key, most, "text/csv", timedelta(minutes=10))


def test_the_form_names_the_key_the_type_the_sizes_and_its_end(bucket: S3Blobs):
    made = form(bucket)
    policy = json.loads(base64.b64decode(made.fields["policy"]))
    conditions = policy["conditions"]
    assert {"key": KEY} in conditions
    assert {"Content-Type": "text/csv"} in conditions
    assert ["content-length-range", 1, 1000] in conditions
    assert made.fields["key"] == KEY
    assert made.fields["Content-Type"] == "text/csv"
    ends = datetime.fromisoformat(policy["expiration"]) - datetime.now(UTC)
    assert timedelta(minutes=9) < ends <= timedelta(minutes=10)


def test_a_form_posts_to_the_buckets_own_region():
    with aws("moto") as clients:
        blobs = S3Blobs(clients.s3, "leadline-prod")
        made = blobs.presigned_upload(KEY, 9, "text/csv", timedelta(minutes=1))
        assert made.url == "https://leadline-prod.s3.eu-central-1.amazonaws.com/"
        assert blobs.origin() == "https://leadline-prod.s3.eu-central-1.amazonaws.com"


def test_no_form_is_made_for_a_key_that_is_none_of_ours(bucket: S3Blobs):
    for key in ("../x", "uploads/${filename}", ""):
        with pytest.raises(ValueError):
            form(bucket, key)


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-central-1"])
def test_links_and_forms_are_signed_as_every_bucket_takes_it_in_the_oldest_regions_too(region: str):
    with aws("moto"):
        clients = AwsClients(region)
        blobs = S3Blobs(clients.s3, "leadline-prod")
        fields = blobs.presigned_upload(KEY, 9, "text/csv", timedelta(minutes=1)).fields
        link = blobs.presigned_download("downloads/1/leads.csv", "leads.csv", "text/csv", timedelta(minutes=5))
        clients.close()
    assert fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    asked = {name: value for name, (value,) in parse_qs(urlsplit(link).query).items()}
    assert (asked["X-Amz-Algorithm"], asked["X-Amz-Expires"]) == ("AWS4-HMAC-SHA256", "300")
    assert asked["response-content-disposition"] == 'attachment; filename="leads.csv"'
    assert urlsplit(link).path == "/downloads/1/leads.csv"
    assert urlsplit(link).scheme == "https"


def test_no_link_is_made_to_a_key_that_is_none_of_ours(bucket: S3Blobs):
    with pytest.raises(ValueError):
        bucket.presigned_download("../secret", "x.csv", "text/csv", timedelta(minutes=5))


@dataclass
class Posted:
    bucket: S3Blobs
    made: PostForm

    def post(self, body: bytes, **fields: str) -> int:
        files = {"file": ("list.csv", body, "text/csv")}
        return httpx.post(self.made.url, data=self.made.fields | fields, files=files).status_code


# Moto takes posts without looking at their policy, and only from within this process.
if THREADED:

    @pytest.fixture(params=THREADED)
    def posted(request: pytest.FixtureRequest) -> Iterator[Posted]:
        for bucket in open_bucket(request.param):
            yield Posted(bucket, form(bucket))

    def test_the_file_posted_with_the_form_is_the_blob(posted: Posted):
        assert posted.post(b"name,email\n") == 204
        assert posted.bucket.get(KEY) == b"name,email\n"

    def test_another_key_type_or_size_is_refused(posted: Posted):
        assert posted.post(b"x", key="uploads/other/source") == 403
        assert posted.post(b"x", **{"Content-Type": "text/html"}) == 403
        assert posted.post(b"x" * 1001) == 400
        assert posted.post(b"") == 400
        assert posted.bucket.list("") == []

    def test_a_link_gives_the_blob_under_our_name_and_no_other(posted: Posted):
        posted.bucket.put("downloads/1/leads.csv", b"a,b\n")
        link = posted.bucket.presigned_download("downloads/1/leads.csv", "leads.csv", "text/csv", timedelta(minutes=5))
        answer = httpx.get(link)
        assert (answer.status_code, answer.content) == (200, b"a,b\n")
        assert answer.headers["content-disposition"] == 'attachment; filename="leads.csv"'
        posted.bucket.delete("downloads/1/leads.csv")

    def test_a_form_that_has_ended_is_refused(posted: Posted):
        ended = posted.bucket.presigned_upload(KEY, 1000, "text/csv", timedelta(seconds=-5))
        assert replace(posted, made=ended).post(b"x") == 403
        assert posted.bucket.list("") == []
