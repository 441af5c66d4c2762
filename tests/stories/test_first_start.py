"""O-1: a first start that is cut off half way leaves nothing that is taken for a store.

Told of a process and its folder, on this machine."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from chalicelib.first_start import make_store
from chalicelib.records.rep import Rep, Role
from chalicelib.settings import Settings
from chalicelib.wiring import exists, open_service
from tests.stories.conftest import ROOT, cli, start_server


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


def test_the_first_administrator_is_who_reads_the_mail_of_the_setting(tmp_path: Path) -> None:
    make_store(Settings(data=tmp_path / "data", admin_email="chief@example.com"), sample=False)
    (person,) = open_service(Settings(data=tmp_path / "data")).deps.store.query(Rep)
    assert (person.value.email, person.value.role) == ("chief@example.com", Role.ADMIN)


def test_a_fresh_service_is_entered_by_the_link_the_command_line_shows(tmp_path: Path) -> None:
    """O-1, without sample data: made, served, and an administrator signed in, by nothing but the two commands."""
    server = start_server(tmp_path / "data", "--empty")
    try:
        made = json.loads(cli(server.folder, "admin", "chief@example.com", "--name", "Carla Chief", "--json").stdout)
        assert made["email"] == "chief@example.com"
        link = urlsplit(made["link"]).path
        with httpx.Client(base_url=server.address, headers={"Accept": "text/html"}) as browser:
            assert browser.get("/app").status_code == 303
            csrf = browser.get(link).text.partition('name="csrf" value="')[2].partition('"')[0]
            assert browser.post(link, data={"csrf": csrf}).headers["location"] == "/app"
            assert "Carla Chief" in browser.get("/app").text
            assert browser.get("/app/api-keys").status_code == 200
            assert browser.post(link, data={"csrf": csrf}).status_code in (403, 410)
    finally:
        server.process.terminate()
        server.process.wait(timeout=20)


def test_the_command_makes_an_administrator_of_whoever_has_the_address(tmp_path: Path) -> None:
    cli(tmp_path / "d", "init")
    first = json.loads(cli(tmp_path / "d", "admin", "chief@example.com", "--json").stdout)
    again = json.loads(cli(tmp_path / "d", "admin", "CHIEF@example.com", "--json").stdout)
    assert first["rep_id"] == again["rep_id"] == "chief"
    refused = cli(tmp_path / "d", "admin", "chief")
    assert (refused.returncode, refused.stderr) == (2, "leadline: chief is not an e-mail address\n")


def test_a_folder_that_is_there_but_empty_is_filled(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    assert make_store(Settings(data=folder), sample=False) is True
    assert make_store(Settings(data=folder), sample=True) is False
    (person,) = open_service(Settings(data=folder)).deps.store.query(Rep)
    assert person.value.role is Role.ADMIN
