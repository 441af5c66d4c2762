"""What becomes of mail, from the topic to the row: events in SES's own shape, as the emulator tells none itself."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from chalicelib.engine_aws import FRESH_SECONDS
from chalicelib.flows.dead_addresses import dead_among
from chalicelib.records.lead import Lead
from chalicelib.records.mail_news import NewsKind
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import Deps, Put, Ref
from chalicelib.records.search import LeadQuery
from tests.deploy.conftest import eventually
from tests.deploy.place import visitor
from tests.ses_events import of_row
from tests.stories.people import EVERYBODY

Aws = Callable[[str], Any]
WHO = "news-of-mail@customer.example.com"


@pytest.fixture(scope="module")
def mail(endpoint: str, address: str, deps: Deps, mails: Any) -> Message:
    """A confirmation that SES has taken."""
    deps.store.commit([Put(record) for record in EVERYBODY])
    # A function that has answered before knows the people of before for so long.
    time.sleep(FRESH_SECONDS + 1)
    answer = visitor(endpoint, address).post("/f/contact", json={"name": "News Reader", "email": WHO})
    assert answer.status_code == 201, answer.text
    eventually(lambda: mails(WHO))

    def sent() -> Message | None:
        rows = deps.model.leads(LeadQuery(text=WHO)).rows
        found = [s.value for row in rows for s in deps.store.query(Message, row.lead_id)]
        return next((m for m in found if m.kind is MessageKind.CONFIRMATION and m.state is MessageState.SENT), None)

    return eventually(sent)


def publish(aws: Aws, topic: str, event: dict[str, Any]) -> None:
    aws("sns").publish(TopicArn=topic, Message=json.dumps(event), Subject="Amazon SES Email Event Notification")


def row(deps: Deps, mail: Message) -> Message:
    stored = deps.store.get(Message, mail.lead_id, mail.message_id)
    assert stored
    return stored.value


def test_an_event_makes_a_row_sent_whose_sender_died(
    aws: Aws, deps: Deps, names: dict[str, str], mail: Message
) -> None:
    now = datetime.now(UTC)
    claimed = replace(mail, message_id="in-flight", state=MessageState.SENDING, sent_at=None, claimed_at=now)
    deps.store.commit([Put(claimed, 0)])
    publish(aws, names["MailTopicArn"], of_row("Send", claimed, at=now))
    eventually(lambda: row(deps, claimed).state is MessageState.SENT)


def test_a_delivery_is_noted_and_mail_carries_its_row(
    aws: Aws, deps: Deps, names: dict[str, str], mail: Message
) -> None:
    publish(aws, names["MailTopicArn"], of_row("Delivery", mail))
    eventually(lambda: [one.kind for one in row(deps, mail).heard] == [NewsKind.DELIVERY])


def test_nobody_elses_topic_reaches_the_queue(aws: Aws, deps: Deps, names: dict[str, str], mail: Message) -> None:
    evil = aws("sns").create_topic(Name="evil")["TopicArn"]
    queue = aws("sqs").get_queue_url(QueueName=f"{names['QueuePrefix']}mail-events")["QueueUrl"]
    asked = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    aws("sns").subscribe(TopicArn=evil, Protocol="sqs", Endpoint=asked["QueueArn"])
    publish(aws, evil, of_row("Reject", mail))
    # Ours, sent after it, is there; the other never came, or it would have been first.
    publish(aws, names["MailTopicArn"], of_row("DeliveryDelay", mail))
    eventually(lambda: any(one.kind is NewsKind.DELAY for one in row(deps, mail).heard))
    assert row(deps, mail).state is MessageState.SENT
    aws("sns").delete_topic(TopicArn=evil)


def test_a_complaint_ends_promotion(aws: Aws, deps: Deps, names: dict[str, str], mail: Message) -> None:
    publish(aws, names["MailTopicArn"], of_row("Complaint", mail))

    def opted_out() -> bool:
        stored = deps.store.get_many([Ref(Lead, (mail.lead_id,))])[0]
        return bool(stored and stored.value.opted_out_at)

    eventually(opted_out)


def test_a_bounce_marks_the_address(aws: Aws, deps: Deps, names: dict[str, str], mail: Message) -> None:
    publish(aws, names["MailTopicArn"], of_row("Bounce", mail))
    eventually(lambda: dead_among(deps, [mail.to]))
    eventually(lambda: row(deps, mail).state is MessageState.FAILED)


def test_the_configuration_set_tells_the_topic_and_mail_is_sent_under_it(aws: Aws, names: dict[str, str]) -> None:
    (told,) = aws("sesv2").get_configuration_set_event_destinations(ConfigurationSetName=names["ConfigurationSet"])[
        "EventDestinations"
    ]
    assert told["SnsDestination"] == {"TopicArn": names["MailTopicArn"]}
    assert {"BOUNCE", "COMPLAINT", "DELIVERY", "SEND"} <= set(told["MatchingEventTypes"])


def test_there_is_no_public_address_for_news(browser: httpx.Client) -> None:
    assert browser.post("/mail-events", json={}).status_code == 404
