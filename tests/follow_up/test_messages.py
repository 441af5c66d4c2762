from datetime import timedelta
from typing import Any

import pytest

from chalicelib.follow_up.messages import (
    complaint_notice,
    confirmation,
    escalation_notice,
    is_bulk,
    rep_notice,
    seminar_mail,
    sign_in_mail,
    thank_you,
    thanks_id,
)
from chalicelib.follow_up.outbox import FIRST_DUE
from chalicelib.records.campaign import Campaign
from chalicelib.records.lead import Score
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.rep import Rep
from chalicelib.records.touch import Request, Touch, TouchKind
from tests.follow_up.things import NOW, lead, registration, seminar

TOUCH = Touch("T1", "L1", TouchKind.FORM, NOW, campaign_id="C1")
REQUEST = Request("R1", "L1", "T1", NOW, "a", NOW + timedelta(hours=8), subject="Price of a pump", language="zh-Hant")
REP = Rep("a", "Ann", "ann@example.com", languages=("de", "en"))
FAIR = Campaign("C1", "Fair 2026")
SCORED = lead(company="Example Ltd", score=Score(45, ("asked for a quotation +30", "has a budget +15")))


def every_message(**changed: Any) -> list[Message]:
    who = lead(**changed)
    return [
        confirmation(who, TOUCH, REQUEST, "M1", NOW),
        thank_you(who, FAIR, "I1", "consent", "M2", NOW),
        seminar_mail(MessageKind.SEMINAR_CONFIRMATION, who, seminar(), registration(), "M3", NOW),
    ]


def test_a_message_is_born_pending_and_due_a_little_ahead() -> None:
    made = [*every_message(), rep_notice(SCORED, REP, REQUEST, ("account: example.com",), "M4", NOW)]
    assert {m.state for m in made} == {MessageState.PENDING}
    assert {m.due_at for m in made} == {NOW + FIRST_DUE}
    assert {m.created_at for m in made} == {NOW}
    assert [m.message_id for m in made] == ["M1", "M2", "M3", "M4"]


def test_a_message_to_nobody_is_born_suppressed_and_says_so() -> None:
    made = [*every_message(emails=()), rep_notice(SCORED, Rep("a", "Ann", ""), REQUEST, (), "M4", NOW)]
    assert {(m.state, m.reason, m.to) for m in made} == {(MessageState.SUPPRESSED, "there is no e-mail address", "")}


def test_a_context_holds_plain_strings_only() -> None:
    notices = [
        rep_notice(SCORED, REP, REQUEST, ("x",), "M4", NOW),
        escalation_notice(SCORED, REP, REQUEST, "b", ("x",), "M5", NOW),
    ]
    for made in [*every_message(), *notices]:
        assert {type(value) for value in made.context.values()} == {str}


def test_the_confirmation_says_who_answers_by_when_in_the_language_of_the_request() -> None:
    made = confirmation(lead(), TOUCH, REQUEST, "M1", NOW)
    assert (made.kind, made.to, made.language) == (MessageKind.CONFIRMATION, "ada@example.com", "zh-Hant")
    assert (made.lead_id, made.request_id, made.campaign_id) == ("L1", "R1", "C1")
    assert made.context == {
        "lead_id": "L1",
        "name": "Ada Example",
        "company": "",
        "request_id": "R1",
        "subject": "Price of a pump",
        "owner_id": "a",
        "received_at": "2026-11-24T10:00:00+00:00",
        "respond_by": "2026-11-24T18:00:00+00:00",
    }


def test_the_confirmation_goes_to_the_address_just_given_if_it_is_the_persons() -> None:
    who = lead(emails=("old@example.com", "new@example.com"))
    given = Touch("T1", "L1", TouchKind.FORM, NOW, details={"email": "new@example.com"})
    assert confirmation(who, given, REQUEST, "M1", NOW).to == "new@example.com"
    foreign = Touch("T1", "L1", TouchKind.FORM, NOW, details={"email": "other@example.com"})
    assert confirmation(who, foreign, REQUEST, "M1", NOW).to == "old@example.com"


def test_the_notice_tells_the_rep_why_and_by_when() -> None:
    made = rep_notice(SCORED, REP, REQUEST, ("serves this country: DE", "speaks: de"), "M1", NOW)
    assert (made.kind, made.to, made.language, made.request_id) == (
        MessageKind.REP_NOTICE, "ann@example.com", "de", "R1",
    )  # fmt: skip
    assert made.context["reasons"] == "serves this country: DE\nspeaks: de"
    assert made.context["score"] == "45"
    assert made.context["score_reasons"] == "asked for a quotation +30\nhas a budget +15"
    assert made.context["respond_by"] == "2026-11-24T18:00:00+00:00"
    assert (made.context["rep_id"], made.context["rep_name"]) == ("a", "Ann")


def test_a_lead_that_asked_nothing_is_noticed_without_a_clock() -> None:
    made = rep_notice(SCORED, Rep("a", "Ann", "ann@example.com"), None, (), "M1", NOW)
    assert (made.request_id, made.language) == ("", "en")
    assert "respond_by" not in made.context


def test_the_escalation_tells_the_new_owner_whose_it_was() -> None:
    asked = Request("R1", "L1", "T1", NOW, "a", NOW, escalations=2)
    made = escalation_notice(SCORED, REP, asked, "b", ("no answer within the limit",), "M1", NOW)
    assert (made.kind, made.to, made.request_id) == (MessageKind.ESCALATION, "ann@example.com", "R1")
    assert (made.context["former_owner_id"], made.context["escalations"]) == ("b", "2")
    assert made.context["reasons"] == "no answer within the limit"


def test_a_thank_you_on_a_basis_goes_and_keeps_it() -> None:
    made = thank_you(lead(language="zh-Hans"), FAIR, "I1", "consent", "M1", NOW)
    assert (made.kind, made.language, made.basis, made.reason) == (MessageKind.THANK_YOU, "zh-Hans", "consent", "")
    assert (made.campaign_id, made.import_id, made.context["campaign_name"]) == ("C1", "I1", "Fair 2026")


def test_a_thank_you_without_a_basis_is_held_and_says_why() -> None:
    made = thank_you(lead(), FAIR, "I1", "", "M1", NOW)
    assert (made.state, made.reason) == (MessageState.HELD, "no legal basis is recorded for this list")
    because = thank_you(lead(), FAIR, "I1", "", "M1", NOW, held_because="not enough here")
    assert (because.state, because.reason) == (MessageState.HELD, "not enough here")
    nobody = thank_you(lead(emails=()), FAIR, "I1", "", "M1", NOW)
    assert (nobody.state, nobody.reason) == (MessageState.SUPPRESSED, "there is no e-mail address")


def test_a_seminar_mail_carries_what_the_calendar_needs() -> None:
    made = seminar_mail(MessageKind.SEMINAR_PROMOTED, lead(), seminar(sequence=1), registration(sequence=3), "M1", NOW)
    assert (made.language, made.event_id, made.request_id, made.campaign_id) == ("zh-Hans", "E1", "R1", "C1")
    assert made.context == {
        "lead_id": "L1",
        "name": "Ada Example",
        "company": "",
        "event_id": "E1",
        "title": "Measuring",
        "place": "Room 1",
        "starts_at": "2026-12-03T13:00:00+00:00",
        "ends_at": "2026-12-03T14:30:00+00:00",
        "zone": "Europe/Berlin",
        "wall_start": "2026-12-03T14:00",
        "uid": "U1",
        "sequence": "3",
        "made_for": "1.3",
    }


def test_a_seminar_mail_goes_to_the_address_of_the_registration() -> None:
    made = seminar_mail(
        MessageKind.SEMINAR_WAITING, lead(), seminar(), registration(email="ada@example.org"), "M1", NOW
    )
    assert made.to == "ada@example.org"


@pytest.mark.parametrize("kind", ["confirmation", "thank_you", "rep_notice", "escalation"])
def test_another_kind_is_not_a_mail_about_a_seminar(kind: str) -> None:
    with pytest.raises(ValueError, match=kind):
        seminar_mail(MessageKind(kind), lead(), seminar(), registration(), "M1", NOW)


def test_a_link_to_sign_in_by_goes_to_the_person_in_the_language_of_the_page_and_beside_no_lead() -> None:
    made = sign_in_mail(REP, "ticket", "zh-Hant", "M1", NOW)
    assert (made.kind, made.to, made.language) == (MessageKind.SIGN_IN_LINK, "ann@example.com", "zh-Hant")
    assert (made.lead_id, made.state, made.due_at) == ("person.a", MessageState.PENDING, NOW + FIRST_DUE)
    assert made.context == {"rep_id": "a", "ticket_id": "ticket"}
    assert sign_in_mail(Rep("a", "Ann", ""), "ticket", "en", "M1", NOW).state is MessageState.SUPPRESSED


def test_a_complaint_is_told_to_the_owner_and_asks_nothing() -> None:
    made = complaint_notice(SCORED, REP, "complaint-M1", NOW)
    assert (made.kind, made.to, made.language) == (MessageKind.COMPLAINT_NOTICE, "ann@example.com", "de")
    assert (made.request_id, made.message_id, made.due_at) == ("", "complaint-M1", NOW + FIRST_DUE)


def test_a_lists_mail_is_known_by_its_name_and_there_is_one_for_each_campaign() -> None:
    assert thanks_id("fair") == thanks_id("fair") != thanks_id("other")
    assert is_bulk(thanks_id("fair"))
    assert not is_bulk("01M8ACH36Q1FHVP46RH4GV4T0Q")
