"""The AWS clients, each made on first use: over botocore, since boto3 adds import time and nothing we use."""

import threading
from typing import Any


class AwsClients:
    """Clients of one region, safe to share between threads. `endpoint` points all of them at an emulator."""

    def __init__(self, region: str, endpoint: str = "") -> None:
        self._region = region
        self._endpoint = endpoint
        self._lock = threading.RLock()
        self._session: Any = None
        self._made: dict[str, Any] = {}

    def dynamodb(self) -> Any:
        """Short times: a visitor waits. The client repeats what was lost on the way; conflicts are the table's."""
        return self._client("dynamodb", connect=2, read=5, attempts=4)

    def s3(self) -> Any:
        return self._client("s3", connect=3, read=30, attempts=4)

    def sqs(self) -> Any:
        return self._client("sqs", connect=2, read=25, attempts=4)

    def ses(self) -> Any:
        """One attempt: a mail whose reply was lost may have left, and whether it goes again is the outbox's rule."""
        return self._client("sesv2", connect=3, read=20, attempts=1)

    def ssm(self) -> Any:
        return self._client("ssm", connect=2, read=5, attempts=4)

    def _client(self, service: str, connect: int, read: int, attempts: int) -> Any:
        client = self._made.get(service)
        if client is None:
            with self._lock:
                client = self._made.get(service) or self._make(service, connect, read, attempts)
                self._made[service] = client
        return client

    def _make(self, service: str, connect: int, read: int, attempts: int) -> Any:
        import botocore.session
        from botocore.config import Config

        from chalicelib.store.aws_models import our_models

        if self._session is None:
            self._session = botocore.session.Session()
            self._session.register_component("data_loader", our_models())
        return self._session.create_client(
            service,
            region_name=self._region,
            endpoint_url=self._endpoint or None,
            config=Config(
                connect_timeout=connect,
                read_timeout=read,
                retries={"mode": "standard", "total_max_attempts": attempts},
                max_pool_connections=50,
                # Said outright, as presigned posts would else name the global address, which redirects, and a browser
                # does not follow that with a file. An emulator's host has no names below it.
                s3={"addressing_style": "path" if self._endpoint else "virtual"},
                # Left to itself the client signs links and forms for the oldest regions in a way (version 2) that S3
                # refuses for buckets made after June 2020.
                signature_version="s3v4" if service == "s3" else None,
            ),
        )

    def close(self) -> None:
        for client in self._made.values():
            client.close()
