"""Which sites may tell of visits."""

from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Conflict, Delete, Deps, NotFound, Put, Ref
from chalicelib.records.visit import Website


def add_website(deps: Deps, host: str, who: str) -> Website | Refusal:
    made = Website(host, deps.clock(), who)
    try:
        deps.store.commit([Put(made, 0)])
    except Conflict:
        return Refusal("host", "this site is there already")
    deps.directory.forget()
    return made


def remove_website(deps: Deps, host: str) -> None:
    """From now on nothing is kept of what its pages tell. Raises NotFound."""
    stored = deps.store.get(Website, host)
    if stored is None:
        raise NotFound
    deps.store.commit([Delete(Ref(Website, (host,)), stored.version)])
    deps.directory.forget()
