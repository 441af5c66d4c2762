"""Erasure: nothing of the person is left in any store, nothing brings the person back but the person."""

import re
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.flows.draft_upload import keep_draft
from chalicelib.flows.erase_kept import kept_with, texts_of
from chalicelib.flows.erase_person import LOADING_ENDS, erase_person, finish_erasure
from chalicelib.flows.erase_sender import erase_sender
from chalicelib.flows.find_lead import leads_named
from chalicelib.flows.forget_expired import forget_expired
from chalicelib.flows.keep_post import packed
from chalicelib.flows.plan_marketing import campaign_named
from chalicelib.flows.read_list import source_key
from chalicelib.flows.suppression import is_barred
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.flows.work_lead import close_deal, open_deal
from chalicelib.identify.signs import signs_in, signs_of
from chalicelib.records.arrival import Entry, RawPost
from chalicelib.records.erasure import Erasure, Suppression
from chalicelib.records.event import Registration, SeatCount
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import NotFound, Ref
from chalicelib.records.receipt import MatchKey
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Touch
from chalicelib.records.upload import RowResults, Upload, UploadState
from chalicelib.store.table import RowWrite
from chalicelib.wiring import service
from tests.handlers.desk import Desk, open_desk

YEARS = timedelta(days=3650)
LIST = "Name,E-mail,Phone\nJana Beispiel,jana@customer.example.com,+49 30 123456\nKim Muster,kim@other.example.com,\n"
# What must be in no file any more.
SIGNS = (b"jana@customer", b"Jana", b"Beispiel", b"30123456", b"30 123456")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def lead_of(desk: Desk) -> str:
    return desk.lead_path().rpartition("/")[2]


def load(desk: Desk, text: str = LIST, campaign: str = "Spring Fair", basis: str = "consent") -> Upload:
    deps = desk.world.deps
    made = campaign_named(deps, campaign)
    upload = start_upload(deps, text.encode(), "cards.csv", made.campaign_id, basis, {}, "test")
    return run_upload(deps, upload.import_id)


def files_with_signs(folder: Path) -> list[str]:
    for path in folder.rglob("*.db"):
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(sign in path.read_bytes() for sign in SIGNS)]


def test_privacy_01_nothing_of_an_erased_person_is_in_any_file(desk: Desk, tmp_path: Path) -> None:
    desk.ask()
    desk.ask("seminar", name="Jana Beispiel")
    load(desk)
    keep_draft(desk.world.deps, LIST.encode(), "cards.csv", "Spring Fair", "", "ada")
    desk.post(f"{desk.lead_path()}/note", text="Jana called about the sensor", kind="call")
    desk.world.later(minutes=5)
    assert len(files_with_signs(tmp_path)) > 3
    lead_id = lead_of(desk)
    done = erase_person(desk.world.deps, lead_id, YEARS)
    assert done.records > 8
    assert done.lists == 1
    desk.world.later(minutes=5)
    assert files_with_signs(tmp_path) == []
    assert desk.world.deps.store.everything_of(lead_id) == []
    assert desk.world.deps.store.query(Suppression)
    assert desk.world.deps.model.leads(LeadQuery(text="beispiel")).rows == ()
    # Others of the same list are where they were.
    assert [row.full_name for row in desk.world.deps.model.leads(LeadQuery(text="kim")).rows] == ["Kim Muster"]


def test_a_list_does_not_bring_an_erased_person_back_and_only_counts_the_row(desk: Desk) -> None:
    desk.ask()
    erase_person(desk.world.deps, lead_of(desk), YEARS)
    desk.world.work()
    upload = load(desk)
    assert (upload.rows, upload.created, upload.merged, upload.suppressed, upload.refused) == (2, 1, 0, 1, 0)
    desk.world.work()
    assert desk.world.deps.model.leads(LeadQuery(text="jana")).total == 0
    (outcomes,) = desk.world.deps.store.query(RowResults, upload.import_id)
    assert [row[1] for row in outcomes.value.results] == ["created"]
    assert desk.world.deps.blobs.get(source_key(upload.import_id)) is None


@pytest.mark.parametrize(
    ("row", "suppressed"),
    [
        ("Jana Beispiel,,+49 30 123456", 1),
        ("Beispiel Jana,,+4930123456", 1),
        (",,+4930123456", 1),
        ("Peter Andersson,,+49 30 123456", 0),
        ("Somebody Else,JANA@customer.example.com,", 1),
        ("Jana Beispiel,jana@new.example.org,", 0),
    ],
)
def test_who_was_erased_is_known_by_address_and_by_phone_with_the_name(desk: Desk, row: str, suppressed: int) -> None:
    desk.ask()
    erase_person(desk.world.deps, lead_of(desk), YEARS)
    assert load(desk, f"Name,E-mail,Phone\n{row}\n").suppressed == suppressed


def test_the_persons_own_later_request_is_accepted_and_promotion_stays_off(desk: Desk) -> None:
    first = desk.ask()
    lead_id = lead_of(desk)
    erase_person(desk.world.deps, lead_id, YEARS)
    # The very same words within ten minutes: a new request, not the repetition of one that is gone.
    again = desk.ask()
    assert again != first
    assert "We have your request." in desk.page(again)
    new = lead_of(desk)
    assert new != lead_id
    assert len(desk.world.mails("jana@customer")) == 1, (
        "the confirmation of the new request; the old one's copy is gone"
    )
    (mail,) = [m.value for m in desk.world.deps.store.query(Message, new) if m.value.kind is MessageKind.CONFIRMATION]
    promotion = replace(mail, message_id="promo", kind=MessageKind.THANK_YOU, basis="consent", attempt=0,
                        state="pending", due_at=desk.world.now, campaign_id="fair")  # fmt: skip
    desk.world.put(promotion)
    desk.world.later(minutes=1)
    stored = desk.world.deps.store.get(Message, new, "promo")
    assert stored
    assert (stored.value.state, stored.value.reason) == ("suppressed", "the person wants no promotion")
    assert is_barred(desk.world.deps, "jana@customer.example.com")
    assert not is_barred(desk.world.deps, "kim@other.example.com")


def test_queued_mail_of_an_erased_person_does_not_leave(desk: Desk) -> None:
    load(desk)
    desk.world.deps.store.purge()
    (lead_id,) = leads_named(desk.world.deps, "jana@customer.example.com")
    assert desk.world.deps.store.query(Message, lead_id)
    erase_person(desk.world.deps, lead_id, YEARS)
    desk.world.later(hours=1)
    assert desk.world.mails("jana@customer") == []


def test_an_erased_persons_seat_goes_to_who_waits(desk: Desk) -> None:
    desk.ask("seminar")
    lead_id = lead_of(desk)
    second = desk.ask("seminar", name="Kim Muster", email="kim@other.example.com", phone="")
    erase_person(desk.world.deps, lead_id, YEARS)
    desk.world.work()
    assert "You have a seat." in desk.page(second)
    assert [r.value.lead_id for r in desk.world.deps.store.query(Registration, "sensors")] == [
        lead_of_text(desk, "kim")
    ]
    count = desk.world.deps.store.get(SeatCount, "sensors")
    assert count
    assert (count.value.taken, count.value.waiting) == (1, ())


def lead_of_text(desk: Desk, text: str) -> str:
    return desk.lead_path(text).rpartition("/")[2]


def test_won_deals_stay_in_the_books_without_a_name(desk: Desk) -> None:
    desk.ask()
    deps, lead_id = desk.world.deps, lead_of(desk)
    won = open_deal(deps, lead_id, "Sensors for Jana", Money(100_000, "EUR"), None, "ada")
    close_deal(deps, lead_id, won.opportunity_id, OpportunityStage.WON)
    open_deal(deps, lead_id, "More for Jana", Money(5_000, "EUR"), None, "ada")
    desk.world.work()
    erase_person(deps, lead_id, YEARS)
    desk.world.later(minutes=2)
    kinds = sorted(type(stored.value).__name__ for stored in deps.store.everything_of(lead_id))
    assert kinds == ["Opportunity", "Touch"]
    deal = deps.store.query(Opportunity, lead_id)[0].value
    touch = deps.store.query(Touch, lead_id)[0].value
    assert (deal.name, deal.amount.amount_minor) == ("", 100_000)
    assert (touch.message, touch.details, touch.source.landing_url, touch.campaign_id) == ("", {}, "", "ads")
    assert [win.lead_id for win in deps.model.wins()] == [lead_id]


def test_a_key_that_strangers_share_loses_the_erased_person_alone(desk: Desk) -> None:
    desk.ask()
    desk.ask(name="Peter Andersson", email="peter@other.example.com")
    deps = desk.world.deps
    jana, peter = lead_of(desk), lead_of_text(desk, "peter")
    key = deps.store.get(MatchKey, deps.digest("p:+4930123456"))
    assert key
    assert {key.value.lead_id, *key.value.others} == {jana, peter}
    erase_person(deps, jana, YEARS)
    left = deps.store.get(MatchKey, deps.digest("p:+4930123456"))
    assert left
    assert (left.value.lead_id, left.value.others, len(left.value.names)) == (peter, (), 1)
    assert deps.store.get(MatchKey, deps.digest("e:jana@customer.example.com")) is None


def test_erased_twice_is_erased_once_and_nobody_is_not_found(desk: Desk) -> None:
    desk.ask()
    deps, lead_id = desk.world.deps, lead_of(desk)
    first = erase_person(deps, lead_id, YEARS)
    second = erase_person(deps, lead_id, YEARS)
    assert (second.again, second.until) == (True, first.until)
    with pytest.raises(NotFound):
        erase_person(deps, "nobody", YEARS)


def test_the_file_of_a_list_that_is_being_loaded_goes_when_it_is_loaded(desk: Desk) -> None:
    deps = desk.world.deps
    upload = load(desk)
    desk.world.put(replace(upload, state=UploadState.RUNNING))
    (lead_id,) = leads_named(deps, "jana@customer.example.com")
    erase_person(deps, lead_id, YEARS)
    ref = Ref(Erasure, (lead_id,))
    assert finish_erasure(deps, ref) is None, "not yet"
    desk.world.now += timedelta(minutes=2)
    waiting = finish_erasure(deps, ref)
    assert waiting
    assert waiting.import_ids == (upload.import_id,)
    assert deps.blobs.get(source_key(upload.import_id)) is not None
    desk.world.now += LOADING_ENDS
    done = finish_erasure(deps, ref)
    assert done
    assert (done.finish_at, done.import_ids) == (None, ())


def test_the_keyed_hash_is_forgotten_when_its_time_is_over(desk: Desk) -> None:
    desk.ask()
    erase_person(desk.world.deps, lead_of(desk), timedelta(days=30))
    desk.world.now += timedelta(days=31)
    assert load(desk).suppressed == 0
    assert forget_expired(desk.world.deps) >= 2
    assert desk.world.deps.store.query(Suppression) == []


def test_status_and_preferences_say_what_was_erased_and_what_is_kept(desk: Desk) -> None:
    status = desk.ask()
    lead_id = lead_of(desk)
    preferences = f"/u/{desk.world.deps.links.make('preferences', lead_id)}"
    erase_person(desk.world.deps, lead_id, YEARS)
    for path in (status, preferences):
        shown = desk.page(path)
        assert "Your data was erased" in shown
        assert "2036" in shown
    assert desk.world.client.get(status).json()["state"] == "erased"
    assert desk.world.client.post(preferences).status_code == 200


def test_only_an_administrator_who_is_sure_erases_by_the_page(desk: Desk) -> None:
    desk.ask()
    path = desk.lead_path()
    assert re.search(rf'href="{path}/erase"', desk.get(path).text)
    assert "cannot be undone" in desk.page(f"{path}/erase")
    assert desk.post(f"{path}/erase", f"{path}/erase").status_code == 422
    answer = desk.post(f"{path}/erase", f"{path}/erase", sure="yes")
    assert answer.headers["location"] == "/app/leads?done=erased"
    assert "The person is erased within a minute" in desk.page("/app/leads?done=erased")
    desk.world.work()
    assert desk.get(path).status_code == 404
    desk.ask()
    desk.world.sign_in("eva")
    assert "/erase" not in desk.get(desk.lead_path()).text
    assert desk.get(f"{desk.lead_path()}/erase").status_code == 403


def test_people_are_found_by_id_address_or_number(desk: Desk) -> None:
    desk.ask()
    deps, lead_id = desk.world.deps, lead_of(desk)
    for text in (lead_id, "jana@customer.example.com", " JANA@customer.example.com", "+49 30 123456"):
        assert leads_named(deps, text) == [lead_id]
    for text in ("", "nobody", "kim@other.example.com", "LEAD#x"):
        assert leads_named(deps, text) == []


def test_a_preview_counts_the_rows_of_people_who_were_erased(desk: Desk) -> None:
    desk.ask()
    erase_person(desk.world.deps, lead_of(desk), YEARS)
    draft = keep_draft(desk.world.deps, LIST.encode(), "cards.csv", "Spring Fair", "", "ada")
    assert "1 suppressed" in desk.page(f"/app/uploads/drafts/{draft.draft_id}")


def test_a_lead_of_an_id_that_was_erased_is_never_written_again(desk: Desk) -> None:
    """Whoever read the person a moment before writes on the condition that the person is still there."""
    desk.ask()
    deps, lead_id = desk.world.deps, lead_of(desk)
    erase_person(deps, lead_id, YEARS)
    with pytest.raises(NotFound):
        open_deal(deps, lead_id, "late", Money(1, "EUR"), None, "ada")
    assert deps.store.get(Lead, lead_id) is None


def test_what_cannot_be_read_of_a_person_goes_as_well(desk: Desk) -> None:
    desk.ask()
    deps, lead_id = desk.world.deps, lead_of(desk)
    service().table.write([[RowWrite(f"LEAD#{lead_id}", "NOTE#bad", "Note", b"{", None, None)]])
    erase_person(deps, lead_id, YEARS)
    desk.world.later(minutes=2)
    assert deps.store.refs_of(lead_id) == []
    done = deps.store.get(Erasure, lead_id)
    assert done
    assert done.value.finish_at is None


SPAM = {"name": "Jana Beispiel", "email": "jana@customer.example.com", "phone": "030 12345678",
        "message": "http://a.example http://b.example http://c.example"}  # fmt: skip
JANAS = signs_of(["jana@customer.example.com"], [])


def test_what_was_set_aside_while_a_person_was_erased_goes_a_minute_later(desk: Desk) -> None:
    desk.ask()
    deps, lead_id = desk.world.deps, lead_of(desk)
    assert erase_person(deps, lead_id, YEARS).set_aside == 0
    # Whoever took it had begun before.
    assert desk.world.client.post("/f/contact", json=SPAM).status_code == 201
    desk.world.now += timedelta(minutes=2)
    assert desk.world.client.post("/f/contact", json={**SPAM, "message": f"{SPAM['message']} again"}).status_code == 201
    assert len(kept_with(deps, JANAS)) == 2
    finish_erasure(deps, Ref(Erasure, (lead_id,)))
    (later,) = kept_with(deps, JANAS)
    assert later.value.received_at == desk.world.now
    done = deps.store.get(Erasure, lead_id)
    assert done
    assert done.value.signs == (), "nothing but the suppression is left to know the person by"


def test_who_is_known_by_what_was_set_aside_alone_is_erased_by_address_or_number(desk: Desk) -> None:
    deps = desk.world.deps
    for person in ("jana@customer.example.com", "+493012345678", "Jana Beispiel", ""):
        with pytest.raises(NotFound):
            erase_sender(deps, person, YEARS)
    desk.world.client.post("/f/contact", json=SPAM)
    assert erase_sender(deps, "+49 30 12345678", YEARS).set_aside == 1
    assert kept_with(deps, JANAS) == []
    assert deps.store.query(Suppression) == [], "strangers share a number"
    desk.world.client.post("/f/contact", json={**SPAM, "message": f"{SPAM['message']} again"})
    desk.world.now += timedelta(minutes=2)
    assert erase_sender(deps, "Jana@customer.example.com", YEARS).set_aside == 1
    assert is_barred(deps, "jana@customer.example.com")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"email": "jana@customer.example.com"'),
        ("application/json", b'{"more": {"mail": "jana@customer.example.com"}}'),
        ("text/plain", b"email=jana%40customer.example.com"),
        ("text/plain", "jana@customer.example.com".encode("utf-16")),
        ("application/x-www-form-urlencoded", b"email=jana%40customer.example.com&x=1"),
    ],
)
def test_a_person_is_seen_in_a_body_that_nobody_understands(content_type: str, body: bytes, desk: Desk) -> None:
    post = RawPost("P", Entry.FORM, desk.world.now, content_type, body)
    assert not JANAS.isdisjoint(signs_in(texts_of(packed(post))))


def test_a_person_is_seen_in_the_page_a_post_came_from_and_in_a_damaged_file(desk: Desk) -> None:
    page = "https://a.example/?email=jana%40customer.example.com"
    assert not JANAS.isdisjoint(
        signs_in(texts_of(packed(RawPost("P", Entry.FORM, desk.world.now, "", b"", referrer=page))))
    )
    assert not JANAS.isdisjoint(signs_in(texts_of(b"half a line with jana@customer.example.com in it")))
