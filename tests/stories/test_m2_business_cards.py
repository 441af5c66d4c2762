"""M2, a marketer: "4,700 business cards; how do we use them?"

Through the console wherever the service runs; the shared list of 4,700 rows, and all else that is typed on the command
line, on this machine alone."""

import csv
import io
import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from chalicelib.records.message import Message, MessageState
from chalicelib.records.search import LeadQuery
from chalicelib.records.upload import RowResults, Upload
from chalicelib.settings import Settings
from chalicelib.wiring import open_service
from tests.identify.lists import SHARED, Made, make_list, read_list
from tests.stories.conftest import cli
from tests.stories.story import HTML, Story

HEADER = ("name", "company", "title", "email", "phone", "country", "product_interest", "campaign")


def write_csv(path: Path, made: Made) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(made.rows)
    return path


def partition(results: list[RowResults]) -> dict[int, str]:
    """Whose each row is, rows from 1."""
    return {row: lead_id for chunk in results for row, _, lead_id, _ in chunk.results}


def check_people(whose: dict[int, str], people: list[str]) -> None:
    """Nobody lost, no two people one."""
    by_person: dict[str, set[str]] = defaultdict(set)
    by_lead: dict[str, set[str]] = defaultdict(set)
    for row, person in enumerate(people, start=1):
        by_person[person].add(whose[row])
        by_lead[whose[row]].add(person)
    assert all(len(leads) == 1 for leads in by_person.values())
    assert all(len(persons) == 1 for persons in by_lead.values())


def lists() -> list[str]:
    return ["made", "shared"] if (SHARED / "leads4700.csv").exists() else ["made"]


@pytest.mark.parametrize("which", lists())
def test_every_row_ends_in_one_of_four_outcomes_and_each_person_is_one_lead(tmp_path: Path, which: str) -> None:
    if which == "shared":
        source = SHARED / "leads4700.csv"
        made = read_list(source)
    else:
        made = make_list(1500, seed=11)
        source = write_csv(tmp_path / "list.csv", made)
    data = tmp_path / "data"
    assert cli(data, "init", "--sample").returncode == 0
    run = cli(data, "import", str(source), "--campaign", "Fair 2026", "--json")
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    people = len(set(made.people))
    assert told["rows"] == len(made.rows)
    assert (told["created"], told["merged"]) == (people, len(made.rows) - people)
    assert told["created"] + told["merged"] + told["suppressed"] + told["refused"] == told["rows"]
    store = open_service(Settings(data=data)).deps.store
    results = [chunk.value for chunk in store.query(RowResults, told["import_id"])]
    check_people(partition(results), made.people)
    again = json.loads(cli(data, "import", str(source), "--campaign", "fair 2026", "--json").stdout)
    assert (again["created"], again["merged"]) == (0, len(made.rows))
    checked = cli(data, "check", "--json")
    assert checked.returncode == 0, checked.stdout


def upload(story: Story, text: str, basis: str = "", campaign: str = "fair") -> Upload:
    """Through the console: preview, then commit; the upload as it is when it has ended."""
    csrf = story.csrf("/app/uploads/new")
    sent = {"campaign": campaign, "basis": basis}
    draft = story.place.send_list(story.client, csrf, sent, "cards.csv", text.encode())
    shown = story.get(draft)
    assert shown.status_code == 200, shown.text
    chosen = re.findall(r'<select name="(column-\d+)".*?<option value="([^"]*)" selected', shown.text, re.DOTALL)
    fields = {**dict(chosen), "csrf": csrf, "action": "load"}
    parts = {name: (None, value) for name, value in fields.items()}
    loading = story.client.post(draft, files=parts, headers=HTML)
    assert loading.status_code == 303, loading.text
    import_id = loading.headers["location"].rpartition("/")[2]
    page = f"/app/uploads/{import_id}/progress.json"
    story.wait_until(lambda: not story.status(page)["running"])
    stored = story.deps.store.get(Upload, import_id)
    assert stored
    assert stored.value.state == "finished", stored.value.reason
    return stored.value


def its_leads(story: Story, done: Upload) -> list[str]:
    """Found in the console's list by the upload, as soon as it shows all of them."""
    query = LeadQuery(import_id=done.import_id, limit=10)
    story.wait_until(lambda: story.deps.model.leads(query).total == done.created)
    return [row.lead_id for row in story.deps.model.leads(query).rows]


@pytest.fixture
def eva(story: Story) -> Story:
    story.sign_in("eva")
    return story


# On the emulator a transaction of DynamoDB takes its time, and moto copies its whole table for each.
SIZES = {"embedded": 1500, "moto": 40, "emulator": 300}


def test_a_list_through_the_console_makes_each_person_one_lead_wherever_it_is_loaded(
    eva: Story, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    size = SIZES[request.node.callspec.params["story"]]
    # Nobody of another run of this list: the made people are the same for a seed.
    made = make_list(size, seed=int(eva.mark[1:], 16) % 1_000_000)
    text = write_csv(tmp_path / "list.csv", made).read_text("utf-8").replace("@", f"@{eva.mark}.")
    done = upload(eva, text, basis="consent")
    assert (done.rows, done.created) == (len(made.rows), len(set(made.people)))
    results = [chunk.value for chunk in eva.deps.store.query(RowResults, done.import_id)]
    check_people(partition(results), made.people)
    its_leads(eva, done)
    # The same again: nobody new, no new touch, no new mail.
    again = upload(eva, text, basis="consent")
    assert (again.created, again.merged, again.mails_queued) == (0, len(made.rows), 0)


def rows(story: Story) -> str:
    jana, phone = story.email("jana"), story.phone()
    return f"""name,email,phone,country,company
Jana Beispiel,{jana},{phone},Germany,Beispiel GmbH
JANA BEISPIEL,{jana.upper()},,Germany,Beispiel GmbH
Timo Muster,,{story.phone(1)},DE,Muster KG
,,,,Nobody AG
Only Name {story.mark},,,,
=cmd|' /C calc'!A0,{story.email("f")},,,@SUM(1+1)
"""


def janas(story: Story) -> str:
    """Her lead_id."""
    (lead_id,) = story.wait_until(lambda: story.found(story.email("jana")))
    return lead_id


def test_each_kept_row_is_scored_owned_and_has_its_next_contact_or_the_reason_why_none(eva: Story) -> None:
    done = upload(eva, rows(eva))
    assert (done.rows, done.created, done.merged, done.refused) == (6, 4, 1, 1)
    assert done.unreachable == 1
    for lead_id in its_leads(eva, done):
        lead = eva.stored(lead_id)
        assert lead.assignment
        assert lead.assignment.owner_id in ("anna", "ben")
        assert lead.assignment.reasons
        assert lead.score.version
        assert lead.respond_by
        assert lead.next_channel or lead.next_reason


def test_without_a_legal_basis_the_mails_are_held_and_said_to_be_and_leave_once_it_is_recorded(eva: Story) -> None:
    done = upload(eva, rows(eva))
    assert (done.mails_queued, done.mails_held) == (0, 2)
    page = f"/app/uploads/{done.import_id}"
    assert eva.letters("jana") == []
    assert (
        eva.post(f"{page}/basis", csrf=eva.csrf(page), basis="consent at the stand, card of 2 March").status_code == 303
    )
    eva.later(janas(eva), minutes=2)
    (letter,) = eva.letters("jana")
    assert f"{eva.place.address}/u/" in letter.text
    eva.later(janas(eva), minutes=2)
    assert len(eva.letters("jana")) == 1


def test_with_a_basis_each_person_gets_one_thank_you_however_often_the_list_comes(eva: Story) -> None:
    for _ in range(2):
        upload(eva, rows(eva), basis="consent")
        eva.later(janas(eva), minutes=5)
    assert len(eva.letters("jana")) == 1


def test_who_opted_out_by_the_mails_link_gets_no_more_promotion(eva: Story) -> None:
    upload(eva, rows(eva), basis="consent")
    lead_id = janas(eva)
    eva.later(lead_id, minutes=5)
    (letter,) = eva.letters("jana")
    link = re.search(re.escape(eva.place.address) + r"(/u/\S+)", letter.text)
    assert link
    assert eva.get(link.group(1)).status_code == 200
    assert eva.stored(lead_id).opted_out_at is None
    one_click = eva.client.post(link.group(1), data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    upload(eva, rows(eva), basis="consent", campaign="ads")
    eva.later(lead_id, minutes=5)
    assert len(eva.letters("jana")) == 1
    blocked = [m.value for m in eva.deps.store.query(Message, lead_id) if m.value.campaign_id == "ads"]
    assert [m.state for m in blocked] == [MessageState.SUPPRESSED]


def test_refused_rows_come_back_as_a_file_with_the_reason_and_no_live_formula(eva: Story) -> None:
    done = upload(eva, rows(eva))
    answer = eva.client.get(f"/app/uploads/{done.import_id}/errors.csv", headers=HTML)
    (row,) = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert row["company"] == "Nobody AG"
    assert row["reason"]


# What follows is typed on the command line, on this machine.


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("empty.csv", b"", "empty"),
        ("header.csv", b"name,email\n", "header"),
        ("really.csv", b"PK\x03\x04 no list", "cannot be unpacked"),
        ("list.xlsx", b"name,email\nA,a@example.org\n", "is text, but its name"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_one_plain_line_with_exit_2(
    tmp_path: Path, name: str, body: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    run = cli(tmp_path / "data", "import", str(path), "--campaign", "X", "--json")
    assert run.returncode == 2
    assert run.stdout == ""
    assert len(run.stderr.strip().splitlines()) == 1
    assert reason in run.stderr


def test_an_xlsx_is_read_as_well(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["姓名", "邮箱", "公司"])  # type: ignore[union-attr]
    book.active.append(["样小明", "xiaoming@customer.example.com", "样例科技有限公司"])  # type: ignore[union-attr]
    path = tmp_path / "cards.xlsx"
    book.save(path)
    told = json.loads(cli(tmp_path / "data", "import", str(path), "--campaign", "X", "--json").stdout)
    assert (told["rows"], told["created"]) == (1, 1)


ROWS = """name,email,phone,country,company
Jana Beispiel,jana@customer.example.com,+49 30 23125001,Germany,Beispiel GmbH
JANA BEISPIEL,Jana@Customer.Example.com,,Germany,Beispiel GmbH
Timo Muster,,+49 30 23125002,DE,Muster KG
,,,,Nobody AG
Only Name,,,,
=cmd|' /C calc'!A0,f@customer.example.net,,,@SUM(1+1)
"""


def test_a_preview_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(ROWS, "utf-8")
    data = tmp_path / "data"
    told = json.loads(cli(data, "import", str(path), "--campaign", "X", "--preview", "--json").stdout)
    assert (told["created"], told["merged"], told["refused"]) == (4, 1, 1)
    assert open_service(Settings(data=data)).deps.store.query(Upload) == []
