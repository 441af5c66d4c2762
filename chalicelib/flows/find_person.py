"""Who has an e-mail address, for signing in."""

import string

from chalicelib.records.ports import Deps
from chalicelib.records.rep import Rep

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def same_case(address: str) -> str:
    """Letters of ASCII alone in lower case: folding others makes one address of two (the Kelvin sign is a k)."""
    return address.strip().translate(_LOWER)


def person_with(deps: Deps, email: str) -> Rep | None:
    """The active person with that address; None for nobody, and for an address two people have."""
    wanted = same_case(email)
    found = [rep for rep in deps.directory.reps() if rep.active and same_case(rep.email) == wanted]
    return found[0] if wanted and len(found) == 1 else None
