"""The review page: two side by side, decided by a button; two reviewers, thousands of pairs, another language."""

from pathlib import Path

import pytest

from chalicelib.records.doubt import SamePerson
from tests.handlers.desk import Desk, open_desk, words
from tests.stories.conftest import HTML
from tests.stories.people import EVERYBODY

PAGE = "/app/review"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = open_desk(tmp_path)
    desk.ask(name="Anna Weber", email="anna@customer.example.com", company="Nord AG")
    desk.ask(name="Lukas Weber", email="lukas@customer.example.com", company="Nord AG")
    return desk


def pair_of(desk: Desk) -> str:
    return desk.world.deps.store.query(SamePerson)[0].value.pair_id


def test_both_stand_side_by_side_with_what_speaks_for_and_against(desk: Desk) -> None:
    page = desk.page(PAGE)
    assert "Anna Weber Lukas Weber Company Nord AG Nord AG" in page
    assert "E-mail anna@customer.example.com lukas@customer.example.com" in page
    assert "another e-mail −4 same phone +14 another given name −18 same company +2" in page
    assert "Two people, for good" in page


def test_two_people_for_good_is_decided_once(desk: Desk) -> None:
    path = f"{PAGE}/{pair_of(desk)}"
    assert desk.post(f"{path}/apart", PAGE).headers["location"] == f"{PAGE}?said=apart"
    assert desk.post(f"{path}/later", PAGE).headers["location"] == f"{PAGE}?said=decided"
    page = desk.page(f"{PAGE}?said=apart")
    assert "They are two people. They are not shown here again. Nothing to decide." in page
    assert "Somebody had decided on it already." in desk.page(f"{PAGE}?said=decided")
    assert desk.post(f"{PAGE}/A-B/apart", PAGE).status_code == 404


def test_later_puts_a_pair_off(desk: Desk) -> None:
    assert desk.post(f"{PAGE}/{pair_of(desk)}/later", PAGE).headers["location"] == f"{PAGE}?said=later"
    assert "They are shown here again in 30 days. Nothing to decide." in desk.page(f"{PAGE}?said=later")


def test_without_the_token_of_the_page_nothing_is_decided(desk: Desk) -> None:
    answer = desk.world.client.post(f"{PAGE}/{pair_of(desk)}/apart", data={"csrf": "x"}, headers=HTML)
    assert answer.status_code == 403
    assert "Anna Weber" in desk.page(PAGE)


def test_more_pairs_than_a_page_holds_come_one_page_after_another(desk: Desk) -> None:
    for name in ("Heike", "Jan", "Ida", "Mia", "Udo", "Kai"):
        desk.ask(name=f"{name} Weber", email=f"{name}@customer.example.com".lower(), company="Nord AG")
    pairs = len(desk.world.deps.store.query(SamePerson))
    assert 10 < pairs <= 20
    first = desk.get(PAGE).text
    assert first.count('class="pair-table"') == 10
    further = first.partition(f'href="{PAGE}?after=')[2].partition('"')[0]
    second = desk.get(f"{PAGE}?after={further}").text
    assert second.count('class="pair-table"') == pairs - 10
    assert "Back to the beginning" in second
    assert "Further pairs" not in second


def test_the_page_speaks_the_readers_language(desk: Desk) -> None:
    assert "同一人" in words(desk.get(PAGE, **{"Accept-Language": "zh-CN"}).text)


def test_a_rep_does_not_decide_who_is_whom(desk: Desk) -> None:
    rep = next(one for one in EVERYBODY if getattr(one, "role", "") == "rep")
    desk.world.sign_in(rep.rep_id)
    assert desk.get(PAGE).status_code == 403
