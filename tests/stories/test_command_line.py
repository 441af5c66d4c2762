"""The command line: documents for programs on one line, bad input in one plain line with exit 2."""

import json
from pathlib import Path

import pytest

from tests.stories.conftest import cli


def test_init_makes_a_store_once(tmp_path: Path) -> None:
    first = cli(tmp_path / "d", "init", "--json")
    second = cli(tmp_path / "d", "init", "--json")
    assert [json.loads(run.stdout)["made"] for run in (first, second)] == [True, False]


def test_check_gives_the_counts_that_add_up(tmp_path: Path) -> None:
    cli(tmp_path / "d", "init", "--sample")
    run = cli(tmp_path / "d", "check", "--json")
    told = json.loads(run.stdout)
    assert run.returncode == 0
    assert told["received"] == told["accepted"] + told["merged"] + told["quarantined"] + told["rejected"]
    assert told["leads"] > 400
    assert told["touches"] >= told["leads"]
    assert told["violations"] == []


def test_attribute_reads_plain_files_without_a_store(tmp_path: Path) -> None:
    paths = tmp_path / "paths.csv"
    paths.write_text(
        "path,total_conversions,total_conversion_value,total_null\nA > B > C,1,1000,0\nA,0,0,1\nB > C,0,0,1\n", "utf-8"
    )
    run = cli(tmp_path / "none", "attribute", "--paths", str(paths), "--model", "all", "--json")
    assert run.returncode == 0, run.stderr
    models = json.loads(run.stdout)["models"]
    assert models["first"]["value"] == {"A": 1000.0, "B": 0.0, "C": 0.0}
    assert models["markov"]["conversions"] == pytest.approx({"A": 0.2, "B": 0.4, "C": 0.4})
    assert not (tmp_path / "none").exists()


def test_channel_classifies_a_line_each(tmp_path: Path) -> None:
    text = (
        "https://example.com/?utm_source=google&utm_medium=cpc&gclid=x\t\nhttps://example.com/\thttps://www.bing.com/\n"
    )
    run = cli(tmp_path, "channel", text=text)
    first, second = (json.loads(line) for line in run.stdout.splitlines())
    assert (first["channel"], first["click_ids"]) == ("Paid Search", {"gclid": "x"})
    assert (second["source"], second["medium"]) == ("bing", "organic")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("import", "nowhere.csv", "--campaign", "X"),
        ("attribute", "--model", "all"),
        ("attribute", "--paths", "nowhere.csv"),
        ("api-key", "x", "--scope", "everything"),
        ("serve", "--port", "99999"),
    ],
)
def test_what_cannot_be_done_is_one_plain_line_and_exit_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    run = cli(tmp_path / "d", *arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    assert len(run.stderr.strip().splitlines()) == 1
    assert "Traceback" not in run.stderr
