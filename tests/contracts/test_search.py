"""Search finds the same on both engines."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.identify import search_words
from chalicelib.identify.search_words import asked
from chalicelib.records.lead import Assignment, Lead, LeadStatus, Score
from chalicelib.records.ports import ReadModel, Ref, Stored
from chalicelib.records.search import SORTS, LeadQuery
from chalicelib.store.blobs_folder import FolderBlobs
from chalicelib.store.ids import UlidMaker
from chalicelib.store.index_blobs import BlobReadModel
from chalicelib.store.index_find import MOST_PEOPLE
from chalicelib.store.index_sqlite import SqliteReadModel

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def lead(lead_id: str, name: str, owner: str = "anna", **more: Any) -> Lead:
    return Lead(lead_id, name, assignment=Assignment(owner, (), "load", "1", NOW), updated_at=NOW, **more)


JANA = lead("jana", "Jana Müller", company="Beispiel GmbH", company_key="beispiel", score=Score(80),
            emails=("jana.mueller@kunde.example.com",), phones=("+4930900013",), products=("Pump X200",))  # fmt: skip
KIM = lead("kim", "Kim Muster", "ben", company="BEISPIEL", company_key="beispiel", status=LeadStatus.REJECTED)
WANG = lead("wang", "王小明", company="北京樣例科技有限公司", company_key="北京样例科技", phones=("+8613800138000",))
XIAO = lead("xiao", "Xiaoming Wang", "", company="VW AG", company_key="volkswagen")


@pytest.fixture(params=["sqlite", "blobs"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReadModel]:
    made: Any
    if request.param == "sqlite":
        made = SqliteReadModel(tmp_path / "index.db", search_words)
    else:
        blobs = FolderBlobs(tmp_path / "blobs")
        made = BlobReadModel(blobs, tmp_path / "copy", UlidMaker(), search_words, seconds=0)
    put(made, JANA, KIM, WANG, XIAO)
    yield made
    made.close()


def put(model: ReadModel, *leads: Lead, version: int = 1) -> None:
    model.apply([(Ref(Lead, (lead.lead_id,)), Stored(lead, version)) for lead in leads], NOW)


def found(model: ReadModel, text: str, owners: frozenset[str] | None = None) -> list[str]:
    """Whom the search finds; the list of leads and the count say the same."""
    people = model.find(asked(text), owners)
    ids = sorted(person.row.lead_id for person in people.people)
    page = model.leads(LeadQuery(text=text, owners=owners)) if asked(text) else None
    assert page is None or sorted(row.lead_id for row in page.rows) == ids
    assert people.total == len(ids)
    return ids


CASES = (
    ("jana", ["jana"]), ("JAN", ["jana"]), ("Müller", ["jana"]), ("mueller", ["jana"]), ("muller ja", ["jana"]),
    ("beispiel", ["jana", "kim"]), ("beispiel gmbh", ["jana"]), ("jana.mueller@kunde", ["jana"]), ("kunde", ["jana"]),
    ("+49 30 900013", ["jana"]), ("030 9000", ["jana"]), ("0049 30 900013", ["jana"]), ("13800138", ["wang"]),
    ("pump", ["jana"]), ("x200 jana", ["jana"]), ("王小明", ["wang", "xiao"]), ("小明", ["wang", "xiao"]), ("明小", []),
    ("wang", ["wang", "xiao"]), ("wangxiaom", ["wang", "xiao"]), ("Xiao Ming", ["wang"]), ("wxm", ["wang"]),
    ("样例", ["wang"]), ("樣例科技", ["wang"]), ("beijing", ["wang"]), ("yangli", ["wang"]), ("volkswagen", ["xiao"]),
    ("大众", ["xiao"]), ("nobody", []), ("jana nobody", []), ('"', []), ("jana OR wang", []), ("NEAR(jana", []),
    ("'; DROP TABLE lead", []), ("jana*", ["jana"]), ("facts", []), ("0o616e6e61", []),
)  # fmt: skip


@pytest.mark.parametrize(("text", "ids"), CASES)
def test_people_are_found_by_what_is_typed(model: ReadModel, text: str, ids: list[str]) -> None:
    assert found(model, text) == ids


def test_nothing_wanted_is_nobody_found(model: ReadModel) -> None:
    assert model.find(()).total == 0
    assert model.companies(()) == []


def test_only_the_leads_of_those_owners_are_found_and_counted(model: ReadModel) -> None:
    assert found(model, "beispiel", frozenset({"anna"})) == ["jana"]
    assert found(model, "wang", frozenset({"anna"})) == ["wang"]
    assert found(model, "wang", frozenset({"", "ben"})) == ["xiao"]
    assert found(model, "beispiel", frozenset()) == []
    (company,) = model.companies(asked("beispiel"), frozenset({"ben"}))
    assert (company.lead_id, company.people) == ("kim", 1)


def test_a_lead_given_to_somebody_else_is_found_by_them(model: ReadModel) -> None:
    put(model, replace(JANA, assignment=Assignment("ben", (), "hand", "1", NOW)), version=2)
    assert found(model, "jana", frozenset({"anna"})) == []
    assert found(model, "jana", frozenset({"ben"})) == ["jana"]


def test_a_company_is_one_however_it_is_written_by_its_best_lead(model: ReadModel) -> None:
    (company,) = model.companies(asked("beisp"))
    assert (company.name, company.lead_id, company.people) == ("Beispiel GmbH", "jana", 2)
    assert [each.lead_id for each in model.companies(asked("yangli"))] == ["wang"]
    assert model.companies(asked("jana")) == []


def test_a_company_of_before_names_were_folded_counts_whom_it_knows(model: ReadModel) -> None:
    put(model, lead("old", "Old Guest", company="Altbau KG"))
    assert [(each.name, each.people) for each in model.companies(asked("altbau"))] == [("Altbau KG", 1)]


def test_found_people_come_with_every_way_to_reach_them(model: ReadModel) -> None:
    (person,) = model.find(asked("jana")).people
    assert (person.emails, person.phones) == (JANA.emails, JANA.phones)
    assert person.document == search_words.document(JANA)
    assert person.row.full_name == "Jana Müller"


def test_words_are_listed_by_their_beginning_and_whole(model: ReadModel) -> None:
    assert model.words(("mu",), ("kunde", "nobody")) == ["kunde", "muller", "muster"]


def test_words_spelled_nearly_so_are_looked_for_as_well(model: ReadModel) -> None:
    (wanted,) = asked("mulelr")
    assert [p.row.lead_id for p in model.find((replace(wanted, close=("muller",)),)).people] == ["jana"]
    assert [p.row.lead_id for p in model.find((replace(wanted, close=("mulle",)),)).people] == []


def test_the_words_of_somebody_renamed_or_erased_are_gone(model: ReadModel) -> None:
    put(model, replace(JANA, full_name="Erika Neu", emails=()), version=2)
    assert (found(model, "jana"), found(model, "erika")) == ([], ["jana"])
    model.apply([(Ref(Lead, ("jana",)), None)], NOW)
    assert found(model, "erika") == []
    assert model.words(("er", "mul")) == []


def test_an_older_version_does_not_bring_its_words_back(model: ReadModel) -> None:
    put(model, replace(JANA, full_name="Erika Neu", emails=()), version=3)
    put(model, JANA, version=2)
    assert (found(model, "jana"), found(model, "erika")) == ([], ["jana"])


def test_a_lead_told_twice_at_once_is_found_by_its_newest_words_alone(model: ReadModel) -> None:
    erika = replace(JANA, full_name="Erika Neu", emails=())
    ref: Ref[Any] = Ref(Lead, ("jana",))
    model.apply([(ref, Stored(erika, 3)), (ref, Stored(JANA, 2))], NOW)
    assert (found(model, "jana"), found(model, "erika")) == ([], ["jana"])


def test_people_who_change_together_keep_their_own_words(model: ReadModel) -> None:
    """The last one's place in the index is free again, and must not be two people's."""
    put(model, XIAO, WANG, KIM, JANA, version=2)
    for text, ids in CASES:
        assert found(model, text) == ids, text


def test_of_very_many_the_whole_words_are_among_the_candidates_and_all_are_counted(model: ReadModel) -> None:
    put(model, *(lead(f"n{n:04d}", f"Janapeter {n}") for n in range(MOST_PEOPLE + 10)))
    people = model.find(asked("jana"))
    assert people.total == MOST_PEOPLE + 11
    assert "jana" in {person.row.lead_id for person in people.people}
    assert len(people.people) == MOST_PEOPLE + 1
    assert model.leads(LeadQuery(text="jana", limit=1)).total == MOST_PEOPLE + 11


def test_the_list_filters_what_the_search_finds(model: ReadModel) -> None:
    assert [row.lead_id for row in model.leads(LeadQuery(text="beispiel", status="rejected")).rows] == ["kim"]
    assert [row.lead_id for row in model.leads(LeadQuery(text="beispiel", owner_id="anna")).rows] == ["jana"]
    assert [row.lead_id for row in model.leads(LeadQuery(text="beispiel", min_score=50)).rows] == ["jana"]


def ids(model: ReadModel, **query: Any) -> list[str]:
    return [row.lead_id for row in model.leads(LeadQuery(**query)).rows]


def table(model: ReadModel) -> None:
    """Thirty people; every third has no contact due."""
    put(model, *(
        lead(f"t{n:02d}", f"Guest {n * 7 % 30:02d}", company=f"Firma {n * 11 % 30:02d}",
             country="DE" if n % 2 else "CH", score=Score(n * 3), created_at=NOW + n * HOUR, touch_count=n % 5,
             respond_by=NOW + (n * 13 % 30) * HOUR if n % 3 else None)
        for n in range(30)
    ))  # fmt: skip


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("turned", [False, True])
def test_pages_follow_each_other_in_every_order_and_both_ways(model: ReadModel, sort: str, turned: bool) -> None:
    table(model)
    whole = ids(model, sort=sort, turned=turned, limit=5_000)
    assert len(whole) == len(set(whole)) == 34
    pages = [ids(model, sort=sort, turned=turned, limit=7, offset=offset) for offset in range(0, 35, 7)]
    assert [lead_id for page in pages for lead_id in page] == whole
    assert ids(model, sort=sort, turned=turned, offset=34) == ids(model, sort=sort, limit=0) == []


def test_each_order_is_by_its_column(model: ReadModel) -> None:
    table(model)
    rows = {sort: model.leads(LeadQuery(sort=sort, country="DE")).rows for sort in SORTS}
    assert [row.full_name for row in rows["name"]] == sorted(row.full_name for row in rows["name"])
    assert [row.company for row in rows["company"]] == sorted(row.company for row in rows["company"])
    assert [row.score for row in rows["score"]] == sorted((row.score for row in rows["score"]), reverse=True)
    assert [row.touches for row in rows["touches"]] == sorted((row.touches for row in rows["touches"]), reverse=True)
    made = [row.created_at for row in rows["created"]]
    assert made == sorted(made, key=lambda at: at or NOW, reverse=True)
    due = [row.contact_by for row in rows["due"]]
    dated = [at for at in due if at]
    assert due[: len(dated)] == sorted(dated)
    assert len(dated) == 10


def test_nobody_without_a_day_comes_first_either_way(model: ReadModel) -> None:
    table(model)
    for turned in (False, True):
        last = model.leads(LeadQuery(sort="due", turned=turned)).rows[-14:]
        assert all(row.contact_by is None for row in last)


def test_filters_are_joined(model: ReadModel) -> None:
    table(model)
    assert ids(model, min_score=30, max_score=36, sort="score") == ["t12", "t11", "t10"]
    assert ids(model, created_from=NOW + 3 * HOUR, created_until=NOW + 5 * HOUR) == ["t04", "t03"]
    assert ids(model, due_by=NOW + 2 * HOUR, sort="due") == ["t07", "t14"]
    assert ids(model, company_text="beispiel", sort="name") == ["jana", "kim"]
    assert ids(model, company_text="firma 07", country="DE") == ["t17"]
    assert ids(model, company_text="jana") == []
    assert ids(model, text="jana", company_text="beispiel") == ["jana"]
    assert model.leads(LeadQuery(country="DE", limit=1)).total == 15


def test_another_reader_of_the_log_finds_the_same_from_a_snapshot(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    first = BlobReadModel(blobs, tmp_path / "one", UlidMaker(), search_words, seconds=0)
    put(first, JANA, KIM, WANG, XIAO)
    first.purge()
    other = BlobReadModel(blobs, tmp_path / "two", UlidMaker(), search_words, seconds=0)
    for text, ids in CASES:
        assert found(other, text) == ids, text
    first.close()
    other.close()
