"""What `cost` counts of a deployment is what the templates make."""

import json
from pathlib import Path

from chalicelib.costs.prices import price_table

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = json.loads((ROOT / "infra" / "code_stack.json").read_text("utf-8"))["Resources"]
FUNCTIONS = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))["stages"]["package"]["lambda_functions"]
MEND = "write the new number into chalicelib/data/aws_prices.json, and see by tests/costs that the idle bill holds"


def test_each_alarm_is_in_the_idle_bill() -> None:
    alarms = [name for name, resource in RESOURCES.items() if resource.get("Type") == "AWS::CloudWatch::Alarm"]
    assert price_table()["idle"]["alarms"] == len(alarms), MEND


def test_each_queue_that_is_polled_is_in_the_idle_bill() -> None:
    mappings = [
        event
        for resource in RESOURCES.values()
        for event in resource.get("Properties", {}).get("Events", {}).values()
        if event["Type"] == "SQS"
    ]
    assert price_table()["idle"]["polled_queues"] == len(mappings), MEND


def test_the_memory_of_each_function_is_what_its_seconds_are_billed_by() -> None:
    assert price_table()["memory_mb"] == {name: made["lambda_memory_size"] for name, made in FUNCTIONS.items()}, MEND
