"""O-6: a backup is made, life goes on, then all is lost. What is brought back is held until a person lets go; it knows
what the journal knows: nobody is mailed twice, nobody who objected is mailed, who was erased stays erased, and what
came in after the backup is there, as the visitors were told.

Told in this process: everybody's data is lost in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.flows.check_store import check_store
from chalicelib.flows.erase_person import erase_person
from chalicelib.flows.find_lead import leads_named
from chalicelib.flows.hold_service import held, release
from chalicelib.flows.plan_marketing import campaign_named
from chalicelib.flows.read_list import read_list
from chalicelib.flows.upload_list import preview_list
from chalicelib.messaging.mailbox import MailboxTransport
from chalicelib.records.contact import Refusal
from chalicelib.records.event import Registration, SeatCount
from chalicelib.records.kept import Replayed
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.touch import Request
from chalicelib.restore import adopt, back_up, restore
from chalicelib.settings import Settings
from tests.aws_world import Pump, deployed
from tests.contracts.places import PLACES, drop_table, make_table
from tests.handlers.desk import SEMINAR
from tests.stories.conftest import HTML, MONDAY, World, open_world
from tests.stories.people import ADA, EVERYBODY, SIGN_UP

# Moto copies its whole table for each transaction; the emulator and the embedded engine are told the whole story.
FORMS = {"moto": 12}


@dataclass
class Scene:
    """A service that can be lost. What leaves by mail is kept outside of it."""

    folder: Path
    world: World
    settings: Settings
    pump: Pump | None = None
    told: dict[str, str] = field(default_factory=dict)
    forms: int = 50

    def open(self, settings: Settings) -> World:
        world = open_world(settings, self.world.now if self.told else MONDAY, self.pump)
        world.deps = replace(world.deps, transport=MailboxTransport(self.folder / "post"))
        wiring.use(replace(wiring.service(), deps=world.deps))
        self.world, self.settings = world, settings
        return world

    def ask(self, name: str, form: str = "contact", **more: str) -> str:
        """The form, with its one-time token; the status page's address."""
        sent = {"name": name.title(), "email": f"{name}@people.example.com", "company": "Beispiel AG", **more}
        answer = self.world.client.post(f"/f/{form}", data={**sent, "once": f"once-{name}-{form}"}, headers=HTML)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def request_of(self, status: str) -> tuple[str, ...] | None:
        return self.world.deps.links.read("status", status.removeprefix("/s/"))

    def back_up(self) -> None:
        back_up(self.settings, self.folder / "backups", self.world.clock)

    def lose(self) -> None:
        """Everything but the journal, its keys, the backups and what has left."""
        if self.pump is None:
            shutil.rmtree(self.settings.data)
            return
        # Nobody looks at the old table any more; it is taken away when the story is over.
        blobs = self.world.deps.blobs
        for key in blobs.list(""):
            if not key.startswith(("journal/", "keys/")):
                blobs.delete(key)
        settings = replace(self.settings, table=make_table(self.pump.clients))
        # The functions are deployed anew with the new table's name; what they asked for until now was theirs to ask.
        recorder = self.pump.recorder
        assert not recorder.refused()
        recorder.needs.clear()
        old, new = self.settings.table, settings.table
        recorder.given = {name: text.replace(old, new) for name, text in recorder.given.items()}
        self.settings = self.pump.settings = settings
        self.pump.shards.clear()

    def bring_back(self) -> dict[str, int]:
        found = restore(self.settings, self.folder / "backups", self.world.clock)
        self.open(self.settings)
        self.world.work()
        return found.difference

    def left(self) -> list[str]:
        """The Message-ID of every mail that left, in order."""
        return [dict(mail.headers)["Message-ID"] for mail in self.world.mails()]


@contextmanager
def scene_on(place: str, folder: Path) -> Iterator[Scene]:
    if place == "embedded":
        settings = Settings(
            data=folder / "data", journal=folder / "journal", public_url="http://leadline.example", rate_limits=False
        )
        scene = Scene(folder, World(None, None, MONDAY), settings)  # type: ignore[arg-type]
        scene.open(settings)
        yield scene
        return
    with deployed(place, folder / "data") as pump:
        scene = Scene(folder, World(None, None, MONDAY), pump.settings, pump)  # type: ignore[arg-type]
        first = pump.settings.table
        scene.open(pump.settings)
        yield scene
        if pump.settings.table != first:
            drop_table(pump.clients, pump.settings.table)


@pytest.fixture(params=["embedded", *PLACES])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    with scene_on(request.param, tmp_path) as made:
        made.forms = FORMS.get(request.param, made.forms)
        made.world.put(*EVERYBODY, ADA, SIGN_UP, replace(SEMINAR, seats=2))
        yield made


def one(scene: Scene, name: str) -> str:
    (lead_id,) = leads_named(scene.world.deps, f"{name}@people.example.com")
    return lead_id


def promote(scene: Scene, lead_id: str) -> MessageState:
    """A promotional mail to somebody, due now; what becomes of it."""
    deps = scene.world.deps
    lead = deps.store.get(Lead, lead_id)
    assert lead
    now = scene.world.now
    mail = Message("promo", lead_id, MessageKind.THANK_YOU, lead.value.emails[0], "en", MessageState.PENDING, now, now,
                   basis="consent", campaign_id="fair")  # fmt: skip
    scene.world.put(mail)
    scene.world.later(minutes=1)
    stored = deps.store.get(Message, lead_id, "promo")
    assert stored
    return stored.value.state


def test_the_rehearsal(scene: Scene) -> None:
    world = scene.world
    for name in ("anton", "berta", "carla"):
        scene.told[name] = scene.ask(name)
    world.work()
    # Queued when the backup is made, and sent after it.
    scene.told["dora"] = scene.ask("dora")
    scene.back_up()
    world.work()
    names = [f"guest{n:02d}" for n in range(scene.forms)]
    for name in names:
        scene.told[name] = scene.ask(name)
    world.later(minutes=1)
    assert len(scene.left()) == 2 * (4 + scene.forms)
    for name in ("berta", "guest07"):
        link = f"/u/{world.deps.links.make('preferences', one(scene, name))}"
        assert world.client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    mailed = {}
    for name in ("carla", "guest11"):
        lead_id = one(scene, name)
        (asked,) = world.deps.store.query(Request, lead_id)
        # The address in the confirmation; another one was shown after posting.
        mailed[name] = f"/s/{world.deps.links.status(lead_id, asked.value.request_id)}"
        erase_person(world.deps, lead_id, timedelta(days=3650))
    world.later(minutes=2)
    ids = {name: one(scene, name) for name in (*names, "anton", "berta", "dora") if name != "guest11"}
    left = scene.left()

    scene.lose()
    difference = scene.bring_back()
    world = scene.world

    # What came in after the backup is there, under the ids and addresses the visitors know, and only once.
    assert (difference["forms"], difference["people"]) == (scene.forms - 1, scene.forms - 1)
    assert {name: one(scene, name) for name in ids} == ids
    for name in ids:
        assert "We have your request." in world.client.get(scene.told[name], headers=HTML).text
    # Sent again, it is the same submission.
    assert scene.request_of(scene.ask("guest03")) == scene.request_of(scene.told["guest03"])
    # Who objected and who was erased.
    assert (difference["opt_outs"], difference["erased"]) == (2, 2)
    for name in ("carla", "guest11"):
        assert leads_named(world.deps, f"{name}@people.example.com") == []
        for address in (mailed[name], scene.told[name]):
            assert "Your data was erased" in world.client.get(address, headers=HTML).text
    # Held: nothing leaves and no clock fires, however much time passes; what comes in is taken.
    assert held(world.deps)
    assert difference["unknown"] + difference["sent"] >= 2
    scene.told["late"] = scene.ask("late")
    world.later(days=3)
    assert scene.left() == left
    assert all(r.value.escalations == 0 for name in ids for r in world.deps.store.query(Request, ids[name]))
    # A person lets go: what came in meanwhile is confirmed, and nothing goes twice.
    release(world.deps, "ada")
    world.later(minutes=1)
    now_left = scene.left()
    assert now_left[: len(left)] == left
    assert len(set(now_left)) == len(now_left)
    addressed = [mail.entry.to for mail in world.mails()[len(left) :]]
    assert addressed.count("late@people.example.com") == 1
    assert not [to for to in addressed if to.startswith(("guest", "anton", "berta", "carla", "dora"))]
    assert [promote(scene, ids[name]) for name in ("berta", "guest07", "guest03")] == [
        "suppressed",
        "suppressed",
        "sent",
    ]
    listed = (
        b"name,email\nCarla,carla@people.example.com\nGuest11,guest11@people.example.com\nNew,new@people.example.com\n"
    )
    read = read_list(listed, "cards.csv", {})
    assert not isinstance(read, Refusal)
    campaign_named(world.deps, "Spring Fair")
    assert preview_list(world.deps, read, "cards.csv", "fair").suppressed == 2
    if scene.pump is None:
        assert check_store(world.deps)["violations"] == []


def test_what_was_due_before_it_is_unknown_and_stays_so(scene: Scene) -> None:
    """Without the journal's word nobody knows whether a queued mail left."""
    status = scene.ask("anton")
    scene.back_up()
    scene.world.now += timedelta(minutes=10)
    scene.told["x"] = ""
    scene.lose()
    difference = scene.bring_back()
    assert difference["unknown"] == 2
    release(scene.world.deps, "ada")
    scene.world.later(hours=1)
    assert not [mail for mail in scene.world.mails() if mail.entry.to == "anton@people.example.com"]
    assert "Confirmation handed over" in scene.world.client.get(status, headers=HTML).text


def test_an_address_that_was_shown_while_the_store_was_down_leads_to_the_same_request(scene: Scene) -> None:
    scene.back_up()
    token, request_id = scene.world.deps.links.read("receipt", scene.ask("anton").removeprefix("/s/")) or ("", "")
    scene.world.put(Replayed(request_id, token))
    scene.world.work()
    scene.told["x"] = ""
    scene.lose()
    scene.bring_back()
    address = f"/s/{scene.world.deps.links.make('receipt', request_id)}"
    assert scene.world.client.get(address, headers={"Accept": "application/json"}).json()["state"] == "open"


def test_equal_words_sent_again_after_ten_minutes_come_back_as_submissions_of_their_own(scene: Scene) -> None:
    sent = {"name": "Anton", "email": "anton@people.example.com", "message": "Which sensor fits oil?"}
    addresses = []
    for number in range(3):
        addresses.append(scene.world.client.post("/f/contact", json=sent).json()["status_url"])
        if number == 0:
            scene.back_up()
        scene.world.later(minutes=20)
    scene.told["x"] = ""
    scene.lose()
    assert scene.bring_back()["forms"] == 2
    (lead_id,) = leads_named(scene.world.deps, "anton@people.example.com")
    found = {request.value.received_at for request in scene.world.deps.store.query(Request, lead_id)}
    told = [scene.world.client.get(a, headers={"Accept": "application/json"}).json()["received_at"] for a in addresses]
    assert len(found) == 3
    assert sorted(told) == sorted(at.isoformat() for at in found)
    if scene.pump is None:
        assert check_store(scene.world.deps)["violations"] == []


def test_seats_come_back_and_are_not_given_twice(scene: Scene) -> None:
    scene.ask("anton", "seminar")
    scene.back_up()
    scene.ask("berta", "seminar")
    scene.ask("carla", "seminar")
    scene.world.work()
    before = {r.value.lead_id: r.value.state for r in scene.world.deps.store.query(Registration, "sensors")}
    assert sorted(before.values()) == ["confirmed", "confirmed", "waiting"]
    scene.told["x"] = ""
    scene.lose()
    assert scene.bring_back()["seats"] == 2
    store = scene.world.deps.store
    assert {r.value.lead_id: r.value.state for r in store.query(Registration, "sensors")} == before
    count = store.get(SeatCount, "sensors")
    assert count
    assert (count.value.taken, len(count.value.waiting)) == (2, 1)


def test_an_objection_of_somebody_the_restore_did_not_bring_back_still_holds(scene: Scene) -> None:
    """Somebody of a list that was loaded after the backup: the list is loaded again, the objection is known."""
    world = scene.world
    scene.back_up()
    lead = Lead("FROMLIST", "Anton", emails=("anton@people.example.com",), created_at=world.now)
    world.put(lead)
    link = f"/u/{world.deps.links.make('preferences', 'FROMLIST')}"
    assert world.client.post(link).status_code == 200
    scene.told["x"] = ""
    scene.lose()
    scene.bring_back()
    release(scene.world.deps, "ada")
    assert scene.world.deps.store.get(Lead, "FROMLIST") is None
    scene.world.put(replace(lead, lead_id="AGAIN"))
    assert promote(scene, "AGAIN") is MessageState.SUPPRESSED


def test_a_store_that_came_back_by_other_means_is_adopted_held(scene: Scene) -> None:
    """As from point-in-time recovery: the table as it was, the journal as it is."""
    world = scene.world
    scene.told["anton"] = scene.ask("anton")
    world.work()
    lead_id = one(scene, "anton")
    saved = [stored.value for stored in world.deps.store.everything_of(lead_id)]
    waiting = replace(next(r for r in saved if isinstance(r, Message)), message_id="waiting",
                      state=MessageState.PENDING, due_at=world.now + timedelta(minutes=1))  # fmt: skip
    scene.ask("berta")
    world.work()
    erase_person(world.deps, one(scene, "berta"), timedelta(days=3650))
    # The table is that of before: of anton's objection it knows nothing.
    link = f"/u/{world.deps.links.make('preferences', lead_id)}"
    assert world.client.post(link).status_code == 200
    world.put(next(record for record in saved if isinstance(record, Lead)), waiting)
    left = scene.left()
    world.now += timedelta(hours=1)
    found = adopt(scene.settings, None, world.clock)
    world.later(hours=1)
    assert scene.left() == left
    assert (found.difference["opt_outs"], found.difference["unknown"]) == (1, 1)
    assert held(world.deps)
    stored = world.deps.store.get(Lead, lead_id)
    assert stored
    assert stored.value.opted_out_at
    release(world.deps, "ada")
    world.later(hours=1)
    assert leads_named(world.deps, "anton@people.example.com") == [lead_id]
