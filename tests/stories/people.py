"""Who works here, in stories."""

from chalicelib.records.campaign import Campaign
from chalicelib.records.form import FieldKind, Form, FormField
from chalicelib.records.rep import Rep, Role, WorkingWeek

BERLIN = WorkingWeek(zone="Europe/Berlin", opens=9 * 60, closes=17 * 60, holidays_of="DE")

ANNA = Rep("anna", "Anna Example", "anna@example.com", manager_id="eva", week=BERLIN, countries=("DE",))
BEN = Rep("ben", "Ben Example", "ben@example.com", manager_id="eva", week=BERLIN, countries=("DE",))
EVA = Rep("eva", "Eva Example", "eva@example.com", Role.MANAGER, week=BERLIN)
ADA = Rep("ada", "Ada Example", "ada@example.com", Role.ADMIN, week=BERLIN)

FAIR = Campaign("fair", "Spring Fair", "Trade show")
ADS = Campaign("ads", "Search ads", "Paid Search")

_FIELDS = (
    FormField("name", FieldKind.TEXT, {"en": "Name"}, required=True),
    FormField("email", FieldKind.EMAIL, {"en": "E-mail"}),
    FormField("company", FieldKind.TEXT, {"en": "Company"}),
    FormField("phone", FieldKind.PHONE, {"en": "Phone"}),
    FormField("message", FieldKind.LONG_TEXT, {"en": "Message"}),
)
CONTACT = Form("contact", {"en": "Talk to us", "zh-Hans": "联系我们"}, _FIELDS, campaign_id="ads")
SIGN_UP = Form("seminar", {"en": "Sign up"}, _FIELDS[:4], campaign_id="fair", event_id="sensors")

EVERYBODY = (ANNA, BEN, EVA, FAIR, ADS, CONTACT)

# What stories find wherever they are told: everybody, and who signs keys and accounts.
PLAN = (*EVERYBODY, ADA)
