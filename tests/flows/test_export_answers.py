"""What an export says of mail, and what it has more of one person than a transaction holds: every no counts, wherever
it stands, and every row comes in."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.flows.place_export import SAYS_NOTHING
from chalicelib.flows.read_export import reconciled
from chalicelib.flows.upload_list import run_upload
from chalicelib.records.lead import LeadStatus
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.upload import UploadState
from tests.exports import HUBSPOT, ODOO
from tests.flows.test_export_chunks import furnished, started, told
from tests.stories.conftest import World
from tests.stories.lists import lead_at


@pytest.fixture
def house(world: World) -> World:
    return furnished(world)


def test_an_answer_alone_is_what_it_says_and_a_no_taken_back_makes_nobody(house: World) -> None:
    deps = house.deps
    said = [["Email", "Subscription status"], ["yes@example.org", "Subscribed"], ["no@example.org", "Not subscribed"]]
    upload = run_upload(deps, started(deps, {**HUBSPOT, "unsubscribes.csv": said}).import_id)
    agreed, refused = lead_at(deps, "yes@example.org"), lead_at(deps, "no@example.org")
    assert agreed
    assert refused
    assert (agreed.status, agreed.opted_out_at) == (LeadStatus.NEW, None)
    assert refused.status is LeadStatus.REJECTED
    assert refused.opted_out_at
    back = [["id", "email", "active"], ["1", "back@example.org", "False"]]
    upload = run_upload(deps, started(deps, {**ODOO, "mail.blacklist.csv": back}).import_id)
    assert lead_at(deps, "back@example.org") is None
    assert SAYS_NOTHING in [why for _, _, why in told(deps, upload)]
    assert all(sum(each.counts.values()) == each.part.rows for each in reconciled(deps, upload))


def test_a_no_counts_though_the_persons_own_row_is_refused(house: World) -> None:
    deps, people = house.deps, [[*row] for row in HUBSPOT["contacts.csv"]]
    people[4][8] = "x" * 70_000
    upload = run_upload(deps, started(deps, {**HUBSPOT, "contacts.csv": people}).import_id)
    ute = lead_at(deps, "ute@werk.example.com")
    assert ute
    assert ute.opted_out_at
    assert ute.status is LeadStatus.REJECTED
    assert all(sum(each.counts.values()) == each.part.rows for each in reconciled(deps, upload))


class Measures:
    """A store that notes how many records its largest transaction has."""

    def __init__(self, store: Any) -> None:
        self._store, self.most = store, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit_each(self, groups: Any) -> Any:
        self.most = max(self.most, *map(len, groups)) if groups else self.most
        return self._store.commit_each(groups)


@pytest.mark.parametrize("phones", [0, 25])
def test_more_deals_of_one_person_than_a_transaction_holds_come_in_several(house: World, phones: int) -> None:
    deals = [ODOO["crm.lead.csv"][0]]
    for n in range(130):
        phone = f"+33 1 99 00 12 {n:02d}" if n < phones else ""
        deals.append([f"crm_lead_{n}", f"Deal {n}", "", "Mia Morel", "", "mia@morel.example.org", phone, "New", "50.0",
                      "5", "", "2025-05-10 08:00:00", "", "True", "", "pending"])  # fmt: skip
    store = Measures(house.deps.store)
    upload = run_upload(
        replace(house.deps, store=store), started(house.deps, {**ODOO, "crm.lead.csv": deals}).import_id
    )
    assert upload.state is UploadState.FINISHED
    mia = lead_at(house.deps, "mia@morel.example.org")
    assert mia
    assert len(list(house.deps.store.query(Opportunity, mia.lead_id))) == 130
    assert all(sum(each.counts.values()) == each.part.rows for each in reconciled(house.deps, upload))
    # A transaction of the table holds 100, with what the audit adds.
    assert store.most <= 90
