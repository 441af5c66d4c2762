"""Each check of a world finds the flaw it is for: naive flows in an otherwise equal world."""

from pathlib import Path
from typing import Any

from tests.worlds import naive
from tests.worlds.embedded_place import EmbeddedPlace
from tests.worlds.faults import Rates
from tests.worlds.world import Plan, World


def broken(folder: Path, submissions: int = 60, **flaw: Any) -> str:
    """The violations of a world with this flaw, one after the other."""
    return "\n".join(World(Plan(5, submissions, **flaw), EmbeddedPlace, folder).run().verdict.violations)


def test_a_mail_that_is_sent_before_it_is_recorded_is_found(tmp_path: Path) -> None:
    assert "was handed over and has no outbox row" in broken(tmp_path, submit=naive.send_first)


def test_a_write_without_a_condition_is_found_as_posts_stored_and_seats_given_twice(tmp_path: Path) -> None:
    crowded, doubled = tmp_path / "crowded", tmp_path / "doubled"
    crowded.mkdir()
    doubled.mkdir()
    # All at nearly the same moment: two read the last seat before one has taken it, whatever the draws are.
    assert "seats: " in broken(crowded, submit=naive.read_then_write, sign_ups=2.0, per_hour=60_000.0)
    found = broken(doubled, 120, submit=naive.read_then_write, rates=Rates(doubled=0.9), per_hour=60_000.0)
    assert "is stored 2 times" in found
    assert "people have one address" in found


def test_an_attempt_without_a_key_is_found_as_a_post_stored_twice(tmp_path: Path) -> None:
    assert "is stored 2 times" in broken(tmp_path, submit=naive.without_a_key)


def test_an_acknowledgement_before_the_write_is_found_as_a_loss(tmp_path: Path) -> None:
    assert "lost: " in broken(tmp_path, submit=naive.acknowledge_first)


def test_promotion_by_an_old_decision_is_found_after_an_objection(tmp_path: Path) -> None:
    found = broken(tmp_path, submissions=150, objectors=0.4, beside=naive.send_what_was_decided)
    assert "opted out: " in found
    assert "mail twice: promotion" in found


def test_what_is_nobodys_is_found(tmp_path: Path) -> None:
    assert "without owner: lead" in broken(tmp_path, submit=naive.no_owner)
