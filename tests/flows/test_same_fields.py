"""Without a one-time token the same fields by the same visitor are the same submission for ten minutes."""

import pytest

from tests.stories.conftest import World
from tests.stories.people import EVERYBODY

FIELDS = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "message": "Which sensor fits oil?"}


@pytest.mark.parametrize(("minutes", "status"), [(9, 200), (11, 201)])
def test_for_ten_minutes_it_is_the_same_and_then_a_new_one_of_the_old_person(
    world: World, minutes: int, status: int
) -> None:
    world.put(*EVERYBODY)
    first = world.client.post("/f/contact", json=FIELDS)
    of_first = world.lead_id(first)
    world.later(minutes=minutes)
    again = world.client.post("/f/contact", json=FIELDS)
    assert again.status_code == status
    assert world.lead_id(again) == of_first
    assert (again.json()["request_id"] == first.json()["request_id"]) is (status == 200)
