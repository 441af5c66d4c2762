"""One index a step, against the table as it is deployed."""

from typing import Any

import pytest

from infra.stacks import DeployError
from infra.table_steps import Template, steps


def index(name: str, attribute: str = "", kept: tuple[str, ...] = ()) -> dict[str, Any]:
    schema = [{"AttributeName": attribute or f"{name}_key", "KeyType": "HASH"}]
    projection: dict[str, Any] = {"ProjectionType": "INCLUDE" if kept else "ALL"}
    if kept:
        projection["NonKeyAttributes"] = list(kept)
    return {"IndexName": name, "KeySchema": schema, "Projection": projection}


def template(*indexes: dict[str, Any], keys: tuple[str, str] = ("pk", "sk")) -> Template:
    names = [*keys, *(i["KeySchema"][0]["AttributeName"] for i in indexes)]
    properties = {
        "KeySchema": schema(keys),
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in dict.fromkeys(names)],
        "GlobalSecondaryIndexes": list(indexes),
    }
    return {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}, "Bucket": {"Type": "B"}}}


def schema(keys: tuple[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": keys[0], "KeyType": "HASH"}, {"AttributeName": keys[1], "KeyType": "RANGE"}]


def deployed(*indexes: dict[str, Any], status: str = "ACTIVE") -> dict[str, Any]:
    found = [{**i, "IndexStatus": "ACTIVE"} for i in indexes]
    return {"TableName": "t", "TableStatus": status, "KeySchema": schema(("pk", "sk")), "GlobalSecondaryIndexes": found}


def names(made: Template) -> list[str]:
    return [i["IndexName"] for i in made["Resources"]["Table"]["Properties"].get("GlobalSecondaryIndexes", ())]


def attributes(made: Template) -> list[str]:
    return [a["AttributeName"] for a in made["Resources"]["Table"]["Properties"]["AttributeDefinitions"]]


def test_a_table_that_is_not_there_is_made_with_all_its_indexes() -> None:
    wanted = template(index("due"), index("by_day"))
    assert steps(wanted, None, None).before == (wanted,)


def test_nothing_new_is_one_step_with_the_template_as_it_is() -> None:
    wanted = template(index("due"))
    planned = steps(wanted, template(index("due")), deployed(index("due")))
    assert (planned.before, planned.after) == ((wanted,), ())


def test_new_indexes_come_one_a_step_and_those_that_go_leave_one_a_step_after_the_code() -> None:
    wanted = template(index("due"), index("new1"), index("new2"))
    had = (index("due"), index("old1"), index("old2"))
    planned = steps(wanted, template(*had), deployed(*had))
    assert [names(step) for step in planned.before] == [
        ["due", "old1", "old2"],
        ["due", "old1", "old2", "new1"],
        ["due", "old1", "old2", "new1", "new2"],
    ]
    assert [names(step) for step in planned.after] == [["due", "old2", "new1", "new2"], ["due", "new1", "new2"]]
    assert set(attributes(planned.before[0])) == {"pk", "sk", "due_key", "old1_key", "old2_key"}
    assert set(attributes(planned.after[-1])) == {"pk", "sk", "due_key", "new1_key", "new2_key"}
    assert names(wanted) == ["due", "new1", "new2"]


def test_the_last_index_of_all_goes_too() -> None:
    planned = steps(template(), template(index("due")), deployed(index("due")))
    assert [names(step) for step in (*planned.before, *planned.after)] == [["due"], []]
    assert attributes(planned.after[0]) == ["pk", "sk"]


DUE = index("due")


@pytest.mark.parametrize(
    ("wanted", "stack", "table", "told"),
    [
        (template(DUE, keys=("id", "sk")), template(DUE), deployed(DUE), "replaced by an empty one"),
        (template(index("due", "other")), template(DUE), deployed(DUE), "due has another shape"),
        (template(index("due", kept=("kind",))), template(DUE), deployed(DUE), "due has another shape"),
        (template(DUE), template(DUE), deployed(), "due was dropped by hand"),
        (template(DUE, index("x")), template(DUE), deployed(DUE, index("x")), "x was made by hand"),
        (template(DUE), template(DUE), deployed(DUE, status="CREATING"), "the table t is creating"),
    ],
)
def test_what_would_lose_the_table_or_stumble_is_refused(
    wanted: Template, stack: Template, table: dict[str, Any], told: str
) -> None:
    with pytest.raises(DeployError, match=told):
        steps(wanted, stack, table)


def test_an_index_that_is_still_being_made_is_waited_for_by_a_person() -> None:
    table = deployed(DUE)
    table["GlobalSecondaryIndexes"][0]["IndexStatus"] = "CREATING"
    with pytest.raises(DeployError, match="due is creating; try again"):
        steps(template(DUE), template(DUE), table)


def test_an_index_made_by_hand_that_no_template_names_is_left_alone() -> None:
    planned = steps(template(DUE), template(DUE), deployed(DUE, index("mine")))
    assert [names(step) for step in planned.before] == [["due"]]
    assert planned.after == ()
