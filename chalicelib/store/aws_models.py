"""The services' models as botocore reads them, with less to read.

botocore looks into four hundred folders to know which services there are, parses JSON in Python, and makes objects of
the addresses of every service: half the time a client takes to be made, which a visitor waits for at a cold start
(measured in bench/capture_import.py)."""

import gzip
import os
from functools import cache
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader

_SERVICES = ["dynamodb", "s3", "sesv2", "sqs", "ssm"]
# By the names their addresses go by (`endpointPrefix`).
_ADDRESSES = ["dynamodb", "s3", "email", "sqs", "ssm"]
_ENDPOINTS = f"{os.sep}endpoints"
_parse = msgspec.json.decode


class _FastLoader(JSONFileLoader):  # type: ignore[misc]
    """Reads what botocore ships, plain or compressed, by a parser in C."""

    def load_file(self, file_path: str) -> Any:
        for ending, open_method in ((".json", open), (".json.gz", gzip.open)):
            try:
                with open_method(file_path + ending, "rb") as file:
                    return _of_ours(file.read()) if file_path.endswith(_ENDPOINTS) else _parse(file.read())
            except FileNotFoundError:
                continue
        return None


class _Endpoints(msgspec.Struct):
    version: int
    partitions: list[dict[str, msgspec.Raw]]


def _of_ours(body: bytes) -> dict[str, Any]:
    """botocore's `endpoints.json` with the services we use alone; the others' are passed over unread."""
    found = _parse(body, type=_Endpoints)
    return {"version": found.version, "partitions": [_partition(parts) for parts in found.partitions]}


def _partition(parts: dict[str, msgspec.Raw]) -> dict[str, Any]:
    services = _parse(parts.pop("services"), type=dict[str, msgspec.Raw])
    ours = {name: _parse(services[name]) for name in _ADDRESSES if name in services}
    return {name: _parse(part) for name, part in parts.items()} | {"services": ours}


class OurModels(Loader):  # type: ignore[misc]
    """Knows the services we use, where botocore's own data says they are."""

    FILE_LOADER_CLASS = _FastLoader

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002
        return _SERVICES


@cache
def our_models() -> OurModels:
    """One in a process: each file is read once, however many clients are made."""
    return OurModels()
