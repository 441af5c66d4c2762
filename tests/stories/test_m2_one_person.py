"""M-2: the same person is there twice. The two become one, everything of both is found there, the old id leads on; and
it can be taken back, exactly, and that again."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.erase_person import ask_erasure, erase_person
from chalicelib.flows.find_lead import leads_named
from chalicelib.flows.follow_merges import surviving
from chalicelib.flows.merge_people import TWICE, Busy, ask_again, ask_merge, ask_part, work_on_merge
from chalicelib.flows.review_doubts import keep_apart, list_doubts
from chalicelib.flows.undo_upload import MERGED
from chalicelib.flows.unmerge_people import CAME_SINCE, CHANGED, GOES_AS_IT_IS
from chalicelib.flows.work_lead import change_status, close_deal, open_deal, opt_out, write_note
from chalicelib.records.audit import Audit
from chalicelib.records.doubt import KeptApart, SamePerson
from chalicelib.records.erasure import Erasure
from chalicelib.records.lead import Lead, LeadStatus, Note
from chalicelib.records.merge import Merge, MergeState
from chalicelib.records.message import Message, MessageState
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import NotFound, Ref
from chalicelib.records.receipt import MatchKey
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import WAITING_STATES, Request, Touch
from tests.faults.finished import every_record
from tests.stories import test_m3_undo
from tests.stories.conftest import HTML, KEY, World, cli
from tests.stories.people import ADA, ANNA, BEN, EVERYBODY, FAIR
from tests.stories.story import JSON
from tests.told import receipt_of

JANA = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "phone": "+49 30 123456",
        "message": "Please send us a quotation for twelve sensors."}  # fmt: skip
HOME = {"name": "Jana B.", "email": "jana@home.example.net", "company": "Beispiel AG",
        "message": "It is me again, from home, about the sensors."}  # fmt: skip


@pytest.fixture
def house(world: World) -> World:
    world.put(*EVERYBODY, ADA)
    return world


def state(house: World) -> str:
    return test_m3_undo.state(house.deps)


def came(house: World, **sent: str) -> str:
    """A visitor sends the form; who it became."""
    answer = house.client.post("/f/contact", data=sent, headers=HTML)
    assert answer.status_code == 303, answer.text
    house.work()
    return house.lead_id(answer)


def two(house: World) -> tuple[str, str]:
    """Jana from work, known longer, and Jana from home; nothing waits to be sent."""
    first, second = came(house, **JANA), came(house, **HOME)
    assert first != second
    house.later(minutes=10)
    return first, second


def lead(house: World, lead_id: str) -> Lead:
    stored = house.deps.store.get(Lead, lead_id)
    assert stored, lead_id
    return stored.value


def merged(house: World, stays: str, goes: str, *chosen: str) -> Merge:
    ask_merge(house.deps, stays, goes, "eva", chosen)
    return settled(house, goes, MergeState.MERGED)


def settled(house: World, goes: str, wanted: MergeState) -> Merge:
    house.work()
    stored = house.deps.store.get(Merge, goes)
    assert stored
    assert stored.value.state is wanted
    return stored.value


def parted(house: World, goes: str) -> Merge:
    ask_part(house.deps, goes, "eva")
    return settled(house, goes, MergeState.PARTED)


def below(house: World, lead_id: str, kind: type[Any]) -> list[Any]:
    return [stored.value for stored in house.deps.store.query(kind, lead_id)]


def test_all_of_both_is_with_one_and_nothing_is_lost(house: World) -> None:
    first, second = two(house)
    write_note(house.deps, second, "note", "likes blue", ANNA)
    deal = open_deal(house.deps, second, "Sensors", Money(120_000, "EUR"), None, "eva")
    opt_out(house.deps, second)
    house.later(minutes=10)
    merged(house, first, second)
    assert house.deps.store.get(Lead, second) is None
    one = lead(house, first)
    assert one.emails == (JANA["email"], HOME["email"])
    assert (one.company, one.touch_count, one.status) == ("Beispiel AG", 2, LeadStatus.QUALIFIED)
    assert (one.full_name, one.extra["other name"]) == ("Jana Beispiel", "Jana B.")
    assert one.opted_out_at, "the stricter of the two"
    assert one.merged_ids == (second,)
    assert [t.message for t in below(house, first, Touch)] == [JANA["message"], HOME["message"]]
    assert [n.text for n in below(house, first, Note) if n.author_id == "anna"] == ["likes blue"]
    (moved,) = below(house, first, Opportunity)
    assert (moved.opportunity_id, moved.owner_id) == (deal.opportunity_id, one.owner_id)
    assert {r.owner_id for r in below(house, first, Request)} == {one.owner_id}
    assert [row.lead_id for row in house.deps.model.leads(LeadQuery(text="home.example.net")).rows] == [first]
    assert {lead_id for lead_id, _ in house.deps.model.requests()} == {first}


def test_the_owner_stays_and_has_what_is_open_of_the_other(house: World) -> None:
    first, second = two(house)
    for lead_id, rep in ((first, ANNA), (second, BEN)):
        stored = house.deps.store.get(Lead, lead_id)
        assert stored
        assert stored.value.assignment
        owned = replace(stored.value, assignment=replace(stored.value.assignment, owner_id=rep.rep_id))
        house.put(owned, *(replace(r, owner_id=rep.rep_id) for r in below(house, lead_id, Request)))
    before = state(house)
    merged(house, first, second)
    assert lead(house, first).owner_id == "anna"
    theirs = next(r for r in below(house, first, Request) if r.state in WAITING_STATES and len(r.history) > 1)
    assert (theirs.owner_id, theirs.history[-1][1]) == ("anna", "anna")
    parted(house, second)
    assert state(house) == before


def test_the_state_before_comes_back_exactly_and_the_parting_can_be_taken_back(house: World) -> None:
    first, second = two(house)
    write_note(house.deps, second, "call", "reached", BEN)
    house.later(minutes=10)
    before = state(house)
    merged(house, first, second, "name")
    after = state(house)
    assert before != after
    assert lead(house, first).full_name == "Jana B."
    assert parted(house, second).stays == ()
    assert state(house) == before
    ask_again(house.deps, second)
    settled(house, second, MergeState.MERGED)
    assert state(house) == after
    parted(house, second)
    assert state(house) == before


def test_somebody_with_much_is_carried_over_in_steps_that_may_be_cut_off_anywhere(house: World) -> None:
    first, second = two(house)
    notes = [Note(f"N{n:04d}", second, "ben", "note", f"note {n}", house.now) for n in range(130)]
    for start in range(0, 130, 90):
        house.put(*notes[start : start + 90])
    before = state(house)
    ask_merge(house.deps, first, second, "eva")
    until_cut_off_no_more(house, second)
    assert house.deps.store.get(Lead, second) is None
    house.work()
    assert len(below(house, first, Note)) == 130
    assert not [s for s in house.deps.store.everything_of(second) if isinstance(s.value, Note)]
    assert lead(house, first).touch_count == len(below(house, first, Touch))
    after = state(house)
    ask_part(house.deps, second, "eva")
    until_cut_off_no_more(house, second)
    house.work()
    assert state(house) == before
    ask_again(house.deps, second)
    house.work()
    assert state(house) == after


class Died(BaseException):
    pass


def until_cut_off_no_more(house: World, goes: str) -> None:
    """Each commit is the last of a process."""
    commit = house.deps.store.commit

    class Dies:
        def __getattr__(self, name: str) -> Any:
            return getattr(house.deps.store, name)

        def commit(self, writes: Any) -> None:
            commit(writes)
            raise Died

    for _ in range(20):
        try:
            work_on_merge(replace(house.deps, store=Dies()), Ref(Merge, (goes,)))  # type: ignore[arg-type]
        except Died:
            continue
        return
    raise AssertionError("never came to its end")


def test_what_was_done_since_stays_and_is_listed_with_the_reason(house: World) -> None:
    first, second = two(house)
    deal = open_deal(house.deps, second, "Sensors", Money(120_000, "EUR"), None, "eva")
    house.later(minutes=10)
    merged(house, first, second)
    close_deal(house.deps, first, deal.opportunity_id, OpportunityStage.WON)
    change_status(house.deps, first, LeadStatus.REJECTED, "no budget", "eva")
    opt_out(house.deps, first)
    house.later(minutes=10)
    assert came(house, **{**HOME, "message": "And one more question about the sensors."}) == first
    stays = parted(house, second).stays
    assert {("status", CHANGED), ("form", CAME_SINCE), ("Opportunity", GOES_AS_IT_IS)} <= set(stays)
    one, other = lead(house, first), lead(house, second)
    assert one.status is LeadStatus.REJECTED
    assert [d.stage for d in below(house, second, Opportunity)] == [OpportunityStage.WON]
    assert one.opted_out_at, "an objection holds for whichever it was"
    assert other.opted_out_at
    assert (one.emails, other.emails) == ((JANA["email"],), (HOME["email"],))
    assert len(below(house, first, Touch)) == one.touch_count == 2
    assert len(below(house, second, Touch)) == other.touch_count == 1


def test_a_form_of_either_finds_the_one_and_each_its_own_again_after_the_parting(house: World) -> None:
    first, second = two(house)
    merged(house, first, second)
    house.later(minutes=11)
    again = {"message": "One more question about your sensors."}
    assert came(house, **(HOME | again)) == first
    assert came(house, **(JANA | again)) == first
    parted(house, second)
    house.later(minutes=11)
    assert came(house, **(HOME | again)) == second
    assert came(house, **(JANA | again)) == first
    assert leads_named(house.deps, second) == [second]


def test_old_ids_lead_to_the_surviving_record(house: World) -> None:
    path = str(house.client.post("/f/contact", data=HOME, headers=HTML).headers["location"])
    house.work()
    second, first = receipt_of(house.deps, path).lead_id, came(house, **JANA)  # type: ignore[union-attr]
    house.later(minutes=10)
    status = house.client.get(path, headers=JSON).json()
    unsubscribe = f"/u/{house.deps.links.make('preferences', second)}"
    merged(house, first, second)
    assert house.client.get(path, headers=JSON).json()["confirmed_at"] == status["confirmed_at"]
    house.client.post(unsubscribe)
    assert lead(house, first).opted_out_at
    house.sign_in("eva")
    shown = house.client.get(f"/app/leads/{second}?offset=0", headers=HTML)
    assert (shown.status_code, shown.headers["location"]) == (303, f"/app/leads/{first}?offset=0")
    token = house.csrf(f"/app/leads/{first}")
    noted = house.client.post(
        f"/app/leads/{second}/note", data={"csrf": token, "kind": "note", "text": "by the old id"}
    )
    assert (noted.status_code, noted.headers["location"].partition("?")[0]) == (303, f"/app/leads/{first}")
    body = {"lead_id": second, "name": "Sensors", "amount": "10", "currency": "EUR"}
    made = house.client.post("/v1/opportunities", json=body, headers={"Authorization": f"Bearer {KEY}"})
    assert made.status_code == 201, made.text
    deal = f"/v1/opportunities/{second}/{made.json()['opportunity_id']}"
    won = house.client.patch(deal, json={"stage": "won"}, headers={"Authorization": f"Bearer {KEY}"})
    assert won.json()["stage"] == "won"
    assert leads_named(house.deps, second) == [first]
    parted(house, second)
    assert house.client.get(path, headers=JSON).json()["state"] == status["state"]
    assert house.client.get(f"/app/leads/{second}", headers=HTML).status_code == 200


def test_who_may_not_see_the_surviving_record_is_not_told_that_it_is_one(house: World) -> None:
    first, second = two(house)
    for lead_id, rep in ((first, "anna"), (second, "ben")):
        stored = house.deps.store.get(Lead, lead_id)
        assert stored
        assert stored.value.assignment
        house.put(replace(stored.value, assignment=replace(stored.value.assignment, owner_id=rep)))
    merged(house, first, second)
    house.sign_in("ben")
    unknown = house.client.get("/app/leads/01NOBODY", headers=HTML)
    known = house.client.get(f"/app/leads/{second}", headers=HTML)
    assert (known.status_code, unknown.status_code) == (404, 404)
    house.sign_in("anna")
    assert house.client.get(f"/app/leads/{second}", headers=HTML).status_code == 303


def test_a_link_given_out_while_they_were_one_leads_to_whose_it_is_again(house: World) -> None:
    first, second = two(house)
    merged(house, first, second)
    request = next(r for r in below(house, first, Request) if r.confirmation_id or r.request_id)
    theirs = next(r for r in below(house, first, Request) if r.touch_id in {
        t.touch_id for t in below(house, first, Touch) if t.message == HOME["message"]})  # fmt: skip
    path = f"/s/{house.deps.links.status(first, theirs.request_id)}"
    assert request
    assert house.client.get(path, headers=JSON).status_code == 200
    parted(house, second)
    assert house.client.get(path, headers=JSON).status_code == 200


def test_a_chain_of_merges_leads_to_its_end_and_is_taken_back_from_there(house: World) -> None:
    first, second = two(house)
    third = came(house, name="Jana Beispiel-Neu", email="jana@club.example.org", message="Hello from the club.")
    house.later(minutes=10)
    before = state(house)
    merged(house, second, third)
    between = state(house)
    merged(house, first, second)
    assert surviving(house.deps, third) == first
    one = lead(house, first)
    assert set(one.merged_ids) == {second, third}
    assert (one.touch_count, len(below(house, first, Touch))) == (3, 3)
    with pytest.raises(Busy):
        ask_part(house.deps, third, "eva")
    parted(house, second)
    assert state(house) == between
    parted(house, third)
    assert state(house) == before


def test_two_into_one_are_parted_in_any_order(house: World) -> None:
    first, second = two(house)
    third = came(house, name="Jana Beispiel-Neu", email="jana@club.example.org", message="Hello from the club.")
    house.later(minutes=10)
    people = [lead(house, lead_id).emails for lead_id in (first, second, third)]
    merged(house, first, second)
    merged(house, first, third)
    parted(house, second)
    assert set(lead(house, first).emails) == {JANA["email"], "jana@club.example.org"}
    parted(house, third)
    assert [lead(house, lead_id).emails for lead_id in (first, second, third)] == people
    assert [len(below(house, lead_id, Touch)) for lead_id in (first, second, third)] == [1, 1, 1]


def test_two_who_merge_the_same_pair_at_once_merge_it_once(house: World) -> None:
    first, second = two(house)
    ask_merge(house.deps, first, second, "eva")
    with pytest.raises(Busy):
        ask_merge(house.deps, second, first, "ada")
    with pytest.raises(Busy):
        ask_merge(house.deps, first, second, "ada")
    settled(house, second, MergeState.MERGED)
    with pytest.raises(NotFound):
        ask_merge(house.deps, first, second, "ada")
    with pytest.raises(ValueError, match="same"):
        ask_merge(house.deps, first, first, "ada")


def test_both_ways_asked_at_the_same_moment_is_one_merge(house: World) -> None:
    first, second = two(house)
    asked = ask_merge(house.deps, first, second, "eva")
    house.put(replace(asked, lead_id=first, into=second))
    house.work()
    leads = [lead_id for lead_id in (first, second) if house.deps.store.get(Lead, lead_id)]
    assert len(leads) == 1
    assert lead(house, leads[0]).touch_count == len(below(house, leads[0], Touch)) == 2


def test_what_somebody_was_writing_at_that_moment_is_found_a_minute_later(house: World) -> None:
    first, second = two(house)
    merged(house, first, second)
    house.put(Note("LATE", second, "ben", "note", "written at the same moment", house.now))
    house.later(minutes=1, seconds=1)
    assert [n.text for n in below(house, first, Note)] == ["written at the same moment"]
    assert house.deps.store.get(Merge, second).value.work_at is None  # type: ignore[union-attr]


def test_a_form_that_comes_in_between_is_merged_with_the_rest(house: World) -> None:
    first, second = two(house)
    commit = house.deps.store.commit
    sent: list[str] = []

    class Late:
        def __getattr__(self, name: str) -> Any:
            return getattr(house.deps.store, name)

        def commit(self, writes: Any) -> None:
            if not sent:
                sent.append(house.client.post(
                    "/f/contact", data={**HOME, "message": "In between, about the sensors."}, headers=HTML
                ).headers["location"])  # fmt: skip
            commit(writes)

    asked = ask_merge(house.deps, first, second, "eva")
    work_on_merge(replace(house.deps, store=Late()), Ref(Merge, (asked.lead_id,)))  # type: ignore[arg-type]
    house.work()
    assert house.deps.store.get(Lead, second) is None
    assert lead(house, first).touch_count == len(below(house, first, Touch)) == 3
    assert house.client.get(sent[0], headers=JSON).status_code == 200


def test_who_is_erased_is_erased_with_all_that_became_part_of_them(house: World) -> None:
    first, second = two(house)
    merged(house, first, second)
    house.later(minutes=2)
    erase_person(house.deps, second, timedelta(days=9))
    house.work()
    for lead_id in (first, second):
        assert house.deps.store.refs_of(lead_id) == []
        assert house.deps.store.get(Erasure, lead_id)
    assert not [key for key in every_record(house.deps.store) if isinstance(key, MatchKey)]
    assert not house.mails()
    assert HOME["email"] not in json.dumps([repr(r) for r in every_record(house.deps.store)])


def test_an_erasure_asked_by_the_old_id_is_carried_out(house: World) -> None:
    first, second = two(house)
    ask_erasure(house.deps, second, timedelta(days=9))
    ask_merge(house.deps, first, second, "eva")
    work_on_merge(house.deps, Ref(Merge, (second,)))
    house.later(minutes=2)
    assert house.deps.store.get(Lead, first) is None
    assert house.deps.store.get(Lead, second) is None


def test_of_somebody_erased_meanwhile_nothing_is_merged(house: World) -> None:
    first, second = two(house)
    ask_merge(house.deps, first, second, "eva")
    erase_person(house.deps, first, timedelta(days=9))
    house.work()
    assert lead(house, second).emails == (HOME["email"],)
    assert house.deps.store.get(Merge, second) is None


def test_promotion_that_would_come_twice_is_kept_back_and_comes_again_after_the_parting(house: World) -> None:
    rows = "name,email\nJana Beispiel,jana@customer.example.com\nIda Klein,jana@home.example.net\n"
    import_id = test_m3_undo.load(house, rows, FAIR.campaign_id, basis="")
    first, second = (test_m3_undo.person(house, sent["email"]).lead_id for sent in (JANA, HOME))
    before = state(house)
    merged(house, first, second)
    (kept,) = below(house, second, Message)
    assert (kept.state, kept.reason) == (MessageState.SUPPRESSED, TWICE)
    assert len(below(house, first, Touch)) == 2, "both were on the list"
    taken = test_m3_undo.undo(house, import_id)
    assert (taken.taken_back, taken.kept_back) == (0, 2)
    parted(house, second)
    assert state(house) == before
    assert dict(test_m3_undo.kept_people(house.deps, import_id))[second] == MERGED


def test_an_import_is_taken_back_exactly_of_who_was_merged_and_parted_since(house: World) -> None:
    test_m3_undo.load(house, "name,email\nJana Beispiel,jana@customer.example.com\n", FAIR.campaign_id)
    second = came(house, **HOME)
    first = test_m3_undo.person(house, JANA["email"]).lead_id
    house.put(replace(FAIR, campaign_id="second", name="Second Fair"))
    house.later(minutes=10)
    before = state(house)
    rows = f"name,email,company\nJana Beispiel,{JANA['email']},Beispiel AG\nJana B.,{HOME['email']},Beispiel GmbH\n"
    import_id = test_m3_undo.load(house, rows, "second", basis="")
    merged(house, first, second)
    parted(house, second)
    taken = test_m3_undo.undo(house, import_id)
    assert (taken.taken_back, taken.kept_back) == (2, 0)
    assert state(house) == before


def test_doubts_about_a_merged_person_are_about_the_surviving_one(house: World) -> None:
    first, second = two(house)
    third = came(house, name="Other Person", email="other@club.example.org", message="Hello from the club.")
    now = house.now
    for one, other in ((first, second), (second, third)):
        one, other = sorted((one, other))
        house.put(SamePerson(f"{one}-{other}", one, other, 1.0, ("same phone +14",), now, now))
    before = state(house)
    merged(house, first, second)
    (row,) = list_doubts(house.deps)[0]
    assert {person.lead_id for person in row.people} == {first, third}
    keep_apart(house.deps, row.doubt.pair_id, "eva")
    assert list_doubts(house.deps)[0] == []
    parted(house, second)
    (row,) = list_doubts(house.deps)[0]
    assert {person.lead_id for person in row.people} == {first, second}
    assert before


def test_who_was_kept_apart_from_one_is_kept_apart_from_the_other(house: World) -> None:
    first, second = two(house)
    third = came(house, name="Other Person", email="other@club.example.org", message="Hello from the club.")
    one, other = sorted((second, third))
    house.put(KeptApart(f"{one}-{other}", one, other, (), house.now, "eva"))
    merged(house, first, second)
    one, other = sorted((first, third))
    house.put(SamePerson(f"{one}-{other}", one, other, 1.0, (), house.now, house.now))
    assert list_doubts(house.deps)[0] == []


def test_what_was_kept_to_take_the_parting_back_is_forgotten(house: World) -> None:
    first, second = two(house)
    merged(house, first, second)
    done = parted(house, second)
    assert (done.gone, done.before, done.merged, done.keys) == (None, None, None, ())
    house.later(days=7, hours=1)
    assert house.deps.store.get(Merge, second) is None
    with pytest.raises(NotFound):
        ask_again(house.deps, second)
    with pytest.raises(NotFound):
        ask_part(house.deps, second, "eva")


def test_on_the_command_line_two_are_made_one_and_parted_again(tmp_path: Path) -> None:
    data, source = tmp_path / "data", tmp_path / "cards.csv"
    source.write_text("name,email\nJana Beispiel,jana@customer.example.com\nJana Zwei,jana@home.example.net\n", "utf-8")
    cli(data, "import", str(source), "--campaign", "Fair", "--json")
    merged = json.loads(cli(data, "merge", JANA["email"], HOME["email"], "--json").stdout)
    assert merged["state"] == "merged"
    gone = merged["merged"]
    assert cli(data, "merge", JANA["email"], gone).stderr.strip() == "leadline: both are one and the same record"
    assert "nobody is known by that" in cli(data, "merge", "nobody@example.com", gone).stderr
    parted = json.loads(cli(data, "unmerge", gone, "--json").stdout)
    assert parted == {"lead_id": merged["lead_id"], "gone": gone, "state": "parted", "stays": []}
    assert json.loads(cli(data, "unmerge", gone, "--back", "--json").stdout)["state"] == "merged"
    assert cli(data, "unmerge", "nobody").returncode == 2
    assert json.loads(cli(data, "check", "--json").stdout)["violations"] == []


def test_the_audit_trail_says_who_merged_and_who_parted(house: World) -> None:
    first, second = two(house)
    house.sign_in("eva")
    token = house.csrf(f"/app/leads/{first}")
    house.client.post(f"/app/leads/{first}/merge", data={"csrf": token, "with": second})
    house.work()
    house.client.post(f"/app/leads/{first}/part", data={"csrf": token, "gone": second})
    house.work()
    told = [(a.by, step.act, step.changes[0].after) for a in below(house, first, Audit) for step in a.steps
            if step.kind == "Merge"]  # fmt: skip
    assert told == [("eva", "made", "asked"), ("eva", "changed", "part_asked")]
