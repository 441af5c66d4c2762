import csv
import io
import json
from decimal import Decimal

import pytest

from chalicelib.attribute.returns import MODELS, as_csv, as_json, returns
from chalicelib.attribute.returns_report import CSV_COLUMNS
from tests.attribute.tables import AS_OF, campaign, spend, touch, win


def document(currency: str = "EUR", name: str = "Messe, Köln") -> dict:
    touches = [touch("l1", 1, "fair"), touch("l1", 3, "mail"), touch("l1", 4, "mail")]
    wins = [win("o1", "l1", 9, 100_001, currency, 30), win("o2", "l9", 9, 5, currency)]
    costs = [spend("fair", 40_000, currency), spend("mail", -250, currency)]
    leads = [("l1", "customer", "fair"), ("l2", "new", "fair"), ("l3", "new", "fair")]
    campaigns = (campaign("fair", name), campaign("mail"))
    return as_json(returns(touches, wins, costs, leads, campaigns, MODELS, as_of=AS_OF, base_currency=currency))


def test_the_json_is_plain_and_has_money_as_amount_and_currency() -> None:
    shown = document()
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["as_of"], shown["base_currency"]) == ("2026-12-31T00:00:00+00:00", "EUR")
    assert (shown["models"], shown["currencies"]) == (list(MODELS), ["EUR"])
    first = shown["sections"][0]
    assert (first["model"], first["currency"]) == ("first", "EUR")
    assert first["rows"][0]["revenue"] == {"amount_minor": 100_001, "currency": "EUR"}
    assert first["rows"][1]["contribution"] is None
    assert first["rows"][0]["other_currencies"] == []
    assert first["unattributed"]["revenue"]["amount_minor"] == 5
    assert shown["credits"][0] == {
        "model": "first",
        "opportunity_id": "o1",
        "lead_id": "l1",
        "campaign_id": "fair",
        "touch_id": "l1-1-fair",
        "amount": {"amount_minor": 100_001, "currency": "EUR"},
        "share": 1.0,
    }
    assert shown["touched"][1] == {"opportunity_id": "o1", "lead_id": "l1", "campaign_id": "mail", "currency": "EUR"}


def test_the_rows_behind_the_figures_can_be_left_out() -> None:
    report = returns((), (), (), (), (), as_of=AS_OF, base_currency="EUR")
    assert as_json(report).keys() - as_json(report, with_rows=False).keys() == {"credits", "touched"}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("currency", "minor"), [("EUR", 100), ("JPY", 1), ("KWD", 1000)])
def test_the_csv_says_what_the_screen_says(model: str, currency: str, minor: int) -> None:
    shown = document(currency)
    section = next(one for one in shown["sections"] if one["model"] == model)
    rows = list(csv.DictReader(io.StringIO(as_csv(shown, model, currency))))
    assert [row["line"] for row in rows] == ["campaign", "campaign", "unattributed", "total"]
    for row, line in zip(rows, [*section["rows"], section["unattributed"], section["total"]], strict=True):
        assert tuple(row) == CSV_COLUMNS
        for name in CSV_COLUMNS[5:]:
            value = line[name]
            if isinstance(value, dict):
                assert Decimal(row[name]) * minor == value["amount_minor"]
            else:
                assert row[name] == ("" if value is None else str(value))
        assert (row["currency"], row["name"]) == (currency, line["name"])


def test_money_is_written_with_its_currency_s_decimals_and_sign() -> None:
    spent = [row["spend"] for row in csv.DictReader(io.StringIO(as_csv(document(), "first", "EUR")))]
    assert spent == ["400.00", "-2.50", "0.00", "397.50"]
    assert '"Messe, Köln"' in as_csv(document(), "first", "EUR")
    assert ",40000," in as_csv(document("JPY"), "first", "JPY")


def test_a_campaign_s_name_runs_nothing_in_a_spreadsheet() -> None:
    text = as_csv(document(name="=HYPERLINK(1)"), "first", "EUR")
    assert next(csv.DictReader(io.StringIO(text)))["name"] == "'=HYPERLINK(1)"


def test_a_section_the_report_does_not_have_is_an_error() -> None:
    with pytest.raises(LookupError, match="USD"):
        as_csv(document(), "first", "USD")
