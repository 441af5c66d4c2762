"""What counted use costs in money, by the dated table in data/aws_prices.json."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.costs.world import Use

MILLION, THOUSAND, GB = 1_000_000, 1_000, 1 << 30


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a bill: how much of what, in USD."""

    what: str
    quantity: float
    usd: float


@cache
def price_table() -> dict[str, Any]:
    path = Path(__file__).parent.parent / "data" / "aws_prices.json"
    table: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return table


def unit(name: str) -> float:
    return float(price_table()["unit_prices"][name])


def bill_of(use: Use, times: float, requests: int = 0) -> list[Item]:
    """The bill of this use `times` over; `requests` of it came through the gateway."""
    runs = use.runs.total() * times
    written, read = use.bill.write_units * times, use.bill.read_units * times
    puts, gets = (use.s3["put"] + use.s3["list"]) * times, use.s3["get"] * times
    # A message is sent, received and deleted; of news the topic sends the message, which is not billed.
    messages, gb_seconds = (3 * use.messages + 2 * use.news) * times, lambda_gb_seconds(use) * times
    logged = runs * price_table()["assumed"]["log_bytes_of_a_run"]
    items = [
        Item("API Gateway requests", requests * times, requests * times / MILLION * unit("api_million_requests")),
        Item("Lambda runs", runs, runs / MILLION * unit("lambda_million_requests")),
        Item("Lambda GB-seconds", gb_seconds, gb_seconds * unit("lambda_gb_second")),
        Item("DynamoDB write units", written, written / MILLION * unit("dynamodb_million_write_units")),
        Item("DynamoDB read units", read, read / MILLION * unit("dynamodb_million_read_units")),
        Item("S3 puts and lists", puts, puts / THOUSAND * unit("s3_thousand_puts_and_lists")),
        Item("S3 gets", gets, gets / THOUSAND * unit("s3_thousand_gets")),
        Item("SQS requests", messages, messages / MILLION * unit("sqs_million_requests")),
        Item("SNS news of mail", use.news * times, use.news * times / MILLION * unit("sns_million_requests")),
        Item("SES mails", use.mails * times, use.mails * times / THOUSAND * unit("ses_thousand_mails")),
        Item("log bytes", logged, logged / GB * unit("logs_gb")),
    ]
    return [item for item in items if item.quantity]


def billed_ms(use: Use, function: str) -> float:
    """Milliseconds that Lambda bills of a function: CPU at the share its memory has, and the calls waited for."""
    table = price_table()
    share = min(1.0, table["memory_mb"][function] / table["assumed"]["mb_of_one_cpu"])
    waits = table["assumed"]["milliseconds_of_a_call"]
    waited = sum(count * waits[service] for (of, service), count in use.waits.items() if of == function)
    return float(1000 * use.seconds[function] / share + waited)


def lambda_gb_seconds(use: Use) -> float:
    memory = price_table()["memory_mb"]
    return float(sum(billed_ms(use, function) / 1000 * memory[function] / 1024 for function in use.runs))
