from dataclasses import replace
from html.parser import HTMLParser

import pytest
from icalendar import Calendar
from jinja2 import UndefinedError

from chalicelib.messaging.languages import LANGUAGES
from chalicelib.messaging.render import MailRenderer, plain_name
from chalicelib.records.message import PERSONAL, PROMOTIONAL, MessageKind
from tests.messaging.post import NOW, SENDER, message, seminar, values

SPAM = "WIN $$$ http://evil.example click"

# The table of the module's docstring: what each kind cannot do without.
NEEDED = {
    MessageKind.CONFIRMATION: "brand person_name rep_name rep_email respond_by zone status_url",
    MessageKind.REP_NOTICE: "brand person_name company campaign_name subject score score_reasons owner_reasons"
    " respond_by zone lead_url",
    MessageKind.ESCALATION: "brand person_name company subject rep_name respond_by zone lead_url",
    MessageKind.THANK_YOU: "brand person_name campaign_name rep_name rep_email unsubscribe_url postal_address",
    MessageKind.SEMINAR_CONFIRMATION: "brand person_name seminar registration cancel_url",
    MessageKind.SEMINAR_PROMOTED: "brand person_name seminar registration cancel_url",
    MessageKind.SEMINAR_WAITING: "brand person_name seminar cancel_url",
    MessageKind.SEMINAR_CANCELLED: "brand person_name seminar registration",
    MessageKind.REMINDER_DAY: "brand person_name seminar registration cancel_url",
    MessageKind.REMINDER_HOUR: "brand person_name seminar registration cancel_url",
    MessageKind.PROMISE_DUE: "brand person_name company promise promise_subject promised_by due_on lead_url",
    MessageKind.PROMISE_BROKEN: "brand person_name company promise promise_subject promised_by due_on lead_url",
    MessageKind.QUOTE_WAITING: "brand person_name company number causes reason decision about quote_url",
    MessageKind.QUOTE_DECIDED: "brand person_name company number state causes reason decision about quote_url",
    MessageKind.SIGN_IN_LINK: "brand person_name link_url",
    MessageKind.COMPLAINT_NOTICE: "brand person_name company lead_url",
}

every_kind = pytest.mark.parametrize("kind", list(MessageKind))
every_language = pytest.mark.parametrize("language", LANGUAGES)


def renderer() -> MailRenderer:
    return MailRenderer(SENDER, clock=lambda: NOW)


class Balanced(HTMLParser):
    """Fails on a tag that is closed wrongly; collects what is addressed and shown."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in ("href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def test_mails_to_two_people_under_the_same_row_id_have_two_message_ids():
    thanks = [renderer().mail(message(message_id="thanks-fair", lead_id=who), values()) for who in ("lead1", "lead2")]
    assert [mail.message_id for mail in thanks] == ["lead1.thanks-fair@example.com", "lead2.thanks-fair@example.com"]


@every_kind
@every_language
def test_every_kind_is_a_whole_mail_in_every_language(kind: MessageKind, language: str):
    mail = renderer().mail(message(kind, language), values())
    assert mail.to == "ada@example.org"
    assert mail.message_id == "01JD8Z3V5Q9W2N4K6M8P0R1T3V@example.com"
    assert mail.subject
    assert "\n" not in mail.subject
    assert "\n\n\n" not in mail.text
    assert "Example Pumps" in mail.text
    page = Balanced(mail.html)
    assert f'<html lang="{language}">' in mail.html
    assert set(page.addresses) <= {url for name, url in values().items() if name.endswith("_url")}
    assert all(address in mail.text for address in page.addresses)
    for unfinished in ("{{", "{%", "%(", "None", "Undefined"):
        assert unfinished not in mail.subject + mail.text + mail.html


@every_kind
def test_a_mail_in_chinese_has_no_english_sentence_left(kind: MessageKind):
    english = renderer().mail(message(kind, "en"), values())
    for language in ("zh-Hans", "zh-Hant"):
        chinese = renderer().mail(message(kind, language), values(score_reasons=()))
        assert chinese.subject != english.subject
        given = set(str(values()["message"]).splitlines())
        lines = {line.lstrip("> ") for line in chinese.text.splitlines()} - given
        kept = {"", "--", "Example Pumps", values()["postal_address"]} | set(chinese.text.split())
        assert not (lines & set(english.text.splitlines())) - kept


@every_kind
def test_the_values_named_in_the_table_are_enough(kind: MessageKind):
    given = {name: values()[name] for name in NEEDED[kind].split()}
    assert renderer().mail(message(kind), given).subject


@every_kind
def test_each_value_named_in_the_table_is_needed(kind: MessageKind):
    for missing in NEEDED[kind].split():
        given = {name: values()[name] for name in NEEDED[kind].split() if name != missing}
        empty = {"rep_name": "", "respond_by": None} if missing == "zone" else {}
        if missing in ("zone", "rep_email") or (missing == "rep_name" and kind is MessageKind.THANK_YOU):
            continue  # read only beside another value
        # Babel asserts that it is given a date.
        with pytest.raises((UndefinedError, KeyError, AssertionError)):
            renderer().mail(message(kind), given | empty)


@every_kind
@every_language
def test_what_is_not_known_leaves_no_hole(kind: MessageKind, language: str):
    unknown = {"person_name": "", "company": "", "rep_name": "", "rep_email": "", "subject": "", "message": ""}
    unknown |= {"campaign_name": "", "respond_by": None, "score_reasons": (), "owner_reasons": (), "reasons": ""}
    mail = renderer().mail(message(kind, language), values(**unknown, emails=(), phones=(), status_url="/s/t"))
    assert mail.subject.strip(" ,:：，") == mail.subject
    for hole in ("None", "  ", " ,", "()", "（）"):
        assert hole not in mail.text


def test_the_confirmation_says_who_answers_and_by_when():
    mail = renderer().mail(message(), values())
    assert "Rosa Rep will answer you by Monday, 23 November 2026, 15:00 (Central European Standard Time)." in mail.text
    assert "https://example.com/s/status-token" in mail.text


def test_the_confirmation_repeats_nothing_a_stranger_could_have_written_but_the_name():
    strange = values(subject="BUY NOW", message="BUY NOW", company="BUY NOW", campaign_name="BUY NOW")
    mail = renderer().mail(message(), strange)
    assert "BUY NOW" not in mail.subject + mail.text + mail.html


@every_kind
@pytest.mark.parametrize("field", ["person_name", "company"])
def test_an_address_in_a_name_is_no_link(kind: MessageKind, field: str):
    mail = renderer().mail(message(kind), values(**{field: SPAM}))
    for body in (mail.subject, mail.text, Balanced(mail.html).words):
        assert "evil.example" not in body
        assert "http://evil" not in body


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (SPAM, "WIN $$$ http: //evil. example click"),
        ("www.evil.example", "www. evil. example"),
        ("evil。example", "evil。 example"),
        ("a@evil.example", "a@ evil. example"),
        ("mailto:a@b", "mailto: a@ b"),
        ("Ada\r\nBcc: x", "Ada Bcc: x"),
        ("ex\u202eelpma\u200b", "ex elpma"),
        ("J. R. Example", "J. R. Example"),
        ("Example Co., Ltd.", "Example Co., Ltd."),
        ("张伟", "张伟"),
        ("  Ada \t Example ", "Ada Example"),
        ("", ""),
    ],
)
def test_a_name_is_one_line_that_no_client_makes_a_link_of(name: str, shown: str):
    assert plain_name(name) == shown


def test_a_name_has_at_most_80_characters():
    assert plain_name("x" * 80) == "x" * 80
    assert plain_name("x" * 81) == "x" * 79 + "…"
    assert len(plain_name("http://" + "evil.example/" * 50)) <= 80


def test_markup_in_a_name_is_text():
    mail = renderer().mail(message(), values(person_name="<img src=x onerror=1>"))
    assert "img" not in Balanced(mail.html).tags
    assert "<img src=x onerror=1>" in mail.text


def test_a_visitors_message_is_shown_to_the_rep_as_text_and_not_endlessly():
    mail = renderer().mail(message(MessageKind.REP_NOTICE), values(message="<b>Hi</b>\r\n--=_x\x00\n" + "y" * 9000))
    assert "> <b>Hi</b>\n> --=_x\n> yyy" in mail.text
    assert "&lt;b&gt;Hi&lt;/b&gt;" in mail.html
    assert "\x00" not in mail.text + mail.html
    assert len(mail.text) < 6000


def test_the_rep_is_told_why_this_score_and_why_you():
    mail = renderer().mail(message(MessageKind.REP_NOTICE), values(owner_reasons="serves this country: DE"))
    assert "Why this score\n- asked for a quotation +30\n" in mail.text
    assert "Why you\n- serves this country: DE\n" in mail.text


def test_the_reasons_of_an_escalation_are_translated():
    mail = renderer().mail(message(MessageKind.ESCALATION, "zh-Hans"), values())
    assert "- 未在时限内答复\n- 未结线索最少：3\n" in mail.text


@pytest.mark.parametrize(
    "title", ["One\r\nBcc: victim@example.net", "One\nTwo", "One\u2028Two", "One\x00Two", "x" * 500]
)
def test_a_subject_is_one_line_whatever_it_names(title: str):
    mail = renderer().mail(message(MessageKind.REMINDER_DAY), values(seminar=seminar(title=title)))
    assert mail.subject.isprintable()
    assert len(mail.subject) <= 200


@every_kind
def test_only_promotion_offers_to_unsubscribe_and_by_one_click(kind: MessageKind):
    mail = renderer().mail(message(kind), values())
    one_click = {
        "List-Unsubscribe": "<https://example.com/u/preferences-token>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    by_itself = {"Auto-Submitted": "auto-generated", **({"Sensitivity": "Private"} if kind in PERSONAL else {})}
    assert dict(mail.headers) == (one_click if kind in PROMOTIONAL else by_itself)
    assert (values()["unsubscribe_url"] in mail.text and values()["unsubscribe_url"] in mail.html) == bool(
        kind in PROMOTIONAL
    )
    if kind in PROMOTIONAL:
        assert values()["postal_address"] in mail.text
        assert values()["postal_address"] in mail.html


@pytest.mark.parametrize(
    "lacking",
    [{"unsubscribe_url": ""}, {"postal_address": " "}, {"unsubscribe_url": "https://example.com/u/t>, <mailto:x"}],
)
def test_promotion_without_a_way_out_or_an_address_is_not_rendered(lacking: dict):
    with pytest.raises(ValueError, match="unsubscribe"):
        renderer().mail(message(MessageKind.THANK_YOU), values(**lacking))


def test_brand_and_postal_address_may_come_with_the_renderer():
    given = {name: value for name, value in values().items() if name not in ("brand", "postal_address")}
    mail = MailRenderer(SENDER, "House Brand", "2 House Street").mail(message(MessageKind.THANK_YOU), given)
    assert "House Brand\n2 House Street\n" in mail.text


@every_kind
def test_mails_about_a_place_carry_its_calendar_entry(kind: MessageKind):
    mail = renderer().mail(message(kind), values())
    expected = {
        MessageKind.SEMINAR_CONFIRMATION: "REQUEST",
        MessageKind.SEMINAR_PROMOTED: "REQUEST",
        MessageKind.REMINDER_DAY: "REQUEST",
        MessageKind.REMINDER_HOUR: "REQUEST",
        MessageKind.SEMINAR_CANCELLED: "CANCEL",
    }
    if kind not in expected:
        assert mail.calendar == ""
        return
    calendar = Calendar.from_ical(mail.calendar)
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == mail.calendar_method == expected[kind]
    assert event["UID"] == values()["registration"].uid
    assert event["ORGANIZER"] == "mailto:hello@example.com"
    assert event["DTSTAMP"].dt == NOW


def test_a_language_we_do_not_write_falls_back():
    assert "Hello Ada" in renderer().mail(message(language="de"), values()).text
    assert "您好" in renderer().mail(message(language="zh-TW"), values()).text


def test_the_same_row_renders_to_the_same_mail():
    row = replace(message(MessageKind.SEMINAR_CONFIRMATION), attempt=2)
    again = renderer().mail(replace(row, attempt=3, again=1), values())
    # What differs is only which handing over it is, for news of it.
    assert replace(again, about=()) == replace(renderer().mail(row, values()), about=())
