"""Blobs in an S3 bucket; presigned posts by which a browser puts one there itself, and links by which it gets one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from chalicelib.records.ports import PostForm
from chalicelib.store.aws_errors import as_unavailable, code_of
from chalicelib.store.blob_keys import checked

_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})


class S3Blobs:
    """Implements Blobs, PresignedUploads, PresignedDownloads. `client` gives the S3 client, made when first needed."""

    def __init__(self, client: Callable[[], Any], bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._origin = ""

    def put(self, key: str, body: bytes) -> None:
        with as_unavailable():
            self._client().put_object(Bucket=self._bucket, Key=checked(key), Body=body)

    def get(self, key: str) -> bytes | None:
        try:
            with as_unavailable(but=_ABSENT):
                answer = self._client().get_object(Bucket=self._bucket, Key=checked(key))
                content: bytes = answer["Body"].read()
                return content
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise

    def delete(self, key: str) -> None:
        with as_unavailable():
            self._client().delete_object(Bucket=self._bucket, Key=checked(key))

    def list(self, prefix: str) -> list[str]:
        """Keys that begin with the prefix, in order (S3's is that of UTF-8), a thousand for each call."""
        keys: list[str] = []
        asked = {"Bucket": self._bucket, "Prefix": prefix}
        while True:
            with as_unavailable():
                page = self._client().list_objects_v2(**asked)
            keys += [entry["Key"] for entry in page.get("Contents", [])]
            if not page.get("IsTruncated"):
                return keys
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def origin(self) -> str:
        if not self._origin:
            parts = urlsplit(self._client().generate_presigned_post(self._bucket, "origin")["url"])
            self._origin = f"{parts.scheme}://{parts.netloc}"
        return self._origin

    def presigned_upload(self, key: str, max_bytes: int, content_type: str, expires: timedelta) -> PostForm:
        """A form by which a browser posts exactly this key, of this type, of 1 to `max_bytes` bytes; made without a
        call. S3 refuses anything else with 403 or 400."""
        posted = self._client().generate_presigned_post(
            self._bucket,
            checked(key),
            Fields={"Content-Type": content_type},
            # The key is a condition of its own, an exact one, since it does not end in ${filename}.
            Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, max_bytes]],
            ExpiresIn=int(expires.total_seconds()),
        )
        return PostForm(posted["url"], posted["fields"])

    def presigned_download(self, key: str, file_name: str, content_type: str, expires: timedelta) -> str:
        """A link to exactly this key, answered as a file of that name and type; made without a call."""
        asked = {
            "Bucket": self._bucket,
            "Key": checked(key),
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
            "ResponseContentType": content_type,
            "ResponseCacheControl": "no-store",
        }
        seconds = int(expires.total_seconds())
        link: str = self._client().generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)
        return link
