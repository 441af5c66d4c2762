"""Calendar invitations to seminars: iCalendar (RFC 5545) by the scheduling rules of iTIP (RFC 5546)."""

import re
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from chalicelib.messaging.vtimezone import vtimezone
from chalicelib.records.event import Registration, RegistrationState, Seminar

_LINE_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SPACE = re.compile(r'[\s\x00-\x1f\x7f"]+')

_TAKEN = {
    RegistrationState.CONFIRMED: "ACCEPTED",
    RegistrationState.WAITING: "TENTATIVE",
    RegistrationState.CANCELLED: "DECLINED",
}


def invitation(
    seminar: Seminar,
    registration: Registration,
    method: Literal["REQUEST", "CANCEL"],
    organiser_email: str,
    organiser_name: str,
    now: datetime,
) -> str:
    """One VEVENT with the seminar's zone, CRLF line ends, lines folded at 75 octets.

    SEQUENCE is the seminar's plus the registration's, so that it rises when either changes; whoever cancels
    raises the registration's. DTSTAMP is `now`. The same UID in all mails makes clients show one event.
    """
    calendar = Calendar()
    calendar.add("PRODID", "-//Leadline//Seminars//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    event = _event(seminar, registration, now)
    event.add("STATUS", _status(registration, method))
    event.add("ORGANIZER", _person(organiser_email, organiser_name))
    if registration.email:
        event.add("ATTENDEE", _attendee(registration))
    calendar.add_component(event)
    text = str(calendar.to_ical(), "utf-8")
    if seminar.zone == "UTC":
        return text
    # Put in as lines, because they are most of the work and the same for everybody who comes.
    return text.replace("BEGIN:VEVENT\r\n", vtimezone(seminar.zone, seminar.starts_at.year) + "BEGIN:VEVENT\r\n", 1)


def _event(seminar: Seminar, registration: Registration, now: datetime) -> Event:
    event = Event()
    event.add("UID", _one_line(registration.uid))
    event.add("SEQUENCE", seminar.sequence + registration.sequence)
    event.add("DTSTAMP", now)
    event.add("DTSTART", _in_zone(seminar.starts_at, seminar.zone))
    event.add("DTEND", _in_zone(seminar.ends_at, seminar.zone))
    event.add("SUMMARY", _text(seminar.title))
    if seminar.place:
        event.add("LOCATION", _text(seminar.place))
    if seminar.description:
        event.add("DESCRIPTION", _text(seminar.description))
    return event


def _in_zone(moment: datetime, zone: str) -> datetime:
    """In the zone's wall time; in UTC where that wall time comes twice and this is the second (RFC 5545 3.3.5)."""
    local = moment.astimezone(ZoneInfo(zone))
    return moment if local.fold else local


def _status(registration: Registration, method: str) -> str:
    if method == "CANCEL":
        return "CANCELLED"
    return "TENTATIVE" if registration.state is RegistrationState.WAITING else "CONFIRMED"


def _attendee(registration: Registration) -> vCalAddress:
    attendee = _person(registration.email)
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText(_TAKEN[registration.state])
    attendee.params["RSVP"] = vText("FALSE")
    return attendee


def _person(email: str, name: str = "") -> vCalAddress:
    person = vCalAddress(f"mailto:{_one_line(email)}")
    if name:
        person.params["CN"] = vText(_one_line(name))
    return person


def _text(text: str) -> str:
    """For a TEXT value: the library escapes line breaks as backslash n; other control characters are forbidden."""
    return _CONTROL.sub("", _LINE_BREAK.sub("\n", text))


def _one_line(text: str) -> str:
    """For an address or parameter, which cannot carry a line break or a double quote at all."""
    return _SPACE.sub(" ", text).strip()
