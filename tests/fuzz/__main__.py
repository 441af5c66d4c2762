"""Schemathesis against the embedded service over a socket: `python -m tests.fuzz [--seconds N] [--seed N]`.

Everything of /v1/openapi.json, with a key of all scopes, all checks, and ids and tokens of the sample data beside
made-up ones. Exit 1 when anything fails. With a seed the run makes the same requests again, as far as its time
reaches."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chalicelib.flows.read_intake import google_key
from chalicelib.records.arrival import Entry
from chalicelib.records.event import Registration
from chalicelib.records.intake import Intake
from chalicelib.records.ledgers import Ledger, LedgerQuery
from chalicelib.records.ports import Put
from chalicelib.records.search import LeadQuery
from chalicelib.records.upload import Upload
from chalicelib.settings import Settings
from chalicelib.wiring import open_service

ROOT = Path(__file__).parents[2]
SCHEMATHESIS = ROOT / ".venv-fuzz/bin/schemathesis"
CONFIG = Path(__file__).parent / "schemathesis.toml"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=int, default=120)
    asked.add_argument("--seed", type=int, default=20261126)
    asked.add_argument("--examples", type=int, default=25, help="of each operation in each round")
    asked.add_argument("rest", nargs="*", help="further arguments of schemathesis, behind --")
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory() as place, service(Path(place)) as (address, key, ids):
        config = Path(place) / "schemathesis.toml"
        config.write_text(CONFIG.read_text() + dictionaries(ids))
        command = [
            str(SCHEMATHESIS), "--config-file", str(config), "run", f"{address}/v1/openapi.json",
            "--header", f"Authorization: Bearer {key}", "--seed", str(chosen.seed), "--generation-database", "none",
            "--max-time", str(chosen.seconds), "--max-examples", str(chosen.examples), "--no-color", *chosen.rest,
        ]  # fmt: skip
        return subprocess.run(command, cwd=place, check=False).returncode


@contextmanager
def service(place: Path) -> Iterator[tuple[str, str, dict[str, list[str]]]]:
    """(its address, an API key of all scopes, ids of what lies in it by the parameter that asks for it): with sample
    data, without limits of rate, ended afterwards."""
    ours = {**os.environ, "LEADLINE_DATA": str(place / "data"), "LEADLINE_RATE_LIMITS": "off"}
    command = [sys.executable, "-m", "chalicelib"]

    def run(*more: str) -> Any:
        answer = subprocess.run([*command, *more], cwd=ROOT, env=ours, check=True, capture_output=True, text=True)
        return json.loads(answer.stdout)

    run("init", "--sample", "--json")
    key = run("api-key", "fuzz", "--json")["key"]
    people = place / "people.csv"
    people.write_text("name,email\n" + "".join(f"Person {n},person{n}@list.example.com\n" for n in range(20)))
    run("import", str(people), "--campaign", "Fuzzed list", "--json")
    ids = known_ids(place / "data")
    log = (place / "serve.log").open("w")
    serving = subprocess.Popen([*command, "serve", "--port", "0"], cwd=ROOT, env=ours, stdout=subprocess.PIPE,
                               stderr=log, text=True)  # fmt: skip
    try:
        assert serving.stdout
        (address,) = re.findall(r"http://[\w.:]+", serving.stdout.readline())
        yield address, key, ids
    finally:
        serving.terminate()
        serving.wait(30)
        log.close()
        sys.stderr.write("".join(line for line in (place / "serve.log").open() if "unforeseen" in line))


def known_ids(data: Path) -> dict[str, list[str]]:
    """Intakes are made; the rest is what the sample data has."""
    opened = open_service(Settings(data=data))
    deps = opened.deps
    kinds = (("00D000000000001", Entry.WEB_TO_LEAD), ("1234-contact", Entry.HUBSPOT), ("abcdefgh", Entry.GOOGLE))
    deps.store.commit([Put(Intake(intake_id, entry, "Fuzzed", deps.clock())) for intake_id, entry in kinds])
    deals = deps.model.opportunities(limit=5)
    leads = [row.lead_id for row in deps.model.leads(LeadQuery(limit=5)).rows]
    (seminar, *_) = deps.directory.seminars()
    seats = [stored.value.lead_id for stored in deps.store.query(Registration, seminar.event_id)][:2]
    quotes = deps.model.ledger(LedgerQuery(Ledger.QUOTES)).lines[:2]
    requests = deps.model.requests(limit=2)
    make = deps.links.make
    return {
        "lead_id": [*(lead_id for lead_id, _ in deals), *leads],
        "opportunity_id": [deal_id for _, deal_id in deals],
        "import_id": [stored.value.import_id for stored in deps.store.query(Upload)],
        "campaign_id": [campaign.campaign_id for campaign in deps.directory.campaigns()],
        "form": ["contact"],
        "portal": ["1234"],
        "intake": ["abcdefgh"],
        "oid": ["00D000000000001"],
        "google_key": [google_key(deps, "abcdefgh")],
        "token": [
            *(make("preferences", lead_id) for lead_id in leads[:2]),
            *(make("seminar", seminar.event_id, lead_id) for lead_id in seats),
            *(make("quote", *ids) for ids in quotes),
            *(make("status", *ids) for ids in requests),
        ],
    }


# Where a known value goes, and how often instead of one that is made up.
PLACES = {"oid": "body.oid", "google_key": "body.google_key"}


def dictionaries(ids: dict[str, list[str]]) -> str:
    lines = [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}\n" for name, values in ids.items() if values]
    lines.append("[parameters]")
    for name, values in ids.items():
        if values:
            place = PLACES.get(name, f"path.{name}")
            lines.append(f'"{place}" = {{ dictionary = "{name}", probability = 0.7 }}')
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
