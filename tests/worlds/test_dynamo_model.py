"""The model is what it stands for: raw calls on it and on moto; and by DynamoDB's rules, what moto does not do."""

import random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from chalicelib.store.aws_clients import AwsClients
from tests.contracts.places import aws, make_table
from tests.worlds.dynamo_expressions import BadExpression
from tests.worlds.dynamo_model import DynamoModel

KEYS = [("A", "1"), ("A", "2"), ("A", "né"), ("B", "1"), ("C", "1")]


def item(chance: random.Random, key: tuple[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {"pk": {"S": key[0]}, "sk": {"S": key[1]}, "version": {"N": str(chance.randint(1, 3))}}
    made |= {"kind": {"S": chance.choice("XY")}, "body": {"B": chance.randbytes(3)}}
    if chance.random() < 0.5:
        made |= {"due_shard": {"S": chance.choice("01")}, "due_at": {"S": f"2026-0{chance.randint(1, 9)}"}}
    return made


def condition(chance: random.Random) -> dict[str, Any]:
    text = chance.choice(
        ("", "attribute_not_exists(pk)", "version = :v", "version BETWEEN :one AND :v", "NOT version > :v",
         "attribute_exists(due_at) AND (kind = :x OR version < :v)", "kind <> :x", "begins_with(due_at, :begin)")
    )  # fmt: skip
    if not text:
        return {}
    values = {":v": {"N": str(chance.randint(1, 3))}, ":one": {"N": "1"}, ":x": {"S": "X"}, ":begin": {"S": "2026-0"}}
    asked = {"ConditionExpression": text, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    used = {name: value for name, value in values.items() if name in text}
    return asked | ({"ExpressionAttributeValues": used} if used else {})


def write(chance: random.Random, key: tuple[str, str]) -> tuple[str, dict[str, Any]]:
    kind = chance.choice(("Put", "Put", "Delete", "Update"))
    if kind == "Put":
        return kind, {"Item": item(chance, key)} | condition(chance)
    asked: dict[str, Any] = {"Key": {"pk": {"S": key[0]}, "sk": {"S": key[1]}}}
    if kind == "Delete":
        return kind, asked | condition(chance)
    sets = "SET version = if_not_exists(version, :none) + :rise, kind = :kind"
    more = chance.choice((" REMOVE due_at, due_shard", ", due_at = :due, due_shard = :shard"))
    values = {":none": {"N": "0"}, ":rise": {"N": "2"}, ":kind": {"S": "X"}}
    values |= {":due": {"S": "2026-05"}, ":shard": {"S": "1"}} if ":due" in more else {}
    return kind, asked | {"UpdateExpression": sets + more, "ExpressionAttributeValues": values}


def answer(client: Any, operation: str, **asked: Any) -> Any:
    """What comes back, or the error's code, its reasons and the item it tells."""
    try:
        told = getattr(client, operation)(**asked)
    except ClientError as error:
        reasons = [(reason["Code"], reason.get("Item")) for reason in error.response.get("CancellationReasons", ())]
        return error.response["Error"]["Code"], reasons, error.response.get("Item")
    # Where a page ends exactly with the last item, DynamoDB names a next one and moto does not.
    return {name: told[name] for name in ("Item", "Items") if name in told}


def reads(name: str) -> list[tuple[str, dict[str, Any]]]:
    table = {"TableName": name}
    due = {"IndexName": "due", "KeyConditionExpression": "due_shard = :s AND due_at <= :u"}
    values = {":s": {"S": "1"}, ":u": {"S": "2026-06"}}
    kind = {"FilterExpression": "kind = :k"}
    own = {"KeyConditionExpression": "pk = :pk AND sk BETWEEN :a AND :b"}
    between = {":pk": {"S": "A"}, ":a": {"S": "1"}, ":b": {"S": "z"}}
    return [
        ("query", table | due | {"ExpressionAttributeValues": values}),
        ("query", table | due | kind | {"ExpressionAttributeValues": values | {":k": {"S": "X"}}}),
        ("query", table | own | {"ExpressionAttributeValues": between, "ConsistentRead": True}),
        ("query", table | own | {"ExpressionAttributeValues": between, "Limit": 1}),
        ("query", table | own | {"ExpressionAttributeValues": between, "ScanIndexForward": False}),
        ("get_item", table | {"Key": {"pk": {"S": "B"}, "sk": {"S": "1"}}}),
    ]


def ordered(told: Any) -> Any:
    """Entries of an index that are due at the same moment come in no promised order."""
    if isinstance(told, dict) and "due_at" in str(told.get("Items", "")):
        return sorted(told["Items"], key=str)
    return told


@pytest.mark.parametrize("seed", range(4))
def test_any_run_of_raw_calls_is_answered_as_moto_answers_it(seed: int) -> None:
    chance = random.Random(seed)
    with aws("moto") as moto, aws("model") as model:
        clients = (moto.dynamodb(), model.dynamodb())
        names = (make_table(moto), make_table(model))
        for _ in range(60):
            keys = chance.sample(KEYS, chance.choice((1, 1, 2, 3)))
            writes = [write(chance, key) for key in keys]
            if len(writes) == 1:
                kind, asked = writes[0]
                told = [answer(c, f"{kind.lower()}_item", TableName=n, **asked)
                        for c, n in zip(clients, names, strict=True)]  # fmt: skip
            else:
                told = [
                    answer(c, "transact_write_items", TransactItems=[{k: {"TableName": n, **a}} for k, a in writes])
                    for c, n in zip(clients, names, strict=True)
                ]
            assert told[0] == told[1], writes
            for (operation, one), (_, other) in zip(reads(names[0]), reads(names[1]), strict=True):
                assert ordered(answer(clients[0], operation, **one)) == ordered(answer(clients[1], operation, **other))


def made(clock: list[float], lag: float = 0.0) -> tuple[DynamoModel, str]:
    model = DynamoModel(lambda: clock[0], lambda: lag)
    clients = cast("AwsClients", SimpleNamespace(dynamodb=lambda: model))
    return model, make_table(clients)


def put(name: str, pk: str, due_at: str = "", version: str = "1") -> dict[str, Any]:
    due = {"due_shard": {"S": "1"}, "due_at": {"S": due_at}} if due_at else {}
    return {"TableName": name, "Item": {"pk": {"S": pk}, "sk": {"S": "S"}, "version": {"N": version}, **due}}


def due(model: DynamoModel, name: str) -> list[str]:
    asked = {"KeyConditionExpression": "due_shard = :s AND due_at <= :u", "IndexName": "due", "TableName": name}
    found = model.query(**asked, ExpressionAttributeValues={":s": {"S": "1"}, ":u": {"S": "2027"}})
    return [entry["pk"]["S"] for entry in found["Items"]]


def test_a_transaction_sent_again_under_its_token_is_written_once_and_another_under_it_is_refused() -> None:
    model, name = made([0.0])
    writes = [{"Put": put(name, "A") | {"ConditionExpression": "attribute_not_exists(pk)"}}]
    model.transact_write_items(TransactItems=writes, ClientRequestToken="t")
    model.transact_write_items(TransactItems=writes, ClientRequestToken="t")
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        model.transact_write_items(TransactItems=[{"Put": put(name, "B")}], ClientRequestToken="t")
    with pytest.raises(ClientError, match="TransactionCanceled"):
        model.transact_write_items(TransactItems=writes, ClientRequestToken="u")


def test_the_index_shows_a_change_only_when_it_has_caught_up() -> None:
    clock = [0.0]
    model, name = made(clock, lag=2.0)
    model.put_item(**put(name, "A", "2026-1"))
    assert due(model, name) == []
    clock[0] = 2.0
    assert due(model, name) == ["A"]
    model.put_item(**put(name, "A"))
    assert due(model, name) == ["A"]
    clock[0] = 4.0
    assert due(model, name) == []


def test_a_put_of_what_is_there_already_leaves_the_stream_still() -> None:
    model, name = made([0.0])
    for version in ("1", "1", "2"):
        model.put_item(**put(name, "A", version=version))
    assert [key for shard in model.tables[name].stream for key in shard] == [("A", "S"), ("A", "S")]


def test_segments_of_a_scan_are_disjoint_and_together_all() -> None:
    model, name = made([0.0])
    for n in range(50):
        model.put_item(**put(name, f"P{n}"))
    found = [
        entry["pk"]["S"]
        for segment in range(7)
        for entry in model.scan(TableName=name, Segment=segment, TotalSegments=7)["Items"]
    ]
    assert sorted(found) == sorted(f"P{n}" for n in range(50))


def test_what_the_model_does_not_know_is_refused() -> None:
    model, name = made([0.0])
    with pytest.raises(BadExpression):
        model.put_item(**put(name, "A"), ReturnConsumedCapacity="TOTAL")
    with pytest.raises(BadExpression):
        model.put_item(**put(name, "A"), ConditionExpression="size(body) > :v", ExpressionAttributeValues={})
