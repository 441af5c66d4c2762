"""G5, all of us: "somebody calls, and I do not know who it is". Found by whatever is at hand, on both engines."""

from tests.stories.story import Story


def suggested(desk: Story, text: str) -> list[str]:
    """The addresses of the people who are offered while that is typed."""
    found = desk.get(f"/app/search/suggest?q={text}").json()
    return [person["href"] for person in found["people"]]


def test_a_caller_is_found_by_name_number_address_and_in_both_scripts(story: Story) -> None:
    mark = story.mark
    jana = story.lead_of(story.submit(**story.person("Jana", company=f"{mark} Pumpen GmbH", phone=story.phone(1))))
    wang = story.lead_of(story.submit(name=f"歐陽明 {mark}", email=story.email("ouyang"), phone=story.phone(2)))
    story.rest(jana, wang)
    paths = {"jana": f"/app/leads/{jana}", "wang": f"/app/leads/{wang}"}
    with story.colleague("eva") as eva:
        eva.wait_until(lambda: suggested(eva, mark) and suggested(eva, f"{mark}+ouyang"))
        number = story.phone(1).removeprefix("+49")
        for typed in (f"{mark}+jan", f"jana@{mark}", f"0{number}", f"0049{number}", f"{mark}+beispeil"):
            assert suggested(eva, typed) == [paths["jana"]], typed
        for typed in ("欧阳明", "歐陽", "ouyang", "ouyangming", "oym"):
            assert suggested(eva, f"{typed}+{mark}") == [paths["wang"]], typed
        page = eva.get(f"/app/search?q={mark}+pumpen").text
        assert paths["jana"] in page
        assert f"{paths['jana']}/company" in page
        assert paths["wang"] not in page


def test_what_somebody_is_called_from_now_on_is_what_finds_them(story: Story) -> None:
    jana = story.lead_of(story.submit(**story.person("Jana")))
    story.rest(jana)
    with story.colleague("eva") as eva:
        eva.wait_until(lambda: suggested(eva, f"jana+{story.mark}"))
        story.submit(**story.person("Jana", company=f"Neuwerk{story.mark}"))
        assert eva.wait_until(lambda: suggested(eva, f"neuwerk{story.mark}")) == [f"/app/leads/{jana}"]
