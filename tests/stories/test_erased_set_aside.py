"""Who was erased is in no submission that was set aside, neither then nor after a restore from a backup made before:
whatever became of the submission in between.

Told in this process: everybody's data is lost in it."""

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.flows.check_store import check_store
from chalicelib.flows.decide_kept import drop_kept, let_in, list_kept, show_kept
from chalicelib.flows.erase_person import ask_erasure, erase_person
from chalicelib.flows.erase_sender import erase_sender
from chalicelib.flows.find_lead import leads_named
from chalicelib.flows.hold_service import release
from chalicelib.flows.keep_post import unpacked
from chalicelib.records.journal import Noted
from chalicelib.records.kept import Kept, KeptState
from chalicelib.records.ports import NotFound
from chalicelib.records.search import KeptQuery
from chalicelib.wiring import service
from tests.contracts.places import PLACES
from tests.stories.conftest import HTML
from tests.stories.people import ADA, EVERYBODY
from tests.stories.test_o6_restore import Scene, scene_on

YEARS = timedelta(days=3650)
GONE = (410, "Not stored any more")
LINKS = "http://a.example http://b.example http://c.example"


@pytest.fixture(params=["embedded", *PLACES])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    with scene_on(request.param, tmp_path) as made:
        made.world.put(*EVERYBODY, ADA)
        yield made


def address(name: str) -> str:
    return f"{name}@people.example.com"


def set_aside(scene: Scene, name: str) -> str:
    """A post that looks like spam; the id it is kept under."""
    sent = {"name": name.title(), "email": address(name), "message": LINKS}
    answer = scene.world.client.post("/f/contact", json=sent)
    assert answer.status_code == 201
    scene.told[name] = str(answer.json()["status_url"]).removeprefix(scene.settings.public_url)
    return str(answer.json()["request_id"])


def told(scene: Scene, name: str) -> tuple[int, str]:
    """What the address says that was shown after posting."""
    answer = scene.world.client.get(scene.told[name], headers={"Accept": "application/json"})
    return answer.status_code, answer.json().get("state", answer.json().get("title"))


def unreadable(scene: Scene, name: str) -> None:
    text = f'{{"email": "{address(name)}", "phone": '
    headers = {"Content-Type": "application/json", "Referer": f"https://a.example/?who={name}%40people.example.com"}
    assert scene.world.client.post("/f/contact", content=text.encode(), headers=headers).status_code == 400


def waiting(scene: Scene) -> list[str]:
    """What is still there of submissions set aside, as it was sent."""
    scene.world.work()
    kept, _ = list_kept(scene.world.deps, KeptQuery())
    shown = [show_kept(scene.world.deps, one.kept_id) for one in kept]
    return [one.fields.get("email") or one.text for one in shown]


def erase(scene: Scene, name: str) -> int:
    (lead_id,) = leads_named(scene.world.deps, address(name))
    return erase_person(scene.world.deps, lead_id, YEARS).set_aside


def all_that_is_there(scene: Scene) -> str:
    """Records, files, and what can be read of the journal."""
    deps = scene.world.deps
    parts = [row.body.decode() for row in service().table.rows()]
    for key in deps.blobs.list(""):
        body = deps.blobs.get(key) or b""
        parts.append((unpacked(body).body if key.startswith("kept/") else body).decode("utf-8", "replace"))
    return "\n".join([*parts, *map(repr, deps.journal.read(frozenset(Noted)))]).lower()


def test_privacy_01_a_restore_brings_nothing_back_of_what_was_set_aside_of_the_erased(scene: Scene) -> None:
    world = scene.world
    # Of each something is set aside when the backup is made.
    scene.ask("anton")
    ids = {name: set_aside(scene, name) for name in ("anton", "berta", "dora", "fritz", "emil", "gustav")}
    unreadable(scene, "anton")
    unreadable(scene, "carla")
    assert len(waiting(scene)) == 8
    scene.back_up()
    saved = gzip.decompress(next((scene.folder / "backups").rglob("records.gz")).read_bytes())
    assert not [name for name in ids if address(name).encode() in saved]

    # One is known, one comes to be known, one is dropped, one let in; of one there is nothing else.
    scene.ask("berta")
    scene.ask("carla")
    (dropped,) = [one.kept_id for one in list_kept(world.deps, KeptQuery())[0] if "carla" in
                  show_kept(world.deps, one.kept_id).text]  # fmt: skip
    drop_kept(world.deps, dropped, "eva")
    for name in ("dora", "gustav"):
        let_in(world.deps, ids[name], "eva")
    world.work()
    (asked,) = leads_named(world.deps, address("anton"))
    ask_erasure(world.deps, asked, YEARS)
    world.later(minutes=1)
    assert sorted(waiting(scene)) == [address("berta"), address("emil"), address("fritz")]
    assert [erase(scene, name) for name in ("berta", "carla", "dora")] == [1, 0, 0]
    assert erase_sender(world.deps, address("fritz"), YEARS).set_aside == 1
    with pytest.raises(NotFound):
        erase_sender(world.deps, address("fritz"), YEARS)
    assert waiting(scene) == [address("emil")]
    assert told(scene, "fritz") == told(scene, "berta") == GONE
    assert (told(scene, "dora"), told(scene, "emil")) == ((200, "erased"), (200, "received"))
    # What somebody sends who was erased before is new.
    world.later(minutes=20)
    set_aside(scene, "anton")
    drop_kept(world.deps, set_aside(scene, "hanna"), "eva")
    assert sorted(waiting(scene)) == [address("anton"), address("emil")]
    left = scene.left()

    scene.lose()
    difference = scene.bring_back()
    assert (difference["kept"], difference["dropped"]) == (1, 6)
    assert sorted(waiting(scene)) == [address("anton"), address("emil")]
    deps = scene.world.deps
    assert len(deps.blobs.list("kept/")) == 2
    if scene.pump is None:
        assert check_store(deps)["violations"] == []
    # Who was let in is, once, and is not mailed again.
    assert len(leads_named(deps, address("gustav"))) == 1
    release(deps, "ada")
    scene.world.later(minutes=1)
    assert scene.left() == left
    drop_kept(deps, next(one.kept_id for one in list_kept(deps, KeptQuery())[0] if one.kept_id != ids["emil"]), "eva")
    scene.world.work()
    left = all_that_is_there(scene)
    assert address("emil") in left
    assert [name for name in ("anton", "berta", "carla", "dora", "fritz") if address(name) in left] == []
    again = deps.store.get(Kept, ids["berta"])
    assert again
    # The address says no more and no less than before.
    assert told(scene, "fritz") == told(scene, "berta") == GONE
    assert (told(scene, "dora"), told(scene, "gustav")) == ((200, "erased"), (200, "open"))
    assert told(scene, "emil") == told(scene, "anton") == (200, "received")
    assert "please write to us again" in scene.world.client.get(scene.told["fritz"], headers=HTML).text
    assert scene.world.client.get(f"{scene.told['fritz']}x").status_code == 404
    assert (again.value.state, again.value.reasons) == (KeptState.DROPPED, ("more links than a question needs",))
