"""Merging on pages: found, compared, chosen field by field, done by one button and taken back by another; by whom."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.find_lead import leads_named
from chalicelib.flows.merge_people import ask_merge
from chalicelib.records.doubt import KeptApart, SamePerson, pair_of
from chalicelib.records.lead import Lead
from chalicelib.records.merge import Merge, MergeState
from chalicelib.records.rep import Rep, Role
from chalicelib.records.touch import Touch
from tests.handlers.desk import Desk, given_to, open_desk
from tests.stories.conftest import HTML

MIA = Rep("mia", "Mia Example", "mia@example.com", Role.MARKETER)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = open_desk(tmp_path, "eva", MIA)
    desk.ask(name="Jana Beispiel", email="jana@customer.example.com", phone="")
    desk.ask(name="Jana B.", email="jana@home.example.net", phone="", company="Beispiel GmbH")
    return desk


def ids(desk: Desk) -> tuple[str, str]:
    (first,), (second,) = (leads_named(desk.world.deps, mail)
                           for mail in ("jana@customer.example.com", "jana@home.example.net"))  # fmt: skip
    return first, second


def lead(desk: Desk, lead_id: str) -> Lead:
    stored = desk.world.deps.store.get(Lead, lead_id)
    assert stored
    return stored.value


def state(desk: Desk, lead_id: str) -> MergeState | None:
    stored = desk.world.deps.store.get(Merge, lead_id)
    return stored.value.state if stored else None


def test_the_other_record_is_looked_for_compared_and_merged_by_one_button(desk: Desk) -> None:
    first, second = ids(desk)
    path = f"/app/leads/{first}"
    assert f'href="{path}/merge"' in desk.get(path).text
    assert "Nobody else is found" in desk.page(f"{path}/merge?text=nobody")
    found = desk.get(f"{path}/merge?text=jana").text
    assert f"{path}/merge?with={second}" in found
    assert f"{path}/merge?with={first}" not in found, "not with itself"
    shown = desk.page(f"{path}/merge?with={second}")
    assert "Jana Beispiel Jana B. Company Beispiel AG Beispiel GmbH" in shown
    assert "E-mail jana@customer.example.com, jana@home.example.net both are kept" in shown
    assert lead(desk, first).merged_ids == (), "looking changes nothing"
    sent = {"with": second, "keep": first, "company": second, "name": first}
    done = desk.post(f"{path}/merge", f"{path}/merge?with={second}", **sent)
    assert done.headers["location"] == f"{path}?done=merge&merge={second}"
    waits = desk.get(done.headers["location"])
    assert ("in a moment all of both is here" in waits.text, waits.headers["refresh"]) == (True, "2")
    desk.world.work()
    after = desk.get(done.headers["location"])
    assert "refresh" not in after.headers
    assert "They are one person now" in after.text
    assert (lead(desk, first).full_name, lead(desk, first).company) == ("Jana Beispiel", "Beispiel GmbH")
    page = desk.page(path)
    assert "Merged from Jana B. jana@home.example.net 2 March 2026 · Eva Example Two people after all" in page
    assert "Other company" in page or "other company" in page


def test_the_undo_is_beside_what_it_undoes_and_can_be_taken_back(desk: Desk) -> None:
    first, second = ids(desk)
    path = f"/app/leads/{first}"
    desk.post(f"{path}/merge", f"{path}/merge?with={second}", **{"with": second})
    desk.world.work()
    parted = desk.post(f"{path}/part", path, gone=second)
    assert "in a moment each is as before" in desk.page(parted.headers["location"])
    busy = desk.post(f"{path}/part", path, gone=second).headers["location"]
    assert "somebody else is at it" in desk.page(busy)
    desk.world.work()
    page = desk.page(parted.headers["location"])
    assert "They are two people again, each as before. Make them one again" in page
    assert desk.get(f"/app/leads/{second}").status_code == 200
    desk.post(f"{path}/part", path, gone=second, back="1")
    desk.world.work()
    assert state(desk, second) is MergeState.MERGED


def test_an_undo_before_anybody_began_leaves_everything_as_it_was(desk: Desk) -> None:
    first, second = ids(desk)
    path = f"/app/leads/{first}"
    desk.post(f"{path}/merge", f"{path}/merge?with={second}", **{"with": second})
    done = desk.post(f"{path}/part", path, gone=second).headers["location"]
    assert "before anything was changed" in desk.page(done)
    desk.world.work()
    assert lead(desk, second).full_name == "Jana B."
    assert lead(desk, first).merged_ids == ()
    assert desk.post(f"{path}/part", path, gone=second, back="1").status_code == 404, "there is nothing to take back"


def test_what_was_not_as_before_is_listed_after_the_parting(desk: Desk) -> None:
    first, second = ids(desk)
    path = f"/app/leads/{first}"
    ask_merge(desk.world.deps, first, second, "eva")
    desk.world.work()
    desk.world.later(minutes=11)
    desk.ask(name="Jana B.", email="jana@home.example.net", phone="", message="And one more question about sensors.")
    done = desk.post(f"{path}/part", path, gone=second).headers["location"]
    desk.world.work()
    assert "Form: came since the merge, and stays with the record that stayed" in desk.page(done)


def test_whichever_of_the_two_can_stay(desk: Desk) -> None:
    first, second = ids(desk)
    path = f"/app/leads/{first}"
    assert f"keep={second}" in desk.get(f"{path}/merge?with={second}").text
    shown = desk.get(f"{path}/merge?with={second}&keep={second}").text
    assert f'name="keep" value="{second}"' in shown
    desk.post(f"{path}/merge", path, **{"with": second, "keep": second})
    desk.world.work()
    assert lead(desk, second).merged_ids == (first,)
    assert desk.get(path).headers["location"] == f"/app/leads/{second}"


def test_a_doubt_is_merged_on_the_review_page_and_taken_back_there(desk: Desk) -> None:
    desk.ask(name="Anna Weber", email="anna@nord.example.com", phone="+49 30 23125010", company="Nord AG")
    desk.ask(name="Lukas Weber", email="lukas@nord.example.com", phone="+49 30 23125010", company="Nord AG")
    (doubt,) = desk.world.deps.store.query(SamePerson)
    pair_id = doubt.value.pair_id
    page = desk.page("/app/review")
    assert "Same person: merge" in page
    assert "What becomes of the two if they are merged" in page
    done = desk.post(f"/app/review/{pair_id}/merge", "/app/review").headers["location"]
    assert "The two are being made one" in desk.page(done)
    assert "Nothing to decide." in desk.page(done)
    desk.world.work()
    assert "They are one person now" in desk.page(done)
    again = desk.post(f"/app/review/{pair_id}/merge", "/app/review")
    assert again.status_code == 404
    gone = done.rpartition("merge=")[2]
    stays = pair_id.replace(gone, "").strip("-")
    back = desk.post(f"/app/leads/{stays}/part", "/app/review", gone=gone, shown_on="review").headers["location"]
    assert back.startswith("/app/review?said=parted")
    desk.world.work()
    assert desk.world.deps.store.query(SamePerson)[0].value == doubt.value
    assert "Same person: merge" in desk.page(back)


def test_a_doubt_somebody_else_has_decided_says_so(desk: Desk) -> None:
    first, second = ids(desk)
    pair = pair_of(first, second)
    now = desk.world.now
    desk.world.put(KeptApart(pair.pair_id, pair.first_id, pair.second_id, (), now, "eva"))
    done = desk.post(f"/app/review/{pair.pair_id}/merge", "/app/review")
    assert done.headers["location"] == "/app/review?said=decided"
    shown = desk.page(f"/app/leads/{first}/merge?with={second}")
    assert "Eva Example decided on 2 March 2026 that these are two people" in shown


def test_two_at_once_are_told(desk: Desk) -> None:
    first, second = ids(desk)
    path = f"/app/leads/{first}"
    desk.post(f"{path}/merge", path, **{"with": second})
    busy = desk.post(f"{path}/merge", path, **{"with": second, "keep": second}).headers["location"]
    assert busy == f"{path}/merge?with={second}&said=busy"
    assert "being merged or parted this moment" in desk.page(busy)


@pytest.mark.parametrize("text", ["%00", "a" * 500, "<script>alert(1)</script>", "../..", "LEAD%23x"])
def test_what_makes_no_sense_finds_nobody(desk: Desk, text: str) -> None:
    first, _ = ids(desk)
    answer = desk.get(f"/app/leads/{first}/merge?text={text}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert desk.get(f"/app/leads/{first}/merge?with={text}").status_code == 404
    assert desk.post(f"/app/leads/{first}/part", f"/app/leads/{first}", gone=text).status_code == 404


def test_nobody_is_merged_with_oneself(desk: Desk) -> None:
    first, _ = ids(desk)
    assert desk.get(f"/app/leads/{first}/merge?with={first}").status_code == 404
    assert desk.post(f"/app/leads/{first}/merge", f"/app/leads/{first}", **{"with": first}).status_code == 404


def ways_in(desk: Desk, first: str, second: str) -> list[Any]:
    path = f"/app/leads/{first}"
    return [
        desk.get(f"{path}/merge?with={second}"),
        desk.post(f"{path}/merge", "/app", **{"with": second}),
        desk.post(f"{path}/part", "/app", gone=second),
    ]


def test_a_rep_merges_the_own_two_and_neither_anothers_nor_one_of_the_pool(desk: Desk) -> None:
    first, second = ids(desk)
    given_to(desk, f"/app/leads/{first}", "anna")
    given_to(desk, f"/app/leads/{second}", "ben")
    desk.world.sign_in("anna")
    assert [a.status_code for a in ways_in(desk, first, second)] == [404, 404, 404], "not told that there is one"
    given_to(desk, f"/app/leads/{second}", "eva")
    assert [a.status_code for a in ways_in(desk, first, second)] == [403, 403, 404], "seen, and not the own"
    given_to(desk, f"/app/leads/{second}", "anna")
    assert desk.post(f"/app/leads/{first}/merge", "/app", **{"with": second}).status_code == 303
    desk.world.work()
    assert lead(desk, first).merged_ids == (second,)
    given_to(desk, f"/app/leads/{first}", "eva")
    assert ways_in(desk, first, second)[2].status_code == 403


def test_a_marketer_merges_any_two(desk: Desk) -> None:
    first, second = ids(desk)
    given_to(desk, f"/app/leads/{first}", "anna")
    given_to(desk, f"/app/leads/{second}", "ben")
    desk.world.sign_in("mia")
    assert ways_in(desk, first, second)[1].status_code == 303


def test_a_search_finds_those_alone_whom_the_rep_may_see(desk: Desk) -> None:
    first, second = ids(desk)
    given_to(desk, f"/app/leads/{first}", "anna")
    given_to(desk, f"/app/leads/{second}", "ben")
    desk.world.sign_in("anna")
    assert "home.example.net" not in desk.get(f"/app/leads/{first}/merge?text=jana").text


def test_the_file_of_leads_and_the_mail_page_know_the_one(desk: Desk) -> None:
    first, second = ids(desk)
    ask_merge(desk.world.deps, first, second, "eva")
    desk.world.later(minutes=2)
    rows = desk.world.client.get("/app/leads.csv").text
    assert (first in rows, second in rows) == (True, False)
    page = desk.page(f"/app/leads/{first}")
    assert page.count("Confirmation") >= 2, "the mail of both is on the timeline"
    assert len(desk.world.deps.store.query(Touch, first)) == 2


def test_names_are_shown_as_they_were_typed(desk: Desk) -> None:
    first, second = ids(desk)
    desk.world.put(replace(lead(desk, second), full_name="<b>Jana</b>"))
    answer = desk.world.client.get(f"/app/leads/{first}/merge?with={second}", headers=HTML).text
    assert "<b>Jana</b>" not in answer
    assert "&lt;b&gt;Jana&lt;/b&gt;" in answer
