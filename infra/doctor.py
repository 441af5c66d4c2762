"""`python -m infra.deploy --stage … --doctor`: what stands in the way of a deployment, or is not as it should be.

A line each: `ok` is as it should be, `note` is worth knowing, `wrong` has to be mended. It changes nothing."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from infra import stacks
from infra.executions import KEPT, UNRESERVED, limit_of
from infra.mail_checks import has_ses, sender_of, ses_lines
from infra.sources import stale

Line = tuple[str, str]
OK, NOTE, WRONG = "ok", "note", "wrong"
# The services a deployment stands on, beside the mail's, by their names in botocore.
SERVICES = ("apigatewayv2", "cloudformation", "cloudwatch", "dynamodb", "lambda", "logs", "s3", "sqs", "ssm")


def examine(target: Any, chosen: dict[str, str]) -> Iterator[Line]:
    """All lines. `chosen` are the parameters given now; those of the deployment count where none are given."""
    cloudformation = target.client("cloudformation")
    data, code = (stacks.describe(cloudformation, name) for name in (target.data_stack, target.code_stack))
    given = {**(data.parameters if data else {}), **(code.parameters if code else {}), **chosen}
    checks: tuple[Callable[[], Iterator[Line]], ...] = (
        lambda: _account(target),
        lambda: _package(target),
        lambda: _region(target),
        lambda: _concurrency(target.client("lambda"), given),
        lambda: _mail(target, given),
        lambda: _secrets(target, given, data is not None),
        lambda: _stack(target, target.data_stack, data),
        lambda: _stack(target, target.code_stack, code),
        lambda: _table(target, data),
    )
    for check in checks:
        try:
            yield from check()
        except ClientError as error:
            code_ = error.response.get("Error", {}).get("Code", "")
            yield NOTE, f"not looked at: these credentials may not {error.operation_name} ({code_})"


def _account(target: Any) -> Iterator[Line]:
    who = target.client("sts").get_caller_identity()
    yield OK, f"account {who['Account']}, region {target.session.region_name}, stage {target.stage}"


def _package(target: Any) -> Iterator[Line]:
    why = stale(target.package)
    yield (WRONG, f"{why}: run `make package`") if why else (OK, "the package is that of the sources")


def _region(target: Any) -> Iterator[Line]:
    region = target.session.region_name
    partition = target.session.get_partition_for_region(region)
    missing = [s for s in SERVICES if region not in target.session.get_available_regions(s, partition)]
    if missing:
        yield WRONG, f"{region} has no {', '.join(missing)}"
    else:
        yield OK, f"{region} has all services ({partition})"


def _concurrency(functions: Any, given: dict[str, str]) -> Iterator[Line]:
    limit = limit_of(functions)
    asked = int(given.get("HttpConcurrency") or 0)
    most = max(0, limit - UNRESERVED)
    if asked > most:
        yield WRONG, f"HttpConcurrency is {asked}; of the account's {limit} executions at most {most} can be reserved"
    elif most and not asked:
        yield (
            NOTE,
            f"the account has {limit} Lambda executions: HttpConcurrency={min(KEPT, most)} would keep some for forms",
        )
    elif not most:
        yield NOTE, f"the account has {limit} Lambda executions, shared by forms and all else: ask AWS for 1,000"
    else:
        yield OK, f"{asked} of the account's {limit} Lambda executions are kept for forms"


def _mail(target: Any, given: dict[str, str]) -> Iterator[Line]:
    if given.get("SmtpHost"):
        yield OK, f"mail leaves by {given['SmtpHost']}"
        return
    if not has_ses(target):
        yield WRONG, f"there is no SES in {target.session.region_name}: set SmtpHost, or choose another region"
        return
    ses = target.client("sesv2")
    told = list(ses_lines(ses, sender_of(given)))
    yield from ((NOTE if "sandbox" in line else WRONG, line) for line in told)
    quota = ses.get_account().get("SendQuota", {})
    rate, day = quota.get("MaxSendRate", 0), quota.get("Max24HourSend", 0)
    pace = float(given.get("MailPerSecond") or 50)
    if rate and pace > rate:
        yield NOTE, f"SES takes {rate:g} mails a second and {day:g} a day; set MailPerSecond={rate:g}"
    elif rate:
        yield OK, f"SES takes {rate:g} mails a second and {day:g} a day"


def _secrets(target: Any, given: dict[str, str], deployed: bool) -> Iterator[Line]:
    ssm = target.client("ssm")
    names = {"the service's secret": target.secret if deployed else ""}
    names |= {name: given.get(name, "") for name in ("OidcSecretParameter", "SmtpPasswordParameter")}
    for what, name in names.items():
        if not name:
            continue
        try:
            kind = ssm.get_parameter(Name=name)["Parameter"]["Type"]
        except ssm.exceptions.ParameterNotFound:
            yield WRONG, f"{what}: there is no parameter {name}"
        else:
            fine = kind == "SecureString"
            yield (OK if fine else WRONG), f"{what}: {name} is a {kind}" + ("" if fine else ", not a SecureString")


def _stack(target: Any, name: str, stack: stacks.Stack | None) -> Iterator[Line]:
    if stack is None:
        yield NOTE, f"{name} is not deployed"
    elif stack.status.endswith("_COMPLETE") and stack.status not in stacks.HALF_MADE:
        yield OK, f"{name} is {stack.status.lower().replace('_', ' ')}"
    else:
        yield WRONG, f"{name} is {stack.status.lower().replace('_', ' ')}"
    if stack is not None and name == target.data_stack and not stack.protected:
        yield WRONG, f"{name} is not protected against deletion: deploy again"


def _table(target: Any, data: stacks.Stack | None) -> Iterator[Line]:
    if data is None:
        return
    name, dynamodb = data.outputs["TableName"], target.client("dynamodb")
    table = dynamodb.describe_table(TableName=name)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    if table.get("DeletionProtectionEnabled") and recovery == "ENABLED":
        yield OK, f"the table {name} is protected and can be restored to any second of 35 days"
    if not table.get("DeletionProtectionEnabled"):
        yield WRONG, f"the table {name} can be deleted: its protection is off"
    if recovery != "ENABLED":
        yield WRONG, f"the table {name} cannot be restored to a point in time: that is off"
    for index in table.get("GlobalSecondaryIndexes", ()):
        if index.get("IndexStatus", "ACTIVE") != "ACTIVE":
            yield NOTE, f"the table {name}: its index {index['IndexName']} is {index['IndexStatus'].lower()}"
