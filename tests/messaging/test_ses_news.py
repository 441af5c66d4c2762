"""Events of SES in the shapes of its documentation become news; what is not our topic's becomes nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.messaging.ses import from_tag, to_tag
from chalicelib.messaging.ses_news import MOST_WORDS, Foreign, read_envelope
from chalicelib.records.mail_news import MailNews, NewsKind
from tests.ses_events import AT, TOPIC, event, notification

ABOUT = ("01LEAD", "thanks-fair", "0.1")
ADA = "ada@example.org"


def read(told: Any, **changed: Any) -> MailNews | None:
    return read_envelope(notification(told, **changed), TOPIC)


@pytest.mark.parametrize(
    ("kind", "detail", "expected"),
    [
        ("Send", {}, NewsKind.SEND),
        ("Delivery", {}, NewsKind.DELIVERY),
        ("DeliveryDelay", {"delayType": "MailboxFull"}, NewsKind.DELAY),
        ("Bounce", {}, NewsKind.BOUNCE),
        ("Bounce", {"bounceType": "Transient", "bounceSubType": "MailboxFull"}, NewsKind.SOFT_BOUNCE),
        ("Bounce", {"bounceType": "Undetermined", "bounceSubType": "Undetermined"}, NewsKind.SOFT_BOUNCE),
        ("Complaint", {"complaintFeedbackType": "abuse"}, NewsKind.COMPLAINT),
        ("Reject", {"reason": "Bad content"}, NewsKind.REJECT),
        ("Rendering Failure", {"errorMessage": "Attribute is missing", "templateName": "x"}, NewsKind.REJECT),
    ],
)
def test_each_event_of_ses_is_news_of_the_row_its_mail_was_sent_with(
    kind: str, detail: dict[str, str], expected: NewsKind
) -> None:
    news = read(event(kind, ABOUT, ADA, **detail))
    assert news
    assert (news.kind, news.lead_id, news.message_id, news.attempt) == (expected, *ABOUT)
    assert (news.recipients, news.at) == ((ADA,), AT)


def test_news_says_what_the_other_side_said_on_one_line_and_not_without_end() -> None:
    said = [{"emailAddress": ADA, "diagnosticCode": "smtp; 550\r\n 5.1.1 " + "x" * 999}]
    news = read(event("Bounce", ABOUT, ADA, bouncedRecipients=said))
    assert news
    assert news.words.startswith("General smtp; 550 5.1.1 xxx")
    assert len(news.words) == MOST_WORDS
    refused = read(event("Reject", ABOUT, ADA, reason="Bad content"))
    assert refused
    assert refused.words == "Bad content"


def test_a_notification_of_an_identity_is_read_too_and_a_mail_without_tags_is_nobodys() -> None:
    told = event("Complaint", (), ADA)
    told["notificationType"] = told.pop("eventType")
    news = read(told)
    assert news
    assert (news.kind, news.lead_id, news.message_id, news.attempt) == (NewsKind.COMPLAINT, "", "", "")


@pytest.mark.parametrize(
    "told",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        event("Open", ABOUT, ADA),
        event("Click", ABOUT, ADA),
        event("Complaint", ABOUT, ADA, complaintFeedbackType="not-spam"),
    ],
)
def test_a_greeting_an_opening_a_click_and_a_complaint_taken_back_need_nothing_done(told: Any) -> None:
    assert read(told) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"topic": "arn:aws:sns:us-east-1:999999999999:evil"},
        {"topic": ""},
        {"Type": "SubscriptionConfirmation", "SubscribeURL": "https://sns.example/confirm", "Token": "t"},
        {"Type": "UnsubscribeConfirmation"},
    ],
)
def test_another_topics_message_and_anything_but_a_notification_is_foreign(changed: dict[str, str]) -> None:
    with pytest.raises(Foreign):
        read(event("Bounce", ABOUT, ADA), **changed)


def test_where_no_topic_is_set_nothing_is_believed() -> None:
    with pytest.raises(Foreign):
        read_envelope(notification(event("Bounce", ABOUT, ADA), topic=""), "")


@pytest.mark.parametrize(
    "told",
    ["no json", "[1]", "{}", '{"eventType": "Bounce"}', '{"eventType": "Send", "mail": {"timestamp": "soon"}}',
     '{"eventType": "Send", "mail": {"timestamp": "2026-03-02T08:00:00"}}',
     '{"eventType": "Send", "mail": {"timestamp": "2026-03-02T08:00:00Z", "tags": {"leadline-lead": ["_FF"]}}}'],
)  # fmt: skip
def test_what_is_no_event_of_ses_is_refused(told: str) -> None:
    with pytest.raises(ValueError):
        read(told)


@pytest.mark.parametrize("id_", ["01LEAD", "thanks-fair", "person.ada", "0.12", "a_b", "名", "x" * 60])
def test_an_id_comes_back_from_its_tag_as_it_was(id_: str) -> None:
    tag = to_tag(id_)
    assert tag.replace("_", "").replace("-", "").isalnum()
    assert tag.isascii()
    assert from_tag(tag) == id_


def test_times_are_read_in_utc() -> None:
    news = read(event("Send", ABOUT, ADA, at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC)))
    assert news
    assert news.at.utcoffset() == AT.utcoffset()
