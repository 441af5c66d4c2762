"""Spend files: what tests of the page do not reach."""

from pathlib import Path

import pytest

from chalicelib.flows.import_spend import Imported, import_spend
from chalicelib.records.ports import NotFound
from chalicelib.records.spend import Spend
from tests.handlers.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def test_an_unknown_campaign_has_no_spend(desk: Desk) -> None:
    with pytest.raises(NotFound):
        import_spend(desk.world.deps, "nobody", b"date,amount,currency\n2026-01-01,1,EUR\n", "anna")


@pytest.mark.parametrize("amount", ["1.005", "1e400", "NaN", "1_000", "１２", "", "1,000.00", "inf", "9" * 21])
def test_what_is_no_exact_amount_is_refused(desk: Desk, amount: str) -> None:
    body = f'date,amount,currency\n2026-01-01,"{amount}",EUR\n'.encode()
    (refusal,) = import_spend(desk.world.deps, "fair", body, "anna")  # type: ignore[misc]
    assert (refusal.row, refusal.field) == (1, "amount")


def test_minor_units_are_those_of_the_currency(desk: Desk) -> None:
    body = b"Date;Amount;Currency\n2026-01-01;5000;jpy\n01.02.2026;1.234;KWD\n2026/03/01;0.5;EUR\n"
    assert import_spend(desk.world.deps, "fair", body, "anna") == Imported(3, 0)
    amounts = {(s.value.amount.currency, s.value.amount.amount_minor) for s in desk.world.deps.store.query(Spend)}
    assert amounts == {("JPY", 5000), ("KWD", 1234), ("EUR", 50)}


def test_a_chinese_file_of_an_old_code_page_is_read(desk: Desk) -> None:
    body = "date,amount,currency,note\n2026-01-01,5,CNY,展台费用与差旅费用以及印刷品\n".encode("gb18030")
    assert import_spend(desk.world.deps, "fair", body, "anna") == Imported(1, 0)
    (stored,) = desk.world.deps.store.query(Spend)
    assert stored.value.note == "展台费用与差旅费用以及印刷品"
