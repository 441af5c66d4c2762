"""Attacks on what is private (cases privacy-…)."""

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import StoreUnavailable
from tests.attacks.cases import given
from tests.doubles import Down
from tests.handlers.desk import JANA, Desk
from tests.handlers.test_uploads_pages import choose, load
from tests.stories.conftest import HTML, KEY

API = {"Authorization": f"Bearer {KEY}"}


class Broken:
    """A store that fails in a way nobody foresaw, and says more than it should."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, writes: Any) -> None:
        raise RuntimeError(f"table leadline-prod: {JANA['email']} LEAD#01ABC /work/secret.py {writes!r}")


@pytest.mark.parametrize(("path", "headers"), [("/f/contact", {}), ("/v1/leads", API)])
def test_privacy_05_an_error_tells_a_reference_and_nothing_of_the_inside(
    desk: Desk, caplog: pytest.LogCaptureFixture, path: str, headers: dict[str, str]
) -> None:
    caplog.set_level(logging.DEBUG)
    broken: Any = Broken(desk.world.deps.store)
    # And no place to keep what came in, or it would be answered 202.
    full: Any = Down(StoreUnavailable("the disk is full"))
    wiring.use(replace(wiring.service(), deps=replace(desk.world.deps, store=broken, door=full)))
    answers = [desk.world.client.post(path, json=JANA, headers=headers)]
    if path == "/f/contact":
        answers.append(desk.world.client.post(path, data=JANA, headers=HTML))
    for answer in answers:
        assert answer.status_code == 500
        reference = answer.text.partition("Reference ")[2][:26]
        assert any(reference in record.getMessage() for record in caplog.records), "the log is found by it"
        for inside in ("Traceback", "RuntimeError", "leadline-prod", "LEAD#", ".py", JANA["email"]):
            assert inside not in answer.text
    told = json.loads(answers[0].text)
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "instance"} <= told.keys()
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert JANA["email"] not in said
    assert "leadline-prod" not in said


def test_privacy_07_a_list_without_a_basis_is_mailed_to_nobody_until_one_is_recorded(desk: Desk) -> None:
    shown = desk.page("/app/uploads/new")
    assert "basis" in shown.lower(), "the upload asks for it"
    draft = choose(desk, "name,email,consent\nAnn Lee,a@example.org,\n").headers["location"]
    assert "held" in desk.page(draft)
    path = load(desk, "name,email,consent\nAnn Lee,a@example.org,\nBob Ray,b@example.org,no\n")
    desk.world.later(days=2)
    assert desk.world.mails("example.org") == []
    ids = desk.world.deps.model.messages(limit=10)
    states = {stored.value.state for pair in ids if (stored := desk.world.deps.store.get(Message, *pair))}
    assert states <= {MessageState.HELD, MessageState.SUPPRESSED}
    assert desk.post(f"{path}/basis", path, basis="consent at the stand").status_code == 303
    desk.world.later(days=1)
    assert "a@example.org" in {mail.entry.to for mail in desk.world.mails("example.org")}


@pytest.mark.parametrize("field", ["email", "phone", "name", "message"])
@pytest.mark.parametrize("unit", ["a", "a.", "a@", "(", "+1 ", " ", "http://a.", "=?", "你"])
def test_privacy_11_a_long_text_is_refused_by_its_length(desk: Desk, field: str, unit: str) -> None:
    text = given("privacy-11", "a" * 50_001, "fields", "email") if unit == "a" else unit * (50_001 // len(unit))
    for path, headers in (("/f/contact", {}), ("/v1/leads", API)):
        answer = desk.world.client.post(path, json={**JANA, field: f"{text}!"}, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field
