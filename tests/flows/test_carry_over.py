"""What lies with a person is carried along when two are made one, or stays where it was for a reason."""

from chalicelib.flows.carry_over import CARRIED, STAY
from chalicelib.store.kinds import KINDS


def test_of_every_kind_that_lies_with_a_lead_it_is_decided_whether_it_is_carried_over() -> None:
    with_a_lead = {kind.type for kind in KINDS.values() if kind.pk == "LEAD"}
    assert with_a_lead == {*CARRIED, *STAY}
    assert not set(CARRIED) & set(STAY)
