"""Attacks by lists (cases upload-…)."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.capture.cells import neutral
from chalicelib.flows.upload_chunks import CHUNKS, begin_upload, place_chunk
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.records.lead import Lead
from chalicelib.records.ports import Deps, Ref
from chalicelib.records.rep import Rep, Role
from chalicelib.records.search import LeadQuery
from chalicelib.records.touch import Touch
from chalicelib.records.upload import RowResults, Upload, UploadState
from tests.attacks.cases import FILE, given, statuses
from tests.handlers.desk import NOW, Desk
from tests.handlers.test_uploads_pages import choose, load
from tests.stories.conftest import HTML, KEY, ROOT, build_world, cli
from tests.stories.people import EVERYBODY, FAIR

API = {"Authorization": f"Bearer {KEY}"}
SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "[Content_Types].xml": f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName='
    f'"/{SHEET}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{HEAD}<workbook xmlns="{NS}" xmlns:r="{REL}"><sheets><sheet name="A" sheetId="1" r:id="r1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    f'relationships"><Relationship Id="r1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
NAMES = ("Ann", "Lee", "ann@customer.example.com")


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet(rows: str, before: str = "") -> str:
    return f'{HEAD}{before}<worksheet xmlns="{NS}"><sheetData>{rows}</sheetData></worksheet>'


HEADER = f'<row r="1">{cell("A1", "name")}{cell("B1", "email")}</row>'
PERSON = f'<row r="2">{cell("A2", "Ann Lee")}{cell("B2", "ann@customer.example.com")}</row>'


def workbook(body: str | bytes = "", **more: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**PARTS, SHEET: body or sheet(HEADER + PERSON), **more}.items():
            archive.writestr(name, content)
    return out.getvalue()


def send(desk: Desk, data: bytes, name: str = "list.xlsx") -> Any:
    files = {"file": (name, data, "application/octet-stream")}
    answer = desk.world.client.post("/v1/imports", data={"campaign": "fair"}, files=files, headers=API)
    desk.world.work()
    if answer.status_code != 202:
        return answer
    return desk.world.client.get(f"/v1/imports/{answer.json()['import_id']}", headers=API).json()


def people(desk: Desk) -> set[str]:
    return {row.full_name for row in desk.world.deps.model.leads(LeadQuery(limit=10_000)).rows}


# Read in a process of its own, whose memory is measured.
MEASURE = """
import json, resource, sys
from chalicelib.flows.read_list import read_list
from chalicelib.records.contact import Refusal
read_list(open(sys.argv[2], "rb").read(), "small.xlsx", {})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = read_list(open(sys.argv[1], "rb").read(), sys.argv[3], {})
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"reason": found.reason if isinstance(found, Refusal) else "", "grown_mb": grown / 1024}))
"""


def measured(tmp_path: Path, data: bytes, name: str = "list.xlsx") -> dict[str, Any]:
    (tmp_path / "list.xlsx").write_bytes(data)
    (tmp_path / "small.xlsx").write_bytes(workbook())
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "list.xlsx"), str(tmp_path / "small.xlsx"), name],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, timeout=120,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def bomb(size_mb: int, lying: bool = False) -> bytes:
    """One cell of so many megabytes; `lying`: the directory says that it is small."""
    start, end = sheet(HEADER + '<row r="2"><c r="A2" t="inlineStr"><is><t>@</t></is></c></row>').split("@")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in PARTS.items():
            archive.writestr(name, content)
        with archive.open(SHEET, "w") as part:
            part.write(start.encode())
            for _ in range(size_mb):
                part.write(b"A" * 1_048_576)
            part.write(end.encode())
        if lying:
            archive.getinfo(SHEET).file_size = 1000
    return out.getvalue()


@pytest.mark.parametrize("lying", [False, True])
def test_upload_01_one_huge_cell_is_refused_by_directory_and_by_counting(
    desk: Desk, tmp_path: Path, lying: bool
) -> None:
    data = bomb(300, lying)
    assert len(data) < 1_000_000
    found = measured(tmp_path, data)
    assert found["reason"]
    assert found["grown_mb"] < 100
    told = choose(desk, data, "list.xlsx")
    draft = desk.get(told.headers["location"])
    assert draft.status_code in statuses("upload-01", 413, 422)
    assert send(desk, data)["state"] == "refused"
    assert people(desk) == set()


def test_upload_03_a_value_in_the_last_cell_of_all_is_one_row_and_no_million(desk: Desk) -> None:
    last = f'<row r="1048576">{cell("XFD1048576", "x")}</row>'
    told = send(desk, workbook(sheet(HEADER + last)))
    assert told["rows"] <= 1
    told = send(desk, workbook(sheet(HEADER + PERSON + f'<row r="1048576">{cell("A1048576", "Bob Ray")}</row>')))
    assert (told["state"], told["rows"], told["created"]) == ("finished", 2, 2)


@pytest.mark.parametrize("kind", ["entity in the sheet", "entity in the strings", "external link", "billion laughs"])
def test_upload_05_nothing_outside_the_workbook_is_read(desk: Desk, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("root:x:0:0", "utf-8")
    entity = f'<!DOCTYPE x [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    laughs = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    ) + "]>"  # fmt: skip
    person = PERSON.replace("Ann Lee", "&x;")
    data = {
        "entity in the sheet": workbook(sheet(HEADER + person, entity)),
        "entity in the strings": workbook(sheet(HEADER + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>'), **{
            "xl/sharedStrings.xml": f'{HEAD}{entity}<sst xmlns="{NS}"><si><t>&x;</t></si></sst>'}),
        "external link": workbook(**{
            "xl/externalLinks/externalLink1.xml": f'{HEAD}<externalLink xmlns="{NS}"/>',
            "xl/externalLinks/_rels/externalLink1.xml.rels":
                f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f'<Relationship Id="r1" Type="{REL}/externalLinkPath" Target="http://169.254.169.254/x" '
                'TargetMode="External"/></Relationships>'}),
        "billion laughs": workbook(sheet(HEADER + PERSON.replace("Ann Lee", "&j;"), laughs)),
    }[kind]  # fmt: skip
    told = send(desk, data)
    assert told["state"] in ("refused", "finished")
    for name in people(desk):
        assert "root:" not in name
        assert "haha" not in name
    assert choose(desk, data, "list.xlsx").status_code in {303} | statuses("upload-05", 400, 422, 202)


def test_upload_07_names_outside_and_thousands_of_parts_are_refused(desk: Desk) -> None:
    slips = ("../../x", "/etc/passwd", "..\\..\\x", "xl/../../../x", "C:/x")
    for data in (*(workbook(**{name: "x"}) for name in slips), workbook(**{f"part{n}": "" for n in range(50_000)})):
        draft = desk.get(choose(desk, data, "list.xlsx").headers["location"])
        assert draft.status_code in statuses("upload-07", 400, 413, 422)
        assert send(desk, data)["state"] == "refused"
    assert people(desk) == set()


TYPES = PARTS["[Content_Types].xml"].replace(
    "</Types>",
    '<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
)
STYLES = '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">@</styleSheet>'
ODS = HEAD + (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="A">@</table:table></office:spreadsheet></office:body></office:document-content>'
)


def open_document(content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr(zipfile.ZipInfo("mimetype"), kind)
        archive.writestr("content.xml", content)
    return out.getvalue()


# What a small file of many tags would become as a tree; the reason begins so.
TREES: dict[str, tuple[Callable[[], bytes], str]] = {
    "cells in cells without end": (
        lambda: workbook(sheet(HEADER + "<row>" + "<c>" * 2_000_000 + "</c>" * 2_000_000 + "</row>")),
        "the spreadsheet has a row of more parts"),
    "a million rows": (
        lambda: workbook(sheet(HEADER + '<row><c t="inlineStr"><is><t>a</t></is></c></row>' * 1_000_000)),
        "more rows than allowed"),
    "styles without end": (
        lambda: workbook(**{"xl/styles.xml": STYLES.replace("@", '<a b="" c=""/>' * 3_000_000)}),
        "the workbook has a part of more parts"),
    "texts without end": (
        lambda: workbook(**{"[Content_Types].xml": TYPES, "xl/sharedStrings.xml":
                            f'{HEAD}<sst xmlns="{NS}">' + "<si><t>a</t></si>" * 1_100_000 + "</sst>"}),
        "the workbook has more different texts"),
    "elements nobody knows": (
        lambda: workbook(sheet((HEADER + "<x/>" * 100_000 + "<row></row>") * 40)), ""),
    "an OpenDocument of elements in elements": (
        lambda: open_document(ODS.replace("@", "<a>" * 2_000_000 + "</a>" * 2_000_000)),
        "the spreadsheet has a row of more parts"),
    "a card of numbers": (lambda: b"BEGIN:VCARD\nFN:Ann\n" + b"TEL:1\n" * 1_600_000 + b"END:VCARD\n", ""),
    "a line of columns": (lambda: b",".join(b"c%d" % n for n in range(900_000)), "more than 1000 columns"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TREES)
def test_what_a_small_file_would_become_as_a_tree_is_never_held_in_memory(tmp_path: Path, kind: str) -> None:
    make, why = TREES[kind]
    names = {"a card of numbers": "list.vcf", "a line of columns": "list.csv",
             "an OpenDocument of elements in elements": "list.ods"}  # fmt: skip
    found = measured(tmp_path, make(), names.get(kind, "list.xlsx"))
    assert found["reason"].startswith(why)
    assert found["grown_mb"] < 100


FORMULAS = ['=HYPERLINK("http://evil","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", " =1+1", "＝1+1",
            "=cmd|' /C calc'!A0"]  # fmt: skip
STARTS = tuple("=+-@\t\r＝＋－＠")


def test_upload_09_what_could_run_in_a_spreadsheet_is_kept_and_goes_out_as_text(desk: Desk) -> None:
    written = given("upload-09", FORMULAS, "rows")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("name", "company", "email", "phone"))
    for number, text in enumerate(written):
        writer.writerow(
            (f"Guest{chr(97 + number)} Ann", text, f"g{number}@customer{number}.example.com", "+49 170 1234567")
        )
    for text in written:
        writer.writerow(("", text, "", ""))
    path = load(desk, out.getvalue())
    rows = {row.email: row for row in desk.world.deps.model.leads(LeadQuery(limit=100)).rows}
    for number, text in enumerate(written):
        assert rows[f"g{number}@customer{number}.example.com"].company == " ".join(text.split())
    leads = list(csv.reader(io.StringIO(desk.get("/app/leads.csv").text[1:])))
    errors = list(csv.reader(io.StringIO(desk.get(f"{path}/errors.csv").text.lstrip("\ufeff"))))
    assert len(errors) == len(written) + 1
    for line in (*leads, *errors):
        for shown in line:
            assert not shown.lstrip(" ").startswith(STARTS) or re.fullmatch(r"\+[\d ()./-]+|-\d+([.,]\d+)?%?", shown)
    for phone in ("+49 170 1234567", "+49 (170) 123-45"):
        assert neutral(phone) == phone, "phone numbers come back as they are"


ROWS = [("name", "email", "message"), ("Ann Lee", "ann@customer.example.com", "first; second | third"),
        ("Bob Ray", "bob@customer.example.net", "line one\nline two, with a comma"), ("李雷", "li@customer.example.org", 'a "q"')]  # noqa: E501  # fmt: skip


def written(delimiter: str = ",", end: str = "\r\n", quoting: Any = csv.QUOTE_MINIMAL) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(ROWS)
    return out.getvalue().encode()


KINDS = {
    "; separated": written(";"), "tab": written("\t"), "| separated": written("|"), "CR only": written(end="\r"),
    "LF": written(end="\n"), "everything quoted": written(quoting=csv.QUOTE_ALL),
    "mixed ends": written(end="\r\n").replace(b"\r\n", b"\n", 1),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_upload_11_however_a_list_is_separated_and_quoted_it_has_the_same_rows(desk: Desk, kind: str) -> None:
    told = send(desk, KINDS[kind], "list.csv")
    assert (told["state"], told["rows"], told["created"], told["refused"]) == ("finished", 3, 3, 0)
    assert people(desk) == {"Ann Lee", "Bob Ray", "李雷"}
    messages = set()
    for row in desk.world.deps.model.leads(LeadQuery()).rows:
        messages |= {stored.value.message for stored in desk.world.deps.store.query(Touch, row.lead_id)}
    assert messages == {row[2] for row in ROWS[1:]}


def test_upload_13_a_field_of_200_kilobytes_costs_its_row_alone(desk: Desk) -> None:
    lines = [f"Guest{chr(97 + n)} Ann,g{n}@customer{n}.example.com,ok" for n in range(20)]
    lines[9] = "Huge Field,huge@customer.example.com," + "x" * 200_000
    body = "\n".join(["name,email,message", *lines])
    path = load(desk, body)
    upload = desk.world.deps.store.get(Upload, path.rpartition("/")[2])
    assert upload
    assert (upload.value.rows, upload.value.created, upload.value.refused) == (20, 19, 1)
    assert "larger than 64 KB" in desk.get(f"{path}/errors.csv").text


def exhibition() -> tuple[bytes, int]:
    """The shared list where it is there, else one of our own of 4,700 rows: a tenth twice, 3 % with nothing to use."""
    shared = FILE.parents[1] / "lists" / "leads4700.csv"
    if shared.exists():
        return shared.read_bytes(), 4_700
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("name", "company", "email"))
    for number in range(4_700):
        of = number - 10 if number % 10 == 9 else number
        name = "".join(chr(97 + int(digit)) for digit in f"{of:05d}")
        email = f"{name}@firm{of}.example.com"
        writer.writerow(("", "", "broken@") if number % 33 == 0 else (f"{name.title()} Visitor", f"Firm {of}", email))
    return out.getvalue().encode(), 4_700


def test_upload_15_of_4700_cards_each_ends_in_one_of_four_ways_and_the_refused_can_be_fetched(tmp_path: Path) -> None:
    body, count = exhibition()
    source = tmp_path / "cards.csv"
    source.write_bytes(body)
    run = cli(tmp_path / "data", "import", str(source), "--campaign", "Exhibition", "--json")
    told = json.loads(run.stdout)
    assert told["rows"] == count
    assert told["created"] + told["merged"] + told["suppressed"] + told["refused"] == count
    assert told["merged"] >= 100
    errors = (
        list(csv.DictReader(io.StringIO(Path(told["error_file"]).read_text("utf-8-sig")))) if told["error_file"] else []
    )
    assert len(errors) == told["refused"]
    assert all(row["reason"] for row in errors)
    again = json.loads(cli(tmp_path / "data", "import", str(source), "--campaign", "Exhibition", "--json").stdout)
    assert (again["created"], again["refused"]) == (0, told["refused"])


class Killed(BaseException):
    """As by kill -9: nothing runs after it."""


class DiesAt:
    """The store of a process that ends at one of its writes, before or after it is durable."""

    def __init__(self, store: Any, at: int, after: bool) -> None:
        self._store, self._left, self._after = store, at, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _count(self, write: Any) -> Any:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        done = write()
        if self._left == 0:
            raise Killed
        return done

    def commit(self, writes: Any) -> None:
        self._count(lambda: self._store.commit(writes))

    def commit_each(self, groups: Any) -> Any:
        return self._count(lambda: self._store.commit_each(groups))


def card(number: int) -> str:
    of = number % 50
    return f"Guest{chr(97 + of % 26)}{chr(97 + of // 26)} Ann,g{of}@customer{of}.example.com,Firm {of}\n"


CARDS = "name,email,company\n" + "".join(map(card, range(60))) + ",nope,\n"


def loaded(deps: Deps, in_chunks: bool, dies: tuple[int, bool] | None) -> bool:
    """Load the list in one go or by chunks of 25 rows, and once more where the process ended; whether it did."""
    upload = start_upload(deps, CARDS.encode(), "cards.csv", FAIR.campaign_id, "", {}, "eva")
    mortal: Any = DiesAt(deps.store, *dies) if dies else deps.store
    died = False
    for turn, store in enumerate((mortal, deps.store)):
        try:
            _work(replace(deps, store=store), upload.import_id, in_chunks, again=turn > 0)
        except Killed:
            died = True
    return died


def _work(deps: Deps, import_id: str, in_chunks: bool, again: bool) -> None:
    if not in_chunks:
        run_upload(deps, import_id)
        return
    begin_upload(deps, import_id, again=again, chunk_rows=25)
    while deliveries := deps.queue.receive(CHUNKS, 1):
        place_chunk(deps, import_id, int(deliveries[0].body["chunk"]), again=again)
        deps.queue.done(CHUNKS, deliveries[0].receipt)


def outcome(deps: Deps) -> tuple[Any, ...]:
    (stored,) = deps.store.query(Upload)
    upload = stored.value
    rows = [row for part in deps.store.query(RowResults, upload.import_id) for row in part.value.results]
    leads = deps.store.get_many([Ref(Lead, (lead_id,)) for lead_id in dict.fromkeys(row[2] for row in rows if row[2])])
    people = sorted((lead.value.full_name, lead.value.emails, lead.value.touch_count) for lead in leads if lead)
    counted = (upload.rows, upload.created, upload.merged, upload.refused, upload.mails_held)
    return upload.state, counted, [row[:2] for row in rows], people


@pytest.mark.parametrize("in_chunks", [False, True], ids=["in one go", "in chunks"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_upload_17_a_list_killed_at_any_write_ends_as_one_that_was_not(
    tmp_path: Path, in_chunks: bool, after: bool
) -> None:
    def fresh(name: str) -> Deps:
        world = build_world(tmp_path / name, NOW)
        world.put(*EVERYBODY)
        return world.deps

    straight = fresh("straight")
    loaded(straight, in_chunks, None)
    wanted = outcome(straight)
    assert wanted[0] is UploadState.FINISHED
    kills = 0
    while loaded(deps := fresh(f"killed-{kills}"), in_chunks, (kills + 1, after)):
        kills += 1
        assert outcome(deps) == wanted, f"killed at write {kills}"
    assert kills >= 3


def test_upload_19_a_name_of_a_file_is_text_and_no_place_or_header(desk: Desk) -> None:
    name = given("upload-19", "../../x<svg onload=alert(1)>\r\nSet-Cookie: a=b.csv", "filename")
    body = "name,email\nAnn Lee,ann@customer.example.com\n,nope\n"
    parts = {"csrf": desk.world.csrf("/app/uploads/new"), "campaign": "fair"}
    raw = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{part}"\r\n\r\n{value}\r\n' for part, value in parts.items()
    )
    raw += '--B\r\nContent-Disposition: form-data; name="file"; filename="' + name.replace("\r\n", "%0D%0A")
    raw += f'"\r\nContent-Type: text/csv\r\n\r\n{body}\r\n--B--\r\n'
    headers = {**HTML, "Content-Type": "multipart/form-data; boundary=B"}
    sent = desk.world.client.post("/app/uploads", content=raw, headers=headers)
    assert sent.status_code == 303
    assert "set-cookie" not in sent.headers
    path = load(desk, body, name.replace("\r\n", " "))
    keys = desk.world.deps.blobs.list("uploads/") + desk.world.deps.blobs.list("drafts/")
    assert keys
    assert all(re.fullmatch(r"(uploads|drafts)/[0-9A-Z]{26}(/[a-z./0-9]+)?", key) for key in keys)
    for shown in (desk.get(sent.headers["location"]), desk.get(path), desk.get("/app/uploads")):
        assert "<svg" not in shown.text
    answer = desk.get(f"{path}/errors.csv")
    assert re.fullmatch(r'attachment; filename="refused-rows-[0-9a-z]{10}\.csv"', answer.headers["content-disposition"])
    assert "set-cookie" not in answer.headers


def test_upload_21_somebody_elses_refused_rows_are_as_if_they_were_not_there(desk: Desk) -> None:
    path = load(desk, "name,email,secret\n,,row of somebody else\nAnn Lee,ann@customer.example.com,\n")
    others = [Rep("mia", "Mia Example", "mia@example.com", Role.MARKETER),
              Rep("fin", "Fin Example", "fin@example.com", Role.FINANCE), *EVERYBODY[:1]]  # fmt: skip
    desk.world.put(*others)
    for other in others:
        desk.world.sign_in(other.rep_id)
        for import_id in (path.rpartition("/")[2], "01ARZ3NDEKTSV4RRFFQ69G5FAV"):
            answer = desk.get(f"/app/uploads/{import_id}/errors.csv")
            assert answer.status_code in statuses("upload-21", 404), other.rep_id
            assert "row of somebody else" not in answer.text
    desk.world.client.cookies.clear()
    assert desk.get(f"{path}/errors.csv").headers["location"].startswith("/app/sign-in")
    desk.world.sign_in("ada")
    assert "row of somebody else" in desk.get(f"{path}/errors.csv").text
    assert wiring.service().deps.directory.rep("mia")
