"""What people of ours are called."""

from chalicelib.records.ports import Deps


def rep_name(deps: Deps, rep_id: str) -> str:
    """The person's name; a program acts under its key's name, shown as it is, like somebody nobody knows any more."""
    rep = deps.directory.rep(rep_id)
    return rep.name if rep else rep_id
