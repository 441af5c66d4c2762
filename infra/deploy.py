"""Deploy the package into an AWS account: `python -m infra.deploy --stage dev [--set Sender=…]`.

    the data stack (table, bucket, queues)  →  the zips into its code bucket  →  the code stack  →  the address

Run again it brings all up to date; parameters given once stay. `--remove` takes the code stack away and keeps the
data; `--remove --with-data` deletes that too. Docs: docs/deploy.md."""

import argparse
import json
import secrets
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from infra import stacks
from infra.brand_checks import check_brand
from infra.buckets import drop_test_events, prune, upload
from infra.doctor import WRONG, examine
from infra.executions import kept_at_first
from infra.mail_checks import check_mail
from infra.remove import remove
from infra.sources import stale
from infra.stacks import DeployError
from infra.table_steps import Steps, steps

DIST = Path(__file__).absolute().parents[1] / "dist"
# Outputs of the data stack that are parameters of the code stack.
_HANDED_ON = ("TableName", "TableStreamArn", "BucketName", "QueuePrefix", "MailTopicArn", "ConfigurationSet")
# CloudFormation takes larger templates only from a bucket.
TEMPLATE_BYTES = 51_200


@dataclass(frozen=True, slots=True)
class Target:
    """The account and region to deploy into, what this deployment is called there, and the package's folder."""

    session: boto3.Session
    endpoint: str | None
    stage: str
    package: Path = DIST

    def client(self, service: str) -> Any:
        config = Config(retries={"mode": "standard"}, s3={"addressing_style": "path"} if self.endpoint else None)
        return self.session.client(service, endpoint_url=self.endpoint, config=config)

    @property
    def data_stack(self) -> str:
        return f"leadline-{self.stage}-data"

    @property
    def code_stack(self) -> str:
        return f"leadline-{self.stage}"

    @property
    def secret(self) -> str:
        return f"/leadline/{self.stage}/secret"


def deploy(target: Target, chosen: dict[str, str]) -> str:
    """All of it; the address. Raises DeployError, ClientError."""
    check_package(target)
    data_template, code_template = _template(target, "data_stack"), _template(target, "code_stack")
    check_names(chosen, data_template, code_template)
    check_brand(chosen)
    cloudformation = target.client("cloudformation")
    check_mail(target, chosen | already_set(cloudformation, target.code_stack, chosen))
    keep_secret(target)
    of_data = {"Stage": target.stage, "TableName": f"leadline-{target.stage}", **_own(chosen, data_template)}
    check_orphans(target, of_data["TableName"])
    planned = _table_steps(target, cloudformation, data_template)
    for step in planned.before:
        data = _put(cloudformation, target.data_stack, step, of_data).outputs
    stacks.protect(cloudformation, target.data_stack, True)
    of_code = {
        **{name: data[name] for name in _HANDED_ON},
        "SecretParameter": target.secret,
        "CodeBucket": data["CodeBucketName"],
        **upload(target, data["CodeBucketName"]),
        **_own(chosen, code_template),
    }
    if stacks.describe(cloudformation, target.code_stack) is None:
        of_code = kept_at_first(target.client("lambda")) | of_code
    address = _put(cloudformation, target.code_stack, code_template, of_code).outputs["Address"]
    # The pages' origin is known only now; without it the bucket takes no uploads from their scripts.
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(address))
    of_data["Origin"] = chosen.get("Origin", origin)
    for step in planned.after or planned.before[-1:]:
        _put(cloudformation, target.data_stack, step, of_data)
    drop_test_events(target, data["QueuePrefix"])
    prune(target, data["CodeBucketName"])
    return address


def check_package(target: Target) -> None:
    """Refuse zips and templates that are not those of the sources."""
    why = stale(target.package)
    if why:
        raise DeployError(f"{why}: run `make package` first")


def _table_steps(target: Target, cloudformation: Any, wanted: dict[str, Any]) -> Steps:
    """Against the table as it is, not as some earlier template said."""
    data = stacks.describe(cloudformation, target.data_stack)
    if data is None or "TableName" not in data.outputs:
        return steps(wanted, None, None)
    table = target.client("dynamodb").describe_table(TableName=data.outputs["TableName"])["Table"]
    return steps(wanted, stacks.template(cloudformation, target.data_stack), table)


_MAIL = {
    "LEADLINE_SMTP_HOST": "SmtpHost",
    "LEADLINE_SMTP_PORT": "SmtpPort",
    "LEADLINE_SMTP_USER": "SmtpUser",
    "LEADLINE_SMTP_PASSWORD_PARAMETER": "SmtpPasswordParameter",
    "LEADLINE_SMTP_STARTTLS": "SmtpStartTls",
}


def settings(target: Target) -> dict[str, str]:
    """The environment in which the command line works on this deployment. Raises DeployError."""
    cloudformation = target.client("cloudformation")
    data, code = (stacks.describe(cloudformation, name) for name in (target.data_stack, target.code_stack))
    if data is None or code is None:
        raise DeployError(f"{target.stage} is not deployed")
    return {
        "LEADLINE_ENGINE": "dynamodb",
        "LEADLINE_REGION": str(target.session.region_name),
        "LEADLINE_TABLE": data.outputs["TableName"],
        "LEADLINE_BUCKET": data.outputs["BucketName"],
        "LEADLINE_QUEUE_PREFIX": data.outputs["QueuePrefix"],
        "LEADLINE_MAIL_TOPIC": data.outputs["MailTopicArn"],
        "LEADLINE_CONFIGURATION_SET": data.outputs["ConfigurationSet"],
        "LEADLINE_SECRET_PARAMETER": target.secret,
        "LEADLINE_PUBLIC_URL": code.outputs["Address"],
        "LEADLINE_SENDER": code.parameters["Sender"],
        **{name: code.parameters[parameter] for name, parameter in _MAIL.items() if code.parameters.get(parameter)},
        **({"LEADLINE_AWS_ENDPOINT": target.endpoint} if target.endpoint else {}),
    }


def already_set(cloudformation: Any, name: str, chosen: dict[str, str]) -> dict[str, str]:
    """Parameters of the stack as it is that nobody gives anew."""
    stack = stacks.describe(cloudformation, name)
    return {key: value for key, value in stack.parameters.items() if key not in chosen} if stack else {}


def _template(target: Target, name: str) -> dict[str, Any]:
    return dict(json.loads((target.package / f"{name}.json").read_text("utf-8")))


def _put(cloudformation: Any, name: str, template: dict[str, Any], parameters: dict[str, str]) -> stacks.Stack:
    body = json.dumps(template, separators=(",", ":"))
    if len(body) > TEMPLATE_BYTES:
        raise DeployError(f"the template of {name} is larger than {TEMPLATE_BYTES} bytes")
    return stacks.put(cloudformation, name, body, parameters, frozenset(template["Parameters"]))


def _own(chosen: dict[str, str], template: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in chosen.items() if name in template["Parameters"]}


def check_names(chosen: dict[str, str], *templates: dict[str, Any]) -> None:
    known = {name for template in templates for name in template["Parameters"]}
    for name in chosen:
        if name not in known:
            raise DeployError(f"there is no parameter {name}; there are {', '.join(sorted(known))}")


def keep_secret(target: Target) -> None:
    """Made once: without it no link and no key of the store matches any more."""
    try:
        target.client("ssm").put_parameter(
            Name=target.secret, Value=secrets.token_hex(32), Type="SecureString", Overwrite=False,
            Description="Signs Leadline's links and keys its hashes. Never change it.",
        )  # fmt: skip
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterAlreadyExists":
            raise


def check_orphans(target: Target, table: str) -> None:
    """A table whose stack was deleted stays; CloudFormation would only say that the name is taken."""
    if stacks.describe(target.client("cloudformation"), target.data_stack) is not None:
        return
    dynamodb = target.client("dynamodb")
    try:
        dynamodb.describe_table(TableName=table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return
    raise DeployError(f"the table {table} is there without its stack {target.data_stack}: see docs/deploy.md, orphans")


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    try:
        session = boto3.Session(region_name=options.region)
        if not session.region_name:
            raise DeployError("no region is chosen: give --region, or set AWS_DEFAULT_REGION")
        target = Target(session, options.endpoint, options.stage)
        _check_credentials(target)
        if options.remove:
            for line in remove(target, options.with_data, options.yes):
                print(line)
        elif options.doctor:
            lines = list(examine(target, dict(options.set)))
            print("\n".join(f"{kind}: {line}" for kind, line in lines))
            return 2 if any(kind == WRONG for kind, _ in lines) else 0
        elif options.settings:
            for name, value in settings(target).items():
                print(f"export {name}={shlex.quote(value)}")
        else:
            print(deploy(target, dict(options.set)))
    except (DeployError, ClientError, BotoCoreError) as error:
        print(f"not deployed: {explain(error)}", file=sys.stderr)
        return 2
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description="Deploy dist/ into an AWS account.")
    parser.add_argument("--stage", default="dev", type=_stage, help="names one deployment among several (dev)")
    parser.add_argument("--region", help="else as the AWS configuration says")
    parser.add_argument("--endpoint", help="of an emulator")
    parser.add_argument("--set", action="append", default=[], type=_pair, metavar="NAME=VALUE",
                        help="a parameter of the templates, such as Sender or DomainName")  # fmt: skip
    parser.add_argument("--settings", action="store_true", help="print what the command line needs, for a shell")
    parser.add_argument("--doctor", action="store_true", help="say what stands in the way; change nothing")
    parser.add_argument("--remove", action="store_true", help="take the code away; the data stays")
    parser.add_argument("--with-data", action="store_true", help="with --remove: delete the data as well")
    parser.add_argument("--yes", action="store_true", help="do not ask before data is deleted")
    options = parser.parse_args(arguments)
    if options.with_data and not options.remove:
        parser.error("--with-data goes with --remove")
    return options


def _stage(text: str) -> str:
    plain = text.replace("-", "")
    if not (plain.isascii() and plain.isalnum() and text[0].isalpha() and text == text.lower() and len(text) <= 15):
        raise argparse.ArgumentTypeError("a stage is up to 15 small letters, digits and hyphens, a letter first")
    return text


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _check_credentials(target: Target) -> None:
    target.client("sts").get_caller_identity()


def explain(error: Exception) -> str:
    """One line for a person who deploys."""
    if isinstance(error, NoCredentialsError):
        return "there are no AWS credentials: set AWS_PROFILE, or sign in with the AWS command line"
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        if told.get("Code") in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"):
            return f"these credentials may not {error.operation_name}: {told.get('Message', '')}"
        if told.get("Code") in ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId"):
            return "the AWS credentials are expired or unknown: sign in again"
        return f"{error.operation_name}: {told.get('Message') or told.get('Code')}"
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
