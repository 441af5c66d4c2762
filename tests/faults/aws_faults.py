"""Faults on the way to AWS and back, by botocore's hooks over moto in this process.

A hook that only returns a response does not keep moto from carrying the call out, since all hooks run: what must not
happen is sent to a host that moto does not know. What must have happened raises in the last hook, after moto's."""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.retries import standard

from tests.faults.finished import handed_of
from tests.faults.invariants import Handed
from tests.faults.moto_shortcuts import shortcut
from tests.faults.plan import Fault, Plan

KINDS = (
    Fault.THROTTLE, Fault.CONFLICT, Fault.BEFORE, Fault.AFTER, Fault.LOST_RETRIED, Fault.LOST, Fault.TIMEOUT,
    Fault.CRASH_BEFORE, Fault.CRASH_AFTER,
)  # fmt: skip
_NOWHERE = "http://nowhere.invalid/"
_CONFLICTING = frozenset({"PutItem", "TransactWriteItems"})
_READS = ("Get", "BatchGet", "Query", "Scan", "List", "Head")
# A call that changes nothing has either been answered or not: how it was not makes no difference to the store's port,
# as the side effects show.
_OF_READS = (Fault.THROTTLE, Fault.CRASH_BEFORE)


def reads(call: str) -> bool:
    return call.split(".")[1].startswith(_READS)


def kinds_for(call: str) -> tuple[Fault, ...]:
    """The faults that can strike at a call, named "dynamodb.PutItem"."""
    if reads(call):
        return _OF_READS
    return tuple(kind for kind in KINDS if kind is not Fault.CONFLICT or call.split(".")[1] in _CONFLICTING)


class AwsFaults:
    """Puts a plan's faults into clients, and keeps what SES took."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.handed: list[Handed] = []
        self._fault: Fault | None = None
        self._attempt = 0
        self._request: Any = None

    def into(self, client: Any) -> None:
        events = client.meta.events
        service = client.meta.service_model.service_name
        events.register_first("before-call", self._called)
        events.register_first(f"before-send.{service}", self._leaves)
        events.register_last("before-send", self._taken)
        events.register("after-call", self._answered)
        _retry_at_once(client)
        client._make_api_call = self._at_once(service, client._make_api_call)

    def _called(self, model: Any, **_: Any) -> None:
        self._attempt = 0
        self._fault = self.plan.next(f"{model.service_model.service_name}.{model.name}")
        if self._fault is Fault.CRASH_BEFORE:
            raise self.plan.crash()

    def _at_once(self, service: str, ask: Callable[[str, dict[str, Any]], Any]) -> Callable[[str, dict[str, Any]], Any]:
        """What no fault is for may be answered without botocore's and moto's long way; it is numbered all the same."""

        def call(operation: str, asked: dict[str, Any]) -> Any:
            answer = None if self.plan.dead or self.plan.strikes_next() else shortcut(operation, asked)
            if answer is None:
                return ask(operation, asked)
            self.plan.next(f"{service}.{operation}")
            return answer

        return call

    def _leaves(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        self._attempt += 1
        service, operation = event_name.split(".")[1:3]
        if self._fault is Fault.TIMEOUT:
            raise ReadTimeoutError(endpoint_url=request.url)
        if self._fault is Fault.CONFLICT and self._attempt == 1:
            return _diverted(request, 400, _conflict(operation, request))
        if self._fault is Fault.THROTTLE:
            status, code = _THROTTLES[service]
            return _diverted(request, status, _error(service, code))
        if self._fault is Fault.BEFORE:
            return _diverted(request, 500, _error(service, _BROKEN[service]))
        return None

    def _taken(self, request: Any, event_name: str, **_: Any) -> None:
        if request.url == _NOWHERE:
            return
        if event_name.endswith(".SendEmail"):
            self.handed.append(handed_of(base64.b64decode(json.loads(request.body)["Content"]["Raw"]["Data"])))
        if self._fault is Fault.AFTER:
            raise ConnectionClosedError(endpoint_url=request.url)
        if self._fault is Fault.LOST_RETRIED and self._attempt == 1:
            raise ReadTimeoutError(endpoint_url=request.url)

    def _answered(self, **_: Any) -> None:
        if self._fault is Fault.LOST:
            raise ReadTimeoutError(endpoint_url="lost")
        if self._fault is Fault.CRASH_AFTER:
            raise self.plan.crash()


_THROTTLES = {
    "dynamodb": (400, "ThrottlingException"), "s3": (503, "SlowDown"), "sqs": (400, "ThrottlingException"),
    "sesv2": (429, "TooManyRequestsException"),
}  # fmt: skip
_BROKEN = {
    "dynamodb": "InternalServerError",
    "s3": "InternalError",
    "sqs": "InternalFailure",
    "sesv2": "InternalFailure",
}


def _error(service: str, code: str) -> bytes:
    if service == "s3":
        return f"<Error><Code>{code}</Code><Message>injected</Message></Error>".encode()
    return json.dumps({"__type": f"com.amazonaws#{code}", "message": "injected"}).encode()


def _conflict(operation: str, request: Any) -> bytes:
    if operation != "TransactWriteItems":
        return _error("dynamodb", "TransactionConflictException")
    items = len(json.loads(request.body)["TransactItems"])
    reasons = [{"Code": "TransactionConflict"}] + [{"Code": "None"}] * (items - 1)
    told = {
        "__type": "com.amazonaws#TransactionCanceledException",
        "message": "injected",
        "CancellationReasons": reasons,
    }
    return json.dumps(told).encode()


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Any:
        yield self.read()


def _diverted(request: Any, status: int, body: bytes) -> AWSResponse:
    code = json.loads(body)["__type"].rpartition("#")[2] if body.startswith(b"{") else ""
    request.url = _NOWHERE
    return AWSResponse(_NOWHERE, status, {"x-amzn-errortype": code}, _Raw(body))


def _retry_at_once(client: Any) -> None:
    """The client's own repetition of lost calls without its pauses, which are up to seconds."""
    service = client.meta.service_model.service_id.hyphenize()
    events, unique = client.meta.events, f"retry-config-{service}"
    events.unregister(f"needs-retry.{service}", unique_id=unique)
    handler = standard.register_retry_handler(client, client.meta.config.retries["total_max_attempts"])
    events.unregister(f"needs-retry.{service}", unique_id=unique)

    def at_once(**told: Any) -> float | None:
        return None if handler.needs_retry(**told) is None else 0.0

    events.register(f"needs-retry.{service}", at_once)
