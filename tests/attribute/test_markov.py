import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attribute import chain as chains
from chalicelib.attribute.chain import chain_of, losses
from chalicelib.attribute.markov import markov_credit
from chalicelib.attribute.paths import PathTable
from tests.attribute.tables import by_channel, paths


def test_credit_is_the_share_of_removal_effects_in_bryls_example() -> None:
    """Removing C1 halves the conversions, removing C2 or C3 ends them: 0.5, 1, 1 of one conversion."""
    table = paths("C1 > C2 > C3,1,1000,0", "C1,0,0,1", "C2 > C3,0,0,1")
    credit = markov_credit(table)
    assert by_channel(table, credit.removal_effect) == pytest.approx({"C1": 0.5, "C2": 1, "C3": 1})
    assert by_channel(table, credit.conversions) == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})
    assert by_channel(table, credit.value) == pytest.approx({"C1": 200, "C2": 400, "C3": 400})


def test_value_has_its_own_removal_effect() -> None:
    table = paths("A,3,30,7", "B,1,50,9", "C,2,2,0")
    credit = markov_credit(table)
    assert by_channel(table, credit.removal_effect_value) == pytest.approx({"A": 30 / 82, "B": 50 / 82, "C": 2 / 82})
    assert by_channel(table, credit.value) == pytest.approx({"A": 30, "B": 50, "C": 2})
    assert by_channel(table, credit.conversions) == pytest.approx({"A": 3, "B": 1, "C": 2})


def test_a_loop_onto_a_channel_itself_changes_nothing_at_order_one() -> None:
    looped, plain = paths("A > A > B,2,20,1", "B > B,1,5,2"), paths("A > B,2,20,1", "B,1,5,2")
    assert markov_credit(looped).conversions == pytest.approx(markov_credit(plain).conversions)


def test_order_two_remembers_where_a_touch_came_from() -> None:
    """After A, B converts; after C it does not. Order 1 sees one B and credits C, order 2 tells them apart."""
    table = paths("A > B,4,40,0", "C > B,0,0,4")
    assert by_channel(table, markov_credit(table, 1).removal_effect)["C"] == pytest.approx(0.5)
    assert by_channel(table, markov_credit(table, 2).removal_effect) == pytest.approx({"A": 1, "B": 1, "C": 0})


def test_a_path_shorter_than_the_order_is_a_state_of_its_own() -> None:
    chain = chain_of(paths("A > B > C,1,1,0", "A,1,1,1", "A > B,1,1,0"), 3)
    assert chain.states == 3
    assert chain.holds.sum(axis=1).tolist() == [1, 2, 3]
    assert len(chain.origin) == 0


def test_no_conversions_give_zeros() -> None:
    credit = markov_credit(paths("A > B,0,0,3", "B,0,0,2"))
    assert [part.tolist() for part in (credit.conversions, credit.value, credit.removal_effect)] == [[0, 0]] * 3


def test_conversions_without_a_value_give_zero_value() -> None:
    credit = markov_credit(paths("A > B,3,0,3"))
    assert (credit.conversions.sum(), credit.value.tolist()) == (pytest.approx(3), [0, 0])


def test_a_path_nobody_walked_is_no_part_of_the_chain() -> None:
    assert chain_of(paths("A,1,1,0", "B > A,0,0,0"), 1).probability.tolist() == []


ROWS = st.lists(
    st.tuples(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=8), st.integers(0, 3), st.integers(0, 3)),
    min_size=1,
    max_size=12,
)


def table_of(rows: list[tuple[list[str], int, int]]) -> PathTable:
    return paths("A > B,1,3,1", *(f"{' > '.join(path)},{won},{won * 5},{lost}" for path, won, lost in rows))


def removed_by_hand(table: PathTable, order: int, channel: int) -> float:
    """Conversion probability with the channel's states leading to null, by following the flow step by step."""
    chain = chain_of(table, order)
    flow, won = chain.start.copy(), 0.0
    while flow.sum() > 1e-14:
        flow[chain.holds[:, channel]] = 0
        won += flow @ chain.reward[:, 0]
        flow = np.bincount(chain.target, flow[chain.origin] * chain.probability, chain.states)
    return won


@pytest.mark.parametrize("order", [1, 2, 3])
@settings(derandomize=True, deadline=None, max_examples=15)
@given(rows=ROWS)
def test_the_solved_removal_effect_is_that_of_walking_the_chain(
    order: int, rows: list[tuple[list[str], int, int]]
) -> None:
    table = table_of(rows)
    chance = float(table.conversions.sum() / (table.conversions + table.null).sum())
    expected = [1 - removed_by_hand(table, order, channel) / chance for channel in range(len(table.channels))]
    credit = markov_credit(table, order)
    assert credit.removal_effect == pytest.approx(expected, abs=1e-9)
    assert credit.conversions.sum() == pytest.approx(table.conversions.sum())
    assert credit.value.sum() == pytest.approx(table.value.sum())


def wide(channels: int, journeys: int, seed: int) -> PathTable:
    """Random journeys with so many channels that the chain no longer fits the small ways."""
    chance = np.random.default_rng(seed)
    lengths = chance.geometric(0.25, journeys)
    won = (chance.random(journeys) < 0.3).astype(float)
    return PathTable(
        channels=tuple(f"c{place:04}" for place in range(channels)),
        codes=chance.integers(0, channels, lengths.sum()),
        offsets=np.concatenate(([0], np.cumsum(lengths))),
        conversions=won,
        value=won * chance.integers(1, 100, journeys),
        null=1 - won,
    )


def test_a_large_chain_is_solved_without_a_matrix_to_the_same_figures() -> None:
    chain = chain_of(wide(12, 6000, 1), 3)
    assert not chains._is_dense(chain)
    inverse = chains._inverse(chain)
    assert chains._ahead(chain) == pytest.approx(inverse @ chain.reward, rel=1e-10, abs=1e-14)
    taken = np.flatnonzero(chain.holds[:, 4])
    dense = chains._reached_dense(chain, inverse, taken)
    assert chains._reached(chain, chain.holds[:, 4])[taken] == pytest.approx(dense, rel=1e-10, abs=1e-16)
    lost = losses(chain)
    assert lost[4] == pytest.approx(dense @ (inverse @ chain.reward)[taken] / (chain.visits @ chain.reward), rel=1e-10)


def test_more_channels_than_a_table_holds_are_counted_by_sorting() -> None:
    table = wide(2500, 3000, 2)
    chain = chain_of(table, 1)
    weights = np.bincount(table.codes, minlength=2500) / len(table.lengths)
    assert chain.visits == pytest.approx(weights)
    assert len(chain_of(table, 2).start) == len({(*pair,) for pair in windows(table)})
    assert markov_credit(table).conversions.sum() == pytest.approx(table.conversions.sum())


def windows(table: PathTable) -> list[tuple[int, ...]]:
    paths_ = [table.codes[a:b].tolist() for a, b in zip(table.offsets[:-1], table.offsets[1:], strict=True)]
    return [tuple(path[i : i + 2]) for path in paths_ for i in range(max(1, len(path) - 1))]
