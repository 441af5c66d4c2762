"""Two records of one person: what of which holds and why, that nothing is lost, and that both come back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.identify.merge import MOST_EXTRA, UNREACHABLE
from chalicelib.identify.unite import (
    BOTH,
    CHOSEN,
    FURTHER,
    ONLY,
    SAME,
    STRICTER,
    SURVIVES,
    WORKS_HERE,
    as_before,
    part,
    unite,
)
from chalicelib.records.lead import Assignment, Lead, LeadStatus, Score, Snooze

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ACTIVE = ("anna", "ben")


def owned_by(owner_id: str) -> Assignment:
    return Assignment(owner_id, ("by rule",), "rule", "1", NOW)


ONE = Lead(
    "L1", "Jana Beispiel", "Jana", "Beispiel", "", "Buyer", ("jana@customer.example.com",), ("+4930123456",), "",
    assignment=owned_by("anna"), created_at=NOW - DAY, updated_at=NOW - DAY, touch_count=2, score=Score(40, ("a",)),
    extra={"shoe size": "38", "consent": "yes"}, campaign_ids=("fair",), products=("Sensor",),
)  # fmt: skip
OTHER = Lead(
    "L2", "Jana B.", "", "", "Beispiel AG", "Head of buying", ("jana@home.example.net",), ("+4930123456",), "DE",
    assignment=owned_by("ben"), created_at=NOW - 9 * DAY, updated_at=NOW - 2 * DAY, touch_count=1,
    score=Score(60, ("b",)), extra={"shoe size": "39", "hat": "blue"}, campaign_ids=("fair", "ads"),
    products=("Valve",), company_key="beispiel",
)  # fmt: skip


def united(one: Lead = ONE, other: Lead = OTHER, *chosen: str) -> Lead:
    return unite(one, other, chosen, NOW, ACTIVE).lead


def why(one: Lead = ONE, other: Lead = OTHER, *chosen: str) -> dict[str, tuple[str, str, str]]:
    return {o.field: (o.value, o.other, o.why) for o in unite(one, other, chosen, NOW, ACTIVE).outcomes}


def test_what_is_known_stays_what_is_missing_is_filled_and_what_differs_is_kept_beside() -> None:
    lead = united()
    assert (lead.lead_id, lead.full_name, lead.title) == ("L1", "Jana Beispiel", "Buyer")
    assert (lead.company, lead.company_key, lead.country) == ("Beispiel AG", "beispiel", "DE")
    assert lead.extra["other name"] == "Jana B."
    assert lead.extra["other job title"] == "Head of buying"
    assert (lead.emails, lead.phones) == ((*ONE.emails, *OTHER.emails), ONE.phones)
    assert (lead.products, lead.campaign_ids) == (("Sensor", "Valve"), ("fair", "ads"))
    assert (lead.extra["shoe size"], lead.extra["other shoe size"], lead.extra["hat"]) == ("38", "39", "blue")
    assert (lead.touch_count, lead.created_at, lead.updated_at) == (3, OTHER.created_at, NOW)
    assert lead.merged_ids == ("L2",)
    assert united(lead, replace(OTHER, lead_id="L3", merged_ids=("L4",))).merged_ids == ("L2", "L3", "L4")


def test_each_field_says_which_value_was_taken_and_why() -> None:
    said = why()
    assert said["name"] == ("Jana Beispiel", "Jana B.", SURVIVES)
    assert said["company"] == ("Beispiel AG", "", ONLY)
    assert said["language"] == ("en", "en", SAME)
    assert said["emails"] == ("jana@customer.example.com, jana@home.example.net", "", BOTH)
    assert said["owner"] == ("anna", "ben", SURVIVES)
    assert said["score"][:2] == ("60", "40")
    assert said["promotion"] == ("yes", "", STRICTER)


def test_a_field_chosen_by_hand_is_taken_from_the_other() -> None:
    lead = united(ONE, OTHER, "name", "title")
    assert (lead.full_name, lead.given_name, lead.title) == ("Jana B.", "", "Head of buying")
    assert lead.extra["other name"] == "Jana Beispiel"
    assert why(ONE, OTHER, "name")["name"] == ("Jana B.", "Jana Beispiel", CHOSEN)
    assert united(ONE, replace(OTHER, full_name=""), "name").full_name == "Jana Beispiel"
    both = (replace(ONE, company="Muster GmbH", company_key="muster"), OTHER)
    assert united(*both).company_key == "muster"
    chosen = united(*both, "company")
    assert (chosen.company, chosen.company_key, chosen.extra["other company"]) == (
        "Beispiel AG", "beispiel", "Muster GmbH",
    )  # fmt: skip


def test_values_beside_values_get_a_name_of_their_own_and_the_same_one_is_there_once() -> None:
    more = replace(ONE, extra={"shoe size": "38", "other shoe size": "40"})
    extra = united(more).extra
    assert (extra["other shoe size"], extra["other shoe size 2"]) == ("40", "39")
    assert "other shoe size" in united(replace(ONE, extra={"shoe size": "38", "other shoe size": "39"})).extra
    assert "other shoe size 2" not in united(replace(ONE, extra={"shoe size": "38", "other shoe size": "39"})).extra


def test_a_person_stays_one_item_of_the_store() -> None:
    full = replace(ONE, extra={"text": "x" * (MOST_EXTRA - 10)})
    assert "other name" not in united(full).extra


def test_the_owner_stays_unless_nobody_is_there() -> None:
    assert united().owner_id == "anna"
    gone = replace(ONE, assignment=owned_by("cleo"))
    assert united(gone).owner_id == "ben"
    assert why(gone)["owner"] == ("ben", "ben", WORKS_HERE)
    nobody = (replace(ONE, assignment=None), replace(OTHER, assignment=owned_by("cleo")))
    assert united(*nobody).assignment is None
    assert why(*nobody)["owner"][0] == ""


def test_the_stricter_word_on_promotion_holds() -> None:
    assert united(ONE, replace(OTHER, opted_out_at=NOW - DAY)).opted_out_at == NOW - DAY
    both = united(replace(ONE, opted_out_at=NOW - DAY), replace(OTHER, opted_out_at=NOW - 3 * DAY))
    assert both.opted_out_at == NOW - 3 * DAY
    no = replace(OTHER, extra={"consent": "no"})
    assert united(ONE, no).extra["consent"] == "no"
    assert why(ONE, no)["promotion"] == ("no", "", STRICTER)
    assert united(no, ONE).extra["consent"] == "no"
    assert united(replace(ONE, extra={}), replace(OTHER, extra={"consent": "yes"})).extra["consent"] == "yes"


def test_what_one_of_them_agreed_to_goes_with_the_person() -> None:
    assert united(ONE, replace(OTHER, agreed_by="form ask")).agreed_by == "form ask"
    assert (
        united(replace(ONE, agreed_by="form contact"), replace(OTHER, agreed_by="form ask")).agreed_by == "form contact"
    )


def test_whoever_is_further_along_is_and_who_is_open_in_one_place_is_open() -> None:
    customer = replace(OTHER, status=LeadStatus.CUSTOMER, status_reason="bought")
    assert (united(ONE, customer).status, united(ONE, customer).status_reason) == (LeadStatus.CUSTOMER, "bought")
    assert why(ONE, customer)["status"] == ("customer", "new", FURTHER)
    assert united(replace(ONE, status=LeadStatus.REJECTED, status_reason="no budget")).status is LeadStatus.NEW
    assert united(ONE, replace(OTHER, status=LeadStatus.REJECTED)).status is LeadStatus.NEW


def test_the_next_contact_is_the_one_that_is_due_first() -> None:
    def due(days: int, channel: str) -> dict[str, Any]:
        return {"respond_by": NOW + days * DAY, "next_channel": channel, "next_reason": channel}

    first, second = replace(ONE, **due(1, "phone")), replace(OTHER, **due(2, "email"))
    assert united(first, second).next_channel == "phone"
    assert united(replace(ONE, **due(3, "phone")), second).next_channel == "email"
    assert united(ONE, second).respond_by == NOW + 2 * DAY
    assert united(first, OTHER).next_channel == "phone"
    assert united(replace(ONE, next_reason="answered"), OTHER).next_reason == "answered"


def test_set_aside_is_only_what_both_are() -> None:
    aside = Snooze(NOW + DAY, "anna", NOW)
    assert united(replace(ONE, snooze=aside)).snooze is None
    assert united(replace(ONE, snooze=aside), replace(OTHER, snooze=aside)).snooze == aside
    assert united(replace(ONE, snooze=aside), replace(OTHER, status=LeadStatus.REJECTED)).snooze == aside


def test_flags_are_those_of_both_and_who_can_be_reached_is_not_unreachable() -> None:
    flagged = replace(ONE, flags=(UNREACHABLE, "late"), emails=(), phones=())
    assert united(flagged).flags == ("late",)
    nobody = replace(OTHER, flags=(UNREACHABLE,), emails=(), phones=())
    assert united(flagged, nobody).flags == (UNREACHABLE, "late")


def test_what_nobody_changed_since_is_as_before() -> None:
    merged = united(ONE, OTHER, "name")
    assert part(ONE, merged, merged) == (ONE, ())
    assert as_before(OTHER, merged, merged) == OTHER


def test_what_was_changed_since_stays_and_is_named() -> None:
    merged = united()
    now = replace(
        merged,
        status=LeadStatus.QUALIFIED,
        emails=(*merged.emails, "jana@new.example.org"),
        extra={**merged.extra, "hat": "red", "car": "none"},
        touch_count=merged.touch_count + 2,
        updated_at=NOW + DAY,
        score=Score(80),
    )
    parted, stays = part(ONE, merged, now)
    assert stays == ("emails", "status", "extra")
    assert parted.status is LeadStatus.QUALIFIED
    assert parted.emails == (*ONE.emails, "jana@new.example.org")
    assert parted.extra == {**ONE.extra, "hat": "red", "car": "none"}
    assert (parted.touch_count, parted.updated_at, parted.score) == (ONE.touch_count + 2, NOW + DAY, Score(80))
    assert parted.merged_ids == ()


def test_an_objection_made_since_holds_for_both() -> None:
    merged = united()
    assert as_before(OTHER, merged, replace(merged, opted_out_at=NOW + DAY)).opted_out_at == NOW + DAY
    refused = replace(merged, extra={**merged.extra, "consent": "no"})
    assert as_before(OTHER, merged, refused).extra == {**OTHER.extra, "consent": "no"}
    objected = replace(OTHER, opted_out_at=NOW - DAY)
    before = unite(ONE, objected, (), NOW, ACTIVE).lead
    assert as_before(objected, before, before).opted_out_at == NOW - DAY
