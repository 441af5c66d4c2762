"""What the functions' policies allow, and what each function asks of AWS: calls are noted while a function runs.

A call needs actions on resources, as IAM sees it: a transaction needs the actions of its items, and looking for a file
that is not there needs leave to list the bucket, or S3 answers 403 instead of 404."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from botocore import handlers as botocore_handlers

from tests.contracts.places import quota

ROOT = Path(__file__).resolve().parents[1]
CHALICE = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))
FUNCTIONS = CHALICE["stages"]["package"]["lambda_functions"]
HTTP = "api_handler"
ACCOUNT = "123456789012"
SENDER = "Leadline <hello@example.com>"
# What Lambda itself does in the function's name, by the documentation of its roles AWSLambdaBasicExecutionRole,
# AWSLambdaSQSQueueExecutionRole and AWSLambdaDynamoDBExecutionRole, and of an S3 bucket as a stream's destination.
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
OF_QUEUES = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
OF_STREAMS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")

Context = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Need:
    """An action on a resource, with what a condition may look at."""

    action: str
    resource: str
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __str__(self) -> str:
        return f"{self.action} on {self.resource} {dict(self.context) or ''}".rstrip()


def parameters(table: str, bucket: str, queue_prefix: str, region: str, **more: str) -> dict[str, str]:
    """What stands for the templates' parameters in a double of AWS."""
    return {
        "AWS::Partition": "aws", "AWS::Region": region, "AWS::AccountId": ACCOUNT, "AWS::StackName": "leadline-test",
        "AWS::URLSuffix": "amazonaws.com", "TableName": table, "BucketName": bucket, "QueuePrefix": queue_prefix,
        "TableStreamArn": f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{table}/stream/now", "Sender": SENDER,
        "SecretParameter": "/leadline/test/secret", "OidcSecretParameter": "/leadline/test/oidc",
        "SmtpPasswordParameter": "/leadline/test/smtp", "ConfigurationSet": "deliveries", **more,
    }  # fmt: skip


@dataclass(frozen=True)
class Grant:
    """One action on one resource pattern, as a statement allows it."""

    function: str
    sid: str
    action: str
    resource: str
    condition: Mapping[str, Mapping[str, Any]]

    @property
    def parts(self) -> list["Grant"]:
        """One for each partition that a condition names."""
        keyed = self.condition.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
        return [
            replace(self, condition={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [pattern]}})
            for pattern in keyed
        ] or [self]

    def __str__(self) -> str:
        return f"{self.sid}: {self.action} on {self.resource} {dict(self.condition) or ''}".rstrip()

    def covers(self, need: Need) -> bool:
        asked = dict(need.context)
        return (
            self.action == need.action
            and fnmatchcase(need.resource, self.resource)
            and all(
                _holds(operator, asked.get(key), _listed(wanted))
                for operator, keys in self.condition.items()
                for key, wanted in keys.items()
            )
        )


def grants(function: str, given: Mapping[str, str]) -> list[Grant]:
    policy = json.loads((ROOT / ".chalice" / FUNCTIONS[function]["iam_policy_file"]).read_text("utf-8"))
    return [
        Grant(function, statement["Sid"], action, resource, resolved(statement.get("Condition", {}), given))
        for statement in policy["Statement"]
        for action in _listed(statement["Action"])
        for resource in _listed(resolved(statement["Resource"], given))
    ]


def resolved(value: Any, given: Mapping[str, str]) -> Any:
    """A template's value with CloudFormation's functions carried out."""
    match value:
        case {"Ref": name}:
            return given[name]
        case {"Fn::Sub": text}:
            for name, meant in given.items():
                text = text.replace(f"${{{name}}}", meant)
            assert "${" not in text, text
            return text
        case {"Fn::Split": [mark, text]}:
            return resolved(text, given).split(mark)
        case {"Fn::Select": [number, values]}:
            return resolved(values, given)[int(number)]
        case dict():
            return {key: resolved(inner, given) for key, inner in value.items()}
        case list():
            return [resolved(inner, given) for inner in value]
    return value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _holds(operator: str, values: tuple[str, ...] | None, wanted: list[str]) -> bool:
    every, name = operator.startswith("ForAllValues:"), operator.removeprefix("ForAllValues:")
    if values is None:
        return every or name.endswith("IfExists")
    alike = {"StringEquals": str.__eq__, "StringLike": fnmatchcase}[name.removesuffix("IfExists")]
    assert every or len(values) == 1, f"{operator} over several values"
    return all(any(alike(value, pattern) for pattern in wanted) for value in values)


_running: ContextVar[str] = ContextVar("running", default="")


@contextmanager
def running(function: str) -> Iterator[None]:
    """What is asked of AWS in here is asked by that function."""
    token = _running.set(function)
    try:
        yield
    finally:
        _running.reset(token)


@dataclass
class Recorder:
    """Notes what the functions need of AWS, by function."""

    given: Mapping[str, str]
    needs: dict[str, set[Need]] = field(default_factory=dict)

    def note(self, *needs: Need) -> None:
        if function := _running.get():
            self.needs.setdefault(function, set()).update(needs)

    def refused(self) -> list[str]:
        """What a policy does not allow though the function asked for it."""
        allowed = {function: grants(function, self.given) for function in self.needs}
        return sorted(
            f"{function} may not {need}: add it to .chalice/{FUNCTIONS[function]['iam_policy_file']}"
            for function, needs in self.needs.items()
            for need in needs
            if not any(grant.covers(need) for grant in allowed[function])
        )

    def asked(self, params: Any, model: Any, **_: Any) -> None:
        # A form for a browser is made by that operation's address, without a call.
        if model.name == "CreateBucket":
            return
        self.note(*_needs(model.service_model.service_name, model.name, params, self.given))

    def answered(self, parsed: Any, **_: Any) -> None:
        if parsed.get("Error", {}).get("Code") == "NoSuchKey":
            self.note(Need("s3:ListBucket", _bucket(self.given)))

    def signed(self, request: Any, **_: Any) -> None:
        """A form by which a browser puts a file in the function's name."""
        if "s3-presign-post-fields" in request.context:
            policy = request.context["s3-presign-post-policy"]
            keys = [c["key"] for c in policy["conditions"] if isinstance(c, dict) and "key" in c]
            self.note(*(Need("s3:PutObject", f"{_bucket(self.given)}/{key}") for key in keys if key != "origin"))


@contextmanager
def recorded(given: Mapping[str, str]) -> Iterator[Recorder]:
    """Every botocore client made in here tells the recorder of its calls."""
    recorder = Recorder(given)
    hooks = [
        ("before-parameter-build", recorder.asked),
        ("before-call.sesv2.GetAccount", quota),
        ("after-call.s3.GetObject", recorder.answered),
        ("before-sign.s3.PutObject", recorder.signed),
    ]
    botocore_handlers.BUILTIN_HANDLERS.extend(hooks)
    try:
        yield recorder
    finally:
        for hook in hooks:
            botocore_handlers.BUILTIN_HANDLERS.remove(hook)


def _bucket(given: Mapping[str, str]) -> str:
    return f"arn:aws:s3:::{given['BucketName']}"


def _arn(given: Mapping[str, str], service: str, name: str) -> str:
    return f"arn:aws:{service}:{given['AWS::Region']}:{ACCOUNT}:{name}"


def _needs(service: str, operation: str, params: Mapping[str, Any], given: Mapping[str, str]) -> Iterator[Need]:
    match service:
        case "dynamodb":
            yield from _dynamodb(operation, params, given)
        case "s3":
            action = {"ListObjectsV2": "s3:ListBucket"}.get(operation, f"s3:{operation}")
            key = f"/{params['Key']}" if "Key" in params else ""
            yield Need(action, f"arn:aws:s3:::{params['Bucket']}{key}")
        case "sqs":
            name = params.get("QueueName") or params["QueueUrl"].rpartition("/")[2]
            # A process asks once for a queue's address; here all functions are one process.
            yield from (Need(f"sqs:{action}", _arn(given, "sqs", name)) for action in {operation, "GetQueueUrl"})
        case "ssm":
            yield Need(f"ssm:{operation}", _arn(given, "ssm", f"parameter{params['Name']}"))
        case "sesv2":
            yield from _ses(operation, params, given)
        case _:
            yield Need(f"{service}:{operation}", "*")


def _ses(operation: str, params: Mapping[str, Any], given: Mapping[str, str]) -> Iterator[Need]:
    """A raw mail needs the older action as well; the sender is found in its From."""
    if operation == "GetAccount":
        yield Need("ses:GetAccount", "*")
        return
    sender = given["Sender"].rpartition("<")[2].rstrip(">")
    places = [_arn(given, "ses", f"identity/{sender}")]
    if "ConfigurationSetName" in params:
        places.append(_arn(given, "ses", f"configuration-set/{params['ConfigurationSetName']}"))
    raw = operation == "SendEmail" and "Raw" in params["Content"]
    for action in ("SendEmail", "SendRawEmail") if raw else (operation,):
        for place in places:
            yield Need(f"ses:{action}", place, (("ses:FromAddress", (sender,)),))


def _dynamodb(operation: str, params: Mapping[str, Any], given: Mapping[str, str]) -> Iterator[Need]:
    def need(action: str, table: str, *leading: str) -> Need:
        context = (("dynamodb:LeadingKeys", tuple(sorted(set(leading)))),) if leading else ()
        return Need(f"dynamodb:{action}", _arn(given, "dynamodb", f"table/{table}"), context)

    if operation == "BatchGetItem":
        for table, asked in params["RequestItems"].items():
            yield need(operation, table, *(key["pk"]["S"] for key in asked["Keys"]))
    elif operation == "TransactWriteItems":
        for entry in params["TransactItems"]:
            for kind, item in entry.items():
                keyed = item.get("Item") or item["Key"]
                yield need(f"{kind}Item", item["TableName"], keyed["pk"]["S"])
    elif "IndexName" in params:
        yield need(operation, f"{params['TableName']}/index/{params['IndexName']}")
    else:
        keyed = params.get("Item") or params.get("Key") or {}
        leading = [keyed["pk"]["S"]] if keyed else []
        if operation == "Query":
            leading = [params["ExpressionAttributeValues"][":pk"]["S"]]
        yield need(operation, params["TableName"], *leading)
