"""The part of a ledger somebody looks at, as it stands in the address of its page, and that page."""

from dataclasses import dataclass
from typing import Any

from chalice import Response

from chalicelib.assign.visibility import Sight
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import offset_of, query
from chalicelib.records.ledgers import LEDGER_SORTS, LedgerPart
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class LedgerFilters:
    """`mine`: only one's own. `kept` are the parameters, for the next page and the heads of columns; what is usual is
    left out. `used`: something is searched for or left out."""

    part: LedgerPart
    mine: bool
    kept: dict[str, str]

    @property
    def used(self) -> bool:
        return bool(
            self.part.text
            or self.kept.get("of")
            or self.kept.get("kind")
            or self.part.sort != LEDGER_SORTS[0]
            or self.part.turned
        )


def read_ledger_filters(request: Any, who: Rep, sight: Sight | None, **kept: str) -> LedgerFilters:
    """As typed; what makes no sense is left out, and so is somebody whose rows may not be seen; `sight` is None where
    no row is anybody's. `kept` are parameters of the page's own."""
    mine, of = sight is not None and query(request, "mine") == "yes", query(request, "of")[:100]
    of = of if sight is not None and not mine and sight.sees_of(of) else ""
    sort = query(request, "sort")
    sort = sort if sort in LEDGER_SORTS else LEDGER_SORTS[0]
    text, turned = query(request, "text")[:_LONGEST].replace("\x00", " ").strip(), query(request, "turned") == "yes"
    part = LedgerPart(who.rep_id if mine else of, text, sort, turned, offset_of(request))
    named = {
        **kept, "mine": "yes" if mine else "", "of": of, "text": text, "sort": sort if sort != LEDGER_SORTS[0] else "",
        "turned": "yes" if turned else "",
    }  # fmt: skip
    return LedgerFilters(part, mine, {name: value for name, value in named.items() if value})


def ledger_page(request: Any, who: Rep, template: str, filters: LedgerFilters, sight: Sight, **values: Any) -> Response:
    """A ledger of what reps have, with what its filters are chosen from. `limited`: not everybody's is seen."""
    return console_page(
        request, who, template, filters=filters, people=service().deps.directory.reps(),
        limited=sight.owners is not None, zone=who.week.zone, **values,
    )  # fmt: skip
