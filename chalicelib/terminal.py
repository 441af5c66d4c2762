"""What the command line says: a document for programs or a text for people, and refusals in one plain line."""

import json
from argparse import Namespace
from typing import Any


class Refused(Exception):
    """Input that cannot be used, in one plain line."""


def show(arguments: Namespace, document: Any, text: str) -> None:
    """The document on one line where `--json` was given, else the text."""
    print(json.dumps(document, ensure_ascii=False) if arguments.json else text)
