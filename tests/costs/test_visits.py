"""What a visit costs on AWS, counted by the rules DynamoDB bills by."""

from pathlib import Path

from chalicelib.capture.visits import ToldVisit
from chalicelib.costs.measure import opened
from chalicelib.costs.world import World
from chalicelib.flows.forget_expired import forget_expired
from chalicelib.flows.keep_visit import KEEP, keep_visit
from chalicelib.records.touch import Source

PAGES = 5
SOURCE = Source("Paid Search", "google", "cpc", "spring-pumps-2026", click_ids={"gclid": "x" * 60},
                landing_url="https://www.site.example/products/pumps")  # fmt: skip
DOC = (Path(__file__).resolve().parents[2] / "docs" / "tracker.md").read_text("utf-8")


def visit(world: World, pages: int) -> None:
    for sent in range(pages):
        views = tuple((30 * n, f"/products/pumps/series-{n}") for n in range(sent + 1))
        keep_visit(world.deps, ToldVisit("0a" * 16, "0123456789ab", sent, 30 * sent, views, SOURCE), "www.site.example")
        world.later(seconds=30)


def test_a_visit_costs_one_write_a_page_and_no_read() -> None:
    with opened() as world:
        visit(world, PAGES)
        bill = world.take().bill
        assert (bill.call_count, bill.read_units) == (PAGES, 0)
        written = bill.write_units
        assert written == 2 * PAGES, "itself, and its version among what is to be forgotten"
        world.later(days=KEEP.days + 1)
        forget_expired(world.deps)
        forgotten = world.take().bill.write_units
        assert forgotten == 3
    assert f"{written:g} write units for a visit of {PAGES} pages and {forgotten:g} when it is forgotten" in DOC
