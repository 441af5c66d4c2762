"""What comes by no page has a channel beside GA4's, not the one of a visitor who typed the address."""

import pytest

from chalicelib.flows.place_lead import Arrival, place
from chalicelib.identify.normalise import identity
from chalicelib.records.contact import Contact
from chalicelib.records.touch import Source, TouchKind
from tests.handlers.desk import NOW

JANA = Contact(full_name="Jana Beispiel", emails=("jana@customer.example.com",))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (TouchKind.SCAN, ("Trade show", "(offline)", "badge")), (TouchKind.LIST, ("Offline", "(offline)", "list")),
        (TouchKind.SERVICE, ("Service", "(offline)", "service")), (TouchKind.FORM, ("Direct", "(direct)", "(none)")),
        (TouchKind.API, ("Direct", "(direct)", "(none)")),
    ],
)  # fmt: skip
def test_a_touch_of_no_page_has_an_offline_channel(kind: TouchKind, told: tuple[str, str, str]) -> None:
    source = place(Arrival(JANA, kind, "T1", "L1", NOW), identity(JANA), []).touch.source
    assert (source.channel, source.source, source.medium) == told


def test_a_visit_keeps_its_own() -> None:
    found = Source("Email", "letter", "email")
    assert place(Arrival(JANA, TouchKind.FORM, "T1", "L1", NOW, source=found), identity(JANA), []).touch.source == found
