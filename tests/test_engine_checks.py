"""A deployment that cannot work is refused in one plain line."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from chalicelib.engine_aws import with_smtp_password
from chalicelib.engine_checks import check_aws, check_with
from chalicelib.settings import BadSetting, Settings
from chalicelib.store.aws_clients import AwsClients
from chalicelib.wiring import exists
from tests.contracts.places import aws, make_deployment, unique


@dataclass
class Account:
    clients: AwsClients
    settings: Settings

    def table(self, keys: tuple[str, str] = ("pk", "sk"), **more: Any) -> str:
        name = unique("half")
        attributes = {*keys, *(("due_shard", "due_at") if "GlobalSecondaryIndexes" in more else ())}
        self.clients.dynamodb().create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in sorted(attributes)],
            KeySchema=_schema(*keys),
            **more,
        )
        return name


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def _index(partition: str, sort: str, projection: dict[str, Any]) -> dict[str, Any]:
    return {
        "GlobalSecondaryIndexes": [
            {"IndexName": "due", "KeySchema": _schema(partition, sort), "Projection": projection}
        ]
    }


@pytest.fixture
def account() -> Iterator[Account]:
    with aws("moto") as clients:
        yield Account(clients, make_deployment(clients, "moto"))


def refusal(account: Account, **changed: Any) -> str:
    with pytest.raises(BadSetting) as refused:
        check_with(account.clients, replace(account.settings, **changed))
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_whole_deployment_passes(account: Account):
    check_aws(account.settings)
    assert exists(account.settings)


def test_a_missing_table_bucket_or_queue_is_named(account: Account):
    assert refusal(account, table="none-such").startswith("the table none-such: DescribeTable says ResourceNotFound")
    assert refusal(account, bucket="none-such").startswith("the bucket none-such: HeadBucket says 404")
    assert "the queue other-index" in refusal(account, queue_prefix="other-")


def test_a_half_made_table_is_refused(account: Account):
    all_of_it = {"ProjectionType": "ALL"}
    keys_only = {"ProjectionType": "KEYS_ONLY"}
    assert "other keys than pk and sk" in refusal(account, table=account.table(("id", "sk")))
    assert "no index `due`: it is half made" in refusal(account, table=account.table())
    swapped = account.table(**_index("due_at", "due_shard", all_of_it))
    assert "its index `due` has other keys" in refusal(account, table=swapped)
    assert "lacks the attributes" in refusal(account, table=account.table(**_index("due_shard", "due_at", keys_only)))
    check_with(
        account.clients, replace(account.settings, table=account.table(**_index("due_shard", "due_at", all_of_it)))
    )


def test_a_missing_permission_is_told_with_the_call_it_is_for(account: Account):
    with Stubber(account.clients.dynamodb()) as stub:
        stub.add_client_error("describe_table", "AccessDeniedException", "User: arn:… is not authorized")
        assert refusal(account) == f"the table {account.settings.table}: no permission for DescribeTable"


def test_a_region_without_the_mail_service_is_refused(account: Account):
    def unknown_host(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://email.eu-central-1.amazonaws.com")

    account.clients.ses().meta.events.register_last("before-send.sesv2.GetEmailIdentity", unknown_host)
    assert refusal(account).startswith("Amazon SES in eu-central-1 cannot be reached: is there such a service")


def test_with_a_mail_server_of_its_own_a_region_needs_no_mail_service(account: Account):
    check_with(account.clients, replace(account.settings, sender="x@example.net", smtp_host="mail.example.com"))


def test_the_mail_servers_password_comes_from_its_parameter_and_has_to_be_there(account: Account):
    named = {"smtp_host": "mail.example.com", "smtp_password_parameter": f"/{unique('smtp')}"}
    assert refusal(account, **named).startswith("LEADLINE_SMTP_PASSWORD_PARAMETER is")
    name = named["smtp_password_parameter"]
    account.clients.ssm().put_parameter(Name=name, Value="hunter2", Type="SecureString")
    settings = replace(account.settings, **named)
    check_with(account.clients, settings)
    assert with_smtp_password(settings, account.clients).smtp_password == "hunter2"
    assert with_smtp_password(replace(settings, smtp_password="own"), account.clients).smtp_password == "own"


def test_a_sender_that_the_mail_service_does_not_know_is_refused(account: Account):
    told = "Amazon SES in eu-central-1 does not know the sender sales@example.net or its domain"
    assert refusal(account, sender="Example Pumps <sales@example.net>") == told
    account.clients.ses().create_email_identity(EmailIdentity="example.net")
    check_with(account.clients, replace(account.settings, sender="Example Pumps <sales@example.net>"))


def test_a_secret_that_is_missing_or_could_be_guessed_is_refused(account: Account):
    named = {"secret": "", "secret_parameter": "/leadline/test/secret"}
    assert "LEADLINE_SECRET_PARAMETER is '/leadline/test/secret': ParameterNotFound" in refusal(account, **named)
    keep = account.clients.ssm().put_parameter
    keep(Name="/leadline/test/secret", Value="short", Type="SecureString")
    assert "shorter than 32 characters" in refusal(account, **named)
    keep(Name="/leadline/test/secret", Value="x" * 64, Type="SecureString", Overwrite=True)
    check_with(account.clients, replace(account.settings, **named))
