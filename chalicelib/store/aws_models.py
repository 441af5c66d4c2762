"""The services' models as botocore reads them, with less to read.

botocore looks into four hundred folders to know which services there are, and parses JSON in Python: a third of the
time a client takes to be made, which a visitor waits for at a cold start (measured in bench/capture_import.py)."""

import gzip
from functools import cache
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader

_SERVICES = ["dynamodb", "s3", "sesv2", "sqs", "ssm"]


class _FastLoader(JSONFileLoader):  # type: ignore[misc]
    """Reads what botocore ships, plain or compressed, by a parser in C."""

    def load_file(self, file_path: str) -> Any:
        for ending, open_method in ((".json", open), (".json.gz", gzip.open)):
            try:
                with open_method(file_path + ending, "rb") as file:
                    return msgspec.json.decode(file.read())
            except FileNotFoundError:
                continue
        return None


class OurModels(Loader):  # type: ignore[misc]
    """Knows the services we use, where botocore's own data says they are."""

    FILE_LOADER_CLASS = _FastLoader

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002
        return _SERVICES


@cache
def our_models() -> OurModels:
    """One in a process: each file is read once, however many clients are made."""
    return OurModels()
