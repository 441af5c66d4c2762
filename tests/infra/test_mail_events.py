"""Who may tell us what became of mail: SES by one topic, and nobody else."""

import json
from typing import Any

from tests.infra.test_templates import CODE, DATA, policies


def statements_of(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = DATA[name]["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_our_configuration_set_alone_speaks_to_the_topic_of_mail() -> None:
    (statement,) = statements_of("MailTopicPolicy")
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sns:Publish")
    assert statement["Principal"] == {"Service": "ses.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    source = statement["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"]
    assert source == "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/leadline-${Stage}"
    assert DATA["MailSet"]["Properties"]["Name"] == {"Fn::Sub": "leadline-${Stage}"}


def test_that_topic_alone_fills_the_queue_of_mail_events_and_the_code_is_told_which_it_is() -> None:
    (statement,) = statements_of("MailEventsQueuePolicy")
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sqs:SendMessage")
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Ref": "MailTopic"}},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }
    # Raw delivery would leave out the envelope, by which the handler knows the topic.
    assert DATA["MailSubscription"]["Properties"]["RawMessageDelivery"] is False
    variables = CODE["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["LEADLINE_MAIL_TOPIC"] == {"Ref": "MailTopicArn"}


def test_no_function_may_speak_to_the_topic_or_fill_that_queue() -> None:
    for function, statement in policies():
        assert not any(action.startswith("sns:") for action in statement["Action"]), function
        if "sqs:SendMessage" in statement["Action"]:
            assert "mail-events" not in json.dumps(statement["Resource"]), function


def test_ses_tells_of_all_that_becomes_of_mail_and_keeps_no_list_of_its_own() -> None:
    destination = DATA["MailEvents"]["Properties"]["EventDestination"]
    assert destination["Enabled"] is True
    assert set(destination["MatchingEventTypes"]) == {
        "send", "delivery", "deliveryDelay", "bounce", "complaint", "reject", "renderingFailure"
    }  # fmt: skip
    # On SES's list an address would stay dead after a person lifted it here.
    assert DATA["MailSet"]["Properties"]["SuppressionOptions"] == {"SuppressedReasons": []}


def test_the_shares_of_all_senders_make_the_whole_rate_of_the_account() -> None:
    resources = CODE["Resources"]

    def share(function: str) -> int:
        return int(resources[function]["Properties"]["Environment"]["Variables"]["LEADLINE_MAIL_SHARE"])

    (source,) = resources["OnOutbox"]["Properties"]["Events"].values()
    at_once = source["Properties"]["ScalingConfig"]["MaximumConcurrency"]
    assert at_once * share("OnOutbox") + share("OnTick") == 100
