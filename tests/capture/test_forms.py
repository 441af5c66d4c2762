import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.capture.forms import FormReading, read_form, read_lead
from chalicelib.records.contact import Contact, Refusal
from chalicelib.records.form import FieldKind, Form, FormField


def field(name: str, kind: FieldKind = FieldKind.TEXT, required: bool = False, *options: str) -> FormField:
    return FormField(name, kind, {"en": name}, required, options)


CONTACT_FORM = Form(
    "contact",
    {"en": "Contact"},
    (
        field("name"),
        field("email", FieldKind.EMAIL),
        field("company"),
        field("phone", FieldKind.PHONE),
        field("message", FieldKind.LONG_TEXT),
        field("news", FieldKind.CONSENT),
        field("budget", FieldKind.CHOICE, False, "small", "large"),
        field("products", FieldKind.CHOICE, False, "A", "B"),
        field("story", FieldKind.LONG_TEXT),
    ),
)


def reading(fields: dict[str, str], form: Form = CONTACT_FORM) -> FormReading:
    answer = read_form(form, fields)
    assert isinstance(answer, FormReading), answer
    return answer


def problems(fields: dict[str, str], form: Form = CONTACT_FORM) -> list[tuple[str, str]]:
    answer = read_form(form, fields)
    assert isinstance(answer, list), answer
    return [(problem.field, problem.reason) for problem in answer]


def test_a_form_becomes_a_contact_with_consents_and_answers() -> None:
    fields = {"name": " Ann Lee ", "email": "Ann@Example.org", "phone": "030 123456", "message": "Dear all,\r\nhello"}
    fields |= {"company": "Example\nInc", "news": "on", "budget": "large", "products": "A\nB", "story": "one\ntwo"}
    assert reading(fields) == FormReading(
        Contact(
            full_name="Ann Lee",
            company="Example Inc",
            emails=("Ann@example.org",),
            phones=("030 123456",),
            products=("A", "B"),
            message="Dear all,\nhello",
        ),
        consents={"news": True},
        answers={"budget": "large", "story": "one\ntwo"},
    )


def test_only_declared_fields_are_taken() -> None:
    posted = {"email": "a@example.org", "score": "9999", "owner": "rep-7", "status": "won", "consent": "true"}
    answer = reading(posted | {"pk": "CAMPAIGN#1", "_type": "user", "role": "admin", "title": "CEO"})
    assert answer == FormReading(Contact(emails=("a@example.org",)), consents={"news": False})


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\r\nBcc: victim@example.net",
        "a@example.org, b@example.net",
        "a@example.org\nb@example.net",
        "nobody",
        "x" * 250 + "@example.org",
    ],
)
def test_a_malformed_address_is_a_problem_even_beside_a_good_phone(address: str) -> None:
    assert problems({"email": address, "phone": "030 123456"}) == [("email", "not an e-mail address")]


def test_a_form_needs_an_address_or_a_phone_number() -> None:
    assert problems({"name": "Ann"}) == [("email", "give an e-mail address or a phone number")]
    assert problems({"name": "Ann", "email": "\u200b"}) == [("email", "give an e-mail address or a phone number")]
    assert reading({"phone": "030 123456"}).contact.phones == ("030 123456",)


def test_a_form_that_asks_for_neither_does_without() -> None:
    survey = Form("survey", {"en": "x"}, (field("rating"),))
    assert reading({"rating": "5"}, survey).answers == {"rating": "5"}


def test_an_address_that_is_asked_for_by_itself_is_missed_once() -> None:
    asked = replace(CONTACT_FORM, fields=(field("mail", FieldKind.EMAIL, required=True),))
    assert problems({"mail": " "}, asked) == [("mail", "this field is required")]


def test_a_bad_phone_is_kept_beside_a_good_address_and_a_problem_without_one() -> None:
    kept = reading({"email": "a@example.org", "phone": "12"}).contact
    assert (kept.phones, kept.extra, kept.warnings) == ((), {"phone as given": "12"}, ("not a phone number: 12",))
    assert problems({"phone": "12"}) == [("phone", "not a phone number")]


@pytest.mark.parametrize(
    ("name", "length", "limit"), [("name", 121, 120), ("company", 501, 500), ("message", 10_001, 10_000)]
)
def test_what_is_too_long_is_refused_with_field_and_limit(name: str, length: int, limit: int) -> None:
    posted = {"phone": "030 123456", name: "ü" * length}
    assert problems(posted) == [(name, f"longer than {limit} characters: {length}")]
    assert reading(posted | {name: "ü" * limit})


def test_an_enormous_address_is_refused_for_its_length_alone() -> None:
    assert problems({"email": "x" * 200_000 + "@example.org"}) == [("email", "longer than 500 characters: 200012")]


def test_required_fields_and_boxes_are_asked_for_all_at_once() -> None:
    form = Form(
        "f",
        {"en": "x"},
        (
            field("name", FieldKind.TEXT, True),
            field("email", FieldKind.EMAIL),
            field("terms", FieldKind.CONSENT, True),
            field("size", FieldKind.CHOICE, True, "s", "m"),
        ),
    )
    assert problems({"email": "a@example.org", "terms": "no", "size": "xxl"}, form) == [
        ("name", "this field is required"),
        ("terms", "this field is required"),
        ("size", "not one of the choices"),
    ]


def test_an_unknown_choice_is_kept_with_a_warning_where_none_is_required() -> None:
    kept = reading({"email": "a@example.org", "budget": "huge", "products": "A\nZ"})
    assert kept.answers == {"budget": "huge"}
    assert kept.contact.warnings == ("not one of the choices: budget", "not one of the choices: products")


def test_control_bytes_are_taken_out_and_script_is_kept_as_text() -> None:
    assert reading({"name": "a\x00b\x1b[2J", "phone": "030 123456"}).contact.full_name == "ab[2J"
    assert reading({"name": "<script>", "phone": "030 123456"}).contact.full_name == "<script>"


def test_two_address_fields_are_both_kept() -> None:
    form = Form("f", {"en": "x"}, (field("email", FieldKind.EMAIL), field("work_email", FieldKind.EMAIL)))
    assert reading({"email": "a@example.org", "work_email": "b@example.org"}, form).contact.emails == (
        "a@example.org",
        "b@example.org",
    )


def lead(body: dict[str, Any]) -> FormReading:
    answer = read_lead(body)
    assert isinstance(answer, FormReading), answer
    return answer


def test_a_lead_by_the_api_takes_the_common_names_and_keeps_the_rest_as_extras() -> None:
    body = {"firstName": "Ann", "lastname": "Lee", "email": "a@example.org", "products": ["A", "B"], "website": "x.org"}
    body |= {"budget": 5000, "ratio": 0.5, "vip": True, "none": None, "utm_source": "google", "country": "DE"}
    assert lead(body | {"consents": {"news": True, "sms": False}}) == FormReading(
        Contact(
            full_name="Ann Lee",
            given_name="Ann",
            family_name="Lee",
            emails=("a@example.org",),
            country="DE",
            products=("A", "B"),
            urls=("x.org",),
            extra={"budget": "5000", "ratio": "0.5", "vip": "true"},
        ),
        consents={"news": True, "sms": False},
    )


@pytest.mark.parametrize("consents", ["yes", [], {"news": "yes"}, {"news": 1}, {str(n): True for n in range(21)}])
def test_a_consent_that_is_neither_given_nor_refused_is_a_problem(consents: Any) -> None:
    (problem,) = read_lead({"email": "a@example.org", "consents": consents})  # type: ignore[misc]
    assert problem.field == "consents"
    assert lead({"email": "a@example.org", "consents": None}).consents == {}


@pytest.mark.parametrize("value", [{}, ["x"], 10**15])
def test_where_somebody_came_from_is_text_as_well(value: Any) -> None:
    (problem,) = read_lead({"email": "a@example.org", "utm_source": value})  # type: ignore[misc]
    assert problem.field == "utm_source"


@pytest.mark.parametrize("name", ["score", "owner", "status", "lead_id", "role", "pk", "tenant", "_type", "Score"])
def test_what_the_system_sets_is_left_out_with_a_warning(name: str) -> None:
    contact = lead({"email": "a@example.org", name: "9999"}).contact
    assert contact.extra == {}
    assert contact.warnings == (f"this field is set by the system and was left out: {name}",)


@pytest.mark.parametrize(
    "value", [json.loads("NaN"), json.loads("Infinity"), 10**400, 10**15, 1e300, [1], {"a": 1}, [["x"]]]
)
def test_values_that_are_no_plain_text_or_number_are_refused(value: Any) -> None:
    assert read_lead({"email": "a@example.org", "n": value}) == [
        Refusal("n", "must be text or a number of at most 15 digits")
    ]


def test_at_most_fifty_further_names_of_a_hundred_characters() -> None:
    body = {"email": "a@example.org"} | {f"x{number}": "v" for number in range(50)}
    assert len(lead(body).contact.extra) == 50
    assert read_lead(body | {"y": "v", "z": "v"}) == [Refusal("y", "more fields than allowed: 50")]
    assert read_lead({"email": "a@example.org", "n" * 200: "v"}) == [
        Refusal("n" * 100, "a name longer than 100 characters")
    ]
    assert read_lead({"email": "a@example.org", "note_": "v" * 380_000}) == [
        Refusal("note_", "longer than 500 characters: 380000")
    ]


def test_a_lead_needs_an_address_or_a_phone_number_too() -> None:
    assert read_lead({"name": "Ann"}) == [Refusal("email", "give an e-mail address or a phone number")]


def test_names_and_values_can_always_be_stored() -> None:
    contact = lead({"email": "a@example.org", "a\ud800": "b\ud800"}).contact
    assert contact.extra == {"a\ufffd": "b\ufffd"}


@pytest.mark.parametrize(
    ("posted", "given"), [("on", True), ("terms-v2", True), ("", False), ("no", False), ("0", False)]
)
def test_a_ticked_box_is_a_yes_whatever_value_its_author_chose(posted: str, given: bool) -> None:
    assert reading({"phone": "030 123456", "news": posted}).consents == {"news": given}


def test_a_box_of_the_forms_own_is_an_answer_when_it_is_ticked() -> None:
    box = FormField("visit", FieldKind.CHECKBOX, {"en": "Visit me"})
    form = Form("ask", {"en": "Ask"}, (box,))
    ticked, empty, said_no = (read_form(form, {"visit": text}) for text in ("on", "", "no"))
    assert isinstance(ticked, FormReading)
    assert ticked.answers == {"visit": "yes"}
    assert isinstance(empty, FormReading)
    assert isinstance(said_no, FormReading)
    assert empty.answers == said_no.answers == {}
    needed = Form("ask", {"en": "Ask"}, (replace(box, required=True),))
    assert read_form(needed, {}) == [Refusal("visit", "this field is required")]


@pytest.mark.parametrize(
    ("shown", "wordings"),
    [("2", {"news": 2}), ("1", {"news": 1}), ("0", {}), ("", {}), ("x", {}), ("²", {}), ("9" * 9, {})],
)
def test_a_consent_is_to_the_wording_the_page_says_it_showed(shown: str, wordings: dict[str, int]) -> None:
    form = Form("ask", {"en": "Ask"}, (FormField("news", FieldKind.CONSENT, {"en": "News"}, wording=2),))
    reading = read_form(form, {"news": "yes", "wording.news": shown, "wording.other": "1"})
    assert isinstance(reading, FormReading)
    assert reading.wordings == wordings
