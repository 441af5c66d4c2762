from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from chalicelib.messaging.calendar import invitation
from chalicelib.messaging.vtimezone import vtimezone
from chalicelib.records.event import Registration, RegistrationState, Seminar
from tests.messaging.post import NOW, registration, seminar


def invite(
    held: Seminar | None = None,
    place: Registration | None = None,
    method: str = "REQUEST",
    now: datetime = NOW,
    name: str = "Example Pumps",
) -> str:
    return invitation(held or seminar(), place or registration(), method, "hello@example.com", name, now)


def event_of(text: str):
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    return event


def unfolded(text: str) -> list[str]:
    return text.encode().replace(b"\r\n ", b"").decode().split("\r\n")


@pytest.mark.parametrize(
    ("zone", "wall"),
    [("Europe/Berlin", "14:00"), ("Asia/Shanghai", "21:00"), ("America/New_York", "08:00"), ("UTC", "13:00")],
)
def test_an_invitation_carries_the_seminars_time_in_its_zone(zone: str, wall: str):
    text = invite(seminar(zone=zone))
    event = event_of(text)
    assert event["DTSTART"].dt == seminar().starts_at
    assert event["DTEND"].dt == seminar().ends_at
    assert f"{event['DTSTART'].dt:%H:%M}" == wall
    assert ("BEGIN:VTIMEZONE" in text) == (zone != "UTC")
    assert Calendar.from_ical(text).get_missing_tzids() == set()


def test_an_invitation_names_who_asks_and_who_comes():
    event = event_of(invite())
    assert event["ORGANIZER"] == "mailto:hello@example.com"
    assert event["ORGANIZER"].params["CN"] == "Example Pumps"
    assert event["ATTENDEE"] == "mailto:ada@example.org"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert (event["STATUS"], event["SUMMARY"], event["LOCATION"]) == ("CONFIRMED", "Choosing a pump", "Hall 3")
    assert event["UID"] == registration().uid


def test_an_invitation_without_address_place_and_description_leaves_them_out():
    event = event_of(invite(seminar(place=""), registration(email=""), name=""))
    assert not {"ATTENDEE", "LOCATION", "DESCRIPTION"} & set(event)
    assert "CN" not in event["ORGANIZER"].params


def test_who_waits_has_a_tentative_entry():
    event = event_of(invite(place=registration(state=RegistrationState.WAITING)))
    assert (event["STATUS"], event["ATTENDEE"].params["PARTSTAT"]) == ("TENTATIVE", "TENTATIVE")


def test_a_line_break_in_the_seminars_words_stays_inside_its_line():
    evil = "Seminar\r\nATTENDEE:mailto:victim@example.net\r\nDESCRIPTION:x"
    for breaking in (evil, evil.replace("\r\n", "\r"), evil.replace("\r\n", "\n"), evil.replace("\r\n", "\u2028")):
        held = seminar(title=breaking, place=breaking, description=breaking)
        text = invite(held, registration(uid=breaking, email=breaking), name=breaking)
        assert [line.split(":")[0].split(";")[0] for line in unfolded(text)].count("ATTENDEE") == 1
        assert "\r" not in text.replace("\r\n", "")
        event = event_of(text)
        assert event["SUMMARY"].ical_value == evil.replace("\r\n", "\n")
        assert event["LOCATION"].ical_value == event["DESCRIPTION"].ical_value == evil.replace("\r\n", "\n")


def test_commas_semicolons_and_backslashes_are_escaped():
    title = r"Pumps; valves, and \n pipes"
    assert r"SUMMARY:Pumps\; valves\, and \\n pipes" in unfolded(invite(seminar(title=title)))
    assert event_of(invite(seminar(title=title)))["SUMMARY"].ical_value == title


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200).map(str.strip))
@settings(derandomize=True, deadline=None)
def test_any_title_is_folded_into_lines_of_75_octets_that_unfold_to_it(title: str):
    text = invite(seminar(title=f"报名确认{title}" * 2))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    text.encode().replace(b"\r\n ", b"").decode()
    shown = event_of(text)["SUMMARY"].ical_value
    assert shown == f"报名确认{title}".replace("\u2028", "\n").replace("\u2029", "\n") * 2


def test_move_and_cancellation_are_newer_entries_of_the_same_event():
    first = event_of(invite())
    moved = event_of(invite(seminar(sequence=1), now=NOW + timedelta(hours=1)))
    cancelled = registration(sequence=1, state=RegistrationState.CANCELLED)
    text = invite(seminar(sequence=1), cancelled, "CANCEL", NOW + timedelta(hours=2))
    gone = event_of(text)
    assert [e["SEQUENCE"] for e in (first, moved, gone)] == [0, 1, 2]
    assert first["DTSTAMP"].dt < moved["DTSTAMP"].dt < gone["DTSTAMP"].dt
    assert len({e["UID"] for e in (first, moved, gone)}) == 1
    assert (gone["STATUS"], Calendar.from_ical(text)["METHOD"]) == ("CANCELLED", "CANCEL")


def test_a_seminar_that_ends_when_an_hour_comes_twice_ends_in_the_right_one():
    held = seminar(
        starts_at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC), ends_at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    )
    event = event_of(invite(held))
    assert event["DTSTART"].dt.astimezone(UTC) == held.starts_at
    assert event["DTEND"].dt.astimezone(UTC) == held.ends_at


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_a_zones_rules_hold_at_each_of_its_changes(zone: str):
    """The offset in force is that of the latest onset, taken by the clock before it (RFC 5545 3.6.5)."""
    (rules,) = Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{vtimezone(zone, 2026)}END:VCALENDAR\r\n").walk("VTIMEZONE")
    onsets = sorted((p["DTSTART"].dt - p["TZOFFSETFROM"].td, p["TZOFFSETTO"].td) for p in rules.subcomponents)
    parts = sorted(rules.subcomponents, key=lambda part: part["DTSTART"].dt)
    for former, part in pairwise(parts):
        assert part["TZOFFSETFROM"].td == former["TZOFFSETTO"].td
    hour = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    while hour.year == 2026:
        in_force = [offset for onset, offset in onsets if onset <= hour.replace(tzinfo=None)][-1]
        assert in_force == hour.astimezone(ZoneInfo(zone)).utcoffset(), hour
        hour += timedelta(hours=1)
