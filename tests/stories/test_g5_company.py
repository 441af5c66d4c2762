"""G5, all of us: "the information is scattered". One page for a company, over all of ours, on both engines."""

from tests.stories.story import Story


def test_a_companys_people_and_open_matters_are_on_one_page(story: Story) -> None:
    company = f"{story.mark} Beispiel AG"
    names = ("Jana", "Kim")
    leads = [story.lead_of(story.submit(**story.person(n, company=company, message=f"{n} asks"))) for n in names]
    story.rest(*leads)
    with story.colleague("eva") as eva:
        page = eva.wait_until(lambda: both(eva, f"/app/leads/{leads[0]}/company"))
        assert "Jana asks" in page
        assert "Kim asks" in page
        assert eva.get(f"/app/leads/{leads[1]}").text.count(f"/app/leads/{leads[1]}/company") == 1


def both(desk: Story, path: str) -> str:
    page = desk.get(path).text
    return page if "Jana Beispiel" in page and "Kim Beispiel" in page else ""
