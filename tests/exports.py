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


def zipped(tables: Tables) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, rows in tables.items():
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            archive.writestr(name, text.getvalue())
    return out.getvalue()
