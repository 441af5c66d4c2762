"""Whole exports of other products, of our own making: example domains, fictional numbers, the columns those products
write."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence

Tables = Mapping[str, Sequence[Sequence[str]]]

HUBSPOT: Tables = {
    "users.csv": [
        ["User ID", "Email", "First name", "Last name"],
        ["11", "anna@example.com", "Anna", "Example"],
        ["12", "gone@old.example.com", "Gert", "Gone"],
    ],
    "companies.csv": [
        ["Record ID", "Company name", "Company Domain Name", "Parent Company", "Company owner"],
        ["501", "Beispiel Holding AG", "beispiel.example.com", "", "Anna Example"],
        ["502", "Beispiel Werk GmbH", "werk.example.com", "501", "Anna Example"],
        ["503", "Beispiel Werk", "werk.example.com", "", ""],
    ],
    "contacts.csv": [
        ["Record ID", "First Name", "Last Name", "Email", "Phone Number", "Contact owner", "Lifecycle Stage",
         "Create Date", "Associated Company", "Associated Company IDs", "Unsubscribed from all email"],
        ["101", "Jola", "Muster", "jola@beispiel.example.com", "+49 30 23125001", "Anna Example", "customer",
         "2024-03-01 09:00", "Beispiel Holding AG", "501", ""],
        ["102", "Timo", "Test", "timo@werk.example.com", "", "Gert Gone", "lead", "2025-01-05 10:00", "", "502",
         "true"],
        ["103", "", "", "", "", "", "", "", "", "", ""],
        ["104", "Ute", "Neu", "ute@werk.example.com", "", "", "lead", "2025-02-05 10:00", "", "502", ""],
        ["105", "Jola", "Muster", "Jola@Beispiel.example.com", "", "", "", "", "", "", ""],
    ],
    "deals.csv": [
        ["Record ID", "Deal Name", "Deal Stage", "Amount", "Close Date", "Create Date", "Deal owner",
         "Associated Contact IDs", "Associated Company IDs", "Closed Lost Reason"],
        ["901", "Big line", "Closed Won", "12,500.50", "2025-06-01", "2025-01-01", "Anna Example", "101", "501", ""],
        ["902", "Small line", "Proposal", "800", "", "2025-02-01", "Gert Gone", "", "502", ""],
        ["903", "No one", "Closed Lost", "10", "", "", "", "", "", ""],
        ["904", "Lost line", "Closed Lost", "10", "2025-03-01", "2025-02-01", "", "103;104", "", "too dear"],
        ["905", "Of a row refused", "Proposal", "", "", "", "", "103", "", ""],
    ],
    "deal-stage-history.csv": [
        ["Deal ID", "Property", "Value", "Timestamp", "Changed by"],
        ["901", "Deal Stage", "Proposal", "2025-02-02 10:00", "Anna Example"],
        ["901", "Deal Stage", "Closed Won", "2025-06-01 10:00", "Gert Gone"],
        ["901", "Amount", "12500.50", "1748779200000", ""],
    ],
    "notes.csv": [
        ["Record ID", "Note body", "Activity date", "Activity assigned to", "Associated Contact IDs",
         "Associated Deal IDs", "Engagement type"],
        ["n1", "<p>Called <b>her</b></p><p>likes blue</p>", "2025-03-03 12:00", "Gert Gone", "101", "", "CALL"],
        ["n2", "Deal note", "2025-03-04 12:00", "Anna Example", "", "901", "NOTE"],
        ["n3", "x" * 5000, "2025-03-05 12:00", "Anna Example", "104", "", "NOTE"],
    ],
    "campaign-members.csv": [
        ["Campaign name", "Contact ID", "Member status", "Added at"],
        ["Autumn mailing", "101", "responded", "2025-09-09"],
        ["Autumn mailing", "105", "sent", "2025-09-09"],
    ],
    "unsubscribes.csv": [
        ["Email", "Unsubscribed at"],
        ["ute@werk.example.com", "2025-07-01"],
        ["stranger@example.org", "2025-07-01"],
    ],
    "pipelines.csv": [["Pipeline", "Probability"], ["Sales", "1"]],
}  # fmt: skip


SALESFORCE: Tables = {
    "User.csv": [
        ["Id", "Username", "LastName", "FirstName", "Name", "Email", "IsActive"],
        ["005000000000001AAA", "anna@example.com.crm", "Example", "Anna", "Anna Example", "anna@example.com", "1"],
        ["005000000000002AAA", "gone@old.example.com", "Gone", "Gert", "Gert Gone", "gone@old.example.com", "0"],
    ],
    "Campaign.csv": [
        ["Id", "Name", "Type", "Status", "StartDate", "NumberSent", "BudgetedCost"],
        ["701000000000001AAA", "Spring webinar", "Webinar", "Completed", "2025-04-01", "40", "0"],
        ["701000000000002AAA", "", "Other", "", "", "", ""],
    ],
    "Account.csv": [
        ["Id", "Name", "ParentId", "Website", "BillingCity", "BillingCountry", "OwnerId"],
        ["001000000000001AAA", "Muster Gruppe AG", "", "muster.example.com", "Bonn", "Germany", "005000000000001AAA"],
        ["001000000000002AAA", "Muster Süd GmbH", "001000000000001", "", "Ulm", "Germany", "005000000000002AAA"],
        ["001000000000003AAA", "", "", "", "", "", ""],
    ],
    "Individual.csv": [
        ["Id", "LastName", "HasOptedOutSolicit", "ShouldForget", "LastModifiedDate"],
        ["0PK000000000001AAA", "Beispiel", "0", "1", "2025-05-01T10:00:00.000Z"],
        ["0PK000000000002AAA", "Other", "0", "0", "2025-05-01T10:00:00.000Z"],
    ],
    "Contact.csv": [
        ["Id", "AccountId", "LastName", "FirstName", "Phone", "Email", "Title", "OwnerId", "HasOptedOutOfEmail",
         "LeadSource", "CreatedDate", "IndividualId"],
        ["003000000000001AAA", "001000000000001AAA", "Klar", "Rosa", "+49 30 23125011", "rosa@muster.example.com",
         "Head of Buying", "005000000000001AAA", "0", "Web", "2024-02-01T09:00:00.000Z", ""],
        ["003000000000002AAA", "001000000000002AAA", "Beispiel", "Karl", "", "karl@muster.example.com", "", "", "0",
         "", "2024-03-01T09:00:00.000Z", "0PK000000000001AAA"],
        ["003000000000003AAA", "001000000000002AAA", "Still", "Ida", "", "ida@muster.example.com", "", "", "1", "",
         "2024-03-01T09:00:00.000Z", ""],
    ],
    "Lead.csv": [
        ["Id", "LastName", "FirstName", "Company", "Email", "Status", "OwnerId", "IsConverted", "LeadSource",
         "HasOptedOutOfEmail", "CreatedDate"],
        ["00Q000000000001AAA", "Neu", "Nora", "Neu KG", "nora@neu.example.org", "Open", "005000000000002AAA", "0",
         "Fair", "0", "2025-08-01T09:00:00.000Z"],
    ],
    "Opportunity.csv": [
        ["Id", "AccountId", "Name", "StageName", "Amount", "CurrencyIsoCode", "CloseDate", "IsClosed", "IsWon",
         "OwnerId", "CreatedDate"],
        ["006000000000001AAA", "001000000000001AAA", "Pumps", "Closed Won", "9000.0", "USD", "2025-06-30", "1", "1",
         "005000000000001AAA", "2025-01-15T08:00:00.000Z"],
        ["006000000000002AAA", "001000000000002AAA", "Valves", "Negotiation", "", "", "2026-12-31", "0", "0",
         "005000000000002AAA", "2025-02-15T08:00:00.000Z"],
    ],
    "OpportunityContactRole.csv": [
        ["Id", "OpportunityId", "ContactId", "Role", "IsPrimary"],
        ["00K000000000001AAA", "006000000000001AAA", "003000000000002AAA", "Evaluator", "0"],
        ["00K000000000002AAA", "006000000000001AAA", "003000000000001AAA", "Decision Maker", "1"],
        ["00K000000000003AAA", "006000000000001AAA", "003000000000001AAA", "Buyer", "1"],
    ],
    "OpportunityHistory.csv": [
        ["Id", "OpportunityId", "StageName", "Amount", "CreatedDate", "CreatedById"],
        ["008000000000001AAA", "006000000000001AAA", "Qualification", "9000.0", "2025-01-15T08:00:00.000Z",
         "005000000000001AAA"],
        ["008000000000002AAA", "006000000000001AAA", "Closed Won", "9000.0", "2025-06-30T15:00:00.000Z",
         "005000000000002AAA"],
    ],
    "OpportunityFieldHistory.csv": [
        ["Id", "OpportunityId", "Field", "OldValue", "NewValue", "CreatedDate", "CreatedById"],
        ["017000000000001AAA", "006000000000002AAA", "StageName", "Prospecting", "Negotiation",
         "2025-03-01T08:00:00.000Z", "005000000000002AAA"],
    ],
    "Note.csv": [
        ["Id", "ParentId", "Title", "Body", "OwnerId", "CreatedDate"],
        ["002000000000001AAA", "003000000000001AAA", "Lunch", "Likes it blue", "005000000000001AAA",
         "2025-02-02T11:00:00.000Z"],
        ["002000000000002AAA", "006000000000002AAA", "Terms", "Net 30", "005000000000001AAA",
         "2025-02-03T11:00:00.000Z"],
        ["002000000000003AAA", "001000000000002AAA", "Visit", "Gate 3", "005000000000001AAA",
         "2025-02-04T11:00:00.000Z"],
    ],
    "Task.csv": [
        ["Id", "WhoId", "WhatId", "Subject", "Description", "ActivityDate", "Status", "OwnerId", "TaskSubtype"],
        ["00T000000000001AAA", "00Q000000000001AAA", "", "Call back", "Asked for prices", "2025-08-03", "Completed",
         "005000000000001AAA", "Call"],
    ],
    "CampaignMember.csv": [
        ["Id", "CampaignId", "ContactId", "LeadId", "Status", "FirstRespondedDate", "CreatedDate"],
        ["00v000000000001AAA", "701000000000001AAA", "003000000000001AAA", "", "Attended", "2025-04-01",
         "2025-03-01T08:00:00.000Z"],
        ["00v000000000002AAA", "701000000000001AAA", "", "00Q000000000001AAA", "Sent", "", "2025-03-01T08:00:00.000Z"],
    ],
}  # fmt: skip

ODOO: Tables = {
    "res.users.csv": [
        ["id", "name", "login"],
        ["__export__.res_users_2_aaaaaaaa", "Anna Example", "anna@example.com"],
        ["__export__.res_users_3_aaaaaaab", "Gert Gone", "gone@old.example.com"],
    ],
    "res.partner.csv": [
        ["id", "name", "is_company", "parent_id/id", "email", "phone", "function", "user_id/id", "country_id/code",
         "website", "is_blacklisted"],
        ["__export__.res_partner_10_aaaaaaaa", "Azur Gruppe SA", "True", "", "info@azur.example.com", "", "", "", "FR",
         "azur.example.com", "False"],
        ["__export__.res_partner_11_aaaaaaaa", "Azur Sud SARL", "True", "__export__.res_partner_10_aaaaaaaa", "", "",
         "", "", "FR", "", ""],
        ["__export__.res_partner_12_aaaaaaaa", "Léa Martin", "False", "__export__.res_partner_11_aaaaaaaa",
         "lea@azur.example.com", "+33 1 99 00 12 34", "Acheteuse", "__export__.res_users_2_aaaaaaaa", "FR", "",
         "False"],
        ["__export__.res_partner_13_aaaaaaaa", "Paul Petit", "False", "", "paul@petit.example.com", "", "", "", "FR",
         "", ""],
    ],
    "crm.lead.csv": [
        ["id", "name", "partner_id/id", "contact_name", "partner_name", "email_from", "phone", "stage_id/name",
         "expected_revenue", "probability", "user_id/id", "create_date", "date_closed", "active", "lost_reason_id/name",
         "won_status"],
        ["__export__.crm_lead_20_aaaaaaaa", "Pompes", "__export__.res_partner_12_aaaaaaaa", "", "", "", "", "Won",
         "4200.0", "100", "__export__.res_users_2_aaaaaaaa", "2025-01-10 08:00:00", "2025-03-10 08:00:00", "True", "",
         "won"],
        ["__export__.crm_lead_21_aaaaaaaa", "Vannes", "__export__.res_partner_11_aaaaaaaa", "", "", "", "", "New",
         "100.0", "10", "", "2025-02-10 08:00:00", "", "True", "", "pending"],
        ["__export__.crm_lead_22_aaaaaaaa", "From the site", "", "Mia Morel", "Morel SAS", "mia@morel.example.org", "",
         "New", "50.0", "5", "__export__.res_users_3_aaaaaaab", "2025-05-10 08:00:00", "", "False", "Too expensive",
         "lost"],
        ["__export__.crm_lead_23_aaaaaaaa", "Nobody at all", "", "", "", "", "", "New", "", "", "", "", "", "True", "",
         ""],
        ["__export__.crm_lead_24_aaaaaaaa", "Bad address", "", "", "", "no address", "", "New", "", "", "", "", "",
         "True", "", ""],
    ],
    "mail.tracking.value.csv": [
        ["id", "field_id", "old_value_char", "new_value_char", "mail_message_id/res_id", "create_date", "create_uid"],
        ["1", "Stage (crm.lead)", "New", "Won", "20", "2025-03-10 08:00:00", "Anna Example"],
    ],
    "mail.message.csv": [
        ["id", "model", "res_id", "body", "author_id", "date", "message_type"],
        ["__export__.mail_message_1_aaaaaaaa", "crm.lead", "20", "<p>Devis envoyé</p>", "My Company, Anna Example",
         "2025-02-01 10:00:00", "comment"],
        ["__export__.mail_message_2_aaaaaaaa", "res.partner", "12", "<p>Rappeler</p>", "Gert Gone",
         "2025-02-02 10:00:00", "email"],
        ["__export__.mail_message_3_aaaaaaaa", "sale.order", "12", "<p>Order</p>", "", "2025-02-02 10:00:00",
         "comment"],
    ],
    "mail.blacklist.csv": [
        ["id", "email", "active", "create_date"],
        ["1", "paul@petit.example.com", "True", "2025-01-01 10:00:00"],
        ["2", "lea@azur.example.com", "False", "2025-01-01 10:00:00"],
    ],
    "mailing.contact.csv": [
        ["id", "name", "email", "list_ids", "opt_out"],
        ["1", "Zoé Zell", "zoe@zell.example.org", "News", "True"],
    ],
    "mailing.trace.csv": [
        ["id", "mass_mailing_id", "email", "trace_status", "sent_datetime"],
        ["1", "Lettre d'avril", "lea@azur.example.com", "open", "2025-04-05 10:00:00"],
    ],
}  # fmt: skip


def zipped(tables: Tables) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, rows in tables.items():
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            archive.writestr(name, text.getvalue())
    return out.getvalue()
