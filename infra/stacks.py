"""CloudFormation, as far as a deployment needs it: make or bring up to date, wait, say in a line what went wrong."""

import json
import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

# A stack in one of these never got ready: it has to go before it can be made.
HALF_MADE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS", "DELETE_FAILED")
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
_SECONDS = 1800


class DeployError(Exception):
    """Why the deployment stopped, in one plain line."""


@dataclass(frozen=True, slots=True)
class Stack:
    """As CloudFormation tells it: its state, outputs and parameters, and whether it refuses to be deleted."""

    status: str
    outputs: dict[str, str]
    parameters: dict[str, str]
    protected: bool = False


def describe(cloudformation: Any, name: str) -> Stack | None:
    try:
        found = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    if not found or found[0]["StackStatus"] == "DELETE_COMPLETE":
        return None
    stack = found[0]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", ())}
    parameters = {p["ParameterKey"]: p.get("ParameterValue", "") for p in stack.get("Parameters", ())}
    return Stack(stack["StackStatus"], outputs, parameters, bool(stack.get("EnableTerminationProtection")))


def template(cloudformation: Any, name: str) -> dict[str, Any]:
    """The template the stack was made by last."""
    body = cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    return dict(json.loads(body) if isinstance(body, str) else body)


def protect(cloudformation: Any, name: str, on: bool) -> None:
    """Whether the stack refuses to be deleted."""
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=on)


def put(cloudformation: Any, name: str, template: str, parameters: dict[str, str], known: frozenset[str]) -> Stack:
    """Make the stack, or bring it up to date: parameters not given stay as they are. `known` are the template's own.

    Raises DeployError."""
    before = describe(cloudformation, name)
    if before and before.status.endswith("_IN_PROGRESS"):
        raise DeployError(f"the stack {name} is being changed by somebody else ({before.status}); try again later")
    if before and before.status in HALF_MADE:
        raise DeployError(f"the stack {name} is half made ({before.status}): remove it first, see docs/deploy.md")
    if before and before.status == "UPDATE_ROLLBACK_FAILED":
        raise DeployError(f"the stack {name} could not be rolled back: continue its rollback in CloudFormation first")
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    request = {"StackName": name, "TemplateBody": template, "Capabilities": _CAPABILITIES}
    if before is None:
        cloudformation.create_stack(**request, Parameters=given)
        return _ready(cloudformation, name, "CREATE_COMPLETE")
    kept = [{"ParameterKey": key, "UsePreviousValue": True} for key in before.parameters
            if key in known and key not in parameters]  # fmt: skip
    try:
        cloudformation.update_stack(**request, Parameters=given + kept)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return before
        raise
    return _ready(cloudformation, name, "UPDATE_COMPLETE")


def delete(cloudformation: Any, name: str) -> bool:
    """Delete the stack if it is there; whether it was. Raises DeployError."""
    if describe(cloudformation, name) is None:
        return False
    cloudformation.delete_stack(StackName=name)
    stack = _settled(cloudformation, name)
    if stack is not None:
        raise DeployError(f"the stack {name} could not be deleted: {_reason(cloudformation, name)}")
    return True


def _ready(cloudformation: Any, name: str, wanted: str) -> Stack:
    stack = _settled(cloudformation, name)
    if stack is None or stack.status != wanted:
        raise DeployError(f"the stack {name} was not made: {_reason(cloudformation, name)}")
    return stack


def _settled(cloudformation: Any, name: str) -> Stack | None:
    """The stack once nothing of it is in progress; None when it is gone."""
    until, pause = time.monotonic() + _SECONDS, 0.5
    while (stack := describe(cloudformation, name)) and stack.status.endswith("_IN_PROGRESS"):
        if time.monotonic() > until:
            raise DeployError(f"the stack {name} has not settled in {_SECONDS // 60} minutes ({stack.status})")
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)
    return stack


def _reason(cloudformation: Any, name: str) -> str:
    """What failed first; what follows was cancelled because of it."""
    try:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    except ClientError:
        return "CloudFormation keeps no events of it"
    for event in reversed(events):
        reason = event.get("ResourceStatusReason", "")
        if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
            more = _findings(cloudformation, name) if "DescribeEvents" in reason else ""
            return more or f"{event['LogicalResourceId']}: {reason or event['ResourceStatus']}"
    return "no event says why"


def _findings(cloudformation: Any, name: str) -> str:
    """What CloudFormation found before it began; its stack event only says that there is something."""
    events = cloudformation.describe_events(StackName=name, Filters={"FailedEvents": True})["OperationEvents"]
    found = [f"{e['ValidationPath']}: {e.get('ValidationStatusReason', '')}" for e in events if e.get("ValidationPath")]
    return "; ".join(dict.fromkeys(found))
