"""The search page and the suggestions, by what the reader may see."""

from pathlib import Path

import httpx
import pytest

from chalicelib.records.api_key import ApiKey
from chalicelib.records.lead import Assignment, Lead
from tests.handlers.desk import HTML, NOW, Desk, given_to, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = open_desk(tmp_path, "eva")
    for name, company, owner in (("Jana Beispiel", "Beispiel AG", "anna"), ("Kim Muster", "BEISPIEL", "ben")):
        first = name.split()[0].lower()
        made.ask(name=name, company=company, email=f"{first}@{first}.example.com", phone="")
        given_to(made, made.lead_path(first), owner)
    return made


def many(desk: Desk, count: int, name: str = "Person") -> None:
    whose = Assignment("anna", (), "load", "1", NOW)
    leads = [
        Lead(f"n{n:03d}", f"{name} {n:03d}", company=f"Firma{n:03d} AG", company_key=f"firma{n:03d}", updated_at=NOW,
             assignment=whose)
        for n in range(count)
    ]  # fmt: skip
    for at in range(0, count, 100):
        desk.world.put(*leads[at : at + 100])
    desk.world.work()


def test_people_and_companies_are_found_by_the_beginning_of_a_word(desk: Desk) -> None:
    page = desk.page("/app/search?q=bei")
    assert "Jana Bei spiel" in page
    assert "2 people" in page
    html = desk.get("/app/search?q=bei").text
    assert f'href="{desk.lead_path("kim")}"' in html
    assert html.count("/company") == 1
    assert 'value="bei"' in html


def test_a_rep_finds_and_counts_the_own_people_alone(desk: Desk) -> None:
    kim = desk.lead_path("kim")
    desk.world.sign_in("anna")
    page = desk.page("/app/search?q=beispiel")
    assert "Jana" in page
    assert "Kim" not in page
    assert "One person" in page
    assert "2 people" not in page
    assert kim not in desk.get("/app/search?q=beispiel").text
    for typed in ("kim", "muster", "mustre", "kim@kim"):
        assert "Nobody is found." in desk.page(f"/app/search?q={typed}"), typed
        assert desk.get(f"/app/search/suggest?q={typed}").json() == {"people": [], "companies": [], "total": 0}


def test_what_is_typed_and_what_is_found_are_shown_as_text(desk: Desk) -> None:
    desk.ask(name="<img src=x> Kaiser", email="k@k.example.com", company="", phone="")
    html = desk.get("/app/search?q=kaiser").text
    assert "&lt;img src=x&gt; <mark>Kaiser</mark>" in html
    html = desk.get('/app/search?q="><script>alert(1)</script>').text
    assert "<script>alert" not in html
    assert "Nobody is found." in html


def test_a_slip_is_told_with_what_was_meant(desk: Desk) -> None:
    page = desk.page("/app/search?q=jnaa+beispiel")
    assert "Hardly anybody is written “jnaa”. Spelled nearly so: jana" in page
    assert "is nearly" not in page
    assert 'href="/app/search?q=jana%20beispiel"' in desk.get("/app/search?q=jnaa+beispiel").text
    desk.ask(name="Jena Beispiel", email="jena@jena.example.com", phone="")
    assert "“jena” is nearly “jnna”" in desk.page("/app/search?q=jnna")


def test_a_name_that_sounds_so_and_a_product_say_why(desk: Desk) -> None:
    desk.world.put(
        Lead("x", "Xiaoming Wang", updated_at=NOW), Lead("p", "Pat Muster", products=("Pumps",), updated_at=NOW)
    )
    desk.world.work()
    assert "The name sounds like it." in desk.page("/app/search?q=王小明")
    assert "Interested in a product of that name." in desk.page("/app/search?q=pumps")


def test_before_anything_is_typed_the_page_says_what_can_be(desk: Desk) -> None:
    assert "Whom are you looking for?" in desk.page("/app/search")
    assert "Whom are you looking for?" in desk.page("/app/search?q=%20%20")
    assert "Nobody is found." in desk.page("/app/search?q=***")


def test_pages_follow_each_other_and_keep_what_was_typed(desk: Desk) -> None:
    many(desk, 30)
    first, second = desk.page("/app/search?q=person"), desk.page("/app/search?q=person&offset=20")
    assert "1 to 20 of 30" in first
    assert "21 to 30 of 30" in second
    assert 'href="/app/search?offset=20&amp;q=person"' in desk.get("/app/search?q=person").text
    assert "1 to 20 of 30" in desk.page("/app/search?q=person&offset=5000")
    assert "Show more companies" in desk.page("/app/search?q=firma")
    assert "Firma 029 AG" in desk.page("/app/search?q=firma&companies=all").partition("Companies")[2]


def test_of_very_many_the_best_are_listed_and_the_way_to_all_is_shown(desk: Desk) -> None:
    many(desk, 220)
    page = desk.page("/app/search?q=person")
    assert "The best 200 of 220 are listed here." in page
    assert 'href="/app/leads?text=person"' in desk.get("/app/search?q=person").text


def test_suggestions_are_the_best_few_in_pieces(desk: Desk) -> None:
    many(desk, 30)
    found = desk.get("/app/search/suggest?q=jana").json()
    below = [["Beispiel AG", False]]
    jana = {"href": desk.lead_path("jana"), "name": [["Jana", True], [" Beispiel", False]], "below": below}
    assert found == {"people": [jana], "companies": [], "total": 1}
    (person,) = desk.get("/app/search/suggest?q=jana.exa").json()["people"]
    assert person["below"][1:] == [
        [" · ", False], ["jana", True], ["@", False], ["jana", True], [".", False], ["exa", True], ["mple.com", False],
    ]  # fmt: skip
    found = desk.get("/app/search/suggest?q=firma").json()
    assert (len(found["people"]), len(found["companies"]), found["total"]) == (6, 3, 30)
    assert set(found["companies"][0]) == {"href", "name", "people"}


def test_somebody_without_a_name_is_shown_by_the_address(desk: Desk) -> None:
    desk.world.put(Lead("nameless", emails=("info@quiet.example.com",), updated_at=NOW))
    desk.world.work()
    assert "info@ quiet .example.com" in desk.page("/app/search?q=quiet")
    (person,) = desk.get("/app/search/suggest?q=quiet").json()["people"]
    assert person["name"] == [["info@", False], ["quiet", True], [".example.com", False]]


def test_the_box_is_on_every_page_of_the_console_and_needs_no_script(desk: Desk) -> None:
    for path in ("/app", "/app/leads", "/app/search", desk.lead_path("jana")):
        html = desk.get(path).text
        assert '<form class="seek no-print" action="/app/search" method="get" role="search" aria-label=' in html
        assert '<script src="/assets/search.js" type="module">' in html
    assert desk.get("/assets/search.js").status_code == 200
    desk.world.client.cookies.clear()
    assert "seek" not in desk.world.client.get("/f/contact", headers=HTML).text
    assert desk.get("/app/search?q=jana").headers["location"] == "/app/sign-in?next=/app/search%3Fq%3Djana"


def test_a_program_with_the_scope_finds_everybody_a_part_at_a_time(desk: Desk) -> None:
    desk.world.put(ApiKey(desk.world.deps.digest("api-key:reader"), "reader", ("leads:read",), NOW))
    many(desk, 30)

    def asked(query: str) -> httpx.Response:
        return desk.world.client.get(f"/v1/leads?{query}", headers={"Authorization": "Bearer reader"})

    found = asked("q=jnaa").json()
    assert [lead["name"] for lead in found["leads"]] == ["Jana Beispiel"]
    assert set(found["leads"][0]) == {"lead_id", "name", "company", "email", "status", "score", "owner_id",
                                      "created_at"}  # fmt: skip
    assert (found["total"], found["meant"]) == (1, {"jnaa": ["jana"]})
    parts = [asked(f"q=person&limit=20&offset={offset}").json() for offset in (0, 20)]
    assert [len(part["leads"]) for part in parts] == [20, 10]
    assert {(part["total"], part["ranked"]) for part in parts} == {(30, 30)}
    for wrong in ("q=person&limit=5000", "q=", "q=%20", "q=person&status=new", "q=person&q=jana"):
        assert asked(wrong).status_code == 422, wrong
    assert asked("q=***").json()["leads"] == []
