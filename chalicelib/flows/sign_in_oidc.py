"""Who somebody is whose identity provider has vouched for them.

The first time the verified e-mail address says it; from then on the account is bound to the provider's own id of it
(issuer and subject), so that somebody who is given a re-used address later does not find the account open."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.flows.find_person import person_with, same_case
from chalicelib.records.ports import Conflict, Delete, Deps, Put, Ref, Stored, Write
from chalicelib.records.rep import Rep
from chalicelib.records.sign_in import Identity, Ticket, TicketKind

STATE_LIFE = timedelta(minutes=10)


def spend_state(deps: Deps, state: str) -> bool:
    """Whether the round trip with that state may go on: the first time only."""
    ticket = Ticket(deps.digest(f"state:{state}"), TicketKind.STATE, deps.clock() + 2 * STATE_LIFE)
    try:
        deps.store.commit([Put(ticket, if_version=0)])
    except Conflict:
        return False
    return True


def person_of(deps: Deps, issuer: str, subject: str, email: str) -> Rep | None:
    """The active person of the account, bound to it from now on; None for everybody else. `email` is "" where the
    provider has not verified it. A binding holds as long as the person has the address it was made by."""
    account = _bound(deps, _subject_name(deps, issuer, subject))
    if account is not None:
        stored = deps.store.get(Rep, account.value.rep_id)
        if stored is not None and same_case(stored.value.email) == account.value.email:
            return stored.value if stored.value.active else None
    rep = person_with(deps, email)
    return rep if rep is not None and _bind(deps, issuer, subject, rep, account) else None


def forget_identity(deps: Deps, issuer: str, rep_id: str) -> None:
    """Let the person bind another account of that provider, when the old one is no more."""
    own = _bound(deps, _person_name(deps, issuer, rep_id))
    if own is not None:
        deps.store.commit([Delete(Ref(Identity, (own.value.digest,))), *_without(deps, own.value)])


def _bind(deps: Deps, issuer: str, subject: str, rep: Rep, account: Stored[Identity] | None) -> bool:
    """False when another account of the provider is the person's, by the same address."""
    person, name = _person_name(deps, issuer, rep.rep_id), _subject_name(deps, issuer, subject)
    own = _bound(deps, person)
    email = same_case(rep.email)
    if own is not None and own.value.subject != name and own.value.email == email:
        return False
    made = Identity(name, name, rep.rep_id, email, deps.clock())
    writes: list[Write] = [Put(made, account.version if account else 0)]
    writes.append(Put(replace(made, digest=person), own.version if own else 0))
    if own is not None and own.value.subject != name:
        writes += _without(deps, own.value)
    try:
        deps.store.commit(writes)
    except Conflict:
        return False
    return True


def _without(deps: Deps, own: Identity) -> list[Write]:
    """The end of what the account says, unless it has become somebody else's."""
    account = _bound(deps, own.subject)
    if account is None or account.value.rep_id != own.rep_id:
        return []
    return [Delete(Ref(Identity, (own.subject,)), account.version)]


def _bound(deps: Deps, name: str) -> Stored[Identity] | None:
    return deps.store.get(Identity, name)


def _subject_name(deps: Deps, issuer: str, subject: str) -> str:
    return deps.digest(f"identity:{issuer}\n{subject}")


def _person_name(deps: Deps, issuer: str, rep_id: str) -> str:
    return deps.digest(f"identity of:{issuer}\n{rep_id}")
