from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.identify.merge import changes, enrich, new_lead, without_room
from chalicelib.identify.normalise import identity
from chalicelib.records.contact import Contact
from chalicelib.records.lead import Lead, LeadStatus, Score
from tests.identify.people import NOW, OTHER_PHONE, PHONE, contact, lead

LATER = NOW + timedelta(days=1)


def made(given: Contact, **more: str) -> Lead:
    return new_lead(given, identity(given), "L1", NOW, **more)


def enriched(known: Lead, given: Contact, flags: tuple[str, ...] = ()) -> Lead:
    return enrich(known, given, identity(given), LATER, flags)


def test_what_there_is_no_room_for_is_left_out_and_named_so_that_a_person_never_outgrows_the_store():
    known = lead("Anna", "anna@example.com", extra={f"column {n}": "x" * 2_000 for n in range(29)})
    given = contact("Anna", "anna@example.com", extra={"long": "y" * 2_000, "short": "z", "column 1": "other"})
    found = enriched(known, given)
    assert found.extra == known.extra | {"short": "z"}
    assert without_room(found, given) == {"long": "y" * 2_000}


def test_a_new_lead_has_all_that_was_captured():
    given = Contact(
        full_name="Anna Weber",
        given_name="Anna",
        family_name="Weber",
        company="Nord Tech GmbH",
        title="CEO",
        emails=("Anna@Example.com",),
        phones=("030 23125010", "4.9E+11"),
        country="Deutschland",
        products=("Sensors",),
        address="Beispielweg 1",
        urls=("https://example.com", "https://example.org"),
        badge_id="B7",
        extra={"stand": "12"},
    )
    assert made(given, language="de") == Lead(
        lead_id="L1",
        full_name="Anna Weber",
        given_name="Anna",
        family_name="Weber",
        company="Nord Tech GmbH",
        title="CEO",
        emails=("anna@example.com",),
        phones=(PHONE,),
        country="DE",
        language="de",
        products=("Sensors",),
        created_at=NOW,
        updated_at=NOW,
        extra={
            "stand": "12",
            "phone as given": "4.9E+11",
            "address": "Beispielweg 1",
            "url": "https://example.com; https://example.org",
            "badge": "B7",
        },
        company_key="nordtech",
    )
    assert given.extra == {"stand": "12"}


def test_the_language_a_contact_names_by_its_tag_is_taken():
    assert made(Contact(language="zh-Hans")).language == "zh-Hans"
    assert made(Contact(language="German")).language == "en"


def test_a_full_name_is_made_of_its_parts():
    assert made(Contact(given_name="Anna", family_name="Weber")).full_name == "Anna Weber"
    assert made(Contact(given_name="Zoë", family_name="Weber")).full_name == "Zoë Weber"
    assert made(Contact(given_name="Zoë")).full_name == "Zoë"
    assert made(Contact(given_name="小明", family_name="王")).full_name == "王小明"
    assert made(Contact(given_name="𠮷", family_name="欧阳")).full_name == "欧阳𠮷"


def test_who_left_no_readable_contact_point_is_unreachable_until_one_comes():
    nobody = made(contact("Anna Weber", "anna@", "0175 1"))
    assert nobody.flags == ("unreachable",)
    assert nobody.extra == {"phone as given": "0175 1"}
    assert enriched(nobody, contact("Anna Weber")).flags == ("unreachable",)
    assert enriched(nobody, contact("Anna Weber", "anna@example.com")).flags == ()
    assert enriched(nobody, contact("Anna Weber", "", PHONE)).flags == ()


def test_at_most_five_emails_and_phones_are_kept():
    emails = tuple(f"a{number}@example.com" for number in range(7))
    phones = tuple(f"+49302312501{number}" for number in range(7))
    known = made(Contact(emails=emails, phones=phones))
    assert (known.emails, known.phones) == (emails[:5], phones[:5])
    assert enriched(known, Contact(emails=emails, phones=phones)) is known


def test_what_was_empty_is_filled_and_what_is_new_is_appended():
    known = lead("", "anna@example.com", products=("Sensors",), extra={"stand": "12"})
    given = contact(
        "Anna Weber", "weber@example.org", PHONE, given_name="Anna", family_name="Weber", company="Nord Tech",
        title="CEO", country="DE", products=("SENSORS", "Robot arm"), extra={"stand": "13", "hall": "4"},
    )  # fmt: skip
    now = enriched(known, given, ("names differ",))
    assert now == replace(
        known,
        full_name="Anna Weber",
        given_name="Anna",
        family_name="Weber",
        company="Nord Tech",
        title="CEO",
        country="DE",
        emails=("anna@example.com", "weber@example.org"),
        phones=(PHONE,),
        products=("Sensors", "Robot arm"),
        extra={"hall": "4", "stand": "12"},
        flags=("names differ",),
        updated_at=LATER,
        company_key="nordtech",
    )
    assert changes(known, now) == (
        "full_name", "given_name", "family_name", "company", "title", "emails", "phones", "country", "products",
        "extra", "flags",
    )  # fmt: skip


def test_a_company_known_before_its_name_was_folded_is_folded_with_the_next_change():
    known = replace(lead("Anna Weber", "anna@example.com", company="Nord Tech GmbH"), company_key="")
    same = contact("Anna Weber", "anna@example.com", company="Other Ltd")
    assert enriched(known, same) is known
    assert enriched(known, contact("Anna Weber", "anna@example.com", title="CEO")).company_key == "nordtech"


def test_what_is_there_is_never_overwritten():
    known = replace(
        lead("Anna Weber", "anna@example.com", PHONE, company="Nord Tech", title="CEO", country="DE"),
        status=LeadStatus.ACCEPTED,
        score=Score(40, ("x +40",), "v"),
        language="de",
    )
    given = contact("Tom Koch", "anna@example.com", company="Iron", title="Intern", country="US", language="fr")
    assert enriched(known, given) is known


def test_nothing_new_is_the_same_lead_untouched():
    known = lead("Anna Weber", "anna@example.com", PHONE)
    now = enriched(known, contact("A. Weber", " ANNA@example.com ", PHONE))
    assert now is known
    assert changes(known, now) == ()


def test_phones_as_given_are_collected_once_each():
    known = lead("Anna", "anna@example.com", "0175 1")
    twice = enriched(enriched(known, contact("Anna", "", "0175 2")), contact("Anna", "", "0175 2"))
    assert twice.extra == {"phone as given": "0175 1; 0175 2"}
    assert enriched(lead("Anna", "anna@example.com"), contact("Anna", "", "0175 2")).extra == {
        "phone as given": "0175 2"
    }


PEOPLE = st.builds(
    contact,
    st.sampled_from(["", "Anna Weber", "Tom Koch"]),
    st.sampled_from(["", "anna@example.com", "tom@example.com", "bad@"]),
    st.sampled_from(["", PHONE, OTHER_PHONE, "0175 1", "0175 2"]),
    company=st.sampled_from(["", "Nord", "Iron"]),
    products=st.sampled_from([(), ("Sensors",), ("sensors", "Robot arm")]),
)


@settings(derandomize=True, deadline=None)
@given(PEOPLE, PEOPLE)
def test_enriching_twice_changes_no_more_than_once(first: Contact, second: Contact):
    once = enriched(made(first), second)
    assert enriched(once, second) is once
    assert set(made(first).emails) <= set(once.emails)
    assert set(made(first).phones) <= set(once.phones)
