from itertools import permutations

import pytest

from chalicelib.identify.resolve import NOBODY, Match
from tests.identify.people import OTHER_PHONE, PHONE, contact, lead, who

ANNA = lead("Anna Weber", "anna@example.com", PHONE, company="Nord Tech GmbH")


def test_without_candidates_it_is_a_new_person():
    assert who(contact("Anna Weber", "anna@example.com")) == NOBODY == Match(None)


def test_the_reasons_say_what_spoke_for_and_against():
    match = who(contact("A. Weber", "Anna@Example.com", OTHER_PHONE, company="Nord-Tech"), ANNA)
    assert match == Match(
        "L1", 23.0, ("same e-mail +22", "another phone −3", "same name with initials +2", "same company +2")
    )


@pytest.mark.parametrize("name", ["Weber, Anna", "ANNA WEBER", "A. Weber", "Weber", ""])
def test_the_same_email_is_the_same_person(name: str):
    match = who(contact(name, "anna@example.com"), ANNA)
    assert (match.lead_id, match.flags) == ("L1", ())


def test_the_same_email_under_another_name_is_the_same_person_flagged():
    match = who(contact("Tom Koch", "anna@example.com", OTHER_PHONE, company="Iron Foods"), ANNA)
    assert (match.lead_id, match.flags) == ("L1", ("names differ",))


@pytest.mark.parametrize("name", ["Weber, Anna", "A. Weber", "Anna Maria Weber", "Weber", "Annie Weber", ""])
def test_the_same_phone_joins_compatible_names(name: str):
    assert who(contact(name, "", PHONE), ANNA).lead_id == "L1"


@pytest.mark.parametrize("name", ["Grace Wright", "Tom Weber", "Anna Koch"])
def test_strangers_and_relatives_share_a_phone_without_becoming_one(name: str):
    match = who(contact(name, "", PHONE, company="Nord Tech"), ANNA)
    assert match.lead_id is None
    assert "same phone +14" in match.reasons


def test_colleagues_share_switchboard_role_address_and_company_without_becoming_one():
    anna = lead("Anna Weber", "info@example.com", PHONE, company="Nord Tech")
    assert who(contact("Tom Koch", "info@example.com", PHONE, company="Nord Tech"), anna).lead_id is None


def test_the_same_phone_and_name_with_a_mistyped_email_is_the_same_person():
    match = who(contact("Anna Weber", "anan@example.com", PHONE), ANNA)
    assert match.lead_id == "L1"
    assert "e-mail differs by one letter +9" in match.reasons


def test_the_same_phone_and_name_with_another_email_is_the_same_person():
    assert who(contact("Anna Weber", "weber@example.org", PHONE, company="Iron Foods"), ANNA).lead_id == "L1"


@pytest.mark.parametrize("name", ["A. Weber", "Weber", ""])
def test_half_a_name_on_the_same_phone_with_another_email_is_not_enough(name: str):
    assert who(contact(name, "tom@example.com", PHONE, company="Nord Tech"), ANNA).lead_id is None


def test_a_mistyped_email_alone_joins_nobody():
    assert who(contact("Anna Weber", "anan@example.com", company="Nord Tech"), ANNA).lead_id is None


def test_name_and_company_join_nobody_who_gave_a_contact_point():
    known = lead("Anna Weber", "anna@example.com", company="Nord Tech")
    assert who(contact("Anna Weber", "", PHONE, company="Nord Tech"), known).lead_id is None
    assert who(contact("Anna Weber", "weber@example.org", company="Nord Tech"), known).lead_id is None


def test_an_address_with_a_tag_is_the_same_mailbox_for_the_same_name():
    assert who(contact("Anna Weber", "anna+expo@example.com"), ANNA).lead_id == "L1"
    assert who(contact("", "anna+expo@example.com"), ANNA).lead_id == "L1"
    assert who(contact("Tom Koch", "anna+expo@example.com", company="Nord Tech"), ANNA).lead_id is None


def test_a_role_address_joins_only_with_the_name():
    known = lead("Anna Weber", "info@example.com", company="Nord Tech")
    assert who(contact("Weber, Anna", "info@example.com"), known).lead_id == "L1"
    assert who(contact("Weber, Anna", "info@example.com", company="Iron Foods"), known).lead_id == "L1"
    assert who(contact("Tom Koch", "info@example.com", company="Nord Tech"), known).lead_id is None
    assert who(contact("", "info@example.com", company="Nord Tech"), known).lead_id is None
    assert who(contact("Weber", "info@example.com", company="Nord Tech"), known).lead_id is None


def test_two_enquiries_from_a_role_address_without_any_name_are_one():
    assert who(contact("", "info@example.com"), lead("", "info@example.com")).lead_id == "L1"


def test_two_calls_from_one_phone_without_any_name_are_one():
    assert who(contact("", "", PHONE), lead("", "", PHONE)).lead_id == "L1"


def test_a_call_without_a_name_from_a_shared_phone_is_nobody_of_them():
    match = who(contact("", "", PHONE), lead("Anna Weber", "", PHONE), lead("Tom Koch", "", PHONE, "L2"))
    assert match.lead_id is None
    assert match.reasons[-1] == "fits several people equally: 2"


def test_who_brings_no_contact_point_is_known_by_name_and_company():
    match = who(contact("Weber, Anna", company="Nord Tech AG"), ANNA)
    assert match.lead_id == "L1"
    assert "nothing else to tell them apart +9" in match.reasons
    assert who(contact("Anna Weber", company="Iron Foods"), ANNA).lead_id is None
    assert who(contact("A. Weber", company="Nord Tech"), ANNA).lead_id is None
    assert who(contact("Anna Weber"), ANNA).lead_id is None


def test_an_unreadable_contact_point_counts_as_none_but_another_one_tells_people_apart():
    known = lead("Anna Weber", "", "0175 1", company="Nord Tech")
    assert who(contact("Anna Weber", "anna@", company="Nord Tech"), known).lead_id == "L1"
    assert who(contact("Anna Weber", "", "0175 1", company="Nord Tech"), known).lead_id == "L1"
    assert who(contact("Anna Weber", "", "0175 2", company="Nord Tech"), known).lead_id is None


def test_a_bare_name_is_known_again_but_not_in_another_country():
    known = lead("Wei Wang", country="CN")
    assert who(contact("Wang Wei", country="中国"), known).lead_id == "L1"
    assert who(contact("Wang Wei", country="US"), known).lead_id is None


def test_among_namesakes_of_a_company_the_title_decides_or_nobody_is_taken():
    ceo = lead("John Miller", "john@example.com", company="Delta", title="CEO")
    intern = lead("John Miller", "jm@example.com", lead_id="L2", company="Delta", title="Intern")
    assert who(contact("John Miller", company="Delta", title="Intern"), ceo, intern).lead_id == "L2"
    assert who(contact("John Miller", company="Delta"), ceo, intern).lead_id is None
    bare = lead("John Miller", lead_id="L3", company="Delta")
    assert who(contact("John Miller", company="Delta"), ceo, intern, bare).lead_id == "L3"


def test_when_email_and_phone_say_different_people_the_weight_decides_with_the_reason():
    by_email = lead("Tom Koch", "tom@example.com", OTHER_PHONE)
    by_phone = lead("Anna Weber", "", PHONE, "L2")
    match = who(contact("Anna Weber", "tom@example.com", PHONE), by_email, by_phone)
    assert (match.lead_id, match.flags) == ("L2", ())
    assert match.reasons[-1] == "fits better than another person: L1"
    match = who(contact("T. Koch", "tom@example.com", PHONE), by_email, by_phone)
    assert (match.lead_id, match.reasons[-1]) == ("L1", "same name with initials +2")


def test_a_slip_that_hits_a_namesakes_address_goes_by_the_phone():
    namesake = lead("John Miller", "john.miller123@example.com", company="Delta")
    meant = lead("John Miller", "john.miller132@example.com", PHONE, "L2", company="Delta")
    row = contact("John Miller", "john.miller123@example.com", PHONE, company="Delta")
    assert who(row, namesake, meant).lead_id == "L2"


def test_a_new_phone_of_a_known_address_goes_by_the_address():
    other = lead("John Miller", "miller@example.org", PHONE, "L2")
    known = lead("John Miller", "john.miller@example.com", OTHER_PHONE)
    assert who(contact("John Miller", "john.miller@example.com", PHONE), known, other).lead_id == "L1"


def test_the_order_of_candidates_never_matters_and_ties_go_to_the_lowest_id():
    twins = [lead("Anna Weber", "anna@example.com", lead_id=lead_id) for lead_id in ("L3", "L1", "L2")]
    for order in permutations(twins):
        assert who(contact("Anna Weber", "anna@example.com"), *order).lead_id == "L1"


def test_a_candidate_found_by_two_keys_is_one_candidate():
    assert who(contact("", "", PHONE), ANNA, ANNA).lead_id == "L1"


# ---- the rulings


def test_the_same_name_at_the_same_company_with_another_address_is_two_people_whatever_the_phone():
    known = lead("John Miller", "john.miller@firm.example.com", PHONE, company="Delta Inc.")
    match = who(contact("John Miller", "j.miller.ops@firm.example.com", PHONE, company="Delta"), known)
    assert match.lead_id is None
    assert [doubt.lead_id for doubt in match.doubts] == ["L1"]
    assert "another e-mail −4" in match.doubts[0].reasons
    assert who(contact("John Miller", "jm@home.example.org", company="Delta"), known).doubts == ()


def test_who_names_no_company_but_writes_from_its_domain_is_of_that_company():
    known = lead("John Miller", "john.miller@firm.example.com", PHONE, company="Delta Inc.")
    match = who(contact("John Miller", "ops@x.example.org", PHONE), known)
    assert match.lead_id == "L1"
    match = who(contact("John Miller", "jm@firm.example.com", PHONE), known)
    assert (match.lead_id, match.doubts[0].reasons[-1]) == (None, "e-mails of one company +2")
    free = lead("John Miller", "john.miller.ll@gmail.com", PHONE)
    assert who(contact("John Miller", "millerjohn.ll@gmail.com", PHONE), free).lead_id == "L1"


def test_one_name_before_the_at_sign_at_two_domains_is_one_person_with_the_same_phone_and_name():
    known = lead("Anna Weber", "anna.weber@nord.example.com", PHONE, company="Nord")
    match = who(contact("Anna Weber", "anna.weber@nord.example.org", PHONE, company="Nord"), known)
    assert match.lead_id == "L1"
    assert "e-mails alike before the domain +1" in match.reasons


@pytest.mark.parametrize(
    ("known", "written", "one"),
    [
        ("miller1@a.example", "miller2@a.example", False), ("miller@a.example", "miller2@a.example", False),
        ("miller12@a.example", "miller21@a.example", True), ("miller1@a.example", "miller11@a.example", True),
        ("miller@a.example", "miler@a.example", True), ("sabine@a.example", "sabien@a.example", True),
    ],
)  # fmt: skip
def test_another_digit_in_an_address_is_meant_and_other_slips_are_slips(known: str, written: str, one: bool):
    person = lead("John Miller", known, PHONE, company="Delta")
    assert (who(contact("John Miller", written, PHONE, company="Delta"), person).lead_id == "L1") is one


def test_the_reason_says_which_part_of_the_name_is_another():
    def reason(name: str) -> str:
        return who(contact(name, "", PHONE), ANNA).doubts[0].reasons[1]

    first = ANNA.full_name.split()[0]
    assert reason(f"{first} Sampleton") == "another family name −18"
    assert reason("Tom Weber") == "another given name −18"


def test_the_same_phone_and_family_name_with_another_given_name_goes_to_review():
    match = who(contact("Tom Weber", "", PHONE), ANNA)
    assert (match.lead_id, match.doubts[0].lead_id) == (None, "L1")
    assert match.doubts[0].reasons == ("same phone +14", "another given name −18")
    assert who(contact("Grace Wright", "", PHONE, company="Nord Tech"), ANNA).doubts == ()
    assert who(contact("Tom Weber", "", PHONE, company="Iron Foods"), ANNA).doubts == ()


def test_han_and_pinyin_with_the_same_phone_are_one_and_another_name_goes_to_review():
    known = lead("王小明", "wxm@example.com", PHONE)
    match = who(contact("Xiaoming Wang", "", PHONE), known)
    assert match.lead_id == "L1"
    assert "same name in Han and in pinyin +4" in match.reasons
    other = who(contact("David Lee", "", PHONE), known)
    assert (other.lead_id, other.doubts[0].lead_id) == (None, "L1")


def test_traditional_and_simplified_characters_are_the_same_name():
    assert who(contact("张国伟", "", PHONE), lead("張國偉", "", PHONE)).lead_id == "L1"
    assert who(contact("章国伟", "", PHONE), lead("張國偉", "", PHONE)).lead_id is None


def test_a_known_name_without_contact_points_is_found_by_the_fuller_record_unless_there_is_a_twin():
    bare = lead("Anna Weber", company="Nord Tech")
    full = contact("Anna Weber", "anna.weber@nord.example.com", OTHER_PHONE, company="Nord Tech")
    assert who(full, bare).lead_id == "L1"
    twin = lead("Anna Weber", "anna@nord.example.com", PHONE, "L2", company="Nord Tech")
    match = who(full, bare, twin)
    assert (match.lead_id, match.reasons[-1]) == (None, "fits several people equally: 2")
    assert [doubt.lead_id for doubt in match.doubts] == ["L1"]


def test_an_external_id_of_its_own_tells_two_apart_who_have_nothing_else():
    known = lead("Anna Weber", company="Nord Tech", extra={"external_id": "4711"})
    assert who(contact("Anna Weber", company="Nord Tech", extra={"external_id": "4712"}), known).lead_id is None
    assert who(contact("Anna Weber", company="Nord Tech", extra={"external_id": "4711"}), known).lead_id == "L1"


def test_an_initial_that_fits_two_behind_one_number_is_neither_of_them():
    anna, andrea = lead("Anna Weber", "", PHONE), lead("Andrea Weber", "", PHONE, "L2")
    match = who(contact("A. Weber", "", PHONE), anna, andrea)
    assert match.lead_id is None
    assert [doubt.lead_id for doubt in match.doubts] == ["L1", "L2"]


def test_two_known_people_to_whom_one_record_points_are_in_doubt_with_each_other():
    by_email = lead("Anna Weber", "anna@example.com", OTHER_PHONE)
    by_phone = lead("Anna Weber", "", PHONE, "L2")
    match = who(contact("Anna Weber", "anna@example.com", PHONE), by_email, by_phone)
    assert (match.lead_id, [doubt.lead_id for doubt in match.doubts]) == ("L1", ["L2"])


def test_the_same_external_id_joins_one_name_and_tells_a_namesake_apart():
    known = lead("Anna Weber", "anna@example.com", company="Nord", extra={"external_id": "4711"})
    match = who(contact("Weber, Anna", "", OTHER_PHONE, extra={"external_id": "4711"}), known)
    assert match.lead_id == "L1"
    assert "same external id +10" in match.reasons
    assert who(contact("Tom Koch", "", OTHER_PHONE, extra={"external_id": "4711"}), known).lead_id is None
    assert who(contact("Weber, Anna", "", OTHER_PHONE, extra={"badge": "1"}), known).lead_id is None
    twin = lead("Anna Weber", "a.weber@example.com", lead_id="L2", company="Nord")
    assert who(contact("Anna Weber", company="Nord", extra={"external_id": "4711"}), known, twin).lead_id == "L1"
