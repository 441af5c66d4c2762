"""What is SES's own beside the contract every transport keeps: one attempt, tags, and which refusals are final."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import ANY, Stubber

from chalicelib.messaging.ses import SesTransport, allowance
from chalicelib.records.mail_ports import Allowance, Busy, NoWord, TransportError
from chalicelib.store.aws_clients import AwsClients
from tests.contracts.places import aws
from tests.messaging.post import NOW, SENDER, mail


@pytest.fixture
def clients() -> Iterator[AwsClients]:
    with aws("moto") as made:
        yield made


def transport(clients: AwsClients, configuration_set: str = "") -> SesTransport:
    return SesTransport(clients.ses, SENDER, configuration_set, lambda: NOW)


def test_a_mail_carries_its_outbox_row_and_the_configuration_set(clients: AwsClients):
    expected: dict[str, Any] = {
        "Content": ANY,
        "Destination": {"ToAddresses": ["ada@example.org"]},
        "EmailTags": [
            {"Name": "leadline-lead", "Value": "01LEAD"},
            {"Name": "leadline-message", "Value": "thanks-fair"},
            {"Name": "leadline-attempt", "Value": "0_2E1"},
        ],
        "ConfigurationSetName": "events",
    }
    with Stubber(clients.ses()) as stub:
        stub.add_response("send_email", {"MessageId": "x"}, expected)
        transport(clients, "events").send(mail(about=("01LEAD", "thanks-fair", "0.1")))
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "words", "final"),
    [
        ("MessageRejected", "Address is on the suppression list", True),
        ("BadRequestException", "Local address contains control or whitespace", True),
        ("MessageRejected", "Email address is not verified. The following identities failed", False),
        ("MailFromDomainNotVerifiedException", "", False),
        ("TooManyRequestsException", "Maximum sending rate exceeded.", False),
        ("LimitExceededException", "Daily message quota exceeded.", False),
        ("SendingPausedException", "", False),
        ("AccountSuspendedException", "", False),
        ("NotFoundException", "Configuration set <x> does not exist.", False),
        ("InternalFailure", "", False),
    ],
)
def test_only_what_is_wrong_with_the_mail_itself_is_refused_for_good(
    clients: AwsClients, code: str, words: str, final: bool
):
    with Stubber(clients.ses()) as stub:
        stub.add_client_error("send_email", code, words)
        with pytest.raises(TransportError) as refusal:
            transport(clients).send(mail())
    assert refusal.value.final is final
    assert code in str(refusal.value)


@pytest.mark.parametrize(
    ("code", "words", "seconds"),
    [
        ("TooManyRequestsException", "Maximum sending rate exceeded.", 5),
        ("TooManyRequestsException", "Daily message quota exceeded.", 900),
        ("LimitExceededException", "Daily message quota exceeded.", 900),
        ("ThrottlingException", "Rate exceeded", 5),
        ("SendingPausedException", "", 900),
    ],
)
def test_an_account_that_takes_nothing_at_present_is_busy(
    clients: AwsClients, code: str, words: str, seconds: int
) -> None:
    with Stubber(clients.ses()) as stub:
        stub.add_client_error("send_email", code, words)
        with pytest.raises(Busy) as refusal:
            transport(clients).send(mail())
    assert refusal.value.seconds == seconds


def test_the_account_says_how_much_mail_it_takes(clients: AwsClients) -> None:
    with Stubber(clients.ses()) as stub:
        for a_day, sent in ((200.0, 150.0), (200.0, 201.0), (-1.0, 9.0)):
            quota = {"Max24HourSend": a_day, "MaxSendRate": 14.0, "SentLast24Hours": sent}
            stub.add_response("get_account", {"SendQuota": quota})
        stub.add_client_error("get_account", "AccessDeniedException")
        assert [allowance(clients.ses) for _ in range(4)] == [
            Allowance(14.0, 200, 50), Allowance(14.0, 200, 0), Allowance(14.0), None
        ]  # fmt: skip


def losing(clients: AwsClients, error: Exception) -> list[object]:
    sent: list[object] = []

    def lose(request: Any, **_: Any) -> None:
        sent.append(request)
        raise error

    clients.ses().meta.events.register_last("before-send.sesv2.SendEmail", lose)
    return sent


def test_a_mail_that_never_reached_ses_may_be_tried_later(clients: AwsClients):
    sent = losing(clients, EndpointConnectionError(endpoint_url="https://email.example"))
    with pytest.raises(TransportError) as refusal:
        transport(clients).send(mail())
    assert not refusal.value.final
    assert len(sent) == 1


@pytest.mark.parametrize("error", [ReadTimeoutError, ConnectionClosedError])
def test_a_mail_whose_reply_is_lost_is_sent_once_and_nobody_knows(clients: AwsClients, error: Any):
    sent = losing(clients, error(endpoint_url="https://email.example"))
    with pytest.raises(NoWord):
        transport(clients).send(mail())
    assert len(sent) == 1


def test_an_address_in_letters_ses_does_not_take_is_refused_for_good(clients: AwsClients):
    with pytest.raises(TransportError) as refusal:
        transport(clients).send(mail(to="анна@xn--e1afmkfd.example"))
    assert refusal.value.final
