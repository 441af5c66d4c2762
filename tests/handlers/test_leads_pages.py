"""The board, the list, one lead's page and what is done on it."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chalicelib.flows.read_lead import by_day, entries_of
from chalicelib.records.lead import Lead, LeadStatus, Score
from chalicelib.records.ledgers import LEDGER_PAGE
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.touch import Request, Touch
from tests.handlers.desk import JANA, Desk, given_to, open_desk, words
from tests.stories.conftest import HTML
from tests.stories.people import BEN


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def lead_of(desk: Desk, path: str) -> Lead:
    stored = desk.world.deps.store.get(Lead, path.rpartition("/")[2])
    assert stored
    return stored.value


def test_an_empty_store_says_on_each_page_what_to_do_next(desk: Desk) -> None:
    assert "Upload a list" in desk.page("/app")
    assert "No leads yet." in desk.page("/app/leads")
    assert "Nothing here." in desk.page("/app/requests")


def test_every_figure_of_the_board_opens(desk: Desk) -> None:
    desk.ask()
    html = desk.get("/app").text
    for path in re.findall(r'<a href="([^"]+)">\s*<span class="figure-value">', html):
        assert desk.get(path.replace("&amp;", "&")).status_code == 200
    assert "1 requests open" in desk.page("/app")
    assert "Jana Beispiel" in desk.page("/app/leads?status=new&sort=score")


def test_the_board_shows_a_rep_the_own_leads_and_the_own_requests_alone(desk: Desk) -> None:
    desk.ask()
    desk.world.later(hours=1)
    desk.ask(name="Kim Muster", email="kim@other.example.com", phone="")
    given_to(desk, desk.lead_path("kim"), "anna")
    given_to(desk, desk.lead_path("jana"), "ben")
    desk.world.sign_in("anna")
    waiting, _, mine = desk.page("/app").partition("My open leads")
    assert "Kim Muster" in mine
    assert "Jana Beispiel" not in mine
    assert "Kim Muster" in waiting
    assert "Jana Beispiel" not in waiting
    assert "1 requests open" in waiting


def test_the_board_shows_who_owns_nothing_the_best_new_leads(desk: Desk) -> None:
    desk.ask()
    desk.world.client.cookies.clear()
    desk.world.sign_in("eva")
    assert "Jana Beispiel" in desk.page("/app").partition("New leads, best first")[2]


def test_a_request_past_its_limit_is_in_the_late_queue_and_an_answered_one_is_not(desk: Desk) -> None:
    desk.ask()
    assert "Nothing here." in desk.page("/app/requests?queue=late")
    desk.world.later(days=3)
    assert "Jana Beispiel Beispiel AG" in desk.page("/app/requests?queue=late")
    assert desk.post(f"{desk.lead_path()}/note", kind="call").status_code == 303
    desk.world.work()
    assert "Nothing here." in desk.page("/app/requests?queue=late")
    assert "Jana Beispiel" in desk.page("/app/requests?queue=answered")
    assert "Jana Beispiel" not in desk.page("/app/requests?queue=no-such-queue")


def test_mine_leaves_out_what_others_have_to_answer(desk: Desk) -> None:
    desk.ask()
    owner = lead_of(desk, desk.lead_path()).assignment
    assert owner
    other = "ben" if owner.owner_id == "anna" else "anna"
    desk.world.sign_in(owner.owner_id)
    assert "Jana" in desk.page("/app/requests?mine=yes")
    desk.world.client.cookies.clear()
    desk.world.sign_in(other)
    assert "Jana" not in desk.page("/app/requests?mine=yes")


def test_requests_come_a_page_at_a_time_and_the_figure_counts_them_all(desk: Desk) -> None:
    desk.ask()
    (stored,) = desk.world.deps.store.query(Request, desk.lead_path().rpartition("/")[2])
    more = [replace(stored.value, request_id=f"r{n:03d}", subject=f"Question {n}") for n in range(LEDGER_PAGE)]
    desk.world.put(*more)
    desk.world.work()
    assert f"{LEDGER_PAGE + 1} requests open" in desk.page("/app")
    first, last = desk.get("/app/requests").text, desk.get("/app/requests?offset=50").text
    assert (first.count("Question"), last.count("Question")) in ((LEDGER_PAGE, 0), (LEDGER_PAGE - 1, 1))
    assert "1 to 50 of 51" in words(first)
    assert "51 to 51 of 51" in words(last)
    assert "Nothing fits." in desk.page("/app/requests?text=nobody")
    assert "1 to 50 of 51" in desk.page("/app/requests?text=beispiel&sort=company&turned=yes")


def test_the_list_is_searched_and_filtered_and_says_by_what(desk: Desk) -> None:
    desk.ask()
    desk.ask(name="Kim Muster", email="kim@other.example.com", phone="", message="")
    assert "Kim Muster" not in desk.page("/app/leads?text=jan")
    assert "Jana Beispiel" in desk.page("/app/leads?campaign=ads&status=new")
    assert "No lead fits." in desk.page("/app/leads?status=customer")
    assert "Score at least 99" in desk.page("/app/leads?min_score=99")
    assert "Jana Beispiel" in desk.page("/app/leads?min_score=-3&status=bogus&sort=bogus&offset=abc")
    assert "No lead fits." in desk.page("/app/leads?import=none")


def test_an_offset_behind_the_end_shows_the_first_page(desk: Desk) -> None:
    desk.ask()
    assert "Jana Beispiel" in desk.page("/app/leads?offset=5000")


def test_the_pager_keeps_the_query(desk: Desk) -> None:
    leads = [Lead(f"L{n:03}", full_name=f"Person {n:03}", updated_at=desk.world.now) for n in range(60)]
    desk.world.put(*leads)
    desk.world.work()
    html = desk.get("/app/leads?sort=name&text=person").text
    assert "1 to 50 of 60" in html
    following = re.search(r'rel="next" href="([^"]+)"', html)
    assert following
    second = desk.page(following.group(1).replace("&amp;", "&"))
    assert "51 to 60 of 60" in second
    assert "Person 059" in second


def test_the_csv_has_the_rows_of_the_query_and_no_formulas(desk: Desk) -> None:
    desk.ask(name="=1+1 Beispiel")
    desk.ask(name="Kim Muster", email="kim@other.example.com", phone="")
    answer = desk.get("/app/leads.csv?text=%3D1")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["'=1+1 Beispiel"]
    assert rows[0]["owner"] in ("Anna Example", "Ben Example")


def test_a_lead_shows_who_how_good_whose_and_everything_on_one_line_of_time(desk: Desk) -> None:
    desk.ask(utm_source="google", utm_medium="cpc", gclid="G-1", referrer="https://search.example.org/")
    path = desk.lead_path()
    shown = desk.page(path)
    for text in ("Jana Beispiel", "Beispiel AG", "asked for a quotation +30", "An answer is due by:", "Search ads",
                 "Paid search · google / cpc", "G-1", "Please send us a quotation.", "Confirmation"):  # fmt: skip
        assert text in shown, text
    html = desk.get(path).text
    assert 'href="mailto:jana@customer.example.com"' in html
    assert 'href="tel:+4930123456"' in html
    assert '<a href="https://search.example.org/" rel="noopener noreferrer nofollow">' in html


@pytest.mark.parametrize(("zone", "asked"), [("America/Los_Angeles", 25), ("Asia/Tokyo", 26)])
def test_a_day_that_a_list_gave_without_a_time_is_that_day_in_every_zone(desk: Desk, zone: str, asked: int) -> None:
    desk.ask()
    lead_id = desk.lead_path().rpartition("/")[2]
    (touch,) = (stored.value for stored in desk.world.deps.store.query(Touch, lead_id))
    midnight = datetime(2026, 9, 26, tzinfo=UTC)
    row = replace(touch, touch_id="01K00000000000000000000ROW", import_id="list", row=1, occurred_at=midnight)
    desk.world.put(replace(touch, occurred_at=midnight + timedelta(hours=2)), row)
    records = [stored.value for stored in desk.world.deps.store.everything_of(lead_id)]
    entries = [e for e in entries_of(desk.world.deps, records) if e.kind == "touch"]
    told = {e.record.touch_id: (day.day, e.whole_day) for day, es in by_day(entries, ZoneInfo(zone)) for e in es}
    assert told == {row.touch_id: (26, True), touch.touch_id: (asked, False)}
    days = [day for day, _ in by_day(entries, ZoneInfo(zone))]
    assert days == sorted(set(days), reverse=True)
    assert ">00:00</time>" not in desk.page(desk.lead_path())


def test_a_referrer_that_is_no_web_address_is_never_a_link(desk: Desk) -> None:
    desk.ask()
    path = desk.lead_path()
    (touch,) = desk.world.deps.store.query(Touch, path.rpartition("/")[2])
    bad = replace(touch.value.source, referrer="javascript:alert(1)", landing_url="data:text/html,x")
    desk.world.put(replace(touch.value, source=bad))
    html = desk.get(path).text
    assert "javascript:alert(1)" in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html


def test_what_a_visitor_typed_is_shown_as_text(desk: Desk) -> None:
    desk.ask(name="<script>alert(1)</script> Jana", message="<img src=x onerror=alert(1)>")
    for path in (desk.lead_path(), "/app/leads", "/app", "/app/requests"):
        html = desk.get(path).text
        assert "<script>alert" not in html
        assert "<img src=x" not in html


@pytest.mark.parametrize("path", ["/app/leads/01NOSUCHLEAD", "/app/leads/a%23b"])
def test_a_lead_that_does_not_exist_is_a_404_page(desk: Desk, path: str) -> None:
    answer = desk.get(path)
    assert answer.status_code == 404
    assert "Not found" in answer.text


def test_a_call_answers_the_request_and_stops_the_clock(desk: Desk) -> None:
    desk.ask()
    path = desk.lead_path()
    answer = desk.post(f"{path}/note", kind="call", text="Talked it through.")
    assert answer.headers["location"].startswith(f"{path}?done=note&note=")
    shown = desk.page(answer.headers["location"])
    assert "Written down." in shown
    assert "Talked it through." in shown
    assert "An answer is due by:" not in shown
    assert lead_of(desk, path).status is LeadStatus.ACCEPTED


def test_a_note_without_words_is_refused_beside_its_field(desk: Desk) -> None:
    desk.ask()
    answer = desk.post(f"{desk.lead_path()}/note", kind="note", text=" ")
    assert answer.status_code == 422
    assert re.search(r'id="note-text-error">\s*is needed', answer.text)
    assert 'value="note" checked' in answer.text


def test_a_lead_is_rejected_with_a_reason_of_the_list_or_a_typed_one(desk: Desk) -> None:
    desk.ask()
    path = desk.lead_path()
    assert desk.post(f"{path}/status", status="rejected", reason="", other="").status_code == 422
    assert desk.post(f"{path}/status", status="rejected", reason="no budget").status_code == 303
    assert lead_of(desk, path).status_reason == "no budget"
    assert "no budget" in desk.page(path).partition("Timeline")[2]
    assert desk.post(f"{path}/status", status="accepted").status_code == 303
    assert desk.post(f"{path}/status", status="rejected", other="moved to the moon").status_code == 303
    assert lead_of(desk, path).status_reason == "moved to the moon"


def test_a_status_nobody_can_set_is_refused(desk: Desk) -> None:
    desk.ask()
    assert desk.post(f"{desk.lead_path()}/status", status="customer").status_code == 422


def test_a_lead_is_given_to_another_active_person_only(desk: Desk) -> None:
    desk.world.put(replace(BEN, rep_id="old", name="Gone Example", active=False))
    desk.ask()
    path = desk.lead_path()
    assert desk.post(f"{path}/owner", owner_id="old").status_code == 422
    assert desk.post(f"{path}/owner", owner_id="eva", reason="she knows them").status_code == 303
    shown = desk.page(path)
    assert "Eva Example since" in shown
    assert "given by hand: she knows them" in shown


def test_a_deal_with_wrong_fields_comes_back_as_typed_with_all_faults(desk: Desk) -> None:
    desk.ask()
    answer = desk.post(f"{desk.lead_path()}/deals", name="", amount="12,500", currency="EUR", margin="200")
    assert answer.status_code == 422
    for field in ("name", "amount", "margin"):
        assert f'href="#deal-{field}"' in answer.text
    assert 'value="12,500"' in answer.text


def test_a_deal_needs_no_margin_and_its_name_must_be_more_than_blanks(desk: Desk) -> None:
    desk.ask()
    path = desk.lead_path()
    assert desk.post(f"{path}/deals", name="  ", amount="5", currency="EUR").status_code == 422
    assert desk.post(f"{path}/deals", name="Sensors", amount="5", currency="EUR").status_code == 303
    (deal,) = desk.world.deps.store.query(Opportunity, path.rpartition("/")[2])
    assert deal.value.margin is None


def test_a_deal_is_entered_won_and_opened_again(desk: Desk) -> None:
    desk.ask()
    path = desk.lead_path()
    sent = {"name": "Sensors", "amount": "1200,50", "currency": "eur", "margin": "35 %"}
    assert desk.post(f"{path}/deals", **sent).status_code == 303
    (deal,) = desk.world.deps.store.query(Opportunity, path.rpartition("/")[2])
    assert (deal.value.amount.amount_minor, deal.value.amount.currency, deal.value.margin) == (120050, "EUR", 35)
    stage = f"{path}/deals/{deal.value.opportunity_id}"
    assert desk.post(stage, path, stage="won").status_code == 303
    assert lead_of(desk, path).status is LeadStatus.CUSTOMER
    assert "Deal won Sensors €1,200.50" in desk.page(path)
    assert desk.post(stage, path, stage="open").status_code == 303
    (deal,) = desk.world.deps.store.query(Opportunity, path.rpartition("/")[2])
    assert deal.value.stage is OpportunityStage.OPEN
    assert desk.post(f"{path}/deals/none", path, stage="won").status_code == 404


def test_a_post_without_the_pages_proof_changes_nothing(desk: Desk) -> None:
    desk.ask()
    path = desk.lead_path()
    for action in ("status", "note", "owner", "deals", "deals/x"):
        answer = desk.world.client.post(f"{path}/{action}", data={"csrf": "x", **JANA}, headers=HTML)
        assert answer.status_code == 403
    assert lead_of(desk, path).status is LeadStatus.NEW


def test_nobody_sees_a_page_of_the_console_without_signing_in(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, "")
    for path in ("/app", "/app/leads", "/app/leads.csv", "/app/requests", "/app/leads/x"):
        answer = desk.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/app/sign-in?next={path}"


def test_the_pages_speak_the_readers_language_and_keep_strict_policy(desk: Desk) -> None:
    desk.ask()
    for path in ("/app", "/app/leads", desk.lead_path(), "/app/requests"):
        for language in ("en", "zh-Hans", "zh-Hant"):
            answer = desk.get(path, **{"Accept-Language": language})
            assert answer.status_code == 200
            assert f'<html lang="{language}">' in answer.text
            assert not re.search(r"<style|<script(?! src=\"/)| style=| on[a-z]+=", answer.text)
            assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_the_list_is_filtered_by_score_company_country_days_and_what_is_due(desk: Desk) -> None:
    now = desk.world.now
    desk.world.put(
        Lead("high", "Hanna High", company="Pumpen AG", company_key="pumpen", country="DE", score=Score(70),
             created_at=now - timedelta(days=9), updated_at=now, respond_by=now - timedelta(hours=1)),
        Lead("low", "Lars Low", company="Ventile AG", company_key="ventile", country="FR", score=Score(29),
             created_at=now, updated_at=now, respond_by=now + timedelta(days=3)),
    )  # fmt: skip
    desk.world.work()
    yesterday = (now - timedelta(days=1)).date()
    for found, other, asked in (
        ("Hanna", "Lars", "band=high"), ("Lars", "Hanna", "band=low"), ("Hanna", "Lars", "company=pump"),
        ("Lars", "Hanna", "country=fr"), ("Lars", "Hanna", f"created_from={yesterday}"),
        ("Hanna", "Lars", f"created_to={yesterday}"), ("Hanna", "Lars", "due=late"), ("Hanna", "Lars", "due=today"),
        ("Hanna", "Nobody", "due=week"), ("Lars", "Nobody", "due=week&created_from=x&created_to=9999-12-31&band=odd"),
    ):  # fmt: skip
        page = desk.page(f"/app/leads?{asked}")
        assert found in page, asked
        assert other not in page, asked


def test_a_filter_is_taken_away_by_its_chip_and_the_file_has_the_same_rows(desk: Desk) -> None:
    desk.ask()
    html = desk.get("/app/leads?country=DE&company=beispiel&sort=name&turned=yes").text
    assert (
        'href="/app/leads?company=beispiel&amp;sort=name&amp;turned=yes" aria-label="Take the filter away: Country"'
        in html
    )
    assert 'href="/app/leads.csv?company=beispiel&amp;country=DE&amp;sort=name&amp;turned=yes"' in html
    rows = list(csv.DictReader(io.StringIO(desk.get("/app/leads.csv?company=beispiel").content.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Jana Beispiel"]
    assert len(desk.get("/app/leads.csv?company=nobody").content.decode("utf-8-sig").splitlines()) == 1


def test_a_columns_head_sorts_and_turns_and_says_so(desk: Desk) -> None:
    desk.ask()
    desk.ask(name="Kim Muster", email="kim@other.example.com", phone="")
    html = desk.get("/app/leads?sort=name&status=new").text
    assert 'aria-sort="ascending"' in html
    assert 'href="/app/leads?status=new&amp;sort=name&amp;turned=yes"' in html
    assert 'href="/app/leads?status=new&amp;sort=score"' in html
    names = desk.page("/app/leads?sort=name&turned=yes")
    assert names.index("Kim Muster") < names.index("Jana Beispiel")
    assert 'aria-sort="descending"' in desk.get("/app/leads?sort=name&turned=yes").text
    assert 'aria-sort="descending"' in desk.get("/app/leads").text
