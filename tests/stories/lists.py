"""What stories of lists and exports look at: who is there, what became of an upload, and the state as a whole."""

from collections.abc import Callable
from typing import Any

from chalicelib.flows.undo_upload import ask_undo
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps
from chalicelib.records.upload import Upload
from tests.state_hash import state_of
from tests.stories.conftest import World


def state(deps: Deps) -> str:
    """The hash of all that is stored."""
    found = (deps.store.get(ref.kind, *ref.ids) for ref, _ in deps.store.part(0, 1))
    return state_of(stored.value for stored in found if stored)


def lead_at(deps: Deps, email: str) -> Lead | None:
    """Whose address it is; never more than one."""
    leads = [deps.store.get(Lead, ref.ids[0]) for ref, _ in deps.store.part(0, 1) if ref.kind is Lead]
    found = [lead.value for lead in leads if lead and email in lead.value.emails]
    assert len(found) <= 1, f"{len(found)} people have {email}"
    return found[0] if found else None


def person(house: World, email: str) -> Lead:
    found = lead_at(house.deps, email)
    assert found, f"nobody has {email}"
    return found


def upload_of(house: World, import_id: str) -> Upload:
    stored = house.deps.store.get(Upload, import_id)
    assert stored
    return stored.value


def undo(house: World, import_id: str, ask: Callable[..., Any] = ask_undo) -> Upload:
    ask(house.deps, import_id, "Eva")
    house.work()
    return upload_of(house, import_id)
