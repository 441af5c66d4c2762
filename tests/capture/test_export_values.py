from dataclasses import dataclass

import pytest

from chalicelib.capture.export_values import amount_of, currency_of, deal_state, moment, plain_text, refusal_of_mail
from chalicelib.records.money import Money


@dataclass
class Cells:
    cells: dict[str, str]

    def one(self, name: str) -> str:
        return self.cells.get(name, "")

    def all(self, name: str) -> list[str]:
        return [cell for cell in self.cells.get(name, "").split("|") if cell]

    def has(self, name: str) -> bool:
        return name in self.cells


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12500.5", 1250050), ("12,500.50", 1250050), ("12.500,50 €", 1250050), ("EUR 1.250.000", 125000000),
        ("1,250", 125000), ("12,5", 1250), ("1,250,000", 125000000), ("0.005", 1), ("1’250.00", 125000), ("800", 80000),
        ("1 250,00", 125000), ("", None), ("none", None), ("-5", None), ("1" * 30, None),
    ],
)  # fmt: skip
def test_an_amount_is_read_however_a_product_writes_it(text: str, minor: int | None) -> None:
    assert amount_of(text, "EUR") == (None if minor is None else Money(minor, "EUR"))


def test_an_amount_of_a_currency_without_minor_units_is_rounded_to_whole_ones() -> None:
    assert amount_of("1500.6", "JPY") == Money(1501, "JPY")
    assert (currency_of(" usd", "EUR"), currency_of("US Dollar", "EUR"), currency_of("", "EUR")) == (
        "USD",
        "EUR",
        "EUR",
    )


def test_a_moment_is_a_date_or_a_count_of_milliseconds() -> None:
    assert str(moment("1748779200000")) == "2025-06-01 12:00:00+00:00"
    assert str(moment("3/4/2026", "dmy")) == "2026-04-03 00:00:00+00:00"
    assert moment("3/4/2026") is None
    assert moment("") is None


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"stage": "Closed Won"}, "won"), ({"stage": "Verloren"}, "lost"), ({"stage": "Proposal"}, "open"),
        ({"stage": "贏單"}, "won"), ({"stage": "Custom", "won": "true"}, "won"),
        ({"stage": "Custom", "won": "false", "over": "true"}, "lost"),
        ({"stage": "Won back", "won": "false", "over": "false"}, "open"),
        ({"stage": "New", "ended": "won"}, "won"), ({"stage": "New", "ended": "lost"}, "lost"),
        ({"stage": "New", "active": "False"}, "lost"), ({"stage": "New", "active": "True"}, "open"),
    ],
)  # fmt: skip
def test_how_a_deal_stands_is_by_its_marks_else_by_the_name_of_its_stage(cells: dict[str, str], state: str) -> None:
    assert deal_state(Cells(cells)) == state


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({}, "no"), ({"status": "Unsubscribed"}, "no"), ({"status": "SUBSCRIBED"}, "yes"), ({"status": "true"}, "no"),
        ({"status": "false"}, ""), ({"status": "Opted out"}, "no"), ({"status": "something else"}, "no"),
        ({"still": "False"}, ""), ({"still": "True"}, "no"), ({"status": "退订"}, "no"),
        ({"status": "false|true"}, "no"), ({"status": "NotSeen"}, ""), ({"status": "OptIn"}, "yes"),
        ({"status": "Granted"}, "yes"), ({"status": "Opted in"}, "yes"), ({"status": "NOT_SUBSCRIBED"}, "no"),
        ({"status": "Not subscribed"}, "no"), ({"status": "Non-subscribed"}, "no"), ({"status": "Not granted"}, "no"),
        ({"status": "Never subscribed"}, "no"), ({"status": "no consent"}, "no"), ({"status": "Opted in: no"}, "no"),
        ({"status": "Consent withdrawn"}, "no"), ({"status": "consent revoked"}, "no"),
    ],
)  # fmt: skip
def test_what_nobody_understands_of_an_opt_out_is_a_no(cells: dict[str, str], said: str) -> None:
    assert refusal_of_mail(Cells(cells)) == said


def test_a_note_is_its_words_without_markup() -> None:
    html = "<style>p{}</style><p>Called <b>her</b> &amp; him</p><p>5 &lt; 6<br/>now</p><script>alert(1)</script>"
    assert plain_text(html) == "Called her & him\n5 < 6\nnow"
    assert plain_text("a < b, no markup\nnext") == "a < b, no markup\nnext"
