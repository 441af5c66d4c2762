"""O-1 and the promise of the embedded engine: starts with sample data, keeps it, and loses nothing acknowledged.

Told of a process and its folder, on this machine."""

import sqlite3
import threading
from pathlib import Path

import httpx
import pytest

from chalicelib.flows.keep_post import find_receipt
from chalicelib.records.lead import Lead
from chalicelib.settings import Settings
from chalicelib.wiring import open_service
from tests.stories.conftest import HTML, Server, cli, start_server


def test_a_fresh_start_shows_sample_people_forms_and_figures(server: Server) -> None:
    client = httpx.Client(base_url=server.address)
    assert client.get("/healthz").json() == {"status": "ok"}
    page = client.get("/app/sign-in", headers=HTML).text
    assert page.count("Sample") >= 12
    assert client.get("/f/contact", headers=HTML).status_code == 200
    assert client.get("/f/sensor-seminar", headers={**HTML, "Accept-Language": "zh-TW"}).status_code == 200


@pytest.mark.parametrize("round_", range(3))
def test_kill_9_in_the_middle_loses_nothing_acknowledged(tmp_path: Path, round_: int) -> None:
    folder = tmp_path / "data"
    assert cli(folder, "init", "--sample").returncode == 0
    started = start_server(folder)
    acknowledged: list[str] = []
    enough = threading.Event()

    def post(worker: int) -> None:
        client = httpx.Client(base_url=started.address, timeout=5)
        for n in range(10_000):
            fields = {"name": f"Guest {worker} {n}", "email": f"g{round_}.{worker}.{n}@customer.example.com"}
            try:
                answer = client.post("/f/contact", json=fields)
            except httpx.HTTPError:
                return
            if answer.status_code == 201:
                acknowledged.append(answer.json()["status_url"].partition("/s/")[2])
            if len(acknowledged) > 60 + 37 * round_:
                enough.set()

    threads = [threading.Thread(target=post, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    enough.wait(60)
    started.kill()
    for thread in threads:
        thread.join()
    assert len(acknowledged) > 60
    with sqlite3.connect(folder / "leadline.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    deps = open_service(Settings(data=folder)).deps
    receipts = [find_receipt(deps, *(deps.links.read("receipt", token) or ("", ""))) for token in acknowledged]
    assert all(receipt and deps.store.get(Lead, receipt.value.lead_id) for receipt in receipts)
    again = start_server(folder)
    try:
        assert httpx.get(f"{again.address}/healthz").status_code == 200
    finally:
        again.process.terminate()
        again.process.wait(timeout=20)


def test_an_upload_cut_off_by_kill_9_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    import json
    import signal
    import subprocess
    import sys
    import time

    from chalicelib.flows.upload_list import run_upload
    from chalicelib.records.upload import RowResults, Upload, UploadState
    from tests.identify.lists import make_list
    from tests.stories.conftest import ROOT
    from tests.stories.test_m2_business_cards import check_people, partition, write_csv

    made = make_list(5000, seed=3)
    path = write_csv(tmp_path / "l.csv", made)
    folder = tmp_path / "data"
    assert cli(folder, "init", "--sample").returncode == 0
    command = [sys.executable, "-m", "chalicelib", "--data", str(folder), "import", str(path), "--campaign", "X"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    deps = open_service(Settings(data=folder)).deps
    for _ in range(2000):
        running = [u.value for u in deps.store.query(Upload) if u.value.rows == 5000 and u.value.done]
        if running or process.poll() is not None:
            break
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    (upload,) = [u.value for u in deps.store.query(Upload) if u.value.file_name == "l.csv"]
    done = run_upload(deps, upload.import_id)
    assert done.state is UploadState.FINISHED
    people = len(set(made.people))
    assert (done.created, done.merged, done.refused) == (people, 5000 - people, 0)
    check_people(partition([c.value for c in deps.store.query(RowResults, done.import_id)]), made.people)
    checked = cli(folder, "check", "--json")
    assert json.loads(checked.stdout)["violations"] == []
