"""An intake is set up and withdrawn. Withdrawn it stays on the page, for what came by it."""

from dataclasses import dataclass, replace

from chalicelib.flows.until_written import until_written
from chalicelib.records.arrival import Entry
from chalicelib.records.contact import Refusal
from chalicelib.records.intake import Intake
from chalicelib.records.ports import Conflict, Deps, Put, Ref, Stored


@dataclass(frozen=True, slots=True)
class IntakePlan:
    """What somebody wants an intake to be; `intake_id` is the id their form names already, or one made for it."""

    intake_id: str
    entry: Entry
    name: str
    campaign_id: str = ""
    return_hosts: tuple[str, ...] = ()


def make_intake(deps: Deps, plan: IntakePlan, who: str) -> Intake | Refusal:
    made = Intake(plan.intake_id, plan.entry, plan.name, deps.clock(), who, plan.campaign_id, plan.return_hosts)
    try:
        deps.store.commit([Put(made, 0)])
    except Conflict:
        return Refusal("own_id", "an intake has this id already")
    deps.directory.forget()
    return made


def withdraw_intake(deps: Deps, intake_id: str) -> None:
    """From now on nothing is taken in by it. Said twice, it is so once. Raises NotFound."""

    def decide(stored: Stored[Intake]) -> tuple[None, list[Put]]:
        return None, [Put(replace(stored.value, active=False), stored.version)] if stored.value.active else []

    until_written(deps, Ref(Intake, (intake_id,)), decide)
    deps.directory.forget()
