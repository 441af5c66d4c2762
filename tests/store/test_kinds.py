"""Keys, and what the store and the stages must agree on without knowing each other."""

import subprocess
import sys
from dataclasses import is_dataclass

import pytest

from chalicelib.follow_up.outbox import GRACE
from chalicelib.records import sign_in
from chalicelib.records.contact import Identity
from chalicelib.store.codec import stamp, unstamp
from chalicelib.store.ids import UlidMaker
from chalicelib.store.kinds import KINDS, SENDING_GRACE, Kind


def test_a_row_left_in_sending_is_due_when_the_outbox_calls_it_lost() -> None:
    assert SENDING_GRACE == GRACE


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_key_gives_back_the_ids_it_was_made_of(kind: Kind) -> None:
    ids = tuple(f"id{n}" for n in range(max(kind.parents, 1) if kind.pk in ("KEY", "RECEIPT") else kind.parents + 1))
    if kind.sk in ("LEAD", "MERGE", "SEATS"):
        ids = ids[:1]
    assert kind.ids_of(*kind.key(ids)) == ids


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_names_the_class_it_is_found_by(kind: Kind) -> None:
    assert is_dataclass(kind.type)
    assert kind.type.__name__ == kind.name
    assert KINDS[kind.type] is kind


def test_a_class_that_only_has_the_name_of_a_kind_is_none() -> None:
    assert Identity.__name__ == sign_in.Identity.__name__
    assert sign_in.Identity in KINDS
    assert Identity not in KINDS


def test_opening_the_store_loads_no_noun_that_nobody_has_met() -> None:
    code = "import chalicelib.store.record_store, sys; print(*(m for m in sys.modules if '.records.' in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.rpartition(".")[2] for name in done.stdout.split()}
    named = {kind.record.partition(":")[0] for kind in KINDS.values()}
    # Those that the table says when they are due of.
    assert loaded & named == {"message", "touch"}


def test_ids_rise_also_within_a_millisecond() -> None:
    make = UlidMaker()
    ids = [make() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert all(len(made) == 26 for made in ids)


def test_times_are_sortable_text_to_the_millisecond() -> None:
    assert stamp(unstamp("2026-03-02T09:30:00.123Z")) == "2026-03-02T09:30:00.123Z"
