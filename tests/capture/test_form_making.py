"""From a draft to a form, or to what is wrong with it."""

from dataclasses import replace

import pytest

from chalicelib.capture.form_draft import MOST_FIELDS, MOST_OPTIONS, DraftField, FormDraft, listed_field
from chalicelib.capture.form_making import address_problem, draft_problems, form_of, slug
from chalicelib.records.form import FieldKind, Form, FormField

EMAIL = listed_field("email")
DRAFT = FormDraft({"en": "Ask us", "zh-Hans": "联系我们"}, (EMAIL,), ("en", "zh-Hans"))
EMPTY = Form("ask", {}, ())


def wrong(draft: FormDraft = DRAFT, **changed: object) -> dict[str, str]:
    return draft_problems(replace(draft, **changed))  # type: ignore[arg-type]


def asked(*fields: DraftField) -> dict[str, str]:
    return wrong(fields=(EMAIL, *fields))


def test_a_form_that_is_whole_has_no_problems() -> None:
    assert wrong() == {}


def test_each_language_a_form_is_shown_in_needs_its_title_and_labels() -> None:
    assert wrong(title={"en": "Ask us"}) == {"title.zh-Hans": "this field is required"}
    problems = asked(DraftField("line", "", {"zh-Hans": "预算"}))
    assert problems == {"field.1.label.en": "this field is required"}
    assert wrong(languages=()) == {"languages": "choose at least one"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": {"en": "x" * 201, "zh-Hans": "y"}}, "title.en"),
        ({"intro": {"en": "x" * 2001}}, "intro.en"),
        ({"thanks": {"zh-Hant": "x" * 2001}}, "thanks.zh-Hant"),
        ({"fields": (replace(EMAIL, label={"en": "x" * 301, "zh-Hans": "y"}),)}, "field.0.label.en"),
    ],
)
def test_a_text_that_is_too_long_is_named(changed: dict[str, object], field: str) -> None:
    assert wrong(**changed)[field].startswith("longer than so many characters: ")


def test_nobody_could_be_answered_without_a_way_to_reach_them() -> None:
    assert "nobody could be answered" in wrong(fields=(listed_field("name"),))["fields"]
    assert wrong(fields=(listed_field("phone"),)) == {}


def test_a_form_has_at_most_so_many_fields() -> None:
    many = tuple(DraftField("line", f"q{n}", {"en": "Q", "zh-Hans": "问"}) for n in range(MOST_FIELDS))
    assert asked(*many[1:]) == {}
    assert asked(*many)["fields"] == "more fields than allowed: 20"


def test_a_field_of_a_person_can_be_there_once() -> None:
    assert asked(EMAIL)["field.1.label.en"] == "this field is there twice"


@pytest.mark.parametrize(
    ("options", "field", "why"),
    [
        ({"en": "A"}, "en", "at least two choices"),
        ({"en": "A\nA", "zh-Hans": "甲\n乙"}, "en", "a choice is there twice"),
        ({"en": "A\nB", "zh-Hans": "甲\n乙\n丙"}, "zh-Hans", "as many choices as in the first language: 2"),
        ({"en": "\n".join(f"{n}" for n in range(MOST_OPTIONS + 1)), "zh-Hans": "甲\n乙"}, "en", "more choices"),
        ({"en": "A\n" + "x" * 201, "zh-Hans": "甲\n乙"}, "en", "longer than so many characters: 200"),
    ],
)
def test_choices_are_the_same_in_each_language(options: dict[str, str], field: str, why: str) -> None:
    question = DraftField("choice", "", {"en": "When?", "zh-Hans": "何时？"}, options=options)
    assert asked(question)[f"field.1.options.{field}"].startswith(why)


@pytest.mark.parametrize(
    ("address", "problem"),
    [("", ""), ("contact-us", ""), ("contact us", "small letters"), ("-a", "small letters"), ("new", "this word")],
)
def test_the_end_of_an_address_is_letters_digits_and_dashes(address: str, problem: str) -> None:
    assert wrong(address=address).get("address", "").startswith(problem)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/", "//example.com/", "javascript:alert(1)", "https://", "https:/example.com",
        "https://example", "https://exa mple.com/", "https://example.com/\\@evil.example", "https://[::1]/",
        "https://example.com:x/", "https://user@example.com/", "https://a:b@example.com/", "https://beispiel\u3002de/",
        "HTTPS://example.com/", 'https://example.com/"onx', "https://example.com;default-src/",
        "https://example.com/" + "x" * 500,
    ],
)  # fmt: skip
def test_visitors_are_sent_on_only_to_a_page_by_https_in_plain_sight(address: str) -> None:
    assert address_problem(address)
    assert "goes_to" in wrong(goes_to=address)


@pytest.mark.parametrize("address", ["https://example.com", "https://www.example.com:8443/thanks?a=1&b=%20#top"])
def test_a_plain_address_is_taken(address: str) -> None:
    assert address_problem(address) == ""


def test_a_question_is_named_by_its_label_and_keeps_its_name_when_that_changes() -> None:
    question = DraftField("line", "", {"en": "Your budget?"})
    made = form_of(replace(DRAFT, fields=(EMAIL, question)), EMPTY)
    assert [field.name for field in made.fields] == ["email", "your-budget"]
    renamed = replace(question, name="your-budget", label={"en": "What may it cost?"})
    again = form_of(replace(DRAFT, fields=(renamed, EMAIL)), made)
    assert again.fields[0].name == "your-budget"
    assert again.fields[0].label == {"en": "What may it cost?"}


@pytest.mark.parametrize(
    "label", ["Message", "once", "utm_source", "Lead ID", "您的预算", "lang", "Leave empty", "Referrer"]
)
def test_no_question_takes_a_name_that_means_something_else(label: str) -> None:
    made = form_of(replace(DRAFT, fields=(EMAIL, DraftField("line", "", {"en": label}))), EMPTY)
    assert made.fields[1].name == "question-1"


def test_two_questions_of_one_label_have_two_names_and_no_page_can_choose_one() -> None:
    twin = DraftField("line", "", {"en": "Why"})
    forged = DraftField("line", "csrf", {"en": "Why"})
    made = form_of(replace(DRAFT, fields=(twin, twin, forged, replace(EMAIL, name="once"))), EMPTY)
    assert [field.name for field in made.fields] == ["why", "question-1", "question-2", "email"]


def test_a_name_that_was_taken_away_in_the_same_change_is_not_given_to_another_question() -> None:
    before = replace(EMPTY, fields=(FormField("why", FieldKind.TEXT, {"en": "Why"}),))
    made = form_of(replace(DRAFT, fields=(DraftField("text", "", {"en": "Why"}),)), before)
    assert made.fields[0].name == "question-1"


def test_choices_post_the_first_languages_words() -> None:
    options = {"en": "Now\n\n  Later  on ", "zh-Hans": "现在\n以后"}
    question = DraftField("choice", "", {"en": "When?"}, options=options)
    field = form_of(replace(DRAFT, fields=(question,)), EMPTY).fields[0]
    assert field.options == ("Now", "Later on")
    assert field.option_labels == {"en": ("Now", "Later on"), "zh-Hans": ("现在", "以后")}


def test_nobody_can_be_made_to_agree_to_news_and_offers() -> None:
    news = listed_field("news")
    assert asked(news) == {}
    assert asked(replace(news, required=True)) == {
        "field.1.label.en": "a consent to news and offers is free; it cannot be required"
    }


def test_sites_are_names_of_hosts_one_a_line() -> None:
    assert form_of(replace(DRAFT, sites="https://Www.example.com/a\nshop.example.com"), EMPTY).sites == (
        "www.example.com",
        "shop.example.com",
    )
    assert form_of(replace(DRAFT, sites=" \n"), EMPTY).sites == ()
    for typed in (
        "*",
        "'self'",
        "example",
        "a.example.com; script-src *",
        "\n".join(f"s{n}.example" for n in range(21)),
    ):
        assert wrong(sites=typed)["sites"].startswith("one name of a site a line"), typed


def test_what_a_draft_does_not_say_stays_as_it_was() -> None:
    before = Form("ask", {}, (), event_id="sensors", respond_within_hours=4, active=False)
    made = form_of(replace(DRAFT, thanks={"en": "Thanks"}, goes_to="https://example.com", campaign_id="fair"), before)
    assert (made.form_id, made.event_id, made.respond_within_hours, made.active) == ("ask", "sensors", 4, False)
    assert (made.thanks, made.goes_to, made.campaign_id) == ({"en": "Thanks"}, "https://example.com", "fair")
    assert made.languages == ("en", "zh-Hans")


@pytest.mark.parametrize(("text", "made"), [("Über uns!", "uber-uns"), ("联系我们", ""), ("a" * 70, "a" * 60)])
def test_an_address_is_made_of_a_title(text: str, made: str) -> None:
    assert slug(text) == made
