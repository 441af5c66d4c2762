from datetime import UTC, datetime

from chalicelib.identify import normalise
from chalicelib.identify.countries import country_code
from chalicelib.identify.merge import new_lead
from chalicelib.identify.normalise import identity, identity_of
from chalicelib.records.contact import Contact, Identity


def test_a_contact_is_normalised_in_all_its_parts():
    contact = Contact(
        full_name="Müller, Jürgen",
        company="Beispiel GmbH",
        emails=("Juergen@Example.com", "info@example.com", "juergen@example.com"),
        phones=("0171/3920011", "+49 171 3920011"),
        country="Deutschland",
    )
    assert identity(contact) == Identity(
        emails=("juergen@example.com", "info@example.com"),
        personal_emails=("juergen@example.com",),
        phones=("+491713920011",),
        name_tokens=("juergen", "mueller"),
        company_key="beispiel",
        country="DE",
    )


def test_a_malformed_email_is_left_out_with_a_warning():
    person = identity(Contact(emails=("anna@", " ", "x" * 200)))
    assert person.emails == ()
    assert person.warnings == ("malformed e-mail left out: anna@", f"malformed e-mail left out: {'x' * 80}")


def test_a_phone_without_a_country_is_kept_as_written():
    person = identity(Contact(phones=("0175 2007726", "0175 2007726", "")))
    assert (person.phones, person.raw_phones) == ((), ("0175 2007726",))
    assert person.warnings == ("phone without a country kept as written: 0175 2007726",)


def test_an_unreadable_phone_is_kept_as_written():
    person = identity(Contact(phones=("4.91714E+11", "call reception"), country="DE"))
    assert person.raw_phones == ("4.91714E+11", "call reception")
    assert person.warnings == ("phone kept as written: 4.91714E+11", "phone kept as written: call reception")
    assert identity(Contact(phones=("reception",))).warnings == ("phone kept as written: reception",)


def test_given_and_family_name_serve_where_there_is_no_full_name():
    assert identity(Contact(given_name="Anna", family_name="Weber")).name_tokens == ("anna", "weber")


def test_an_unknown_country_is_none():
    assert identity(Contact(country="Atlantis")).country == ""


def test_nothing_given_is_an_empty_identity():
    assert identity(Contact()) == Identity()


def test_a_stored_lead_has_the_identity_of_the_contact_it_was_made_from():
    contact = Contact(
        given_name="Anna",
        family_name="Weber",
        company="Nord Tech AG",
        emails=("anna@example.com", "info@example.com"),
        phones=("030 23125010",),
        country="DE",
    )
    person = identity(contact)
    lead = new_lead(contact, person, "L1", datetime(2026, 3, 2, tzinfo=UTC))
    assert identity_of(lead) == person
    assert identity_of(new_lead(Contact(), Identity(), "L2", datetime(2026, 3, 2, tzinfo=UTC))) == Identity()


def test_the_country_is_read_where_callers_expect_it():
    assert normalise.country_code is country_code
