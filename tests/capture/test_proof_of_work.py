"""A proof is good for one post, for a while, on a page of ours."""

from datetime import timedelta

import pytest

from chalicelib.capture.proof_of_work import BITS, GOOD_FOR, is_good, proves
from tests.proof import worked_for

MARK, TOKEN = "17700000000-abcdefgh", "01M8CMA4FY7BA2EK5HY800002C"


def test_the_number_that_was_worked_for_is_a_proof_and_for_nothing_else() -> None:
    found = worked_for(MARK, TOKEN)
    assert proves(MARK, TOKEN, found)
    assert not proves(MARK, TOKEN[:-1], found)
    assert not proves(MARK[:-1], TOKEN, found)
    assert not proves(MARK, TOKEN, found, BITS + 40)


@pytest.mark.parametrize("proof", ["", "x", "-1", "1" * 21, "٣", " 1"])
def test_what_is_no_number_proves_nothing(proof: str) -> None:
    assert not proves(MARK, TOKEN, proof, 0)


def test_a_proof_needs_a_token_and_a_mark_of_ours_that_is_fresh() -> None:
    found = worked_for(MARK, TOKEN)
    assert is_good(MARK, timedelta(seconds=5), TOKEN, found)
    assert is_good(MARK, GOOD_FOR, TOKEN, found)
    assert not is_good(MARK, None, TOKEN, found)
    assert not is_good(MARK, GOOD_FOR + timedelta(seconds=1), TOKEN, found)
    assert not is_good(MARK, timedelta(seconds=-1), TOKEN, found)
    assert not proves(MARK, "", found, 0)
