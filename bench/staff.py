"""A store with the sample's people and no leads: `python -m bench.staff FOLDER`."""

import json
import sys
from importlib import resources
from pathlib import Path

import msgspec

from chalicelib.records.form import Form
from chalicelib.records.ports import Put
from chalicelib.records.rep import Rep
from chalicelib.settings import Settings
from chalicelib.wiring import open_service


def make(folder: Path) -> None:
    data = json.loads(resources.files("chalicelib").joinpath("data/sample.json").read_text("utf-8"))
    records = [msgspec.convert(rep, Rep) for rep in data["reps"]]
    form = msgspec.convert(next(f for f in data["forms"] if f["form_id"] == "contact"), Form)
    open_service(Settings(data=folder)).deps.store.commit([Put(record, 0) for record in (*records, form)])


if __name__ == "__main__":
    make(Path(sys.argv[1]))
