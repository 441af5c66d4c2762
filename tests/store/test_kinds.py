"""Keys, and what the store and the stages must agree on without knowing each other."""

import pytest

from chalicelib.follow_up.outbox import GRACE
from chalicelib.store.codec import stamp, unstamp
from chalicelib.store.ids import UlidMaker
from chalicelib.store.kinds import KINDS, SENDING_GRACE, Kind


def test_a_row_left_in_sending_is_due_when_the_outbox_calls_it_lost() -> None:
    assert SENDING_GRACE == GRACE


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.type.__name__)
def test_a_key_gives_back_the_ids_it_was_made_of(kind: Kind) -> None:
    ids = tuple(f"id{n}" for n in range(max(kind.parents, 1) if kind.pk in ("KEY", "RECEIPT") else kind.parents + 1))
    if kind.sk in ("LEAD", "MERGE", "SEATS"):
        ids = ids[:1]
    assert kind.ids_of(*kind.key(ids)) == ids


def test_ids_rise_also_within_a_millisecond() -> None:
    make = UlidMaker()
    ids = [make() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert all(len(made) == 26 for made in ids)


def test_times_are_sortable_text_to_the_millisecond() -> None:
    assert stamp(unstamp("2026-03-02T09:30:00.123Z")) == "2026-03-02T09:30:00.123Z"
