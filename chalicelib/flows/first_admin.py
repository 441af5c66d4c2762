"""The first administrator of a new deployment: by the setting LEADLINE_ADMIN_EMAIL, or on the command line."""

import re
from contextlib import suppress
from dataclasses import replace

from chalicelib.flows.find_person import same_case
from chalicelib.records.ports import Conflict, Deps, Put, Stored
from chalicelib.records.rep import Rep, Role

_NOT_ID = re.compile(r"[^a-z0-9]+")


def first_admin(deps: Deps, setting: str, email: str) -> Rep | None:
    """Whoever proves to own the address of the setting becomes the administrator of a service that has none."""
    if not setting or same_case(setting) != same_case(email):
        return None
    if any(rep.active and rep.role is Role.ADMIN for rep in deps.directory.reps()):
        return None
    return make_admin(deps, setting)


def name_first_admin(deps: Deps, setting: str) -> Rep | None:
    """The owner of what nobody else can own, in a service where there is nobody at all: the address of the setting. On
    AWS nothing is made at a first start, so the clock sees to it before the first visitor comes."""
    if not setting or deps.directory.reps() or deps.store.query(Rep):
        return None
    with suppress(Conflict):
        return make_admin(deps, setting)
    return None


def make_admin(deps: Deps, email: str, name: str = "") -> Rep:
    """The person with that address as an active administrator, made where there is nobody. Raises Conflict when
    somebody changes that person this moment."""
    stored = _stored_with(deps, email)
    if stored is None:
        made = Rep(_new_id(deps, email), name or email.partition("@")[0], email, Role.ADMIN)
        version = 0
    else:
        made, version = replace(stored.value, role=Role.ADMIN, active=True), stored.version
    if stored is None or made != stored.value:
        deps.store.commit([Put(made, version)])
        deps.directory.forget()
    return made


def _stored_with(deps: Deps, email: str) -> Stored[Rep] | None:
    found = [s for s in deps.store.query(Rep) if same_case(s.value.email) == same_case(email)]
    return next(iter(sorted(found, key=lambda s: not s.value.active)), None)


def _new_id(deps: Deps, email: str) -> str:
    wanted = _NOT_ID.sub("-", email.partition("@")[0].lower()).strip("-")[:40] or "admin"
    return wanted if deps.store.get(Rep, wanted) is None else f"{wanted}-{deps.new_id()[-6:].lower()}"
