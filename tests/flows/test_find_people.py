"""Whom a search finds: the nearest first, and who is spelled nearly so where that is hardly anybody."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.assign.visibility import Sight
from chalicelib.flows.find_people import ENOUGH, Search, find_people
from chalicelib.records.lead import Assignment, Lead, LeadStatus, Score
from tests.handlers.desk import NOW, Desk, open_desk

ANNAS = Assignment("anna", (), "load", "1", NOW)
PEOPLE = (
    Lead("jana", "Jana Müller", company="Beispiel AG", company_key="beispiel", score=Score(10), updated_at=NOW,
         emails=("jana@kunde.example.com", "jm@privat.example.org"), phones=("+4930900013",), assignment=ANNAS),
    Lead("janina", "Janina Müller", company="Beispiel AG", company_key="beispiel", score=Score(90), updated_at=NOW,
         assignment=ANNAS),
    Lead("closed", "Jana Abend", status=LeadStatus.REJECTED, score=Score(99), updated_at=NOW, assignment=ANNAS),
    Lead("jacob", "Jacob Jana", score=Score(10), updated_at=NOW + timedelta(hours=1), assignment=ANNAS),
    Lead("wang", "王小明", company="样例科技", company_key="样例科技", updated_at=NOW, assignment=ANNAS),
    Lead("pinyin", "Xiaoming Wang", updated_at=NOW, emails=("w@kunde.example.com",), assignment=ANNAS),
    Lead("bens", "Zdenka Hofmann", updated_at=NOW, assignment=replace(ANNAS, owner_id="ben"), products=("Pumps",)),
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path, "")
    made.world.put(*PEOPLE)
    made.world.work()
    return made


def found(desk: Desk, text: str, owners: frozenset[str] | None = None) -> Search:
    return find_people(desk.world.deps, Sight(owners), text)


def ids(search: Search) -> list[str]:
    return [line.row.lead_id for line in search.people]


def test_whole_words_come_before_beginnings_open_leads_before_closed_then_score_and_time(desk: Desk) -> None:
    assert ids(found(desk, "jana")) == ["jacob", "jana", "closed"]
    assert ids(found(desk, "jan")) == ["janina", "jacob", "jana", "closed"]
    assert ids(found(desk, "王小明")) == ["wang", "pinyin"]
    assert found(desk, "王小明").people[1].aloud


def test_nothing_typed_and_nothing_to_look_for_find_nobody(desk: Desk) -> None:
    assert found(desk, "  ") == Search("  ")
    assert found(desk, "***") == Search("***")


def test_a_slip_finds_the_person_and_says_which_word_was_meant(desk: Desk) -> None:
    search = found(desk, "jnaa mulelr")
    assert ids(search) == ["jana"]
    assert search.spellings == (("jnaa", ("jana",)), ("mulelr", ("muller",)))
    assert search.people[0].name == (("Jana", True), (" ", False), ("Müller", True))


def test_who_is_spelled_so_comes_before_who_is_spelled_nearly_so(desk: Desk) -> None:
    desk.world.put(Lead("maler", "Kim Maller", score=Score(99), updated_at=NOW))
    desk.world.work()
    assert ids(found(desk, "muller"))[-1] == "maler"
    assert found(desk, "muller").spellings == (("muller", ("maller",)),)


def test_with_enough_people_nobody_spelled_nearly_so_is_shown(desk: Desk) -> None:
    desk.world.put(Lead("maler", "Kim Maller", updated_at=NOW))
    desk.world.put(*(Lead(f"m{n}", "Eva Müller", updated_at=NOW) for n in range(ENOUGH)))
    desk.world.work()
    search = found(desk, "muller")
    assert "maler" not in ids(search)
    assert search.total == ENOUGH + 2


def test_what_somebody_may_not_see_is_not_told_by_a_spelling_either(desk: Desk) -> None:
    assert ids(found(desk, "hofmnan")) == ["bens"]
    hidden = found(desk, "hofmnan", frozenset({"anna"}))
    assert (hidden.people, hidden.total, hidden.spellings, hidden.companies) == ((), 0, (), ())


def test_the_way_to_reach_them_is_the_one_that_was_found(desk: Desk) -> None:
    def contact(text: str) -> str:
        return "".join(part for part, _ in found(desk, text).people[0].contact)

    assert contact("jana muller") == "jana@kunde.example.com"
    assert contact("jm@privat") == "jm@privat.example.org"
    assert contact("030 9000") == "+4930900013"
    assert contact("zdenka") == ""
    assert found(desk, "pumps").people[0].product


def test_companies_come_with_how_many_of_their_people_may_be_seen(desk: Desk) -> None:
    (company,) = found(desk, "beis").companies
    assert (company.people, company.name) == (2, (("Beis", True), ("piel AG", False)))
    assert found(desk, "beis", frozenset({"ben"})).companies == ()
    assert [c.lead_id for c in found(desk, "yangli").companies] == ["wang"]
