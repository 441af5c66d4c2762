from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.identify.keys import by_name, every_key, local_keys, lookup_keys, match_keys, suppression_keys
from chalicelib.identify.normalise import identity
from chalicelib.records.contact import Contact, Identity

ANNA = Contact(
    full_name="Anna Weber", company="Nord Tech GmbH", emails=("anna@example.com",), phones=("+493023125010",)
)


def keys(**parts: object) -> tuple[str, ...]:
    return match_keys(identity(Contact(**parts)))


def test_a_person_is_written_under_email_and_phone():
    assert match_keys(identity(ANNA)) == ("e:anna@example.com", "p:+493023125010", "n:anna weber|nordtech")
    assert lookup_keys(identity(ANNA)) == match_keys(identity(ANNA))


def test_one_more_email_or_phone_is_written_and_all_are_read():
    emails = (*(f"anna{number}@example.com" for number in range(6)), "info@example.com")
    phones = tuple(f"+49302312501{number}" for number in range(6))
    person = identity(Contact(emails=emails, phones=phones))
    assert match_keys(person) == ("e:anna0@example.com", "p:+493023125010", "e:anna1@example.com")
    assert len(lookup_keys(person)) == 8
    assert set(match_keys(person)) < set(lookup_keys(person))
    assert keys(phones=phones[:2]) == ("p:+493023125010", "p:+493023125011")


def test_addresses_of_one_mailbox_are_one_key():
    assert keys(emails=("anna@example.com", "anna+expo@example.com")) == ("e:anna@example.com",)


def test_a_role_address_is_a_key_only_with_the_name_and_only_for_want_of_better():
    assert keys(full_name="Jürgen Groß", emails=("info@example.com",)) == (
        "r:info@example.com|gross jurgen",
        "n:gross jurgen|",
    )
    assert keys(emails=("info@example.com",)) == ("r:info@example.com|",)
    assert keys(emails=("info@example.com", "anna@example.com")) == ("e:anna@example.com",)


def test_a_role_address_is_read_beside_better_keys():
    person = identity(Contact(full_name="Anna", emails=("info@example.com", "anna@example.com")))
    assert lookup_keys(person) == ("e:anna@example.com", "r:info@example.com|anna")


def test_name_and_company_are_the_key_of_who_gave_no_contact_point():
    assert keys(full_name="Weber, Anna", company="Nord Tech AG") == ("n:anna weber|nordtech",)
    assert keys(full_name="Anna Weber") == ("n:anna weber|",)
    assert keys(company="Nord Tech") == ()


def test_in_memory_everybody_with_a_company_is_found_by_name_too():
    assert local_keys(identity(ANNA)) == (*match_keys(identity(ANNA)), "n:anna weber|nordtech")
    assert local_keys(identity(Contact(full_name="Anna", emails=("anna@example.com",)))) == ("e:anna@example.com",)


ADDRESSES = st.lists(st.sampled_from(["info@a.example", "b@a.example", "c+x@a.example", "d@a.example"]), max_size=6)


@settings(derandomize=True, deadline=None)
@given(ADDRESSES, st.lists(st.sampled_from(["+1201", "+1202", "+1203"]), max_size=6), st.booleans())
def test_at_most_three_keys_are_written_and_eight_read_and_what_is_written_is_read(emails, phones, named):
    person = Identity(
        emails=tuple(emails),
        personal_emails=tuple(email for email in emails if not email.startswith("info")),
        phones=tuple(phones),
        name_tokens=("anna",) if named else (),
    )
    assert len(match_keys(person)) <= 3
    assert len(lookup_keys(person)) <= 8
    assert set(match_keys(person)) <= set(lookup_keys(person))


def test_who_was_erased_is_known_again_by_every_contact_point_and_by_the_name_only_without_any():
    many = tuple(f"a{n}@example.com" for n in range(5))
    person = identity(Contact(full_name="Anna Weber", emails=(*many, "info@example.com"), phones=("+493012345",)))
    assert suppression_keys(person) == (*(f"e:{m}" for m in many), "p:+493012345", "r:info@example.com|anna weber")
    alone = identity(Contact(full_name="Anna Weber", company="Nord Tech AG"))
    assert suppression_keys(alone) == ("n:anna weber|nordtech",)
    assert suppression_keys(identity(Contact(company="Nord Tech AG"))) == ()


def test_a_name_is_a_key_beside_others_only_with_a_company_and_both_halves():
    company = {"company": "Nord Tech", "emails": ("anna@example.com",)}
    assert keys(full_name="Anna Weber", **company) == ("e:anna@example.com", "n:anna weber|nordtech")
    assert keys(full_name="Anna", **company) == ("e:anna@example.com",)
    assert keys(full_name="王小明", **company) == ("e:anna@example.com", "n:王小明|nordtech")
    assert keys(**company) == ("e:anna@example.com",)


def test_traditional_and_simplified_names_and_companies_are_one_key():
    assert keys(full_name="張國偉", company="華為技術有限公司") == keys(full_name="张国伟", company="华为技术")


def test_name_and_company_are_read_last_and_beside_the_others():
    assert by_name(lookup_keys(identity(ANNA))) == 1
    many = Contact(full_name="Anna Weber", company="Nord Tech", emails=tuple(f"a{n}@example.com" for n in range(9)))
    assert lookup_keys(identity(many))[-2:] == ("e:a3@example.com", "e:a2@example.com")[::-1]
    two = Contact(full_name="Anna Weber", company="Nord", emails=("a@example.com", "info@example.com"))
    assert lookup_keys(identity(two))[-1] == "n:anna weber|nord"
    assert by_name(lookup_keys(identity(Contact(full_name="Anna Weber")))) == 0
    assert by_name(("e:a@example.com",)) == by_name(()) == 0


def test_every_key_somebody_may_have_is_told_for_forgetting_them():
    person = identity(Contact(full_name="Anna Weber", company="Nord", phones=("+493012345",),
                              emails=(*(f"a{n}@example.com" for n in range(5)), "info@example.com")))  # fmt: skip
    assert set(match_keys(person)) < set(every_key(person))
    assert every_key(person) == (
        *(f"e:a{n}@example.com" for n in range(5)), "p:+493012345", "r:info@example.com|anna weber",
        "n:anna weber|nord",
    )  # fmt: skip
