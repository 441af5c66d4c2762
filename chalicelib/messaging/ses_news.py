"""What SES tells by a topic of SNS, as it arrives in the queue: an envelope of SNS around an event of SES.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html has the events' shapes. The
queue's policy lets that one topic alone send, and the topic's policy lets SES alone speak, for our configuration set;
the topic is looked at here all the same, before anything else.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.messaging.ses import TAGS, from_tag
from chalicelib.records.mail_news import MailNews, NewsKind

MOST_WORDS = 300
# What SES says once to a topic that it is to tell of mail.
_GREETING = "Successfully validated SNS topic"
_KINDS = {
    "Send": NewsKind.SEND,
    "Delivery": NewsKind.DELIVERY,
    "DeliveryDelay": NewsKind.DELAY,
    "Bounce": NewsKind.SOFT_BOUNCE,
    "Complaint": NewsKind.COMPLAINT,
    "Reject": NewsKind.REJECT,
    "Rendering Failure": NewsKind.REJECT,
}
_DETAILS = {
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Delivery": "delivery",
    "DeliveryDelay": "deliveryDelay",
    "Reject": "reject",
    "Rendering Failure": "failure",
}
_RECIPIENTS = ("bouncedRecipients", "complainedRecipients", "delayedRecipients", "recipients")


class Foreign(Exception):
    """Not from our topic, or not a notification at all."""


def read_envelope(envelope: Mapping[str, Any], topic: str) -> MailNews | None:
    """The news inside, or None for what needs nothing done (the greeting, kinds we do not follow).

    Raises Foreign for whatever another topic sent and for anything but a notification (nothing is ever confirmed or
    fetched because a message says so); ValueError for a notification that is no event of SES."""
    if not topic or envelope.get("TopicArn") != topic:
        raise Foreign("another topic's")
    if envelope.get("Type") != "Notification":
        raise Foreign("not a notification")
    message = str(envelope.get("Message", ""))
    if message.startswith(_GREETING):
        return None
    event = json.loads(message)
    try:
        return _news(event, str(envelope.get("MessageId", "")))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"an event of SES lacks something: {type(error).__name__}") from error


def _news(event: Mapping[str, Any], news_id: str) -> MailNews | None:
    name = event.get("eventType") or event["notificationType"]
    if name not in _KINDS:
        return None
    mail, detail = event["mail"], event.get(_DETAILS.get(name, "")) or {}
    if detail.get("complaintFeedbackType") == "not-spam":
        return None
    tags = mail.get("tags") or {}
    lead_id, message_id, attempt = (from_tag(tags[tag][0]) if tags.get(tag) else "" for tag in TAGS)
    permanent = detail.get("bounceType") == "Permanent"
    return MailNews(
        news_id=news_id,
        kind=NewsKind.BOUNCE if name == "Bounce" and permanent else _KINDS[name],
        at=_moment(detail.get("timestamp") or mail["timestamp"]),
        lead_id=lead_id,
        message_id=message_id,
        attempt=attempt,
        recipients=_recipients(detail) or tuple(map(str, mail.get("destination", ()))),
        words=_words(detail),
    )


def _recipients(detail: Mapping[str, Any]) -> tuple[str, ...]:
    """Plain addresses in some events, objects with one in others."""
    found = next((detail[name] for name in _RECIPIENTS if detail.get(name)), ())
    return tuple(str(one["emailAddress"] if isinstance(one, dict) else one) for one in found)


def _words(detail: Mapping[str, Any]) -> str:
    """What the other side said, else SES's own name for it: one line, nobody's markup is kept from being shown as text
    by cutting it here: whoever shows it escapes it."""
    first: Any = next((detail[name][0] for name in _RECIPIENTS if detail.get(name)), {})
    first = first if isinstance(first, dict) else {}
    named = (detail.get("bounceSubType"), detail.get("delayType"), detail.get("complaintFeedbackType"),
             detail.get("complaintSubType"), detail.get("reason"), detail.get("errorMessage"))  # fmt: skip
    said = (*(str(name) for name in named if name), str(first.get("diagnosticCode") or first.get("status") or ""))
    return " ".join(" ".join(word for word in said if word).split())[:MOST_WORDS]


def _moment(text: str) -> datetime:
    """SES writes UTC with a Z. ValueError for another shape or a time without a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment
