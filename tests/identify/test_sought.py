"""What somebody looks for: how it is read, what is spelled nearly like it, and how near a person is to it."""

import pytest

from chalicelib.identify.found_by import document
from chalicelib.identify.sought import Hit, Nearness, asked, beginnings, hit, nearby, rank
from chalicelib.records.lead import Lead

WANG = document(Lead("L", "王小明", company="北京样例科技有限公司", phones=("+8613800138000",), products=("Pumps",)))
JANA = document(Lead("L", "Jana Müller", company="Nord-Tech GmbH", emails=("jana.m@kunde.example.com",)))


def nearness(text: str, person: object = JANA) -> list[Nearness | None]:
    hits = [hit(wanted, person) for wanted in asked(text)]  # type: ignore[arg-type]
    return [each.nearness if each else None for each in hits]


def test_each_word_is_wanted_and_blanks_do_not_count() -> None:
    assert [wanted.typed for wanted in asked("  Jana   Müller ")] == ["Jana", "Müller"]
    assert asked("") == asked(" \t") == asked("*** --") == ()


def test_words_and_their_length_are_bounded() -> None:
    assert len(asked("a " * 50)) == 8
    assert len(asked("x" * 300)[0].ways[0][0]) == 60


@pytest.mark.parametrize("typed", ["030 900013", "(030) 900-013", "0 30 900013", "30900013"])
def test_a_number_is_one_word_without_the_way_out_of_town(typed: str) -> None:
    (wanted,) = asked(typed)
    assert wanted.ways[0] == ("30900013",)


def test_a_zero_that_is_part_of_the_number_may_be_typed() -> None:
    assert hit(asked("06 1234 56")[0], document(Lead("L", phones=("+390612345678",))))


def test_a_number_of_zeros_alone_is_nothing_to_look_for() -> None:
    assert asked("00 000") == ()


def test_digits_beside_words_may_have_a_leading_zero() -> None:
    assert ("171",) in asked("jana 0171")[1].ways
    assert asked("jana 000")[1].ways == (("000",),)


def test_what_is_joined_by_signs_is_next_to_each_other_or_run_together() -> None:
    assert asked("nord-tech")[0].ways == (("nord", "tech"), ("nordtech",))


def test_a_company_is_meant_by_each_of_its_names() -> None:
    assert ("volkswagen",) in asked("VW")[0].ways
    assert ("volkswagen",) in asked("大众")[0].ways
    assert asked("华为")[0].ways[0] == ("华", "为")


def test_han_is_read_aloud_and_mixed_words_are_taken_apart() -> None:
    assert "wangxiaoming" in asked("王小明")[0].sounds
    assert asked("王")[0].sounds == asked("サトウ")[0].sounds == ()
    assert [wanted.typed for wanted in asked("王xiaoming")] == ["王", "xiaoming"]


def test_whole_words_are_nearer_than_beginnings_and_these_than_sounds() -> None:
    assert nearness("jana müller") == [Nearness.WHOLE, Nearness.WHOLE]
    assert nearness("JAN mue") == [Nearness.BEGINNING, Nearness.BEGINNING]
    assert nearness("nobody") == [None]
    latin = document(Lead("L", "Xiaoming Wang"))
    assert nearness("王小明", latin) == [Nearness.SOUND]
    assert nearness("王小明", WANG) == nearness("wxm", WANG) == [Nearness.WHOLE]
    assert nearness("xiaom wang", WANG) == [Nearness.BEGINNING, Nearness.WHOLE]


@pytest.mark.parametrize(
    ("typed", "field"),
    [("小明", 0), ("样例", 1), ("yangli", 1), ("138 0013 8000", 3), ("+86 138 00", 3), ("pump", 4)],
)
def test_a_hit_says_in_which_field_it_is(typed: str, field: int) -> None:
    found = hit(asked(typed)[0], WANG)
    assert found
    assert found.field == field


@pytest.mark.parametrize("typed", ["jana.m@kunde", "nord-tech", "nordtech", "kunde.example"])
def test_parts_of_addresses_and_names_are_found_as_they_are_written(typed: str) -> None:
    assert nearness(typed)[0] is not None


@pytest.mark.parametrize(
    ("typed", "written"),
    [("muler", "muller"), ("mulller", "muller"), ("mukler", "muller"), ("mullre", "muller"), ("umller", "muller"),
     ("nuller", "muller"), ("uller", "muller"), ("mmuller", "muller"), ("mluler", "muller"), ("wnag", "wang"),
     ("mlller", "muller"), ("xmuller", "muller"), ("mxuller", "muller"), ("zimmremanm", "zimmermann"),
     ("schmdi", "schmidtke")],
)  # fmt: skip
def test_a_slip_anywhere_still_finds_the_word(typed: str, written: str) -> None:
    (wanted,) = asked(typed)
    begun, whole = beginnings(wanted)
    offered = [word for word in (written, "other") if word.startswith(begun) or word in whole]
    assert nearby(wanted, offered) == (written,)


@pytest.mark.parametrize("typed", ["abc", "2024", "nord-tech", "王小明", "иван"])
def test_what_is_short_a_number_or_not_in_latin_letters_is_not_taken_for_misspelled(typed: str) -> None:
    (wanted,) = asked(typed)
    assert beginnings(wanted) == ((), ())
    assert nearby(wanted, ["abcd", "2025"]) == ()


def test_other_words_are_not_near_and_the_nearest_come_first() -> None:
    (wanted,) = asked("hofmann")
    words = ["hoffmann", "hofmann", "kaufmann", "hofmannmeyer", "hof", "12345678", "hofmänn", "hofmana"]
    assert nearby(wanted, words) == ("hoffmann", "hofmana", "hofmannmeyer")


def test_a_word_spelled_nearly_so_is_the_farthest_and_says_which() -> None:
    from dataclasses import replace

    close = replace(asked("mulelr")[0], close=("miller", "muller"))
    assert hit(close, JANA) == Hit(Nearness.CLOSE, 0, "muller")


def test_the_worst_word_counts_first() -> None:
    near, far = Hit(Nearness.WHOLE, 3), Hit(Nearness.CLOSE, 0)
    assert rank([near, near]) < rank([near, far]) < rank([far, far])
    assert rank([Hit(Nearness.WHOLE, 0)]) < rank([Hit(Nearness.WHOLE, 1)])
