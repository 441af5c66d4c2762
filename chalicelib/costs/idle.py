"""What a deployment costs in a month in which nobody comes, item by item."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.costs.prices import GB, MILLION, THOUSAND, lambda_gb_seconds, price_table, unit
from chalicelib.costs.world import Use


@dataclass(frozen=True, slots=True)
class IdleItem:
    """One line: how many of a unit of the price table a month."""

    what: str
    price: str
    units: float

    @property
    def usd(self) -> float:
        return self.units * unit(self.price)


def after_free(items: Sequence[IdleItem]) -> float:
    """What is left of the bill by what AWS gives every account for nothing: of each unit once, whatever it is used
    for."""
    units: dict[str, float] = defaultdict(float)
    for item in items:
        units[item.price] += item.units
    free = price_table()["always_free"]
    return sum(max(0.0, used - float(free.get(price, 0))) * unit(price) for price, used in units.items())


def idle_month(ticks: Use) -> list[IdleItem]:
    """The month's bill, given what some runs of the clock used. Lambda reads the table's stream without charge, and
    standard parameters, keys managed by the services and one budget cost nothing."""
    table = price_table()
    idle = table["idle"]
    minutes = idle["hours"] * 60
    share = minutes / ticks.runs["on_tick"]
    polls = idle["polled_queues"] * idle["pollers_of_a_queue"] * minutes * 60 / idle["poll_seconds"]
    logged = ticks.runs.total() * share * table["assumed"]["log_bytes_of_a_run"]
    # Half a unit for each 4 KB; a small table is looked through more often, which costs less all the same.
    looked = idle["stored_gb"] * GB / 4096 / 2 * idle["hours"] / 24
    items = [
        IdleItem("alarms", "alarm_month", idle["alarms"]),
        IdleItem("metrics of our own", "metric_month", idle["metrics"]),
        IdleItem("SQS: Lambda's pollers ask each queue, found empty", "sqs_million_requests", polls / MILLION),
        IdleItem("the clock asks the door's queue", "sqs_million_requests", minutes / MILLION),
        IdleItem("the schedule's events", "events_million", minutes / MILLION),
        IdleItem("the clock's runs", "lambda_million_requests", ticks.runs.total() * share / MILLION),
        IdleItem("the clock's GB-seconds", "lambda_gb_second", lambda_gb_seconds(ticks) * share),
        IdleItem("the clock's reads", "dynamodb_million_read_units", ticks.bill.read_units * share / MILLION),
        IdleItem("the table held against the read model, once a day", "dynamodb_million_read_units", looked / MILLION),
        IdleItem("the clock's writes", "dynamodb_million_write_units", ticks.bill.write_units * share / MILLION),
        IdleItem(
            "the clock lists the read model's log, and now and then what waits at the door",
            "s3_thousand_puts_and_lists",
            (ticks.s3["list"] + ticks.s3["put"]) * share / THOUSAND,
        ),
        IdleItem("the clock's files read", "s3_thousand_gets", ticks.s3["get"] * share / THOUSAND),
        IdleItem("logs", "logs_gb", logged / GB),
        IdleItem("table", "dynamodb_gb_month", idle["stored_gb"]),
        IdleItem("table, recovery to any second", "dynamodb_recovery_gb_month", idle["stored_gb"]),
        IdleItem("bucket", "s3_gb_month", idle["stored_gb"]),
    ]
    return [item for item in items if item.units]
