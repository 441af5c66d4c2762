"""How the table gets from what is deployed to what the template says: DynamoDB makes or drops one index at a time.

Pure: templates and DescribeTable's answer in, templates out. Indexes that are new are made before the new code comes,
and those that nobody needs any more are dropped after it, so that neither release misses one of its own."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from infra.stacks import DeployError

Template = dict[str, Any]
TABLE = "AWS::DynamoDB::Table"


@dataclass(frozen=True, slots=True)
class Steps:
    """Templates to bring the data stack to, in order: `before` the code is changed, and `after` it."""

    before: tuple[Template, ...]
    after: tuple[Template, ...]


def steps(wanted: Template, stack: Template | None, deployed: dict[str, Any] | None) -> Steps:
    """`stack` is the template the stack was made by last, `deployed` the table as DynamoDB describes it; None where
    there is none yet. Raises DeployError where the table would be lost or CloudFormation would stumble."""
    if stack is None or deployed is None:
        return Steps((wanted,), ())
    want, known, there = _indexes(wanted), _indexes(stack), _described(deployed)
    _check(wanted, want, known, there, deployed)
    new = [name for name in want if name not in there]
    old = [name for name in known if name not in want]
    # All else of the template comes first, without the new ones and with the old ones.
    at = {name: want.get(name) or known[name] for name in known}
    before = [_with(wanted, at.values())]
    for name in new:
        at[name] = want[name]
        before.append(_with(wanted, at.values()))
    after = []
    for name in old:
        del at[name]
        after.append(_with(wanted, at.values()))
    return Steps(tuple(before), tuple(after))


def _check(
    wanted: Template, want: dict[str, Any], known: dict[str, Any], there: dict[str, Any], deployed: dict[str, Any]
) -> None:
    name = deployed["TableName"]
    if deployed["TableStatus"] not in ("ACTIVE", "UPDATING"):
        raise DeployError(f"the table {name} is {deployed['TableStatus'].lower()}; try again when it is active")
    if _keys(_table(wanted)["KeySchema"]) != _keys(deployed["KeySchema"]):
        raise DeployError(f"the table {name} has other keys than the template: it would be replaced by an empty one")
    for index in there.values():
        if index.get("IndexStatus", "ACTIVE") != "ACTIVE":
            told = f"{index['IndexName']} is {index['IndexStatus'].lower()}"
            raise DeployError(f"the table {name}: its index {told}; try again when it is active")
    for index_name, index in want.items():
        if index_name in there and _shape(index) != _shape(there[index_name]):
            raise DeployError(
                f"the table {name}: its index {index_name} has another shape; give the new one a new name"
            )
        if (index_name in there) != (index_name in known):
            was = "made" if index_name in there else "dropped"
            raise DeployError(
                f"the table {name}: its index {index_name} was {was} by hand, not by its stack; undo that"
            )


def _indexes(template: Template) -> dict[str, Any]:
    return {index["IndexName"]: index for index in _table(template).get("GlobalSecondaryIndexes", ())}


def _described(deployed: dict[str, Any]) -> dict[str, Any]:
    return {index["IndexName"]: index for index in deployed.get("GlobalSecondaryIndexes", ())}


def _table(template: Template) -> dict[str, Any]:
    for resource in template["Resources"].values():
        if resource.get("Type") == TABLE:
            return dict(resource["Properties"])
    return {"KeySchema": []}


def _keys(schema: Iterable[dict[str, str]]) -> list[tuple[str, str]]:
    return [(key["AttributeName"], key["KeyType"]) for key in schema]


def _shape(index: dict[str, Any]) -> tuple[Any, ...]:
    projection = index["Projection"]
    return _keys(index["KeySchema"]), projection["ProjectionType"], sorted(projection.get("NonKeyAttributes", ()))


def _with(wanted: Template, indexes: Iterable[dict[str, Any]]) -> Template:
    """The template with these indexes, and no attribute that neither table nor index uses: DynamoDB refuses those."""
    made = copy.deepcopy(wanted)
    for resource in made["Resources"].values():
        if resource.get("Type") != TABLE:
            continue
        table = resource["Properties"]
        table["GlobalSecondaryIndexes"] = [copy.deepcopy(index) for index in indexes]
        schemas = [table["KeySchema"], *(index["KeySchema"] for index in table["GlobalSecondaryIndexes"])]
        used = {key["AttributeName"] for schema in schemas for key in schema}
        types = {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]}
        # An index that goes is keyed by text, as all of ours are.
        table["AttributeDefinitions"] = [
            {"AttributeName": name, "AttributeType": types.get(name, "S")}
            for name in (*types, *sorted(used - set(types)))
            if name in used
        ]
        if not table["GlobalSecondaryIndexes"]:
            del table["GlobalSecondaryIndexes"]
    return made
