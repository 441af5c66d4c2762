"""The command line: documents for programs on one line, bad input in one plain line with exit 2.

Told on this machine."""

import json
import shutil
from pathlib import Path

import pytest

from chalicelib.records.campaign import Campaign
from chalicelib.records.search import LeadQuery
from chalicelib.settings import Settings
from chalicelib.wiring import open_service
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
        ("import", __file__, "--campaign", "x" * 201),
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
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("name", ["leadline.db", "index.db", "queue.db"])
@pytest.mark.parametrize("arguments", [("check",), ("serve", "--port", "0")])
def test_a_store_that_is_damaged_is_one_plain_line_and_left_as_it_is(
    tmp_path: Path, name: str, arguments: tuple[str, ...]
) -> None:
    assert cli(tmp_path / "d", "init").returncode == 0
    for beside in ("-wal", "-shm"):
        (tmp_path / "d" / f"{name}{beside}").unlink(missing_ok=True)
    (tmp_path / "d" / name).write_bytes(b"no database at all" * 500)
    run = cli(tmp_path / "d", *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("leadline: the store in ")
    assert run.stderr.count("\n") == 1
    assert (tmp_path / "d" / name).read_bytes() == b"no database at all" * 500


def test_a_campaign_needs_a_name_on_the_command_line_too(tmp_path: Path) -> None:
    source = tmp_path / "cards.csv"
    source.write_text("name,email\nJana Beispiel,jana@customer.example.com\n", "utf-8")
    run = cli(tmp_path / "d", "import", str(source), "--campaign", " ", "--json")
    assert (run.returncode, run.stdout) == (2, "")
    assert "--campaign" in run.stderr
    run = cli(tmp_path / "d", "import", str(source), "--campaign", "Summer\n Fair", "--json")
    assert json.loads(run.stdout)["created"] == 1
    (campaign,) = open_service(Settings(data=tmp_path / "d")).deps.store.query(Campaign)
    assert campaign.value.name == "Summer Fair"


def test_a_service_is_saved_lost_and_brought_back_and_a_person_is_forgotten(tmp_path: Path) -> None:
    data, place = tmp_path / "d", tmp_path / "backups"
    cli(data, "init", "--sample")
    before = json.loads(cli(data, "check", "--json").stdout)
    made = json.loads(cli(data, "backup", str(place), "--json").stdout)
    assert Path(made["backup"]).parent == place
    assert made["records"] > before["leads"]
    assert "there is a store" in cli(data, "restore", str(place)).stderr
    shutil.rmtree(data)
    told = json.loads(cli(data, "restore", str(place), "--json").stdout)
    assert told["held"]
    assert set(told["difference"]) >= {"records", "files", "forms", "opt_outs", "erased", "unknown", "late"}
    after = json.loads(cli(data, "check", "--json").stdout)
    unknown = told["difference"]["unknown"]
    assert {**after, "outbox": {}} == {**before, "outbox": {}}
    assert after["outbox"]["unknown"] == before["outbox"]["unknown"] + unknown
    assert not json.loads(cli(data, "restore", "--release", "--json").stdout)["held"]
    assert json.loads(cli(data, "restore", "--adopt", "--json").stdout)["held"]
    (lead,) = people(data)
    erased = json.loads(cli(data, "erase", lead, "--json").stdout)
    assert erased["records"] > 0
    assert json.loads(cli(data, "check", "--json").stdout)["leads"] == before["leads"] - 1


def people(data: Path) -> list[str]:
    service = open_service(Settings(data=data))
    rows = service.deps.model.leads(LeadQuery(limit=1)).rows
    service.close()
    return [row.email for row in rows]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("erase", "nobody@example.org"), "nobody is known by that id, e-mail or phone"),
        (("restore",), "name a backup, or give --adopt or --release"),
        (("restore", "--adopt", "--release"), "name a backup, or give --adopt or --release"),
        (("restore", "--release"), "nothing was restored here"),
        (("restore", "--adopt", "--since", "yesterday"), "is not a time like"),
        (("restore", "--adopt", "--since", "2026-03-02T09:00:00"), "needs its zone"),
        (("restore", "nowhere"), "no backup in nowhere"),
    ],
)
def test_what_cannot_be_brought_back_or_forgotten_is_one_line(
    words: tuple[str, ...], said: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.getbasetemp() / "empty-store"
    cli(data, "init")
    run = cli(data, *words)
    assert run.returncode == 2
    assert said in run.stderr
    assert run.stderr.count("\n") == 1


def test_dedupe_tells_which_rows_are_one_person_without_a_store(tmp_path: Path) -> None:
    source = tmp_path / "cards.csv"
    source.write_text("姓名,邮箱\n王小明,wang@example.com\n李静,li@example.com\n小明王,Wang@example.com\n", "gb18030")
    run = cli(tmp_path / "none", "dedupe", str(source))
    assert (run.returncode, run.stdout) == (0, "row,cluster\n0,0\n1,1\n2,0\n")
    told = json.loads(cli(tmp_path / "none", "dedupe", str(source), "--json").stdout)
    assert (told["rows"], told["people"], told["clusters"]) == (3, 2, [0, 1, 0])
    assert told["joined"][0]["reasons"] == ["same e-mail +22", "same name +6"]
    out, review = tmp_path / "out.csv", tmp_path / "review.csv"
    run = cli(tmp_path / "none", "dedupe", str(source), "--out", str(out), "--review", str(review))
    assert run.stdout == "3 rows are 2 people; 0 pairs in doubt\n"
    assert out.read_text("utf-8") == "row,cluster\n0,0\n1,1\n2,0\n"
    assert review.read_text("utf-8") == "row,other_row,weight,reasons\n"
    assert not (tmp_path / "none").exists()
