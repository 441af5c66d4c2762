import pytest

from chalicelib.assign.hand_over import owner_inactive
from chalicelib.assign.roster import Roster
from tests.assign.people import lead, manager, rep

ROSTER = Roster.of([rep("a"), rep("gone", active=False), manager("m")])


@pytest.mark.parametrize("owner_id", ["gone", "stranger", "unassigned"])
def test_a_lead_of_nobody_who_works_here_is_to_be_handed_over(owner_id: str) -> None:
    assert owner_inactive(lead(owner_id=owner_id), ROSTER)


@pytest.mark.parametrize("owner_id", ["a", "m", ""])
def test_a_lead_of_somebody_who_works_here_or_of_nobody_yet_stays(owner_id: str) -> None:
    assert not owner_inactive(lead(owner_id=owner_id), ROSTER)
