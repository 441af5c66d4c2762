"""G5, all: "the information is scattered". A company's page says what it belongs to and what belongs to it, and has the
people who name it otherwise."""

from typing import Any

import pytest

from chalicelib.flows.company_tree import InARing, describe_company, family_of, known_company
from chalicelib.flows.undo_upload import ask_undo
from chalicelib.flows.upload_list import start_upload
from chalicelib.flows.upload_state import enqueue_upload
from chalicelib.records.company import Company, CompanyName, Subsidiary
from chalicelib.records.upload import Upload
from tests.exports import HUBSPOT, zipped
from tests.stories.conftest import World
from tests.stories.lists import upload_of
from tests.stories.people import EVERYBODY, FAIR


@pytest.fixture
def house(world: World) -> World:
    world.put(*EVERYBODY, FAIR)
    return world


def load(house: World, tables: Any) -> Upload:
    upload = start_upload(house.deps, zipped(tables), "export.zip", FAIR.campaign_id, "", {}, "eva")
    enqueue_upload(house.deps, upload)
    house.work()
    return upload_of(house, upload.import_id)


COMPANIES = [
    ["Record ID", "Company name", "Company Domain Name", "Parent Company", "Also known as"],
    ["1", "Nord Holding SE", "https://www.nord.example.com", "", "Nord Group"],
    ["2", "Nord Tech GmbH", "tech.example.com", "1", ""],
    ["3", "Nord Tech Systems", "tech.example.com", "", ""],
    ["4", "Nord Group AG", "", "", ""],
    ["5", "Nord Werk GmbH", "www.nord.example.com", "1", ""],
    ["6", "Nord Tech GmbH", "", "", ""],
]


def test_a_company_is_known_by_its_name_its_other_names_and_its_domain(house: World) -> None:
    upload = load(house, {**HUBSPOT, "companies.csv": COMPANIES})
    names = {stored.value.name for stored in house.deps.store.query(Company)}
    # 3 is akin and of one domain, 4 another name, 6 the same; 5 shares the domain of its holding alone.
    assert names == {"Nord Holding SE", "Nord Tech GmbH", "Nord Werk GmbH"}
    family = family_of(house.deps, "NORD TECH")
    assert (family.above, family_of(house.deps, "Nord Group").below) == (
        ("Nord Holding SE",), ("Nord Tech GmbH", "Nord Werk GmbH"))  # fmt: skip
    again = load(house, {**HUBSPOT, "companies.csv": COMPANIES})
    assert {stored.value.name for stored in house.deps.store.query(Company)} == names
    for each in (again, upload):
        ask_undo(house.deps, each.import_id, "Eva")
        house.work()
    left = [ref for ref, _ in house.deps.store.part(0, 1) if ref.kind in (Company, CompanyName, Subsidiary)]
    assert left == []


def test_a_company_is_put_below_another_and_taken_out_again(house: World) -> None:
    deps = house.deps
    describe_company(
        deps, "Beispiel Werk GmbH", "Beispiel Holding AG", ["BW", "Beispielwerk"], "werk.example.com", "eva"
    )
    describe_company(deps, "Beispiel Holding AG", "Muster Gruppe", [], "", "eva")
    assert family_of(deps, "beispiel werk").above == ("Beispiel Holding AG", "Muster Gruppe")
    assert family_of(deps, "Muster Gruppe AG").below == ("Beispiel Holding AG",)
    found = known_company(deps, "BW")
    assert found
    assert found.value.name == "Beispiel Werk GmbH"
    describe_company(deps, "BW", "", [], "", "eva")
    assert (family_of(deps, "Beispiel Werk").above, family_of(deps, "Beispiel Holding").below) == ((), ())
    assert known_company(deps, "BW") is None
    assert family_of(deps, "") == family_of(deps, "GmbH unknown")


def test_no_company_belongs_to_itself_or_in_a_ring(house: World) -> None:
    deps = house.deps
    describe_company(deps, "A Werke", "B Werke", [], "", "eva")
    describe_company(deps, "B Werke", "C Werke", [], "", "eva")
    for name, parent in (("A Werke", "A WERKE GmbH"), ("C Werke", "A Werke"), ("C Werke", "B Werke")):
        with pytest.raises(InARing):
            describe_company(deps, name, parent, [], "", "eva")


def test_a_company_corrected_by_hand_stays_when_its_export_is_taken_back(house: World) -> None:
    upload = load(house, HUBSPOT)
    describe_company(house.deps, "Beispiel Werk GmbH", "Somebody Else SE", [], "", "eva")
    ask_undo(house.deps, upload.import_id, "Eva")
    house.work()
    assert [stored.value.name for stored in house.deps.store.query(Company)] == ["Beispiel Werk GmbH"]
    assert family_of(house.deps, "Beispiel Werk").above == ("Somebody Else SE",)
