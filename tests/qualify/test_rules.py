from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.qualify.rules import Rule, load_rules, score
from chalicelib.records.lead import Lead, Score
from chalicelib.records.touch import Touch, TouchKind

RULES = load_rules()


def lead(**more: Any) -> Lead:
    return Lead("L1", **({"emails": ("anna@example.com",), "touch_count": 1} | more))


def touch(kind: TouchKind = TouchKind.LIST, message: str = "", **more: Any) -> Touch:
    return Touch("T1", "L1", kind, datetime(2026, 3, 2, tzinfo=UTC), message=message, **more)


def scored(person: Lead, *touches: Touch) -> Score:
    result = Score()
    for number, each in enumerate(touches, start=1):
        result = score(result, replace(person, touch_count=number), each, RULES)
    return result


def test_the_reasons_add_up_and_name_the_rules_version():
    person = lead(title="CTO", phones=("+493023125010",), products=("Sensors", "Robot arm"))
    assert scored(person, touch(TouchKind.FORM, "Please send a quotation")) == Score(
        75,
        (
            "wrote to us +10",
            "asked for a quotation +30",
            "decides on purchases: CTO +15",
            "interested in: Sensors, Robot arm +10",
            "business e-mail +5",
            "can be phoned +5",
        ),
        "score-1",
    )


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("CEO", "decides on purchases: CEO +15"),
        ("Head of R&D", "decides on purchases: Head of R&D +15"),
        ("Geschäftsführerin", "decides on purchases: Geschäftsführerin +15"),
        ("Einkaufsleiter", "decides on purchases: Einkaufsleiter +15"),
        ("采购经理", "decides on purchases: 采购经理 +15"),
        ("總經理", "decides on purchases: 總經理 +15"),
        ("Engineer", "influences purchases: Engineer +8"),
        ("Entwicklungsingenieur", "influences purchases: Entwicklungsingenieur +8"),
        ("工程师", "influences purchases: 工程师 +8"),
        ("Assistant to the CEO", "assists somebody who decides: Assistant to the CEO +5"),
        ("总经理助理", "assists somebody who decides: 总经理助理 +5"),
        ("Student", "student: Student −20"),
        ("研究生", "student: 研究生 −20"),
        ("Werkstudentin Einkauf", "intern: Werkstudentin Einkauf −15"),
        ("實習生", "intern: 實習生 −15"),
        ("CEO\n of  Example", "decides on purchases: CEO of Example +15"),
        (f"CEO {'x' * 80}", f"decides on purchases: CEO {'x' * 55}… +15"),
    ],
)
def test_the_title_says_who_decides(title: str, reason: str):
    assert scored(lead(title=title), touch()).reasons[0] == reason


@pytest.mark.parametrize("title", ["Internal Auditor", "Clerk", "International", "Leiterplatte"])
def test_a_title_that_says_nothing_gives_nothing(title: str):
    assert scored(lead(title=title), touch()).reasons == ("business e-mail +5",)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Could you quote three of them?", "asked for a quotation +30"),
        ("Bitte um ein Angebot", "asked for a quotation +30"),
        ("需要报价", "asked for a quotation +30"),
        ("請報價", "asked for a quotation +30"),
        ("We want to place an order", "wants to order +25"),
        ("想订购两台", "wants to order +25"),
        ("a demo please", "asked for a demonstration +20"),
        ("Vorführung bei uns", "asked for a demonstration +20"),
        ("we need it within two months", "has a date in mind +15"),
        ("三个月内", "has a date in mind +15"),
        ("Budget vorhanden", "has a budget +15"),
        ("we offer backlinks", "offers something to us −25"),
    ],
)
def test_what_somebody_writes_counts_in_each_language(message: str, reason: str):
    assert reason in scored(lead(), touch(TouchKind.FORM, message)).reasons


@pytest.mark.parametrize(
    "message", ["I do not need a quotation", "我们不需要报价", "kein Angebot bitte", "in order to learn"]
)
def test_what_somebody_does_not_want_counts_nothing(message: str):
    assert scored(lead(), touch(TouchKind.FORM, message)).reasons == ("wrote to us +10", "business e-mail +5")


def test_other_answers_are_read_like_the_message():
    assert "asked for a quotation +30" in scored(lead(), touch(details={"remark": "需要报价"})).reasons


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (TouchKind.SCAN, "came to our stand +10"),
        (TouchKind.SEMINAR, "signed up for a seminar +10"),
        (TouchKind.API, "wrote to us +10"),
    ],
)
def test_the_way_somebody_came_counts(kind: TouchKind, reason: str):
    assert reason in scored(lead(), touch(kind)).reasons


def test_being_named_on_a_list_is_nothing_somebody_did():
    assert scored(lead(), touch(), touch(), touch()).reasons == ("business e-mail +5",)


def test_what_somebody_did_is_kept_on_a_repeat_and_counts_once():
    first = touch(TouchKind.FORM, "a quotation please")
    assert scored(lead(), first, touch(TouchKind.FORM, "a quotation please!"), touch(TouchKind.SCAN)) == Score(
        65,
        (
            "wrote to us +10",
            "asked for a quotation +30",
            "came to our stand +10",
            "asked again: 3 touches +10",
            "business e-mail +5",
        ),
        "score-1",
    )


def test_asking_again_is_kept_when_a_list_follows():
    reasons = scored(lead(), touch(TouchKind.FORM), touch(TouchKind.FORM), touch()).reasons
    assert reasons == ("wrote to us +10", "asked again: 2 touches +5", "business e-mail +5")


def test_what_is_known_of_somebody_is_looked_at_anew():
    before = scored(lead(title="Student", emails=("anna@qq.com",)), touch())
    after = score(before, lead(title="CEO", emails=("anna@qq.com", "anna@example.com")), touch(), RULES)
    assert before.reasons == ("student: Student −20", "free mail address −5", "limited to 0")
    assert after.reasons == ("decides on purchases: CEO +15", "business e-mail +5")


def test_a_reason_whose_rule_is_gone_is_gone_and_a_changed_one_has_todays_points():
    before = Score(99, ("had a beard +50", "asked for a quotation +49"), "score-0")
    assert score(before, lead(), touch(), RULES) == Score(
        35, ("asked for a quotation +30", "business e-mail +5"), "score-1"
    )


def test_nobody_reachable_counts_against():
    assert scored(lead(emails=()), touch()) == Score(0, ("nobody can be reached −20", "limited to 0"), "score-1")


def test_more_than_a_hundred_is_limited_with_a_word():
    message = "quotation, demo, we want to order, budget approved, urgent"
    result = scored(lead(title="CEO"), touch(TouchKind.FORM, message), touch(TouchKind.SCAN))
    assert (result.points, result.reasons[-1]) == (100, "limited to 100")
    assert score(result, lead(title="CEO"), touch(), RULES).reasons.count("limited to 100") == 1


def test_a_rule_shows_its_value_and_its_points():
    assert Rule("interested in", 10).shown("Sensors") == ("interested in: Sensors +10", 10)
    assert Rule("student", -20).shown() == ("student −20", -20)


@settings(derandomize=True, deadline=None)
@given(
    st.sampled_from(["", "CEO", "Student", "工程师", "x: y +5"]),
    st.lists(
        st.tuples(st.sampled_from(list(TouchKind)), st.sampled_from(["", "quote 报价", "demo, budget"])), max_size=4
    ),
    st.sampled_from([(), ("a@qq.com",), ("a@example.com",)]),
)
def test_points_shown_add_up_to_the_score_unless_limited(title: str, touches: list[Any], emails: tuple[str, ...]):
    result = scored(lead(title=title, emails=emails), *(touch(kind, text) for kind, text in touches))
    shown = [reason for reason in result.reasons if not reason.startswith("limited")]
    total = sum(int(reason.rpartition(" ")[2].replace("−", "-")) for reason in shown)
    assert 0 <= result.points <= 100
    assert len(set(shown)) == len(shown)
    assert result.points == total or result.reasons[-1] == f"limited to {result.points}"
