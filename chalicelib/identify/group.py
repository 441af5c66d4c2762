"""The people in a whole list of contacts, by the same rulings as one contact after the other against the store."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.identify.clusters import Clusters, Pair, numbered
from chalicelib.identify.index import KeyIndex
from chalicelib.identify.keys import local_keys, lookup_keys
from chalicelib.identify.merge import enrich, new_lead
from chalicelib.identify.normalise import fits_many, identity
from chalicelib.identify.resolve import resolve
from chalicelib.records.contact import Contact, Identity
from chalicelib.records.lead import Lead

_SHORTEST = 7  # digits of a number that is one person's or one house's
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # nothing here is kept


def group_contacts(rows: int, contacts: Mapping[int, Contact]) -> Clusters:
    """`contacts` are the usable rows of `rows` by number from 0; a row without one is a person of its own.

    Fuller rows come first: whether a row with a name alone fits one person or several is seen when all are known."""
    contacts = _without_running_numbers(contacts)
    known = {row: _with_numbers_as_written(identity(contact)) for row, contact in contacts.items()}
    leads: dict[str, Lead] = {}
    index = KeyIndex()
    owners: list[object] = list(range(rows))
    first: dict[str, int] = {}
    joined, doubtful = [], []
    for row in sorted(contacts, key=lambda at: (_emptiness(known[at]), at)):
        contact, who = contacts[row], known[row]
        match = resolve(contact, who, [leads[lead_id] for lead_id in index.find(lookup_keys(who))])
        if match.lead_id is None:
            lead = new_lead(contact, who, f"{row:09d}", _NO_TIME)
            first[lead.lead_id] = row
        else:
            lead = enrich(leads[match.lead_id], contact, who, _NO_TIME, match.flags)
            joined.append(Pair((first[lead.lead_id], row), match.weight, match.reasons, True))
        doubtful += [Pair((first[doubt.lead_id], row), doubt.weight, doubt.reasons, False) for doubt in match.doubts]
        leads[lead.lead_id] = lead
        index.add(lead.lead_id, local_keys(who))
        owners[row] = lead.lead_id
    return Clusters(numbered(owners), tuple(joined), tuple(doubtful))


def _without_running_numbers(contacts: Mapping[int, Contact]) -> Mapping[int, Contact]:
    """An id that every row has for itself numbers rows, not people, and speaks against nobody."""
    ids = [contact.extra["external_id"] for contact in contacts.values() if "external_id" in contact.extra]
    if not ids or len(set(ids)) < len(ids):
        return contacts
    return {
        row: replace(contact, extra={name: value for name, value in contact.extra.items() if name != "external_id"})
        for row, contact in contacts.items()
    }


def _with_numbers_as_written(who: Identity) -> Identity:
    """Phones of no known country are compared by their digits: within one list they are written alike."""
    digits = ["".join(sign for sign in phone if sign.isdigit()) for phone in who.raw_phones]
    written = tuple(f"+0{number}" for number in digits if len(number) >= _SHORTEST)
    return replace(who, phones=who.phones + written) if written else who


def _emptiness(who: Identity) -> Sequence[bool]:
    return fits_many(who), not (who.personal_emails and who.phones), not who.company_key
