"""Whether a deployment can work, asked when it is made and by the command line; not at each cold start."""

from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from chalicelib.settings import BadSetting, Settings
from chalicelib.store.aws_clients import AwsClients
from chalicelib.store.aws_errors import code_of
from chalicelib.store.aws_secret import read_secret

TOPICS = ("index", "outbox", "mail-events", "reports", "uploads", "chunks", "door")
_KEYS = [("pk", "HASH"), ("sk", "RANGE")]
_DUE_KEYS = [("due_shard", "HASH"), ("due_at", "RANGE")]
_DENIED = frozenset({"AccessDeniedException", "AccessDenied", "403", "UnauthorizedOperation"})


def check_aws(settings: Settings) -> None:
    """Raises BadSetting, in one plain line, with the first thing that is missing, half made or not permitted."""
    clients = AwsClients(settings.region, settings.aws_endpoint)
    try:
        check_with(clients, settings)
    finally:
        clients.close()


def check_with(clients: AwsClients, settings: Settings) -> None:
    """The same with clients that are there."""
    _check_table(clients, settings.table)
    _ask(f"the bucket {settings.bucket}", lambda: clients.s3().head_bucket(Bucket=settings.bucket))
    for topic in TOPICS:
        name = settings.queue_prefix + topic
        _ask(f"the queue {name}", lambda name=name: clients.sqs().get_queue_url(QueueName=name))  # type: ignore[misc]
    if not settings.smtp_host:
        _check_sender(clients, settings.region, settings.sender)
    elif settings.smtp_password_parameter:
        read_secret(clients, settings.smtp_password_parameter, "LEADLINE_SMTP_PASSWORD_PARAMETER", shortest=1)
    if settings.secret_parameter:
        read_secret(clients, settings.secret_parameter)


def _check_table(clients: AwsClients, name: str) -> None:
    what = f"the table {name}"
    table = _ask(what, lambda: clients.dynamodb().describe_table(TableName=name))["Table"]
    if table["TableStatus"] not in ("ACTIVE", "UPDATING"):
        raise BadSetting(f"{what} is {table['TableStatus'].lower()}, not active")
    if _keys(table) != _KEYS:
        raise BadSetting(f"{what} has other keys than pk and sk: it is not Leadline's")
    due = next((index for index in table.get("GlobalSecondaryIndexes", []) if index["IndexName"] == "due"), None)
    if due is None:
        raise BadSetting(f"{what} has no index `due`: it is half made")
    if _keys(due) != _DUE_KEYS:
        raise BadSetting(f"{what}: its index `due` has other keys than due_shard and due_at")
    projection = due["Projection"]
    kept = set(projection.get("NonKeyAttributes", []))
    if projection["ProjectionType"] != "ALL" and not {"kind", "version"} <= kept:
        raise BadSetting(f"{what}: its index `due` lacks the attributes kind and version")
    if due.get("IndexStatus", "ACTIVE") != "ACTIVE":
        raise BadSetting(f"{what}: its index `due` is {due['IndexStatus'].lower()}, not active")


def _keys(described: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key["AttributeName"], key["KeyType"]) for key in described["KeySchema"]]


def _check_sender(clients: AwsClients, region: str, sender: str) -> None:
    """The sender's address or its whole domain must be known to SES, which shows too whether the region has it. One
    that waits for its verification is good enough: mail is tried again until then."""
    address = parseaddr(sender)[1]
    if not any(_is_known(clients, region, name) for name in (address, address.partition("@")[2])):
        raise BadSetting(f"Amazon SES in {region} does not know the sender {address} or its domain")


def _is_known(clients: AwsClients, region: str, identity: str) -> bool:
    def ask() -> bool:
        ses = clients.ses()
        try:
            ses.get_email_identity(EmailIdentity=identity)
        except ses.exceptions.NotFoundException:
            return False
        return True

    return bool(_ask(f"Amazon SES in {region}", ask))


def _ask(what: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except EndpointConnectionError as error:
        raise BadSetting(f"{what} cannot be reached: is there such a service in this region?") from error
    except ClientError as error:
        code = code_of(error)
        if code in _DENIED:
            raise BadSetting(f"{what}: no permission for {error.operation_name}") from error
        raise BadSetting(f"{what}: {error.operation_name} says {code}") from error
    except BotoCoreError as error:
        raise BadSetting(f"{what}: {type(error).__name__}") from error
