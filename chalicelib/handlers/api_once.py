"""`Idempotency-Key` where a program makes something that is no submission."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.flows.make_once import id_to_make, was_asked
from chalicelib.flows.read_post import MOST_TOKEN
from chalicelib.handlers.api_fields import wrong
from chalicelib.handlers.web import header
from chalicelib.records.api_key import ApiKey
from chalicelib.wiring import service


def asked_before(request: Any, key: ApiKey, body: Mapping[str, Any]) -> bool:
    """Whether this very request came before with its `Idempotency-Key`. Raises Problem, TokenReused."""
    return bool(token := _token(request, key)) and was_asked(service().deps, token, _told(body))


def id_to_make_once(request: Any, key: ApiKey, body: Mapping[str, Any]) -> str:
    """The id of what is made of this request, the same each time it comes with its `Idempotency-Key`; "" without one.
    To be asked for once nothing can be wrong with the body any more. Raises Problem, TokenReused."""
    return id_to_make(service().deps, token, _told(body)) if (token := _token(request, key)) else ""


def _token(request: Any, key: ApiKey) -> str:
    given = header(request, "idempotency-key")
    if len(given) > MOST_TOKEN:
        raise wrong("Idempotency-Key", f"a one-time token has at most so many characters: {MOST_TOKEN}")
    told = json.dumps([key.digest, request.context.get("path", ""), given])
    return service().deps.digest(f"made-once:{told}") if given else ""


def _told(body: Mapping[str, Any]) -> str:
    return str(service().deps.digest(f"made-once:{json.dumps(body, sort_keys=True)}"))
