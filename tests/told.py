"""What an answer's status link is about, as the store knows it: a stranger learns nothing of that from the link."""

from chalicelib.flows.keep_post import find_receipt
from chalicelib.records.kept import Replayed
from chalicelib.records.ports import Deps
from chalicelib.records.receipt import Receipt


def receipt_of(deps: Deps, link: str) -> Receipt | None:
    """None while it waits at the door."""
    ids = deps.links.read("receipt", link.partition("/s/")[2].partition("?")[0])
    assert ids, link
    if len(ids) == 1:
        replayed = deps.store.get(Replayed, ids[0])
        if replayed is None:
            return None
        ids = (replayed.value.receipt, *ids)
    found = find_receipt(deps, *ids)
    return found.value if found else None
