"""What SES tells by SNS, in the shapes of its documentation, as the queue brings it."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from chalicelib.messaging.ses import to_tag
from chalicelib.records.message import Message

TOPIC = "arn:aws:sns:eu-central-1:123456789012:leadline-prod-mail-events"
AT = datetime(2026, 3, 2, 8, 0, 5, tzinfo=UTC)

BOUNCE = {
    "bounceType": "Permanent",
    "bounceSubType": "General",
    "feedbackId": "01000",
    "reportingMTA": "dsn; a.example",
}


def event(kind: str, about: tuple[str, ...], to: str, at: datetime = AT, **detail: Any) -> dict[str, Any]:
    """An event about the mail that was sent with these tags (lead, message, attempt)."""
    names = ("leadline-lead", "leadline-message", "leadline-attempt")
    tags = {name: [to_tag(id_)] for name, id_ in zip(names, about, strict=False)}
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    who = {
        "Bounce": {"bouncedRecipients": [{"emailAddress": to, "action": "failed", "status": "5.1.1",
                                          "diagnosticCode": "smtp; 550 5.1.1 user unknown"}]},
        "Complaint": {"complainedRecipients": [{"emailAddress": to}]},
        "Delivery": {"recipients": [to], "smtpResponse": "250 ok", "processingTimeMillis": 500},
        "DeliveryDelay": {"delayedRecipients": [{"emailAddress": to, "status": "4.4.1",
                                                 "diagnosticCode": "smtp; 421 4.4.1 Unable to connect"}]},
    }.get(kind, {})  # fmt: skip
    named = {"DeliveryDelay": "deliveryDelay", "Rendering Failure": "failure"}.get(kind, kind.lower())
    told = {**(BOUNCE if kind == "Bounce" else {}), **who, "timestamp": stamp, **detail}
    if kind in ("Send", "Reject", "Rendering Failure"):
        told = dict(detail)
    return {
        "eventType": kind,
        "mail": {
            "timestamp": stamp,
            "source": "hello@example.com",
            "sendingAccountId": "123456789012",
            "messageId": "0102018",
            "destination": [to],
            "headersTruncated": False,
            "headers": [{"name": "To", "value": to}],
            "tags": {"ses:configuration-set": ["leadline-prod"], **tags},
        },
        named: told,
    }


def of_row(kind: str, row: Message, **changed: Any) -> dict[str, Any]:
    return event(kind, (row.lead_id, row.message_id, row.attempt_id), row.to, **changed)


def notification(told: Any, topic: str = TOPIC, **changed: Any) -> dict[str, Any]:
    """SNS's envelope around an event."""
    return {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": topic,
        "Subject": "Amazon SES Email Event Notification",
        "Message": told if isinstance(told, str) else json.dumps(told),
        "Timestamp": "2026-03-02T08:00:06.000Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/cert.pem",
        "UnsubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
        **changed,
    }
