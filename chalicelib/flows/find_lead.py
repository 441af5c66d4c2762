"""Which people an id, an e-mail address or a phone number means, as somebody types it."""

from chalicelib.flows.follow_merges import current_leads
from chalicelib.identify.keys import lookup_keys
from chalicelib.identify.normalise import identity, identity_of
from chalicelib.records.contact import Contact, Identity
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.receipt import MatchKey
from chalicelib.records.search import LeadQuery

_SEARCHED = 100


def leads_named(deps: Deps, text: str) -> list[str]:
    """Ids of the people who have exactly that: by the keys they are found by, and by search for what has none."""
    text = text.strip()
    if text and "#" not in text and (known := current_leads(deps, [text])[0]):
        return [known.value.lead_id]
    who = identity(Contact(emails=(text,)) if "@" in text else Contact(phones=(text,)))
    if not (who.emails or who.phones):
        return []
    keys = [s for s in deps.store.get_many([Ref(MatchKey, (deps.digest(key),)) for key in lookup_keys(who)]) if s]
    ids = [lead_id for key in keys for lead_id in (key.value.lead_id, *key.value.others)]
    ids += [row.lead_id for row in deps.model.leads(LeadQuery(text=text, limit=_SEARCHED)).rows]
    leads = {s.value.lead_id: s.value for s in current_leads(deps, list(dict.fromkeys(ids))) if s}
    return [lead.lead_id for lead in leads.values() if _has(identity_of(lead), who)]


def _has(known: Identity, asked: Identity) -> bool:
    return bool({*known.emails, *known.phones} & {*asked.emails, *asked.phones})
