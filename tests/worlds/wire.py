"""What stands between an engine's code and a model: the way there and back, on which anything may be lost.

As botocore's standard mode does it: throttles, lost connections and errors of the server are tried again by the client
itself, up to `attempts`; a transaction that met another is not."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from greenlet import getcurrent

from tests.worlds.dynamo_model import refusal
from tests.worlds.faults import Fate, Mind
from tests.worlds.scheduler import Trace

_AGAIN = frozenset(
    {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "SlowDown",
     "TooManyRequestsException", "RequestThrottled", "TransactionInProgressException", "InternalServerError"}
)  # fmt: skip
_THROTTLE = {
    "dynamodb": "ThrottlingException",
    "sqs": "RequestThrottled",
    "s3": "SlowDown",
    "ses": "ThrottlingException",
}
# How long a client waits for an answer, seconds (store/aws_clients.py).
_PATIENCE = {"dynamodb": 5.0, "sqs": 25.0, "s3": 30.0, "ses": 20.0}
_WRITES = frozenset({"put_item", "transact_write_items"})


class Wire:
    """Stands for a client: every call of the model goes through it."""

    def __init__(self, model: Any, service: str, fate: Fate, trace: Trace, attempts: int) -> None:
        self._model, self._service, self._fate, self._trace, self._attempts = model, service, fate, trace, attempts

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **asked: self._call(operation, asked)

    def _call(self, operation: str, asked: dict[str, Any]) -> Any:
        mind: Mind | None = getattr(getcurrent(), "mind", None)
        attempt = 1
        while True:
            try:
                return self._once(mind, operation, asked)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _AGAIN or attempt == self._attempts:
                    raise
            except (ReadTimeoutError, EndpointConnectionError):
                if attempt == self._attempts:
                    raise
            self._fate.scheduler.sleep(0.05 * 2**attempt)
            attempt += 1

    def _once(self, mind: Mind | None, operation: str, asked: dict[str, Any]) -> Any:
        fate, rates = self._fate, self._fate.rates
        fate.scheduler.turn()
        fate.die_if_due(mind, before=True)
        if fate.happens("throttled", rates.throttled):
            raise refusal(operation, _THROTTLE[self._service])
        if fate.happens("not reached", rates.unreached):
            raise EndpointConnectionError(endpoint_url="https://aws.example")
        if operation == "transact_write_items" and fate.happens("conflict", rates.conflict):
            reasons = [{"Code": "None"} for _ in asked["TransactItems"]]
            reasons[fate.chance.randrange(len(reasons))] = {"Code": "TransactionConflict"}
            raise refusal(operation, "TransactionCanceledException", CancellationReasons=reasons)
        answer = self._carried_out(mind, operation, asked)
        fate.die_if_due(mind, before=False)
        if fate.happens("slow", rates.slow):
            fate.scheduler.sleep(fate.chance.uniform(0.5, _PATIENCE[self._service]))
        if fate.happens("lost reply", rates.lost_reply):
            fate.scheduler.sleep(_PATIENCE[self._service])
            if mind and operation == "send_email":
                fate.nobody_knows(mind, answer["Handed"])
            raise ReadTimeoutError(endpoint_url="https://aws.example")
        return answer

    def _carried_out(self, mind: Mind | None, operation: str, asked: dict[str, Any]) -> Any:
        outcome = "ok"
        try:
            answer = getattr(self._model, operation)(**asked)
        except ClientError as error:
            outcome = error.response["Error"]["Code"]
            raise
        finally:
            if operation not in ("list_objects_v2", "get_queue_url"):
                name = mind.name if mind else "-"
                self._trace.add(f"{self._fate.scheduler.now:.3f} {name} {operation} {_about(asked)} {outcome}\n")
        if mind:
            if operation == "send_email":
                mind.unnoted.add(answer["Handed"])
            elif operation in _WRITES:
                mind.unnoted.difference_update(_messages(asked))
        return answer


def _about(asked: dict[str, Any]) -> str:
    """Which records a call is about."""
    if "TransactItems" in asked:
        return " ".join(_key(told) for write in asked["TransactItems"] for told in write.values())
    if "Item" in asked:
        return _key(asked)
    if "RequestItems" in asked:
        ((_, wanted),) = asked["RequestItems"].items()
        return " ".join(f"{key['pk']['S']}/{key['sk']['S']}" for key in wanted["Keys"])
    if "ExpressionAttributeValues" in asked:
        return " ".join(str(next(iter(value.values()))) for value in asked["ExpressionAttributeValues"].values())
    return str(asked.get("MessageBody") or asked.get("ReceiptHandle") or asked.get("Key") or asked.get("Segment") or "")


def _key(asked: dict[str, Any]) -> str:
    key = asked.get("Item") or asked["Key"]
    return f"{key['pk']['S']}/{key['sk']['S']}"


def _messages(asked: dict[str, Any]) -> set[str]:
    """Outbox rows a write is about, by the name their mail has."""
    writes = (
        [told for write in asked["TransactItems"] for told in write.values()] if "TransactItems" in asked else [asked]
    )
    keys = [(write.get("Item") or write["Key"]) for write in writes]
    return {
        mail_name(key["pk"]["S"].partition("#")[2], key["sk"]["S"].partition("#")[2])
        for key in keys
        if key["sk"]["S"].startswith("MESSAGE#")
    }


def mail_name(lead_id: str, message_id: str) -> str:
    """The part of the Message-ID before the @ (messaging.render)."""
    return message_id if len(message_id) == 26 else f"{lead_id}.{message_id}"
