"""Who serves somebody who named no country: the phone's calling code and the mail's ending say it."""

import pytest

from chalicelib.identify.merge import likely_country
from chalicelib.identify.phones import region_of
from chalicelib.records.contact import Identity


@pytest.mark.parametrize(
    ("identity", "country"),
    [
        (Identity(country="FR", phones=("+4930900013",), emails=("a@example.de",)), "FR"),
        (Identity(phones=("+4930900013",), emails=("a@example.fr",)), "DE"),
        (Identity(phones=("+8613927900154",)), "CN"),
        (Identity(emails=("a@example.co.uk",)), "GB"),
        (Identity(emails=("a@example.de",)), "DE"),
        (Identity(emails=("a@example.io",)), ""),
        (Identity(emails=("a@example.com",)), ""),
        (Identity(emails=("a@example.zz",)), ""),
        (Identity(phones=("+80012345678",), emails=("a@example.jp",)), "JP"),
        (Identity(), ""),
    ],
)
def test_a_country_is_what_was_given_then_the_phones_then_the_mails(identity: Identity, country: str) -> None:
    assert likely_country(identity) == country


@pytest.mark.parametrize(("phone", "region"), [("+12025550143", "US"), ("+442079460123", "GB"), ("+35315550000", "IE")])
def test_a_calling_code_names_its_main_country(phone: str, region: str) -> None:
    assert region_of(phone) == region
