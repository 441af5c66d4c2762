"""The harder list through an upload into the store: nobody of two is made one, everybody of one is."""

import csv
import io
from pathlib import Path

from chalicelib.flows.submission import Submission
from chalicelib.flows.submit import submit
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.records.contact import Contact
from chalicelib.records.lead import Lead
from chalicelib.records.touch import TouchKind
from chalicelib.records.upload import RowResults
from tests.handlers.desk import NOW
from tests.identify.lists import mistakes
from tests.identify.traps import make_traps
from tests.stories.conftest import World, build_world
from tests.stories.people import CONTACT, EVERYBODY, FAIR


def world_of(tmp_path: Path) -> World:
    world = build_world(tmp_path, NOW)
    world.put(*EVERYBODY)
    return world


def test_an_upload_falls_into_no_trap_and_finds_everybody_again(tmp_path: Path) -> None:
    deps, made = world_of(tmp_path).deps, make_traps(4)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(made.rows[0]))
    writer.writeheader()
    writer.writerows(made.rows)
    data = out.getvalue().encode()
    first = run_upload(deps, start_upload(deps, data, "a.csv", FAIR.campaign_id, "", {}, "eva").import_id)
    results = [result for chunk in deps.store.query(RowResults, first.import_id) for result in chunk.value.results]
    wrong = mistakes([lead_id for _, _, lead_id, _ in results], made.people)
    assert [(made.kinds[row], what) for row, what in wrong] == []
    assert first.created == len(set(made.people))


def test_a_name_alone_finds_its_person_in_the_store_unless_there_are_two(tmp_path: Path) -> None:
    deps = world_of(tmp_path).deps

    def send(**contact: object) -> str:
        found = submit(deps, Submission(Contact(**contact), TouchKind.SCAN, token=deps.new_id()))  # type: ignore[arg-type]
        return found.lead_id

    anna = send(full_name="Anna Weber", company="Nord AG", emails=("anna@nord.example.com",))
    assert send(full_name="Weber, Anna", company="Nord GmbH") == anna
    assert send(full_name="Anna Weber", company="Nord", emails=("a.weber@nord.example.com",)) != anna
    alone = send(full_name="Anna Weber", company="Nord")
    assert alone not in (anna, "")
    stored = deps.store.get(Lead, alone)
    assert stored
    assert stored.value.flags == ("unreachable",)


def test_a_form_of_somebody_known_by_name_alone_makes_them_reachable(tmp_path: Path) -> None:
    deps = world_of(tmp_path).deps
    card = Contact(full_name="王小明", company="華為技術有限公司")
    known = submit(deps, Submission(card, TouchKind.SCAN, token=deps.new_id())).lead_id
    form = Contact(full_name="王小明", company="华为", emails=("wxm@hw.example.com",))
    assert submit(deps, Submission(form, TouchKind.FORM, token=deps.new_id(), form=CONTACT)).lead_id == known
    lead = deps.store.get(Lead, known)
    assert lead
    assert (lead.value.emails, lead.value.flags) == (("wxm@hw.example.com",), ())
