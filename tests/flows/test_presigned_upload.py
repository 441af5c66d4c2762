"""Lists that are sent to the blob store itself: the form, the file that arrives, and the pages and API around it."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.capture.limits import MAX_FILE
from chalicelib.flows.draft_upload import draft_key, has_arrived, load_draft, preview_draft, read_draft
from chalicelib.flows.presigned_upload import Announced, NoPresigned, prepare_draft, prepare_upload
from chalicelib.flows.read_list import source_key
from chalicelib.flows.sweep_clocks import sweep
from chalicelib.flows.upload_chunks import NEVER_CAME
from chalicelib.flows.upload_state import TOPIC
from chalicelib.handlers.access import csrf_token
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_imports import get_import, post_import, post_prepare
from chalicelib.handlers.on_upload import take_uploads
from chalicelib.records.api_key import ApiKey
from chalicelib.records.deliveries import Delivery
from chalicelib.records.ports import Deps, PostForm
from chalicelib.records.upload import Upload, UploadState
from chalicelib.wiring import service, use
from tests.flows.test_upload_chunks import BUCKET, arrived, finish
from tests.handlers.desk import NOW
from tests.stories.conftest import World, build_world
from tests.stories.people import EVA, EVERYBODY, FAIR

LIST = b"name,email\nJana Beispiel,jana@customer.example.com\nErika Beispiel,erika@customer.example.com\n"
KEY = ApiKey("d", "a program", ("imports:write",), NOW)


@dataclass
class Forms:
    """A store that gives forms, and notes for what."""

    given: list[tuple[str, int, str, timedelta]]

    def origin(self) -> str:
        return "https://bucket.example.com"

    def presigned_upload(self, key: str, max_bytes: int, content_type: str, expires: timedelta) -> PostForm:
        self.given.append((key, max_bytes, content_type, expires))
        return PostForm("https://bucket.example.com", {"key": key, "Content-Type": content_type})


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = build_world(tmp_path, NOW)
    made.put(*EVERYBODY)
    made.deps = replace(made.deps, presigned=Forms([]))
    use(replace(service(), deps=made.deps))
    return made


def without(world: World) -> Deps:
    deps = replace(world.deps, presigned=None)
    use(replace(service(), deps=deps))
    return deps


def request(body: bytes, content_type: str = "application/json", **cookies: str) -> Any:
    headers = {"content-type": content_type, "cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
    return SimpleNamespace(
        headers=headers, raw_body=body, context={"path": "/"}, query_params={}, method="POST", uri_params={}
    )


def told(answer: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.body)
    return body


def test_a_form_takes_one_file_of_a_lists_size_under_the_drafts_own_key(world: World) -> None:
    draft, form = prepare_draft(world.deps, "cards.csv", "Fair 2026", "", "eva")
    assert world.deps.presigned
    ((key, most, kind, lasts),) = world.deps.presigned.given  # type: ignore[attr-defined]
    assert (key, most, kind, lasts) == (draft_key(draft), MAX_FILE, form.fields["Content-Type"], timedelta(hours=1))


def test_a_file_that_was_sent_apart_is_previewed_and_loaded_as_any_other(world: World) -> None:
    draft, form = prepare_draft(world.deps, "cards.csv", FAIR.name, "", "eva")
    assert not has_arrived(world.deps, draft)
    world.deps.blobs.put(form.fields["key"], LIST)
    assert has_arrived(world.deps, draft)
    found = read_draft(world.deps, draft.draft_id, "eva")
    assert preview_draft(world.deps, found).created == 2
    load_draft(world.deps, found)
    world.work()
    stored = world.deps.store.get(Upload, draft.draft_id)
    assert stored
    assert (stored.value.state, stored.value.created) == (UploadState.FINISHED, 2)


def test_an_upload_begins_when_its_file_arrives(world: World) -> None:
    announced = prepare_upload(world.deps, "cards.csv", FAIR.campaign_id, "", {}, "a program")
    assert announced.form
    world.deps.blobs.put(announced.form.fields["key"], LIST)
    body = arrived(source_key(announced.upload.import_id))
    assert take_uploads(world.deps, [Delivery(body, "r", 1)], BUCKET) == []
    done = finish(world.deps, announced.upload)
    assert (done.state, done.created) == (UploadState.FINISHED, 2)
    assert done.digest != ""
    world.now += timedelta(days=1)
    assert sweep(world.deps).done == 0


def test_one_that_is_announced_again_gets_a_form_as_long_as_its_file_has_not_come(world: World) -> None:
    """A form for one whose file has come would let another be written over what was loaded."""

    def announce() -> Announced:
        return prepare_upload(world.deps, "cards.csv", FAIR.campaign_id, "", {}, "a program", import_id="OWN")

    first = announce()
    world.now += timedelta(minutes=5)
    assert announce() == first
    world.later(hours=2)
    late = announce()
    assert (late.upload.state, late.form) == (UploadState.FAILED, first.form)
    world.deps.blobs.put(source_key("OWN"), LIST)
    assert take_uploads(world.deps, [Delivery(arrived(source_key("OWN")), "r", 1)], BUCKET) == []
    done = finish(world.deps, first.upload)
    assert (done.state, announce()) == (UploadState.FINISHED, Announced(done, None))


def test_an_upload_whose_file_never_arrives_says_so(world: World) -> None:
    announced = prepare_upload(world.deps, "cards.csv", FAIR.campaign_id, "", {}, "a program")
    world.later(hours=2)
    stored = world.deps.store.get(Upload, announced.upload.import_id)
    assert stored
    assert (stored.value.state, stored.value.reason) == (UploadState.FAILED, NEVER_CAME)


def test_where_files_come_with_the_request_there_is_no_form(world: World) -> None:
    deps = without(world)
    with pytest.raises(NoPresigned):
        prepare_draft(deps, "cards.csv", "Fair", "", "eva")
    with pytest.raises(NoPresigned):
        prepare_upload(deps, "cards.csv", "fair", "", {}, "eva")
    with pytest.raises(Problem) as refused:
        post_import(request(b'{"file_name": "a.csv", "campaign": "Fair"}'), KEY)
    assert refused.value.status == 415


def test_the_api_announces_a_list_and_tells_how_far_it_is(world: World) -> None:
    asked = {"file_name": "cards.csv", "campaign": FAIR.name, "mapping": {"name": "name"}}
    answer = told(post_import(request(json.dumps(asked).encode()), KEY))
    assert (answer["state"], answer["campaign_id"]) == ("reading", FAIR.campaign_id)
    world.deps.blobs.put(answer["form"]["fields"]["key"], LIST)
    take_uploads(world.deps, [Delivery({"import_id": answer["import_id"]}, "r", 1)], BUCKET)
    stored = world.deps.store.get(Upload, answer["import_id"])
    assert stored
    finish(world.deps, stored.value)
    shown = told(get_import(request(b""), KEY, answer["import_id"]))
    assert (shown["state"], shown["rows"], shown["created"]) == ("finished", 2, 2)


def multipart(**parts: str) -> tuple[bytes, str]:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="cards.csv"\r\n\r\n' + LIST + b"\r\n"
    fields = "".join(f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in parts.items())
    return head + fields.encode() + b"--x--\r\n", "multipart/form-data; boundary=x"


def test_the_api_takes_a_list_with_the_request_on_every_engine(world: World) -> None:
    deps = without(world)
    body, kind = multipart(campaign="A new fair", mapping='{"name": "name"}')
    answer = told(post_import(request(body, kind), KEY))
    assert answer["campaign_id"] == "a-new-fair"
    assert [delivery.body for delivery in deps.queue.receive(TOPIC)] == [{"import_id": answer["import_id"]}]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"campaign": "Fair"}, "file_name"),
        ({"file_name": "a.csv"}, "campaign"),
        ({"file_name": "a.csv", "campaign": "Fair", "mapping": "{"}, "mapping"),
        ({"file_name": "a.csv", "campaign": "Fair", "mapping": ["name"]}, "mapping"),
        ({"file_name": "a.csv", "campaign": "Fair", "mapping": {"name": 1}}, "mapping"),
    ],
)
def test_a_bad_announcement_is_a_problem_that_names_the_field(world: World, asked: Any, field: str) -> None:
    with pytest.raises(Problem) as refused:
        post_import(request(json.dumps(asked).encode()), KEY)
    assert refused.value.status == 422
    assert [error.field for error in refused.value.errors] == [field]


def signed_in(world: World, **fields: str) -> Any:
    """A post of the console with the proof its forms carry."""
    world.sign_in("eva")
    cookies = {cookie.name: cookie.value or "" for cookie in world.client.cookies.jar}
    token = csrf_token(request(b"", **cookies))
    return request(json.dumps({"csrf": token, **fields}).encode(), **cookies)


def test_the_console_gets_a_form_for_the_chosen_file(world: World) -> None:
    answer = told(post_prepare(signed_in(world, campaign="fair", file_name="cards.csv"), EVA))
    draft_id = answer["draft"].rpartition("/")[2]
    assert answer["form"]["fields"]["key"] == f"drafts/{draft_id}/source"
    assert read_draft(world.deps, draft_id, "eva").file_name == "cards.csv"


def test_the_console_is_told_what_is_missing_and_where_there_is_no_form(world: World) -> None:
    with pytest.raises(Problem):
        post_prepare(signed_in(world, file_name="cards.csv"), EVA)
    without(world)
    with pytest.raises(Problem) as refused:
        post_prepare(signed_in(world, campaign="fair", file_name="cards.csv"), EVA)
    assert refused.value.status == 409


def test_the_page_may_send_to_the_store_and_nowhere_else(world: World) -> None:
    world.sign_in("eva")
    page = world.client.get("/app/uploads/new", headers={"Accept": "text/html"})
    (connect,) = [part for part in page.headers["content-security-policy"].split("; ") if part.startswith("connect")]
    assert connect == "connect-src https://bucket.example.com 'self'"
    assert 'data-prepare="/app/uploads/prepare"' in page.text
    without(world)
    page = world.client.get("/app/uploads/new", headers={"Accept": "text/html"})
    assert "connect-src 'self';" in page.headers["content-security-policy"]
    assert "data-prepare" not in page.text


def test_a_program_sends_a_list_over_http_and_asks_how_far_it_is(world: World) -> None:
    without(world)
    key = {"Authorization": "Bearer story-key"}
    sent = world.client.post("/v1/imports", data={"campaign": "fair"}, files={"file": ("a.csv", LIST)}, headers=key)
    assert sent.status_code == 202, sent.text
    world.work()
    shown = world.client.get(f"/v1/imports/{sent.json()['import_id']}", headers=key).json()
    assert (shown["state"], shown["created"]) == ("finished", 2)
    assert world.client.get("/v1/imports/unknown", headers=key).status_code == 404
