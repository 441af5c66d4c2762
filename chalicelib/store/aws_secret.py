"""The deployment's secret: a SecureString of the Systems Manager, made when the deployment is."""

from botocore.exceptions import ClientError

from chalicelib.records.ports import StoreUnavailable
from chalicelib.settings import BadSetting
from chalicelib.store.aws_clients import AwsClients
from chalicelib.store.aws_errors import as_unavailable, code_of

_SHORTEST = 32
_ABSENT = frozenset({"ParameterNotFound"})


def read_secret(
    clients: AwsClients, name: str, setting: str = "LEADLINE_SECRET_PARAMETER", shortest: int = _SHORTEST
) -> str:
    """One call. Raises BadSetting when it is not there or could be guessed, StoreUnavailable."""
    try:
        with as_unavailable(but=_ABSENT):
            answer = clients.ssm().get_parameter(Name=name, WithDecryption=True)
    except ClientError as error:
        raise BadSetting(f"{setting} is {name!r}: {code_of(error)}") from error
    except StoreUnavailable as error:
        raise StoreUnavailable(f"the secret {name}: {error}") from error
    secret = str(answer["Parameter"]["Value"]).strip()
    if len(secret) < shortest:
        raise BadSetting(f"the secret {name} is shorter than {shortest} characters")
    return secret
