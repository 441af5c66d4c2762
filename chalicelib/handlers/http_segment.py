"""As Segment's HTTP tracking API: messages of its libraries, one or a batch, answered as they expect."""

import base64
import gzip
import json
import logging
import zlib
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

from chalice import Response

from chalicelib.capture.intakes_segment import (
    KINDS,
    MOST_BATCH,
    MOST_MESSAGE,
    MOST_MESSAGES,
    may_say_who,
    says_who,
    write_key_of,
)
from chalicelib.flows.keep_post import packed
from chalicelib.flows.receive import receive
from chalicelib.flows.submission import TokenReused
from chalicelib.handlers.http_door import raw_post, sent_to_nobody
from chalicelib.handlers.limits import give_back_by_address, limit_by_address
from chalicelib.handlers.web import as_json, header
from chalicelib.records.arrival import Entry, RawPost, Refused
from chalicelib.records.intake import Intake
from chalicelib.records.ports import StoreUnavailable
from chalicelib.wiring import service

log = logging.getLogger("leadline")

_TAKEN = {"success": True}
_ASKING = "asking-events"


def post_one(request: Any) -> Response:
    """`/v1/identify`, `/v1/track` and so on: what is wrong with a message is said, which Segment itself does not."""
    kind = str(request.context.get("path", "")).rpartition("/")[2]
    return _post(request, lambda body: [{**body, "type": kind}], MOST_MESSAGE)


def post_batch(request: Any) -> Response:
    """Each message is taken for itself: one that is wrong is kept with its reason, and holds up no other."""
    return _post(request, _messages, MOST_BATCH)


def _messages(body: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Those of a batch, each with the batch's context where it has none of its own; None where they are none."""
    batch = body.get("batch")
    if not isinstance(batch, list) or len(batch) > MOST_MESSAGES or not all(isinstance(one, dict) for one in batch):
        return None
    return [{"context": body.get("context"), **one} for one in batch]


def _post(request: Any, split: Any, most: int) -> Response:
    limit_by_address(request, "events")
    body = _read(request, most)
    if isinstance(body, str):
        return _wrong(413 if "larger" in body else 400, body)
    key = write_key_of(_write_key(request, body))
    messages = split(body)
    if messages is None or any(one.get("type") not in KINDS for one in messages):
        return _wrong(400, "each message of the batch is an object with a type")
    if any(len(json.dumps(one)) > 2 * MOST_MESSAGE for one in messages):
        return _wrong(413, "a message is larger than 32 KB")
    intake = _intake(key)
    if intake is None or (isinstance(intake, Intake) and not (intake.active and intake.entry is Entry.SEGMENT)):
        sent_to_nobody(request, Entry.SEGMENT)
        return _wrong(401, "the write key is not known here")
    if isinstance(intake, Intake):
        answers = [_take(request, key, one) for one in messages if says_who(one, intake.events)]
    else:
        # Which events ask nobody can say now: what asks for nothing is dropped when it is looked at.
        answers = [_wait(_post_of(request, key, one)) for one in messages if may_say_who(one)]
    refused = [answer for answer in answers if answer]
    return _wrong(400, refused[0]) if refused and split is not _messages else as_json(_TAKEN)


def _read(request: Any, most: int) -> dict[str, Any] | str:
    """The body, or what is wrong with it. It may be packed: not more is unpacked than it may be long."""
    raw = request.raw_body
    if len(raw) > most:
        return f"the body is larger than {most} bytes"
    try:
        if header(request, "content-encoding").lower() == "gzip":
            raw = gzip.GzipFile(fileobj=BytesIO(raw)).read(most + 1)
            if len(raw) > most:
                return f"the body is larger than {most} bytes"
        body = json.loads(raw)
    except (ValueError, OSError, EOFError, RecursionError, zlib.error):
        return "the body is no JSON"
    return body if isinstance(body, dict) else "the body is no JSON object"


def _write_key(request: Any, body: Mapping[str, Any]) -> str:
    """By basic authentication, as user without a password; scripts in a page say it in the body."""
    scheme, _, told = header(request, "authorization").partition(" ")
    if scheme.lower() != "basic":
        return str(body.get("writeKey") or "")
    try:
        return base64.b64decode(told.strip(), validate=True).decode("ascii").partition(":")[0]
    except ValueError:
        return ""


def _intake(key: str) -> Intake | StoreUnavailable | None:
    """Whose key it is; while the store is down nobody may know, and it is looked at when what was sent is done."""
    try:
        return service().deps.directory.intake(key) if key else None
    except StoreUnavailable as error:
        return error


def _take(request: Any, key: str, message: Mapping[str, Any]) -> str:
    """What is wrong with a message, "" for nothing. It waits at the door while the store is down."""
    post = _post_of(request, key, message)
    try:
        answer = receive(service().deps, post)
    except TokenReused:
        return "this messageId came before with other values"
    except StoreUnavailable:
        return _wait(post)
    if isinstance(answer, Refused):
        return "; ".join(f"{one.field}: {one.reason}" for one in answer.problems)
    if answer.repeated:
        # Or a batch that was turned away half taken would, sent again, never come further.
        give_back_by_address(request, _ASKING)
    return ""


def _post_of(request: Any, key: str, message: Mapping[str, Any]) -> RawPost:
    """Counted for itself: a batch is as many posts as it holds. Where that is too many, it is sent again, and those
    that were taken are known. Raises Problem 429."""
    limit_by_address(request, _ASKING)
    raw = raw_post(request, Entry.SEGMENT, form_id=key)
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    return replace(raw, content_type="application/json", body=body, once="", referrer="")


def _wait(post: RawPost) -> str:
    service().deps.door.keep(post.post_id, packed(post))
    log.warning("submission %s waits at the door", post.post_id)
    return ""


def _wrong(status: int, message: str) -> Response:
    return as_json({"success": False, "message": message}, status)
