"""All that is stored of a person, for the person: the records that lie with them, as they are, by kind."""

import msgspec

from chalicelib.flows.follow_merges import mail_of_merged
from chalicelib.records.audit import Audit
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, NotFound
from chalicelib.records.receipt import MatchKey


def stored_of(deps: Deps, lead_id: str) -> str:
    """A JSON document, times in UTC. Not in it: who of ours changed what, and the hashes the person is known again by.
    Raises NotFound."""
    lead = deps.store.get(Lead, lead_id)
    if lead is None:
        raise NotFound
    records = [stored.value for stored in (*deps.store.everything_of(lead_id), *mail_of_merged(deps, lead.value))]
    by_kind: dict[str, list[object]] = {}
    for record in records:
        if not isinstance(record, Audit | MatchKey):
            by_kind.setdefault(type(record).__name__, []).append(msgspec.to_builtins(record))
    body = msgspec.json.encode({"made_at": deps.clock(), "records": by_kind})
    return msgspec.json.format(body, indent=2).decode()
