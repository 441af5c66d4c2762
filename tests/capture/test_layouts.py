# ruff: noqa: E501
import pytest

from chalicelib.capture.columns import guess_columns
from chalicelib.capture.layouts import known_layout
from chalicelib.capture.lists import read_contacts
from chalicelib.capture.sheet import Sheet
from chalicelib.records.contact import Contact, Refusal

# Header rows as the tools write them, each with the columns that are easily taken for something else.
HEADERS = {
    "Meta lead ads": "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,form_name,is_organic,platform,email,full_name,phone_number,lead_status",
    "Google lead form": "Lead ID,Lead submit time,Campaign ID,Ad group ID,Creative ID,Form ID,GCLID,Full name,User email,User phone,Company name,Is test",
    "LinkedIn Lead Gen": "Lead ID,Account Name,Campaign Name,Creative ID,Form Name,Lead Type,Test Lead,Submitted At,First Name,Last Name,Email Address,Company Name,Job Title,LinkedIn Profile",
    "Eventbrite attendees": "Order #,Order Date,First Name,Surname,Email,Quantity,Ticket Type,Order Type,Total Paid,Eventbrite Fees,Attendee Status,Buyer Email",
    "HubSpot contacts": "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Lead Status,Create Date,Associated Company",
    "Salesforce": "Id,IsDeleted,AccountId,LastName,FirstName,Salutation,Name,MailingStreet,MailingCity,MailingCountry,Phone,MobilePhone,Email,Title,LeadSource,OwnerId,HasOptedOutOfEmail,DoNotCall,CreatedDate,SystemModstamp",
    "Cvent registrants": "First Name,Last Name,Email Address,Company Name,Title,Work Phone,Registration Type,Invitee Status,Registration Date,Confirmation Number,Event Title,Event Code",
    "badge scanner": "Badge ID,Scan Time,Scanned By,Device,First Name,Last Name,Company,Job Title,Email,Phone,Rating,Notes",
}  # fmt: skip
MEANT = {
    "Meta lead ads": {"id": "external_id", "created_time": "created_at", "campaign_name": "campaign", "platform": ""},
    "Google lead form": {"Lead ID": "external_id", "Lead submit time": "created_at", "User email": "email", "Form ID": ""},
    "LinkedIn Lead Gen": {"Account Name": "", "Company Name": "company", "Submitted At": "created_at", "LinkedIn Profile": "url"},
    "Eventbrite attendees": {"Order #": "external_id", "Buyer Email": "", "Order Date": "created_at", "Email": "email"},
    "HubSpot contacts": {"Record ID": "external_id", "Contact owner": "", "Associated Company": "company"},
    "Salesforce": {"Id": "external_id", "AccountId": "", "HasOptedOutOfEmail": "opt_out", "DoNotCall": "", "MobilePhone": "phone", "MailingCountry": "country"},
    "Cvent registrants": {"Confirmation Number": "external_id", "Event Title": "campaign", "Work Phone": "phone", "Invitee Status": ""},
    "badge scanner": {"Badge ID": "badge_id", "Scan Time": "created_at", "Scanned By": "", "Device": "", "Notes": "message"},
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_an_export_is_recognised_and_each_column_means_what_it_means_there(name: str) -> None:
    header = HEADERS[name].split(",")
    layout = known_layout(header)
    assert layout
    assert layout.name == name
    guesses = {guess.column: guess for guess in guess_columns(header, ())}
    assert {column: guesses[column].field for column in MEANT[name]} == MEANT[name]
    by_layout = [guess for guess in guesses.values() if guess.reason == f"known layout: {name}" and guess.field]
    assert by_layout
    assert all(guess.confidence > 90 for guess in by_layout)


def test_a_list_of_its_own_kind_is_no_known_layout() -> None:
    assert known_layout(["name", "company", "title", "email", "phone", "country", "campaign"]) is None
    assert known_layout([]) is None


def test_rows_made_for_trying_a_form_out_are_refused() -> None:
    header = tuple(HEADERS["LinkedIn Lead Gen"].split(","))

    def row(test: str) -> tuple[str, ...]:
        cells = {"Test Lead": test, "First Name": "Ann", "Last Name": "Lee", "Submitted At": "2026-03-01T10:00:00Z"}
        return tuple(cells.get(name, "") for name in header)

    sheet = Sheet(header, [row("TRUE"), row("false"), row("")], "utf-8", ",", 2)
    answers = [answer for _, answer in read_contacts(sheet, guess_columns(header, sheet.rows))]
    assert answers[0] == Refusal("row", "a test lead of the advertising platform", 1)
    for answer in answers[1:]:
        assert isinstance(answer, Contact)
        assert f"{answer.came_at:%Y-%m-%d}" == "2026-03-01"
