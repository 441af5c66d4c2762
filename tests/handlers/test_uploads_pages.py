"""Lists in the console: choosing, previewing, correcting, loading, and what became of each row."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from chalicelib.flows.erase_person import erase_person
from chalicelib.handlers.on_upload import GIVEN_UP
from chalicelib.records.lead import Lead
from chalicelib.records.search import LeadQuery
from chalicelib.records.upload import Upload, UploadState
from tests.handlers.desk import JANA, Desk, open_desk, words
from tests.stories.conftest import HTML

ROWS = """Full name,Mail,Tel,Remark
Jana Beispiel,jana@customer.example.com,+49 30 123456,from the stand
JANA BEISPIEL,Jana@Customer.Example.com,,again
,,,nothing usable
Timo Muster,timo@customer.example.net,,
Nur Name,,,
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def choose(desk: Desk, body: bytes | str, name: str = "cards.csv", **fields: str) -> httpx.Response:
    sent = {"csrf": desk.world.csrf("/app/uploads/new"), "campaign": "fair", **fields}
    data = body.encode() if isinstance(body, str) else body
    files = {"file": (name, data, "text/csv")}
    return desk.world.client.post("/app/uploads", data=sent, files=files, headers=HTML)


def answer_draft(desk: Desk, draft: str, action: str, **columns: str) -> httpx.Response:
    sent = {"csrf": desk.world.csrf(draft), "action": action, **columns}
    parts = {name: (None, value) for name, value in sent.items()}
    return desk.world.client.post(draft, files=parts, headers=HTML)


def load(desk: Desk, body: bytes | str, name: str = "cards.csv", **fields: str) -> str:
    """The path of the upload, run to its end."""
    draft = choose(desk, body, name, **fields).headers["location"]
    answer = answer_draft(desk, draft, "load")
    assert answer.status_code == 303
    desk.world.work()
    return str(answer.headers["location"])


def figures(html: str) -> dict[str, str]:
    found = re.findall(r'figure-value">([^<]+)</span> <span class="figure-label">([^<]+)<', html)
    return {unescape(label): value for value, label in found}


def test_before_anything_is_uploaded_the_list_says_what_to_do(desk: Desk) -> None:
    assert "No list has been uploaded yet" in desk.page("/app/uploads")


def test_a_preview_counts_and_writes_nobody(desk: Desk) -> None:
    draft = choose(desk, ROWS).headers["location"]
    shown = desk.get(draft).text
    assert figures(shown) == {
        "rows": "5", "new people": "3", "update somebody known": "0", "duplicates": "1", "refused": "1",
        "unreachable": "1",
    }  # fmt: skip
    assert "2 thank-you mails would be held" in words(shown)
    assert "header word: Mail" in words(shown)
    assert "timo@customer.example.net" in shown
    assert "no name, e-mail or phone" in words(shown)
    desk.world.work()
    assert desk.world.deps.model.leads(LeadQuery()).total == 0


def test_a_preview_opens_to_the_rows_and_says_what_each_would_change(desk: Desk) -> None:
    load(desk, ROWS)
    draft = choose(desk, "name,email,company\nJana Beispiel,jana@customer.example.com,Muster GmbH\n,,x\n")
    path = draft.headers["location"]
    shown = desk.page(path)
    assert "Update 1" in shown
    assert "Company: Muster GmbH" in shown
    (lead,) = [row for row in desk.world.deps.model.leads(LeadQuery()).rows if row.full_name == "Jana Beispiel"]
    assert f'href="/app/leads/{lead.lead_id}"' in desk.get(path).text
    bad = desk.page(f"{path}?kind=bad")
    assert "no name, e-mail or phone" in bad
    assert "Company: Muster GmbH" not in bad
    assert "No row would end like this" in desk.page(f"{path}?kind=new")


def test_a_list_is_stopped_and_goes_on_from_its_page(desk: Desk) -> None:
    draft = choose(desk, ROWS).headers["location"]
    path = answer_draft(desk, draft, "load").headers["location"]
    assert "Stop here" in desk.page(path)
    desk.post(f"{path}/stop")
    desk.world.deps.queue.receive("uploads")
    shown = desk.page(path)
    assert "stopped by: " in shown, shown
    assert "Go on where it stands" in shown
    answer = desk.post(f"{path}/resume")
    assert "The list goes on" in desk.page(answer.headers["location"])
    desk.world.work()
    stored = desk.world.deps.store.get(Upload, path.rpartition("/")[2])
    assert stored
    assert stored.value.state is UploadState.FINISHED


def test_a_basis_and_a_new_campaign_are_previewed_as_they_would_be_loaded(desk: Desk) -> None:
    draft = choose(desk, ROWS, campaign="", new_campaign="Autumn  Fair", basis="consent at the stand").headers[
        "location"
    ]
    shown = desk.page(draft)
    assert "Autumn Fair new campaign" in shown
    assert "2 thank-you mails would be queued" in shown
    assert desk.world.deps.directory.campaign("autumn-fair") is None
    answer_draft(desk, draft, "load")
    desk.world.work()
    assert desk.world.deps.directory.campaign("autumn-fair") is not None


def test_a_wrongly_taken_column_is_corrected_before_loading(desk: Desk) -> None:
    draft = choose(desk, "Wer,Was\nJana Beispiel,jana@customer.example.com\n").headers["location"]
    answer_draft(desk, draft, "preview", **{"column-0": "company", "column-1": "email"})
    assert "chosen by hand" in desk.page(draft)
    answer_draft(desk, draft, "load", **{"column-0": "company", "column-1": "email"})
    desk.world.work()
    (row,) = desk.world.deps.model.leads(LeadQuery()).rows
    assert (row.company, row.full_name) == ("Jana Beispiel", "")


def test_columns_without_values_stand_by_themselves_and_keep_what_they_are_taken_as(desk: Desk) -> None:
    draft = choose(desk, "Fax,Name,Notes,Email\n,Jana Beispiel,,jana@customer.example.com\n").headers["location"]
    page = desk.get(draft).text
    above, _, below = page.partition("2 columns without values")
    assert re.findall(r'name="column-(\d)"', above) == ["1", "3"]
    assert re.findall(r'name="column-(\d)"', below) == ["0", "2"]
    answer_draft(desk, draft, "preview", **{"column-0": "phone"})
    assert "chosen by hand" in words(desk.get(draft).text).partition("2 columns without values")[2]


def test_two_columns_for_one_field_are_told_and_can_be_chosen_again(desk: Desk) -> None:
    draft = choose(desk, "A,B\nx,jana@customer.example.com\n").headers["location"]
    answer_draft(desk, draft, "load", **{"column-0": "company", "column-1": "company"})
    shown = desk.get(draft)
    assert shown.status_code == 422
    assert "two columns for one field: company" in words(shown.text)
    assert answer_draft(desk, draft, "load").headers["location"] == draft
    answer_draft(desk, draft, "preview", **{"column-1": "email"})
    assert desk.get(draft).status_code == 200


def test_loading_gives_four_counts_that_add_up_and_each_row_with_its_reason(desk: Desk) -> None:
    path = load(desk, ROWS)
    shown = desk.get(path).text
    assert figures(shown) == {"rows": "5", "created": "3", "merged": "1", "suppressed": "0", "refused": "1"}
    assert "3 created + 1 merged + 0 suppressed + 1 refused = 5 rows" in words(shown)
    assert "1 person cannot be reached by anything in the list" in words(shown)
    refused = desk.page(f"{path}?outcome=refused")
    assert "3 Refused no name, e-mail or phone" in refused
    assert "Timo Muster" not in refused
    assert "No row ended like this." in desk.page(f"{path}?outcome=suppressed")


def test_owners_and_scores_open_to_exactly_as_many_people(desk: Desk) -> None:
    shown = desk.get(load(desk, ROWS)).text
    bars = re.findall(
        r'<li><a href="(/app/leads\?[^"]+)">[^<]*</a><meter[^>]*></meter><span class="number">(\d+)', shown
    )
    assert len(bars) >= 4
    for link, count in bars:
        leads = desk.get(unescape(link)).text
        assert len(set(re.findall(r'href="/app/leads/([0-9A-Z]{26})"', leads))) == int(count)


def test_a_second_click_on_load_starts_nothing_twice(desk: Desk) -> None:
    draft = choose(desk, ROWS).headers["location"]
    sent = {"csrf": (None, desk.world.csrf(draft)), "action": (None, "load")}
    first, second = (desk.world.client.post(draft, files=sent, headers=HTML) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(desk.world.deps.store.query(Upload)) == 1
    assert desk.get(draft).headers["location"] == first.headers["location"]


def test_the_same_file_again_is_noticed_and_makes_nobody_new(desk: Desk) -> None:
    first = load(desk, ROWS)
    draft = choose(desk, ROWS).headers["location"]
    assert "This very file was loaded on" in desk.page(draft)
    assert first in desk.get(draft).text
    second = desk.get(load(desk, ROWS)).text
    assert figures(second) == {"rows": "5", "created": "0", "merged": "4", "suppressed": "0", "refused": "1"}
    assert "This list gave rise to no mail." in words(second)


def test_a_draft_that_is_given_up_is_gone(desk: Desk) -> None:
    draft = choose(desk, ROWS).headers["location"]
    assert answer_draft(desk, draft, "drop").headers["location"] == "/app/uploads"
    assert desk.get(draft).status_code == 404


def test_a_draft_belongs_to_whoever_chose_the_file(desk: Desk) -> None:
    draft = choose(desk, ROWS).headers["location"]
    desk.world.sign_in("eva")
    assert desk.get(draft).status_code == 404


@pytest.mark.parametrize("draft", ["..%2F..%2Fsecret", "nobody", "%00", "💥"])
def test_an_address_made_up_is_not_found(desk: Desk, draft: str) -> None:
    assert desk.get(f"/app/uploads/drafts/{draft}").status_code == 404
    assert desk.get(f"/app/uploads/{draft}").status_code == 404


def test_the_basis_recorded_afterwards_sends_what_was_held(desk: Desk) -> None:
    path = load(desk, ROWS)
    assert "2 Held no legal basis is recorded for this list" in desk.page(path)
    desk.post(f"{path}/basis", path, basis="consent, card of 2 March")
    desk.world.later(minutes=2)
    shown = desk.page(path)
    assert "2 Sent" in shown
    assert "Legal basis: consent, card of 2 March" in shown
    assert desk.post(f"{path}/basis", "/app/uploads/new", basis=" ").status_code == 422


def test_a_running_upload_shows_its_progress_with_and_without_script(desk: Desk) -> None:
    draft = choose(desk, ROWS).headers["location"]
    path = answer_draft(desk, draft, "load").headers["location"]
    shown = desk.get(path).text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in shown
    assert 'aria-live="polite"' in shown
    assert desk.get(f"{path}/progress.json").json()["running"] is True
    desk.world.work()
    done = desk.get(f"{path}/progress.json").json()
    assert (done["state"], done["running"], done["done"], done["rows"]) == ("finished", False, 5, 5)


def test_refused_rows_download_under_a_name_of_ours(desk: Desk) -> None:
    path = load(desk, ROWS, 'x"; filename=evil.exe\r\nX-Odd: 1.csv')
    answer = desk.get(f"{path}/errors.csv")
    assert re.fullmatch(r'attachment; filename="refused-rows-[0-9a-z]+\.csv"', answer.headers["content-disposition"])
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["Remark"], row["row"]) == ("nothing usable", "3")
    clean = load(desk, "name,email\nA,a@example.com\n")
    assert desk.get(f"{clean}/errors.csv").status_code == 404


def test_a_file_name_and_cells_that_look_like_markup_are_only_text(desk: Desk) -> None:
    path = load(desk, "name,email\n<script>alert(1)</script>,a@example.com\n", "<img src=x>.csv")
    for page in (path, "/app/uploads"):
        shown = desk.get(page).text
        assert "<img src=x>" not in shown
        assert "<script>alert" not in shown
        assert "&lt;img src=x&gt;.csv" in shown


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("list.pdf", b"%PDF-1.7 ...", "the file is not a list but a PDF document"),
        ("list.xlsx", b"name,email\nA,a@example.com\n", "the file is text, but its name ends in: .xlsx"),
        ("list.csv", b"name,email\n", "header"),
    ],
)
def test_a_file_that_is_no_list_says_why_in_plain_words(desk: Desk, name: str, body: bytes, reason: str) -> None:
    answer = desk.get(choose(desk, body, name).headers["location"])
    assert answer.status_code == 422
    assert "This list cannot be loaded" in words(answer.text)
    assert reason in words(answer.text)


def test_what_is_missing_is_asked_for_and_what_was_typed_stays(desk: Desk) -> None:
    answer = choose(desk, "", "", campaign="", new_campaign="", basis="my reason")
    assert answer.status_code == 422
    assert "choose a campaign or name a new one" in words(answer.text)
    assert "choose a file" in words(answer.text)
    assert "my reason" in answer.text
    assert "the file is empty" in words(choose(desk, "", "empty.csv").text)


def test_a_post_from_another_page_or_of_another_kind_is_refused(desk: Desk) -> None:
    client = desk.world.client
    files = {"file": ("a.csv", b"name\nA\n", "text/csv")}
    assert client.post("/app/uploads", data={"csrf": "guess"}, files=files, headers=HTML).status_code == 403
    assert client.post("/app/uploads", data={"csrf": "guess"}, headers=HTML).status_code == 415
    broken = {**HTML, "Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/app/uploads", content=b"--x\r\nnothing", headers=broken).status_code == 400
    large = {"file": ("a.csv", b"x" * (10 * 1024 * 1024 + 65 * 1024), "text/csv")}
    refused = client.post("/app/uploads", data={"csrf": "guess"}, files=large, headers=HTML)
    assert refused.status_code == 413
    assert "What you sent is larger than 10 MB, the most that is taken at once." in words(refused.text)
    assert "body" not in words(refused.text)


def test_a_list_longer_than_the_preview_counts_says_over_how_many_rows(desk: Desk) -> None:
    rows = "".join(f"Person {n},p{n}@customer.example.com\n" for n in range(5_200))
    shown = desk.page(choose(desk, f"name,email\n{rows}").headers["location"])
    assert "Counted over the first 5,000 of 5,200 rows." in shown


def test_rows_are_paged(desk: Desk) -> None:
    rows = "".join(f"Person {n},p{n}@customer.example.com\n" for n in range(120))
    path = load(desk, f"name,email\n{rows}")
    assert "1 to 100 of 120" in desk.page(path)
    second = desk.page(f"{path}?offset=100")
    assert "101 to 120 of 120" in second
    assert "Person 119" in second
    assert "1 to 100 of 120" in desk.page(f"{path}?offset=-1")


def test_rows_of_which_nothing_is_kept_leave_no_empty_page_behind(desk: Desk) -> None:
    desk.ask()
    erase_person(desk.world.deps, desk.lead_path().rpartition("/")[2], timedelta(days=9))
    people = "".join(f"Person {n},p{n}@customer.example.com\n" for n in range(102))
    path = load(desk, f"name,email\n{people}Jana Beispiel,{JANA['email']}\n")
    assert "1 suppressed" in desk.page(path)
    assert "1 to 100 of 102" in desk.page(path)
    assert "101 to 102 of 102" in desk.page(f"{path}?outcome=created&offset=100")


def test_a_person_of_the_list_is_the_lead_the_row_names(desk: Desk) -> None:
    shown = desk.get(load(desk, ROWS)).text
    lead_id = re.search(r'href="/app/leads/([0-9A-Z]{26})">Timo Muster', shown)
    assert lead_id
    stored = desk.world.deps.store.get(Lead, lead_id[1])
    assert stored
    assert stored.value.emails == ("timo@customer.example.net",)


def test_rows_kept_with_a_remark_are_counted_and_shown_by_themselves(desk: Desk) -> None:
    rows = "Name,Mail,Tel\nJana Beispiel,jana@customer.example.com,+49 30 123456\n"
    rows += "Timo Muster,timo at nowhere,+49 30 123457\n"
    path = load(desk, rows + "Jana Beispiel,jana@customer.example.com,12\n")
    assert "2 rows were kept with a remark" in desk.page(path)
    shown = desk.page(f"{path}?outcome=remark")
    assert "Timo Muster" in shown
    assert shown.count("Merged") == desk.page(f"{path}?outcome=merged").count("Merged")
    assert "remark" not in desk.page(load(desk, "Name,Mail\nUwe Muster,uwe@customer.example.com\n"))


def test_that_nothing_is_sent_twice_is_said_for_the_same_campaign_only(desk: Desk) -> None:
    load(desk, ROWS)
    said = "Loading it again for the same campaign makes nobody new and sends nothing twice."
    same, other = (choose(desk, ROWS, campaign=campaign).headers["location"] for campaign in ("fair", "ads"))
    assert said in desk.page(same)
    assert "This very file was loaded on" in desk.page(other)
    assert said not in desk.page(other)


def test_an_upload_that_failed_says_how_far_it_came_and_what_to_do(desk: Desk) -> None:
    deps = desk.world.deps
    path = load(desk, ROWS)
    stored = deps.store.get(Upload, path.rpartition("/")[2])
    assert stored
    desk.world.put(replace(stored.value, state=UploadState.FAILED, reason=GIVEN_UP, done=2))
    shown = desk.page(path)
    assert GIVEN_UP in shown
    assert f"2 of {stored.value.rows} rows done." in shown
    assert "Nothing was stored" not in shown


def test_who_cannot_be_reached_is_shown_of_a_long_list_as_well(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.flows.read_rows.REMARKS_COUNTED", 1)
    shown = desk.page(f"{load(desk, ROWS)}?outcome=unreachable")
    assert "Nur Name" in shown
    assert "nobody can be reached by this row" in shown
    assert "Timo Muster" not in shown
