"""Messages as Lambda brings them from SQS, and the answer that lets only the failed ones come again.

Own code, as Powertools' batch processor costs 60 ms of import and takes one message at a time; here a reaction sees
them all, so that the read model is written once for ten messages."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.records.deliveries import Delivery

log = logging.getLogger("leadline")

Reaction = Callable[[Sequence["Delivery"]], list[str]]
# Told of each message that failed: its id, at which attempt, and why.
Note = Callable[[str, int, str], None]


def _nobody(_message_id: str, _attempt: int, _why: str) -> None:
    pass


def answer_batch(event: Mapping[str, Any], react: Reaction, note: Note = _nobody) -> dict[str, list[dict[str, str]]]:
    """Let a reaction see an SQS event's messages (the receipt is the message's id; it gives back those that have to
    come again). What it raises lets all of them come again. Needs ReportBatchItemFailures on the mapping."""
    deliveries, failed = _read(event)
    why = dict.fromkeys(failed, "the message is not one of ours")
    if deliveries:
        try:
            failed += react(deliveries)
        except Exception as error:
            log.error("%s messages come again: %s", len(deliveries), kind_of(error))
            failed += [delivery.receipt for delivery in deliveries]
            why |= dict.fromkeys(failed, f"it could not be done: {kind_of(error)}")
    attempts = {record["messageId"]: attempt_of(record) for record in event["Records"]}
    for receipt in failed:
        note(receipt, attempts.get(receipt, 1), why.get(receipt, "it could not be done, as the function's log says"))
    return {"batchItemFailures": [{"itemIdentifier": receipt} for receipt in failed]}


def kind_of(error: Exception) -> str:
    """The kind of error and AWS's own code for it, never its text: that may hold what somebody typed."""
    answer = getattr(error, "response", None) or getattr(error.__cause__, "response", None) or {}
    code = answer.get("Error", {}).get("Code", "")
    return f"{type(error).__name__} {code}".strip()


def _read(event: Mapping[str, Any]) -> "tuple[list[Delivery], list[str]]":
    # The form's function loads this module with the app, and takes no messages.
    from chalicelib.records.deliveries import Delivery

    deliveries, failed = [], []
    for record in event["Records"]:
        try:
            body = json.loads(record["body"])
        except ValueError:
            body = None
        if isinstance(body, dict):
            deliveries.append(Delivery(body, record["messageId"], attempt_of(record), record["messageId"]))
        else:
            log.error("message %s is not one of ours", record["messageId"])
            failed.append(record["messageId"])
    return deliveries, failed


def attempt_of(record: Mapping[str, Any]) -> int:
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
