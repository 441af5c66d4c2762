"""Campaigns and their spend in the console."""

from pathlib import Path

import httpx
import pytest

from chalicelib.records.spend import Spend
from tests.handlers.desk import Desk, open_desk, words
from tests.stories.conftest import HTML

GOOD = "date,amount,currency,note,invoice\n2026-01-31,1000.50,EUR,January,I-1\n2026-02-28,99.99,EUR,,I-2\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


def spends(desk: Desk) -> list[tuple[str, int, str, str]]:
    found = (stored.value for stored in desk.world.deps.store.query(Spend))
    return sorted((str(s.spent_on), s.amount.amount_minor, s.amount.currency, s.invoice) for s in found)


def send_file(desk: Desk, body: bytes | str, path: str = "/app/campaigns/fair") -> httpx.Response:
    files = {"file": ("spend.csv", body.encode() if isinstance(body, str) else body, "text/csv")}
    data = {"csrf": desk.world.csrf(path)}
    return desk.world.client.post(f"{path}/spend/import", data=data, files=files, headers=HTML)


def test_a_campaign_is_added_and_found_in_the_list(desk: Desk) -> None:
    made = desk.post(
        "/app/campaigns", "/app/campaigns", name="Autumn <Expo>", channel="Trade show", starts_on="2026-09-01",
        ends_on="2026-09-04",
    )  # fmt: skip
    assert made.headers["location"] == "/app/campaigns/autumn-expo"
    assert "1 September 2026 – 4 September 2026" in desk.page("/app/campaigns")
    assert "Autumn &lt;Expo&gt;" in desk.get("/app/campaigns/autumn-expo").text


def test_every_wrong_field_of_a_campaign_is_told_at_once(desk: Desk) -> None:
    fields = {"name": " ", "channel": "Smoke signals", "starts_on": "31.2.", "ends_on": "2026-01-01"}
    answer = desk.post("/app/campaigns", "/app/campaigns", **fields)
    assert answer.status_code == 422
    for reason in ("this field is required", "choose one of the list", "a date such as 2026-03-31"):
        assert reason in words(answer.text)
    fields = {"name": "spring FAIR", "channel": "Print", "starts_on": "2026-02-02", "ends_on": "2026-02-01"}
    answer = desk.post("/app/campaigns", "/app/campaigns", **fields)
    assert "a campaign of this name exists" in words(answer.text)
    assert "the end must not be before the start" in words(answer.text)


def test_spend_is_entered_exactly_and_the_same_invoice_counts_once(desk: Desk) -> None:
    entry = {"spent_on": "2026-02-01", "amount": "1234.50", "currency": "eur", "note": "stand", "invoice": "I-7"}
    assert desk.post("/app/campaigns/fair/spend", **entry).headers["location"].endswith("said=entered")
    assert desk.post("/app/campaigns/fair/spend", **entry).headers["location"].endswith("said=known")
    assert spends(desk) == [("2026-02-01", 123_450, "EUR", "I-7")]
    shown = desk.page("/app/campaigns/fair?said=known")
    assert "nothing was changed" in shown
    assert "€1,234.50 stand I-7 Ada Example" in shown
    assert "€1,234.50" in desk.page("/app/campaigns")


def test_an_invoice_that_comes_with_another_amount_is_told_and_not_swallowed(desk: Desk) -> None:
    entry = {"spent_on": "2026-02-01", "amount": "10", "currency": "EUR", "invoice": "I-7"}
    desk.post("/app/campaigns/fair/spend", **entry)
    answer = desk.post("/app/campaigns/fair/spend", **{**entry, "amount": "11"})
    assert answer.status_code == 422
    assert "this invoice is stored with another amount or date: I-7" in words(answer.text)
    assert spends(desk) == [("2026-02-01", 1000, "EUR", "I-7")]


def test_odd_spend_is_refused_field_by_field(desk: Desk) -> None:
    answer = desk.post("/app/campaigns/fair/spend", amount="1e999", currency="EUR", spent_on="")
    assert answer.status_code == 422
    assert "an amount such as 1234.50" in words(answer.text)
    answer = desk.post("/app/campaigns/fair/spend", amount="1.005", currency="EURO", spent_on="tomorrow")
    assert "an ISO 4217 code such as EUR" in words(answer.text)
    answer = desk.post("/app/campaigns/fair/spend", amount="1.00", currency="EUR", spent_on="")
    assert "this field is required" in words(answer.text)
    assert spends(desk) == []
    assert desk.post("/app/campaigns/nobody/spend", "/app/campaigns").status_code == 404


def test_amounts_of_different_currencies_are_never_added(desk: Desk) -> None:
    for currency, amount in (("EUR", "10"), ("JPY", "5000")):
        desk.post("/app/campaigns/fair/spend", spent_on="2026-02-01", amount=amount, currency=currency)
    shown = desk.page("/app/campaigns/fair")
    assert "€10.00 spent" in shown
    assert "¥5,000 spent" in shown


def test_a_spend_file_is_entered_once_however_often_it_comes(desk: Desk) -> None:
    assert send_file(desk, GOOD).headers["location"].endswith("said=imported&count=2&known=0")
    assert send_file(desk, GOOD).headers["location"].endswith("said=imported&count=0&known=2")
    assert "0 rows entered, 2 known" in desk.page("/app/campaigns/fair?said=imported&count=0&known=2")
    assert spends(desk) == [("2026-01-31", 100_050, "EUR", "I-1"), ("2026-02-28", 9_999, "EUR", "I-2")]


def test_rows_without_an_invoice_are_known_by_their_file(desk: Desk) -> None:
    body = "date;amount;currency\n2026-01-31;10;EUR\n2026-01-31;10;EUR\n"
    send_file(desk, body)
    send_file(desk, body)
    assert len(spends(desk)) == 2


def test_with_one_bad_row_nothing_is_entered_and_each_bad_row_is_told(desk: Desk) -> None:
    bad = (
        GOOD
        + "yesterday,1,EUR,,\n2026-03-01,a lot,EUR,,\n2026-03-01,1,Euro,,\n2026-03-01,-5,EUR,,\n2026-03-02,1,EUR,,I-2\n"
    )
    answer = send_file(desk, bad)
    assert answer.status_code == 422
    told = words(answer.text)
    assert "Nothing of this file was entered" in told
    for line in ("Row 3: not a date", "Row 4: not an amount", "Row 5: not an ISO 4217", "Row 6: not an amount",
                 "Row 7: this invoice is also in row 2: I-2"):  # fmt: skip
        assert line in told
    assert spends(desk) == []


def test_an_invoice_stored_with_another_amount_stops_the_file(desk: Desk) -> None:
    send_file(desk, GOOD)
    answer = send_file(desk, GOOD.replace("1000.50", "1000.51"))
    assert "Row 1: this invoice is stored with another amount or date: I-1" in words(answer.text)
    assert len(spends(desk)) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the file is empty"),
        (b"date,amount\n2026-01-01,5\n", "a column is missing: currency"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "the file is not a CSV text file"),
        (b"date,amount,currency\n" + b"2026-01-01,1,EUR\n" * 5_001, "more rows than allowed: 5000"),
        (b"x" * (1024 * 1024 + 1), "the file is larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_spend_says_so(desk: Desk, body: bytes, reason: str) -> None:
    answer = send_file(desk, body)
    assert answer.status_code == 422
    assert reason in words(answer.text)


def test_the_tracked_link_counts_for_the_campaign(desk: Desk) -> None:
    assert "http://leadline.example/f/contact?utm_campaign=fair" in desk.get("/app/campaigns/fair").text
    desk.ask(utm_campaign="fair")
    shown = desk.page("/app/campaigns/fair")
    assert "1 lead touched" in shown
    assert "Spring Fair Trade show – – 1" in desk.page("/app/campaigns")


def test_an_unknown_campaign_is_not_found(desk: Desk) -> None:
    assert desk.get("/app/campaigns/nobody").status_code == 404
