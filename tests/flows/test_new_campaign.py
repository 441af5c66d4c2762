"""A campaign made a moment ago: who has just read the configuration does not know it, and nothing is lost by that."""

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.flows.plan_marketing import add_campaign
from chalicelib.flows.report_returns import make_report
from chalicelib.flows.send_due import send_message
from chalicelib.flows.submission import Submission
from chalicelib.flows.submit import submit
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.records.contact import Contact
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.touch import TouchKind
from chalicelib.records.upload import RowResults
from chalicelib.store.directory import CachedDirectory
from tests.stories.conftest import MONDAY, World, build_world
from tests.stories.people import EVERYBODY

LIST = b"name,email\nJana Beispiel,jana@jana.example.com\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = build_world(tmp_path, MONDAY)
    made.put(*EVERYBODY)
    return made


def unaware(world: World) -> Deps:
    """What a process knows that has just read the configuration."""
    directory = CachedDirectory(world.deps.store, world.deps.model, seconds=3600, unknown_seconds=3600)
    directory.reps(), directory.campaigns()
    return replace(world.deps, directory=directory)


def test_whoever_loads_its_list_thanks_the_people_on_it_in_its_name(world: World) -> None:
    old, before = unaware(world), unaware(world)
    campaign = add_campaign(world.deps, "Autumn Fair")
    upload = start_upload(world.deps, LIST, "cards.csv", campaign.campaign_id, "consent", {}, "eva")
    assert run_upload(old, upload.import_id).mails_queued == 1
    (chunk,) = world.deps.store.query(RowResults, upload.import_id)
    lead_id = chunk.value.results[0][2]
    (mail,) = [stored.value for stored in world.deps.store.query(Message, lead_id)]
    world.now = mail.due_at
    assert send_message(before, Ref(Message, (lead_id, mail.message_id))) is MessageState.SENT
    assert "Autumn Fair" in world.mails("jana@jana.example.com")[0].text


def test_its_leads_stand_on_its_line_of_the_report(world: World) -> None:
    old = unaware(world)
    campaign = add_campaign(world.deps, "Autumn Fair")
    who = Contact(full_name="Jana Beispiel", emails=("jana@jana.example.com",))
    submit(world.deps, Submission(who, TouchKind.API, campaign_id=campaign.campaign_id))
    world.work()
    (section, *_) = make_report(old, "EUR")["sections"]
    assert {line["campaign_id"]: line["leads"] for line in section["rows"]}["autumn-fair"] == 1
    assert section["unattributed"]["leads"] == 0
