"""O-1: a first start that is cut off half way leaves nothing that is taken for a store."""

import os
import subprocess
import sys
import time
from pathlib import Path

from chalicelib.first_start import make_store
from chalicelib.records.rep import Rep, Role
from chalicelib.settings import Settings
from chalicelib.wiring import exists, open_service
from tests.stories.conftest import ROOT, cli


def test_killed_while_the_sample_is_made_it_is_made_whole_the_next_time(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    command = [sys.executable, "-m", "chalicelib", "--data", str(folder), "init", "--sample"]
    process = subprocess.Popen(command, cwd=ROOT)
    until = time.monotonic() + 30
    while not list(tmp_path.glob("data.new-*/leadline.db")) and time.monotonic() < until:
        time.sleep(0.01)
    process.kill()
    process.wait(timeout=10)
    assert not exists(Settings(data=folder))
    assert cli(folder, "init", "--sample").returncode == 0
    deps = open_service(Settings(data=folder)).deps
    assert deps.blobs.get("sample")
    assert len(deps.store.query(Rep)) >= 12
    assert os.listdir(tmp_path) == ["data"]


def test_a_folder_that_is_there_but_empty_is_filled(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    assert make_store(Settings(data=folder), sample=False) is True
    assert make_store(Settings(data=folder), sample=True) is False
    (person,) = open_service(Settings(data=folder)).deps.store.query(Rep)
    assert person.value.role is Role.ADMIN
