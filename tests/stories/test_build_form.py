"""A marketer makes a form, a visitor sends it, and what was agreed to can be read for good."""

from chalicelib.records.form import Form
from chalicelib.records.rep import Rep, Role
from tests.page_forms import fields_of
from tests.stories.story import HTML, Story


def test_a_form_is_made_sent_changed_and_each_submission_has_its_wording(story: Story) -> None:
    story.hire(Rep(f"mara-{story.mark}", "Mara Example", story.email("mara"), Role.MARKETER))
    address = f"ask-{story.mark}"
    with story.colleague(f"mara-{story.mark}") as mara:
        fields = fields_of(mara.get("/app/forms/new").text, "builder")
        fields = fields_of(mara.post("/app/forms", **fields | {"do": "add", "add": "news"}).text, "builder")
        titles = {"title.en": "Ask us", "title.zh-Hans": "联系我们", "title.zh-Hant": "聯絡我們"}
        made = mara.post(
            "/app/forms", **fields | titles | {"address": address, "do": "save", "thanks.en": "Thank you!"}
        )
        assert made.status_code == 303, made.text
        first = story.wait_until(lambda: fields_of(story.get(f"/f/{address}").text, f"/f/{address}"))
        edit = fields_of(mara.get(f"/app/forms/{address}/edit").text, "builder")
        changed = {"field.4.label.en": "Mail me your news", "do": "save"}
        assert mara.post(f"/app/forms/{address}", **edit | changed).status_code == 303
        second = story.wait_until(lambda: now_showing(story, address, "Mail me your news"))
        for page, name in ((first, "Jana"), (second, "Kim")):
            sent = page | story.person(name) | {"news": "yes"}
            path = story.post(f"/f/{address}", **sent).headers["location"]
            assert "Thank you!" in story.get(path).text
            (touch,) = story.touches(story.lead_of(path))
            assert touch.details["wording: news"] == f"{page['wording.news']} (en)"
        assert (first["wording.news"], second["wording.news"]) == ("1", "2")
        said = mara.get(f"/app/forms/{address}").text
        assert "Send me news and offers by e-mail." in said
        assert "Mail me your news" in said
        story.wait_until(
            lambda: '2</span> <span class="figure-label">submissions' in mara.get(f"/app/forms/{address}").text
        )
    stored = story.deps.store.get(Form, address)
    assert stored
    assert stored.value.changed_by == f"mara-{story.mark}"


def now_showing(story: Story, address: str, text: str) -> dict[str, str]:
    """The page's fields once it says that."""
    html = story.get(f"/f/{address}").text
    return fields_of(html, f"/f/{address}") if text in html else {}


def test_a_form_sent_twice_from_a_frame_on_another_site_is_one_lead_with_its_source(story: Story) -> None:
    landing = "https://www.customer.example/products?utm_source=letter&utm_medium=email"
    shown = story.client.get("/embed/contact", params={"landing_url": landing}, headers=HTML).text
    sent = fields_of(shown, "/embed/contact") | story.person("Jana")
    paths = {story.post("/embed/contact", **sent).headers["location"] for _ in range(2)}
    assert len({story.lead_of(path) for path in paths}) == 1
    path = paths.pop()
    assert "frame-ancestors *" in story.get(path).headers["content-security-policy"]
    (touch,) = story.touches(story.lead_of(path))
    assert (touch.source.source, touch.source.medium, touch.source.landing_url) == ("letter", "email", landing)
    assert story.get(f"/s/{path.partition('/s/')[2]}").status_code == 200
