"""CloudFormation's answers, and what a deployment makes of them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra import stacks
from infra.stacks import DeployError

KNOWN = frozenset({"Stage", "Sender"})


class Formation:
    """CloudFormation with one stack, which goes through the states it is given."""

    def __init__(self, *states: str, parameters: dict[str, str] | None = None, same: bool = False) -> None:
        self.states = list(states)
        self.parameters = parameters or {}
        self.same = same
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        if not self.states or self.states[0] == "none":
            self.states = self.states[1:]
            raise ClientError({"Error": {"Message": f"Stack with id {StackName} does not exist"}}, "DescribeStacks")
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in self.parameters.items()]
        return {
            "Stacks": [
                {"StackStatus": state, "Outputs": [{"OutputKey": "A", "OutputValue": "1"}], "Parameters": parameters}
            ]
        }

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        newest_first = [
            {
                "LogicalResourceId": "B",
                "ResourceStatus": "CREATE_FAILED",
                "ResourceStatusReason": "Resource creation cancelled",
            },
            {"LogicalResourceId": "Bucket", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "name is taken"},
            {"LogicalResourceId": "Table", "ResourceStatus": "CREATE_COMPLETE"},
        ]
        return {"StackEvents": newest_first}

    def create_stack(self, **request: Any) -> None:
        self.asked.append(("create", request))

    def update_stack(self, **request: Any) -> None:
        if self.same:
            raise ClientError({"Error": {"Message": "No updates are to be performed."}}, "UpdateStack")
        self.asked.append(("update", request))

    def delete_stack(self, **request: Any) -> None:
        self.asked.append(("delete", request))


def put(formation: Formation, **parameters: str) -> stacks.Stack:
    return stacks.put(formation, "s", "{}", parameters, KNOWN)


def test_a_stack_that_is_not_there_is_made() -> None:
    formation = Formation("none", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    assert put(formation, Stage="dev").outputs == {"A": "1"}
    assert formation.asked[0][0] == "create"


def test_parameters_given_once_stay_and_those_the_template_has_lost_are_not_sent() -> None:
    formation = Formation("CREATE_COMPLETE", "UPDATE_COMPLETE", parameters={"Stage": "dev", "Sender": "x", "Old": "y"})
    put(formation, Stage="dev")
    assert formation.asked[0][1]["Parameters"] == [
        {"ParameterKey": "Stage", "ParameterValue": "dev"},
        {"ParameterKey": "Sender", "UsePreviousValue": True},
    ]


def test_nothing_to_change_is_well() -> None:
    assert put(Formation("UPDATE_COMPLETE", same=True)).status == "UPDATE_COMPLETE"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("ROLLBACK_COMPLETE", "half made"),
        ("DELETE_FAILED", "half made"),
        ("UPDATE_IN_PROGRESS", "somebody else"),
        ("UPDATE_ROLLBACK_FAILED", "continue its rollback"),
    ],
)
def test_a_stack_that_cannot_be_brought_up_to_date_is_left_alone_and_named(status: str, told: str) -> None:
    formation = Formation(status)
    with pytest.raises(DeployError, match=told):
        put(formation)
    assert formation.asked == []


def test_what_failed_first_is_told_not_what_was_cancelled_because_of_it() -> None:
    with pytest.raises(DeployError, match="Bucket: name is taken"):
        put(Formation("none", "ROLLBACK_COMPLETE"))


def test_an_update_that_was_rolled_back_is_no_success() -> None:
    with pytest.raises(DeployError):
        put(Formation("CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"))


def test_deleting_what_is_not_there_does_nothing() -> None:
    formation = Formation("none")
    assert not stacks.delete(formation, "s")
    assert formation.asked == []


def test_a_stack_that_does_not_go_says_why() -> None:
    with pytest.raises(DeployError, match="could not be deleted"):
        stacks.delete(Formation("CREATE_COMPLETE", "DELETE_FAILED"), "s")
