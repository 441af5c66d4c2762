"""A form while it is made: what the page posts, and the steps of the page."""

import pytest

from chalicelib.capture.field_catalogue import catalogue, key_of
from chalicelib.capture.form_draft import (
    MOST_FIELDS,
    DraftField,
    draft_of,
    first_draft,
    listed_field,
    offered,
    read_draft,
    stepped,
)
from chalicelib.capture.form_making import form_of
from chalicelib.records.form import FieldKind, Form, FormField

LANGUAGES = ("en", "zh-Hans", "zh-Hant")


def keys(fields: tuple[DraftField, ...]) -> list[str]:
    return [asked.key for asked in fields]


def test_a_new_form_begins_with_who_it_is_and_what_they_want() -> None:
    draft = first_draft(LANGUAGES)
    assert keys(draft.fields) == ["name", "email", "company", "message"]
    assert draft.languages == LANGUAGES
    assert all(set(asked.label) == set(LANGUAGES) for asked in draft.fields)


def test_the_catalogue_is_worded_in_each_language_but_for_questions_of_ones_own() -> None:
    for listed in catalogue().values():
        assert set(listed.field.label) == (set() if listed.own else set(LANGUAGES)), listed.key
        for texts in listed.field.option_labels.values():
            assert len(texts) == len(listed.field.options)


@pytest.mark.parametrize(
    ("step", "order"),
    [
        ("up.1", ["email", "name", "company", "message"]),
        ("down.1", ["name", "company", "email", "message"]),
        ("remove.1", ["name", "company", "message"]),
        ("up.0", None), ("down.3", None), ("down.9", None), ("up.x", None), ("up.²", None), ("save", None), ("", None),
    ],
)  # fmt: skip
def test_a_step_moves_a_field_or_takes_it_away(step: str, order: list[str] | None) -> None:
    draft = first_draft(LANGUAGES)
    assert keys(stepped(draft, step).fields) == (order or keys(draft.fields))


def test_what_says_who_somebody_is_can_be_added_once_and_a_question_again() -> None:
    draft = first_draft(LANGUAGES)
    assert "email" not in offered(draft)
    assert {"phone", "choice", "agreement"} <= set(offered(draft))
    full = [f"field.{n}.key" for n in range(MOST_FIELDS)]
    assert offered(read_draft(dict.fromkeys(full, "line"), LANGUAGES)) == []


def test_the_page_posts_fields_in_their_order_and_what_is_none_is_left_out() -> None:
    sent = {
        "title.en": "  Ask\x00 us ", "title.fr": "Non", "language.zh-Hant": "yes", "language.en": "yes",
        "field.0.key": "email", "field.0.required": "yes", "field.0.label.en": "Mail",
        "field.1.key": "nothing", "field.2.key": "choice", "field.2.options.en": "A\r\nB",
        "field.99.key": "phone", "address": " Contact-Us ", "goes_to": "https://example.com/", "campaign_id": "fair",
        "sites": "a.example\r\nb.example",
    }  # fmt: skip
    draft = read_draft(sent, LANGUAGES)
    assert draft.title == {"en": "Ask us"}
    assert draft.languages == ("en", "zh-Hant")
    assert keys(draft.fields) == ["email", "choice"]
    assert draft.fields[0] == DraftField("email", "", {"en": "Mail"}, True)
    assert draft.fields[1].options == {"en": "A\nB"}
    assert (draft.address, draft.goes_to, draft.campaign_id) == ("contact-us", "https://example.com/", "fair")
    assert draft.sites == "a.example\nb.example"


def test_a_field_of_the_catalogue_brings_its_words_and_the_options_it_is_given() -> None:
    asked = listed_field("products", ["Sensors", "Robots"], LANGUAGES)
    assert asked.chosen_from
    assert not asked.own
    assert asked.options == dict.fromkeys(LANGUAGES, "Sensors\nRobots")
    assert not listed_field("language").chosen_from
    with pytest.raises(KeyError):
        listed_field("nothing")


@pytest.mark.parametrize(
    ("name", "kind", "key"),
    [
        ("email", FieldKind.EMAIL, "email"), ("work_email", FieldKind.EMAIL, "email"),
        ("email", FieldKind.TEXT, "line"), ("budget", FieldKind.TEXT, "line"), ("why", FieldKind.LONG_TEXT, "text"),
        ("when", FieldKind.CHOICE, "choice"), ("visit", FieldKind.CHECKBOX, "box"), ("news", FieldKind.CONSENT, "news"),
        ("terms", FieldKind.CONSENT, "agreement"), ("line", FieldKind.TEXT, "line"),
    ],
)  # fmt: skip
def test_a_stored_field_is_known_by_its_name_where_the_kind_fits(name: str, kind: FieldKind, key: str) -> None:
    assert key_of(FormField(name, kind, {"en": "Label"})) == key


def test_a_stored_form_becomes_a_draft_and_the_same_form_again() -> None:
    fields = (
        FormField("work_email", FieldKind.EMAIL, {"en": "Work mail"}, True, autocomplete="email"),
        FormField("when", FieldKind.CHOICE, {"en": "When?"}, False, ("Now", "Later"), "",
                  {"en": ("Now", "Later"), "zh-Hans": ("现在", "以后")}),
        FormField("news", FieldKind.CONSENT, {"en": "News"}, wording=3),
    )  # fmt: skip
    form = Form(
        "ask", {"en": "Ask"}, fields, "fair", "sensors", {"en": "Hello"}, 4, True, ("en", "zh-Hans"), {"en": "Thanks"},
        "https://example.com/done",
    )  # fmt: skip
    assert form_of(draft_of(form, LANGUAGES), form) == form


def test_a_form_for_all_languages_says_so() -> None:
    assert draft_of(Form("ask", {"en": "Ask"}, ()), LANGUAGES).languages == LANGUAGES
