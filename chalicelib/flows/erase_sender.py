"""Somebody of whom nothing is here but submissions set aside, or what an undone import keeps for a while, asks to be
forgotten: known by an address or a number."""

from datetime import timedelta

from chalicelib.flows.erase_kept import digests_of, forget_kept, kept_with
from chalicelib.flows.erase_person import FINISH_AFTER, Erased
from chalicelib.flows.erase_taken_back import forget_taken_back, taken_back_with
from chalicelib.flows.keep_journal import note_erasure
from chalicelib.flows.suppression import suppressions_of
from chalicelib.identify.normalise import identity
from chalicelib.identify.signs import signs_of
from chalicelib.records.contact import Contact
from chalicelib.records.erasure import Erasure
from chalicelib.records.ports import Deps, NotFound, Put


def erase_sender(deps: Deps, text: str, keep_out: timedelta) -> Erased:
    """Drop what was set aside or taken back of whoever has this e-mail address or phone, and keep the address out.
    Raises NotFound where there is nothing of the kind."""
    who = identity(Contact(emails=(text,)) if "@" in text else Contact(phones=(text,)))
    signs = signs_of(who.emails, who.phones)
    found = kept_with(deps, signs) if signs else []
    undone = taken_back_with(deps, signs) if signs else []
    if not found and not undone:
        raise NotFound
    now = deps.clock()
    # No person has this id; the restore looks for the signs.
    erasure = Erasure(deps.new_id(), now, now + keep_out, now + FINISH_AFTER, signs=digests_of(deps, signs))
    # A number alone keeps nobody out: strangers share it, and no name is known with it.
    kept_out = suppressions_of(deps, who, now, erasure.until) if who.emails else []
    note_erasure(deps, erasure, kept_out)
    deps.store.commit([Put(erasure), *map(Put, kept_out)])
    dropped, gone = forget_kept(deps, found), forget_taken_back(deps, undone)
    deps.wake()
    return Erased(erasure.lead_id, now, erasure.until, records=gone, set_aside=dropped)
