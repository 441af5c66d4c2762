import json

import pytest

from chalicelib.attribute.command import run_attribution
from chalicelib.records.contact import Refusal

PATHS = "path,total_conversions,total_conversion_value,total_null\n=A > B,2,20,1\n"
TOUCHES = "person_id,touched_at,channel\np,2026-01-01,A\np,2026-01-02,B\n"
WON = "person_id,converted_at,value\np,2026-01-05,10\nq,2026-01-05,3\n"
SPEND = "date,channel,amount\n2026-01-01,A,4\n2026-01-01,Z,1\n"
MILESTONES = "person_id,milestone,at\np,lead,2026-01-02\n"


def shown(**arguments: object) -> str:
    text = run_attribution(**arguments)
    assert isinstance(text, str), text
    return text


def test_json_is_one_line() -> None:
    text = shown(paths=PATHS, model="first, linear")
    assert "\n" not in text
    assert json.loads(text)["models"]["linear"]["conversions"] == {"=A": 1, "B": 1}


def test_csv_has_a_row_a_model_and_channel_and_runs_no_formula() -> None:
    text = shown(paths=PATHS, model="first,last", as_csv=True)
    assert text.splitlines() == [
        "model,channel,conversions,value",
        "first,'=A,2.0,20.0",
        "first,B,0.0,0.0",
        "last,'=A,0.0,0.0",
        "last,B,2.0,20.0",
    ]


def test_csv_of_touches_ends_with_what_is_unattributed_and_adds_up_with_the_spend() -> None:
    rows = [
        line.split(",")
        for line in shown(
            touches=TOUCHES, conversions=WON, spend=SPEND, model="linear", margin=50, as_csv=True
        ).splitlines()
    ]
    assert rows[0][-2:] == ["contribution", "roi"]
    assert [row[:5] for row in rows[1:]] == [
        ["linear", "A", "0.5", "5.0", "4.0"],
        ["linear", "B", "0.5", "5.0", "0.0"],
        ["linear", "Z", "0.0", "0.0", "1.0"],
        ["linear", "(unattributed)", "1", "3.0", ""],
    ]
    assert "contribution" not in shown(touches=TOUCHES, conversions=WON, spend=SPEND, model="linear", as_csv=True)


def test_milestones_and_lookback_are_used() -> None:
    document = json.loads(shown(touches=TOUCHES, conversions=WON, milestones=MILESTONES, model="u_shaped"))
    assert document["models"]["u_shaped"]["value"] == {"A": 5, "B": 5}
    document = json.loads(shown(touches=TOUCHES, conversions=WON, model="first", lookback=4))
    assert document["models"]["first"]["value"] == {"A": 0, "B": 10}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "a file is missing: give paths, or touches and conversions"),
        ({"touches": TOUCHES}, "a file is missing: give paths, or touches and conversions"),
        ({"paths": PATHS, "touches": TOUCHES}, "give either paths, or touches and conversions"),
        ({"paths": PATHS, "lookback": 3}, "paths have no times: use touches and conversions"),
        ({"touches": TOUCHES, "conversions": WON, "margin": 3}, "a margin needs a spend file"),
        ({"paths": ""}, "paths file: the file is empty"),
        ({"paths": PATHS.replace("20", "x")}, "paths file, total_conversion_value: not a number of zero or more: x"),
        ({"touches": "", "conversions": WON}, "touches file: the file is empty"),
        ({"touches": TOUCHES, "conversions": ""}, "conversions file: the file is empty"),
        ({"touches": TOUCHES, "conversions": WON, "spend": ""}, "spend file: the file is empty"),
        ({"touches": TOUCHES, "conversions": WON, "milestones": ""}, "milestones file: the file is empty"),
        ({"paths": PATHS, "model": "best"}, "unknown model: best"),
        ({"touches": TOUCHES, "conversions": WON, "lookback": -1}, "not a number of days above zero: -1"),
    ],
)
def test_what_cannot_be_done_is_refused_naming_file_and_column(arguments: dict[str, object], reason: str) -> None:
    refusal = run_attribution(**arguments)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
