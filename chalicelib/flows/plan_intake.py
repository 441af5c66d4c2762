"""An intake is set up, changed, withdrawn and opened again. Withdrawn it stays on the page, for what came by it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.flows.until_written import until_written
from chalicelib.records.arrival import Entry
from chalicelib.records.contact import Refusal
from chalicelib.records.intake import Intake
from chalicelib.records.ports import Conflict, Deps, NotFound, Put, Ref, Stored


@dataclass(frozen=True, slots=True)
class IntakePlan:
    """What somebody wants an intake to be; `intake_id` is the id their form names already, or one made for it."""

    intake_id: str
    entry: Entry
    name: str
    campaign_id: str = ""
    return_hosts: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


def make_intake(deps: Deps, plan: IntakePlan, who: str) -> Intake | Refusal:
    made = Intake(plan.intake_id, plan.entry, plan.name, deps.clock(), who, plan.campaign_id, plan.return_hosts,
                  events=plan.events)  # fmt: skip
    try:
        deps.store.commit([Put(made, 0)])
    except Conflict:
        return Refusal("own_id", "an intake has this id already")
    deps.directory.forget()
    return made


def change_intake(deps: Deps, intake_id: str, changes: Mapping[str, Any], version: int) -> Refusal | None:
    """Whom it stands for and what it is of stays as it is. Refused where somebody else has changed it since that
    version. Raises NotFound."""
    stored = deps.store.get(Intake, intake_id)
    if stored is None:
        raise NotFound
    try:
        deps.store.commit([Put(replace(stored.value, **changes), version)])
    except Conflict:
        return Refusal("name", "somebody else has changed it meanwhile; save again if this is to be in its place")
    deps.directory.forget()
    return None


def switch_intake(deps: Deps, intake_id: str, active: bool) -> None:
    """From now on it takes in what is sent, or nothing. Said twice, it is so once. Raises NotFound."""

    def decide(stored: Stored[Intake]) -> tuple[None, list[Put]]:
        same = stored.value.active is active
        return None, [] if same else [Put(replace(stored.value, active=active), stored.version)]

    until_written(deps, Ref(Intake, (intake_id,)), decide)
    deps.directory.forget()
