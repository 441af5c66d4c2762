"""The logo on visitors' pages is uploaded, replaced and taken away again."""

from chalicelib.records.brand import LOGO, BrandLogo
from chalicelib.records.ports import Delete, Deps, Put, Ref


def keep_logo(deps: Deps, body: bytes, kind: str, who: str) -> None:
    """In place of the one before; of two who upload at once the later one's stays."""
    deps.store.commit([Put(BrandLogo(LOGO, body, kind, deps.clock(), who))])
    deps.directory.forget()


def drop_logo(deps: Deps) -> None:
    """Pages show the setting's logo again, or the name. Where there is none, nothing happens."""
    if deps.store.get(BrandLogo, LOGO):
        deps.store.commit([Delete(Ref(BrandLogo, (LOGO,)))])
        deps.directory.forget()
