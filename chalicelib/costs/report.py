"""What `cost` says: per 1,000 forms and list rows, and for a month in which nobody comes."""

from collections.abc import Sequence
from typing import Any

from chalicelib.costs.idle import IdleItem, after_free, idle_month
from chalicelib.costs.measure import Forms, Rows, forms, idle, opened, rows
from chalicelib.costs.prices import Item, bill_of, billed_ms, price_table
from chalicelib.costs.world import Use

PER = 1_000


def report() -> dict[str, Any]:
    """The document of `cost --json`; money in USD, times in milliseconds, counts for 1,000 of each."""
    table = price_table()
    with opened(warm=True) as world:
        new, known = forms(world, known=False), forms(world, known=True)
    with opened() as world:
        listed = rows(world)
    with opened() as world:
        month = idle_month(idle(world))
    return {
        **{name: table[name] for name in ("region", "date", "currency", "source")},
        "per": PER,
        "forms": _of_forms(new),
        "known_forms": _of_forms(known),
        "rows": _of_rows(listed),
        "idle": _of_idle(month),
    }


def _of_forms(done: Forms) -> dict[str, Any]:
    return {
        **_counts(done.use, done.count, requests=done.count),
        "round_trips_of_one": done.trips,
        "write_units_of_one": round(done.form_units, 2),
        "write_units_of_its_notice": round(done.notice_units, 2),
    }


def _of_rows(done: Rows) -> dict[str, Any]:
    return {**_counts(done.use, done.count), "write_units_of_one_without_mail": round(done.units, 2)}


def _counts(use: Use, count: int, requests: int = 0) -> dict[str, Any]:
    times = PER / count
    items = bill_of(use, times, requests)
    return {
        "store_calls": round(use.bill.call_count * times, 1),
        "read_units": round(use.bill.read_units * times, 1),
        "write_units": round(use.bill.write_units * times, 1),
        "compute_ms": round(sum(billed_ms(use, function) for function in use.runs) * times),
        "cpu_ms": round(1000 * sum(use.seconds.values()) * times),
        "mails": round(use.mails * times, 1),
        "usd": _usd(items),
        "items": [
            {"what": item.what, "quantity": round(item.quantity, 2), "usd": round(item.usd, 6)} for item in items
        ],
    }


def _of_idle(items: Sequence[IdleItem]) -> dict[str, Any]:
    return {
        "usd": _usd(items),
        "usd_after_always_free": round(after_free(items), 4),
        "items": [
            {"what": item.what, "price": item.price, "units": round(item.units, 4), "usd": round(item.usd, 4)}
            for item in items
        ],
    }


def _usd(items: Sequence[Item] | Sequence[IdleItem]) -> float:
    return round(sum(item.usd for item in items), 4)


_TITLES = {
    "forms": "1,000 forms by new people", "known_forms": "1,000 forms by known people",
    "rows": "1,000 rows of a list, mailed on a legal basis",
}  # fmt: skip
_ONES = {
    "round_trips_of_one": "round trips to the store for one (aim 2, known 3)",
    "write_units_of_one": "write units of one with its confirmation's whole life (aim 24)",
    "write_units_of_its_notice": "write units of the notice to the rep (aim 8)",
    "write_units_of_one_without_mail": "write units of one row without mail (aim 16)",
}


def told(document: dict[str, Any]) -> str:
    """The same for people."""
    lines = [f"Prices of {document['region']}, {document['date']} ({document['source']})."]
    for name, title in _TITLES.items():
        part = document[name]
        lines += ["", f"{title}: {part['usd']:.4f} USD"]
        lines += [
            f"  {part['store_calls']:g} store calls, {part['read_units']:g} read units,"
            f" {part['write_units']:g} write units, {part['compute_ms']} ms of Lambda"
            f" ({part['cpu_ms']} ms of this machine's CPU), {part['mails']:g} mails"
        ]
        lines += [f"  {words}: {part[one]:g}" for one, words in _ONES.items() if one in part]
        lines += [f"  {item['usd']:10.6f}  {item['what']}: {item['quantity']:g}" for item in part["items"]]
    idle_part = document["idle"]
    lines += ["", f"A month in which nobody comes: {idle_part['usd']:.2f} USD"]
    lines += [f"  {item['usd']:6.2f}  {item['what']}" for item in idle_part["items"]]
    after = idle_part["usd_after_always_free"]
    return "\n".join([*lines, f"  {after:6.2f}  is left of it by what AWS gives every account for nothing"])
