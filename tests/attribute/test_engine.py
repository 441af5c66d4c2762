import json
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.attribute.engine import MODELS, AttributionResult, as_json, attribute, available_models
from chalicelib.attribute.journeys import Journeys, coded_journeys
from chalicelib.attribute.paths import PathTable, read_paths
from chalicelib.attribute.touches import SpendColumns
from chalicelib.records.contact import Refusal
from tests.attribute.tables import coded, paths
from tests.attribute.test_journeys import milestones

CASES = Path(__file__).parents[3] / "shared" / "cases" / "attribution"
HEURISTICS = {
    "first_touch": "first",
    "last_touch": "last",
    "linear": "linear",
    "linear_unique": "linear_unique",
    "position_40_20_40": "position",
    "time_decay_position_half": "time_decay_position_half",
}
MARKOV = {f"markov_order{order}_selfloops": name for order, name in ((1, "markov"), (2, "markov2"), (3, "markov3"))}


def result_of(source: PathTable | Journeys, *models: str, **options: object) -> AttributionResult:
    result = attribute(source, models, **options)
    assert isinstance(result, AttributionResult), result
    return result


def journeys_with_milestones() -> Journeys:
    touches = [(1, 1, "A"), (1, 3, "Direct"), (1, 5, "B"), (2, 1, "A"), (3, 8, "B")]
    passed = milestones((1, "lead", 1), (1, "opportunity", 4))
    return coded_journeys(coded(touches, [(1, 6, 100), (2, 0, 30)]), milestones=passed)


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
@pytest.mark.parametrize("case", sorted(CASES.glob("*.csv")), ids=lambda case: case.stem)
def test_a_shared_case_comes_out_as_expected(case: Path) -> None:
    table = read_paths(case.read_text())
    assert isinstance(table, PathTable)
    expected = json.loads(case.with_name(f"{case.stem}.expected.json").read_text())["expected"]
    wanted = {name: expected["heuristics"][key] for key, name in HEURISTICS.items()}
    wanted |= {name: expected[key] for key, name in MARKOV.items()}
    shown = as_json(result_of(table, *wanted))["models"]
    for name, numbers in wanted.items():
        for measure in ("conversions", "value"):
            assert shown[name][measure] == pytest.approx(numbers[measure], rel=1e-9, abs=1e-12), name


def test_the_shape_of_the_answer_for_paths() -> None:
    document = as_json(result_of(paths("A > B,2,20,1"), "linear", "first"))
    assert document == {
        "models": {
            "linear": {"conversions": {"A": 1.0, "B": 1.0}, "value": {"A": 10.0, "B": 10.0}},
            "first": {"conversions": {"A": 2.0, "B": 0.0}, "value": {"A": 20.0, "B": 0.0}},
        },
        "totals": {"conversions": 2.0, "value": 20.0},
    }
    assert json.loads(json.dumps(document)) == document


def test_all_on_paths_is_every_rule_that_needs_neither_times_nor_milestones() -> None:
    plain = ("first", "last", "linear", "linear_unique", "position", "markov", "markov2", "markov3")
    assert available_models(paths("A > B,1,1,0")) == plain
    assert available_models(paths("A > Direct,1,1,0")) == (*plain[:2], "last_non_direct", *plain[2:])
    assert tuple(result_of(paths("A > B,1,1,0"), "all").models) == plain


def test_all_on_touches_has_the_rules_by_time_and_with_milestones_every_rule() -> None:
    assert "time_decay" in available_models(coded_journeys(coded([(1, 1, "A")])))
    assert "u_shaped" not in available_models(coded_journeys(coded([(1, 1, "A")])))
    assert available_models(journeys_with_milestones()) == MODELS


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("best", "unknown model: best"),
        ("time_decay", "this model needs the times of the touches, which paths do not have: time_decay"),
        ("w_shaped", "this model needs touches and milestones, which paths do not have: w_shaped"),
    ],
)
def test_a_model_paths_do_not_allow_is_refused_in_one_line(model: str, reason: str) -> None:
    assert attribute(paths("A,1,1,0"), ["linear", model]) == Refusal("model", reason)


def test_a_rule_by_milestones_without_milestones_is_refused() -> None:
    refusal = Refusal("model", "this model needs a file of milestones: u_shaped")
    assert attribute(coded_journeys(coded([(1, 1, "A")])), ["u_shaped"]) == refusal


def test_every_model_gives_away_all_that_is_attributed_and_the_rest_is_named() -> None:
    document = as_json(result_of(journeys_with_milestones(), "all", "linear"))
    assert tuple(document["models"]) == MODELS
    for credit in document["models"].values():
        assert sum(credit["conversions"].values()) == pytest.approx(1)
        assert sum(credit["value"].values()) == pytest.approx(100)
    assert document["journeys"] == 1
    assert document["unattributed"] == {"conversions": 1, "value": 30.0}
    assert document["totals"] == {"conversions": 2.0, "value": 130.0}


def test_rules_by_time_and_milestones_read_them_from_the_journeys() -> None:
    value = {
        name: credit["value"]
        for name, credit in as_json(result_of(journeys_with_milestones(), "all"))["models"].items()
    }
    assert value["last_non_direct"] == {"A": 0, "B": 100, "Direct": 0}
    assert value["u_shaped"] == pytest.approx({"A": 80, "B": 10, "Direct": 10})
    assert value["w_shaped"] == pytest.approx({"A": 60, "B": 10, "Direct": 30})
    assert value["time_decay"]["Direct"] == pytest.approx(value["time_decay"]["B"] / 2 ** (2 / 7))


def spent(*amounts: tuple[str, float], currency: str = "") -> SpendColumns:
    names, values = zip(*amounts, strict=True)
    return SpendColumns([], names, [""] * len(names), values, currency)


def test_returns_are_shown_by_the_first_model_and_by_each_where_there_are_several() -> None:
    one = as_json(result_of(journeys_with_milestones(), "first", spend=spent(("A", 50))))
    assert one["returns_model"] == "first"
    assert one["returns"]["A"]["revenue_per_spend"] == 2
    assert "returns_by_model" not in one
    two = as_json(result_of(journeys_with_milestones(), "last", "first", spend=spent(("A", 50))))
    assert two["returns"] == two["returns_by_model"]["last"]
    assert two["returns_by_model"]["first"] == one["returns"]


@pytest.mark.parametrize("margin", [-1, 101, float("nan")])
def test_a_margin_is_a_percentage(margin: float) -> None:
    refusal = attribute(journeys_with_milestones(), ["first"], spend=spent(("A", 1)), margin=margin)
    assert refusal == Refusal("margin", f"not a percentage from 0 to 100: {margin:g}")


def test_spend_needs_touches_and_the_currency_of_the_conversions() -> None:
    refused = attribute(paths("A,1,1,0"), ["first"], spend=spent(("A", 1)))
    assert refused == Refusal("spend", "returns on spend need touches, which paths do not have")
    euros = replace(journeys_with_milestones(), currency="EUR")
    assert as_json(result_of(euros, "first"))["totals"]["currency"] == "EUR"
    refused = attribute(euros, ["first"], spend=spent(("A", 1), currency="USD"))
    assert refused == Refusal("currency", "spend and conversions are in different currencies: USD, EUR")
