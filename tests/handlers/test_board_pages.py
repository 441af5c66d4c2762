"""The morning board: who may look, whose work it shows, and that each figure opens to as many rows as it says."""

import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest

from chalicelib.flows.keep_promises import Promised, give_promise
from chalicelib.records.rep import Rep, Role
from chalicelib.records.task import Task
from tests.handlers.desk import NOW, Desk, given_to, open_desk
from tests.stories.people import ANNA, BERLIN, EVA

CARL = Rep("carl", "Carl Example", "carl@example.com", manager_id="mia", week=BERLIN, countries=("AT",))
MIA = Rep("mia", "Mia Example", "mia@example.com", Role.MANAGER, week=BERLIN)
FIGURE = re.compile(r'<a href="(/app/board/[^"]+)"[^>]*>(?:\s*<span class="figure-value">)?([0-9,]+)<')


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path, "eva", CARL, MIA)
    for number, owner in enumerate(("anna", "anna", "ben", "carl", "")):
        name = f"Guest{number}"
        made.ask(name=name, email=f"{name}@customer.example.com".lower(), phone="", company=f"{name} AG")
        given_to(made, made.lead_path(name), owner)
    return made


def figures(desk: Desk, path: str = "/app/board") -> dict[str, int]:
    """Every figure of the board by the address it opens to."""
    answer = desk.get(path)
    assert answer.status_code == 200
    found = FIGURE.findall(answer.text)
    assert found
    return {unescape(address): int(number.replace(",", "")) for address, number in found}


def rows(desk: Desk, path: str) -> int:
    """How many rows there are behind an address, over all its pages."""
    seen, at = 0, path
    while at:
        text = desk.get(at).text
        seen += text.count("<li data-row>") + len(re.findall(r'<li id="promise-', text))
        following = re.search(r'rel="next" href="([^"]+)"', text)
        at = unescape(following.group(1)) if following else ""
    return seen


def much_of_everything(desk: Desk) -> None:
    deps = desk.world.deps
    one, two, three = (desk.lead_path(f"guest{n}").rpartition("/")[2] for n in range(3))
    deps_at = desk.world.now.date()
    give_promise(deps, one, ANNA, Promised("delivery date", "Within two weeks", deps_at))
    give_promise(deps, one, EVA, Promised("delivery date", "Within four weeks", deps_at + timedelta(days=9)))
    desk.world.put(
        Task("T1", one, "anna", "Send the sheet", "anna", NOW, date(2026, 3, 2), due_at=NOW + timedelta(hours=2)),
        Task("T2", two, "anna", "Call back", "anna", NOW, date(2026, 3, 1), due_at=NOW - timedelta(hours=2)),
    )
    desk.world.sign_in("ben")
    assert desk.post(f"/app/leads/{three}/note", kind="call", text="").status_code == 303
    desk.world.sign_in("eva")
    desk.world.work()


def test_each_figure_opens_to_exactly_as_many_rows(desk: Desk) -> None:
    much_of_everything(desk)
    for hours in (0, 30):
        desk.world.now += timedelta(hours=hours)
        desk.world.sign_in("eva")
        for path in ("/app/board", "/app/board?people=all"):
            found = figures(desk, path)
            assert {address: rows(desk, address) for address in found} == found


def test_what_a_figure_counts(desk: Desk) -> None:
    much_of_everything(desk)
    told = figures(desk)
    assert told["/app/board/late"] == 0
    assert told["/app/board/promises"] == 1
    assert told["/app/board/contradictions"] == 2
    assert told["/app/board/overdue"] == 1
    assert told["/app/board/no_step"] == 1
    assert told["/app/board/unowned"] == 1
    assert told["/app/board/answered?rep=ben"] == 1
    assert told["/app/board/open?rep=anna"] == 2
    assert "Send the sheet" in desk.page("/app/board/today")
    assert "Call back" in desk.page("/app/board/overdue")
    assert "everything" not in desk.page("/app/board/no_step?rep=ben")
    # Nobody answers, and nobody tells the clock: two days later all that was open is past its limit.
    desk.world.now += timedelta(days=2)
    desk.world.sign_in("eva")
    late = figures(desk)
    assert late["/app/board/promises"] == 0
    assert late["/app/board/broken"] == 1
    assert late["/app/board/late"] == late["/app/board/late?rep=anna"] == 2


def test_a_manager_sees_the_own_team_first_and_everybody_on_asking(desk: Desk) -> None:
    team = desk.page("/app/board")
    assert "Anna Example" in team
    assert "Carl Example" not in team
    assert "Carl Example" in desk.page("/app/board?people=all")
    assert "/app/board/open?rep=carl" not in figures(desk)
    everybody = figures(desk, "/app/board?people=all")
    assert everybody["/app/board/open?people=all&rep=carl"] == 1
    assert sum(n for address, n in everybody.items() if "/open?" in address) == 5


def test_an_administrator_and_a_manager_without_a_team_see_everybody(desk: Desk) -> None:
    desk.world.put(Rep("leo", "Leo Example", "leo@example.com", Role.MANAGER, week=BERLIN))
    for who in ("ada", "leo"):
        desk.world.sign_in(who)
        page = desk.page("/app/board")
        assert "Carl Example" in page
        assert "my team" not in page


def test_a_figure_there_is_none_of_is_not_found(desk: Desk) -> None:
    assert desk.get("/app/board/salaries").status_code == 404


def test_a_rep_has_no_board_and_is_not_offered_one(desk: Desk) -> None:
    desk.world.sign_in("anna")
    assert desk.get("/app/board").status_code == 403
    assert "/app/board" not in desk.get("/app/inbox").text


def test_a_board_of_nobody_says_what_to_do(tmp_path: Path) -> None:
    desk = open_desk(tmp_path)
    desk.world.put(*(Rep(r.rep_id, r.name, r.email, r.role, active=False) for r in desk.world.deps.directory.reps()
                     if r.role is Role.REP))  # fmt: skip
    page = desk.page("/app/board")
    assert "Nobody sells yet." in page
    assert "Nothing here." in desk.page("/app/board/late")


def test_who_leads_people_begins_the_day_at_the_board() -> None:
    from chalicelib.handlers.web import first_page

    assert first_page(EVA, "/app") == "/app/board"
    assert first_page(EVA, "/app/leads") == "/app/leads"


def test_a_row_of_somebody_erased_meanwhile_says_so(desk: Desk) -> None:
    lead_id = desk.lead_path("guest0").rpartition("/")[2]
    desk.world.deps.store.forget(lead_id)
    assert "Erased or taken back meanwhile" in desk.page("/app/board/open?rep=anna")
