"""What visitors were told, held against what is stored: at the end of every story nothing acknowledged is missing, and
received = accepted + merged + quarantined + rejected."""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from chalicelib.flows.check_store import accounts
from chalicelib.flows.follow_merges import surviving
from chalicelib.flows.suppression import was_erased
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps
from chalicelib.records.receipt import ReceiptOutcome
from tests.told import receipt_of

_DOORS = ("/f/", "/embed/", "/servlet/", "/submissions/", "/intakes/", "/v1/leads", "/v1/scans")


@dataclass
class Ledger:
    """`links` are the status links of acknowledged submissions."""

    links: list[str] = field(default_factory=list)

    def note(self, response: httpx.Response) -> None:
        """An event hook: looks at each answer of a client."""
        request = response.request
        if request.method != "POST" or not request.url.path.startswith(_DOORS) or response.status_code >= 400:
            return
        link = response.headers.get("location", "")
        if not link:
            response.read()
            told = response.json() if "json" in response.headers.get("content-type", "") else {}
            link = told.get("status_url", "")
        self.links += [link] if "/s/" in link else []

    def missing(self, deps: Deps) -> list[str]:
        """Acknowledged, and not there; nor is it somebody who asked to be forgotten."""
        return [link for link in dict.fromkeys(self.links) if not _is_there(deps, link)]


def _is_there(deps: Deps, link: str) -> bool:
    token = link.partition("/s/")[2].partition("?")[0]
    ids = deps.links.read("status", token)
    if ids:
        lead_id = ids[0]
    else:
        receipt = receipt_of(deps, link)
        if receipt is None or receipt.outcome in (ReceiptOutcome.QUARANTINED, ReceiptOutcome.REJECTED):
            return receipt is not None
        lead_id = receipt.lead_id
    return deps.store.get(Lead, surviving(deps, lead_id)) is not None or was_erased(deps, lead_id) is not None


def wrong_with(deps: Deps) -> list[str]:
    """What does not add up, as far as the read model shows."""
    counts = deps.model.counts()
    return list(accounts(deps, counts))


def balanced(deps: Deps, ledger: Ledger, wait_until: Callable[[Callable[[], bool]], object] | None = None) -> None:
    """Raises AssertionError. `wait_until` where the service works by itself."""
    if wait_until:
        wait_until(lambda: not ledger.missing(deps) and not wrong_with(deps))
    assert ledger.missing(deps) == [], "acknowledged and not stored"
    assert wrong_with(deps) == []
