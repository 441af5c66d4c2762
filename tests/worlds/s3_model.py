"""S3 in memory, at the boundary of botocore's client: one bucket after another, strongly consistent as S3 is."""

from bisect import bisect_left, bisect_right, insort
from io import BytesIO
from typing import Any

from tests.worlds.dynamo_model import refusal

_PAGE = 1000


class S3Model:
    """A low-level client of S3."""

    def __init__(self) -> None:
        self.buckets: dict[str, dict[str, bytes]] = {}
        self._order: dict[str, list[bytes]] = {}

    def create_bucket(self, Bucket: str, **_: Any) -> None:  # noqa: N803
        self.buckets[Bucket], self._order[Bucket] = {}, []

    def delete_bucket(self, Bucket: str) -> None:  # noqa: N803
        if self.buckets.pop(Bucket):
            raise refusal("DeleteBucket", "BucketNotEmpty", 409)

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> dict[str, Any]:  # noqa: N803
        if Key not in self.buckets[Bucket]:
            insort(self._order[Bucket], Key.encode())
        self.buckets[Bucket][Key] = bytes(Body)
        return {}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        body = self.buckets[Bucket].get(Key)
        if body is None:
            raise refusal("GetObject", "NoSuchKey", 404)
        return {"Body": BytesIO(body)}

    def delete_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if self.buckets[Bucket].pop(Key, None) is not None:
            del self._order[Bucket][bisect_left(self._order[Bucket], Key.encode())]
        return {}

    def list_objects_v2(self, Bucket: str, Prefix: str = "", ContinuationToken: str = "") -> dict[str, Any]:  # noqa: N803
        order, prefix = self._order[Bucket], Prefix.encode()
        start = bisect_right(order, ContinuationToken.encode()) if ContinuationToken else bisect_left(order, prefix)
        keys = []
        for key in order[start : start + _PAGE + 1]:
            if not key.startswith(prefix):
                break
            keys.append(key.decode())
        if len(keys) > _PAGE:
            return {"Contents": _told(keys[:_PAGE]), "IsTruncated": True, "NextContinuationToken": keys[_PAGE - 1]}
        return {"Contents": _told(keys), "IsTruncated": False}

    def close(self) -> None:
        """Nothing is held open."""


def _told(keys: list[str]) -> list[dict[str, str]]:
    return [{"Key": key} for key in keys]
