"""M1, a marketer: "we spent 20 million; what did it yield?" """

import csv
import io
from typing import Any

import pytest

from tests.stories.story import BEARER, HTML, Story

MODELS = ("first", "last", "linear", "position")


class Books:
    """A story's campaigns, leads and deals, and its own lines of the whole service's report."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.fair, self.ads = (self._campaign(name, channel) for name, channel in
                               (("Fair", "Trade show"), ("Ads", "Paid Search")))  # fmt: skip

    def _campaign(self, name: str, channel: str) -> str:
        made = self.story.api("/v1/campaigns", {"name": f"{name} {self.story.mark}", "channel": channel})
        return str(made["campaign_id"])

    def spend(self, campaign: str, amount: str, **more: str) -> dict[str, Any]:
        body = {"campaign": campaign, "amount": amount, "currency": "EUR", "spent_on": "2026-03-01", **more}
        return self.story.api("/v1/spend", body)

    def lead(self, name: str, *campaigns: str) -> str:
        lead_id = ""
        for n, campaign in enumerate(campaigns):
            # Words of their own: the same ones within ten minutes would be the same enquiry.
            body = {**self.story.person(name), "message": f"Enquiry {n}", "campaign": campaign}
            lead_id = self.story.api("/v1/leads", body)["lead_id"]
            self.story.age(lead_id, days=1)
        return lead_id

    def win(self, lead_id: str, amount: str, currency: str = "EUR", margin: int | None = None) -> None:
        body = {"lead_id": lead_id, "name": "Order", "amount": amount, "currency": currency,
                "margin": margin}  # fmt: skip
        deal = self.story.api("/v1/opportunities", body)["opportunity_id"]
        self.story.api(f"/v1/opportunities/{lead_id}/{deal}", {"stage": "won"}, "PATCH")

    def filled(self) -> "Books":
        self.spend(self.fair, "20000.00")
        self.spend(self.ads, "1234.57")
        self.win(self.lead("Jana", self.fair, self.ads, self.ads), "100.01", margin=40)
        self.win(self.lead("Timo", self.ads), "99.99")
        self.lead("Silke", self.fair)
        return self

    def report(self, leads: int = 0, revenue: int = 0, currency: str = "EUR") -> dict[str, Any]:
        """As soon as it shows so many of this story's leads, and so much of its revenue by the first touch."""

        def shown() -> dict[str, Any] | None:
            answer = self.story.client.get("/v1/attribution", headers=BEARER)
            found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
            lines = self.lines(found, "first", currency) if found else []
            there = sum(line["leads"] for line in lines) == leads and amounts(lines, "revenue") == revenue
            return found if lines and there and amounts(lines, "spend") else None

        return self.story.wait_until(shown)

    def section(self, found: dict[str, Any], model: str, currency: str = "EUR") -> dict[str, Any] | None:
        wanted = (model, currency)
        return next((s for s in found["sections"] if (s["model"], s["currency"]) == wanted), None)

    def lines(self, found: dict[str, Any], model: str, currency: str = "EUR") -> list[dict[str, Any]]:
        """Those of this story's campaigns."""
        part = self.section(found, model, currency)
        return [row for row in part["rows"] if row["campaign_id"] in (self.fair, self.ads)] if part else []


def amounts(lines: list[dict[str, Any]], name: str) -> int:
    return sum(int(line[name]["amount_minor"]) for line in lines)


@pytest.fixture
def books(story: Story) -> Books:
    return Books(story)


def test_spend_and_revenue_reconcile_to_the_last_cent_in_every_model(books: Books) -> None:
    found = books.filled().report(leads=3, revenue=20_000)
    for model in MODELS:
        lines = books.lines(found, model)
        assert amounts(lines, "revenue") == 20_000
        assert amounts(lines, "spend") == 2_123_457
        assert sum(line["leads"] for line in lines) == 3
        # And so does everybody's: the lines and the unattributed one are the total.
        whole = books.section(found, model)
        assert whole
        for name in ("revenue", "spend"):
            assert amounts([*whole["rows"], whole["unattributed"]], name) == whole["total"][name]["amount_minor"]


def test_the_models_credit_differently_and_as_they_say(books: Books) -> None:
    found = books.filled().report(leads=3, revenue=20_000)
    revenue = {
        model: {line["campaign_id"]: line["revenue"]["amount_minor"] for line in books.lines(found, model)}
        for model in MODELS
    }
    assert revenue["first"][books.fair] == 10_001
    assert revenue["last"][books.ads] == 20_000
    assert revenue["linear"][books.fair] in (3_333, 3_334)
    assert revenue["position"][books.fair] in (4_000, 4_001)


def test_the_credits_of_a_deal_add_up_to_its_amount(books: Books) -> None:
    found = books.filled().report(leads=3, revenue=20_000)
    for model in MODELS:
        of_deal: dict[str, int] = {}
        for credit in (
            c for c in found["credits"] if c["model"] == model and c["campaign_id"] in (books.fair, books.ads)
        ):
            deal = credit["opportunity_id"]
            of_deal[deal] = of_deal.get(deal, 0) + credit["amount"]["amount_minor"]
        assert sorted(of_deal.values()) == [9_999, 10_001]


def test_the_page_its_csv_and_the_api_show_the_same_figures(books: Books) -> None:
    found, story = books.filled().report(leads=3, revenue=20_000), books.story
    story.sign_in("eva")
    asked = "model=linear&currency=EUR"
    page = story.get(f"/app/returns?{asked}")
    assert page.status_code == 200
    text = story.client.get(f"/app/returns.csv?{asked}", headers=HTML).text
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    lines = books.lines(found, "linear")
    assert len(lines) == 2
    for line in lines:
        assert line["name"] in page.text
        row = next(r for r in rows if line["name"] in r.values())
        assert f"{line['revenue']['amount_minor'] / 100:.2f}" in row.values()
        assert f"{line['spend']['amount_minor'] / 100:.2f}" in row.values()


def test_the_same_invoice_twice_is_spent_once(books: Books) -> None:
    first, second = (books.spend(books.fair, "5.00", invoice=f"I-{books.story.mark}") for _ in range(2))
    assert first == second
    assert amounts(books.lines(books.report(), "first"), "spend") == 500


def test_currencies_are_never_added(books: Books) -> None:
    books.filled()
    books.spend(books.fair, "1.00", currency="CNY")
    books.win(books.lead("Wen", books.fair), "7000.00", "CNY")
    found = books.report(leads=4, revenue=700_000, currency="CNY")
    assert amounts(books.lines(found, "first", "CNY"), "revenue") == 700_000
    assert amounts(books.lines(found, "first"), "revenue") == 20_000
