"""Attacks by and on calendar files (cases ics-…)."""

from dataclasses import replace

import pytest
from icalendar import Calendar

from tests.attacks.cases import given, statuses
from tests.handlers.desk import SEMINAR, Desk
from tests.messaging.post import NOW, registration, seminar
from tests.messaging.test_calendar import event_of, invite, unfolded
from tests.stories.conftest import HTML

EVIL = "Seminar\r\nATTENDEE:mailto:victim@example.net\r\nDESCRIPTION:x"


def test_ics_01_a_line_break_in_a_title_makes_no_second_line(desk: Desk) -> None:
    text = given("ics-01", EVIL, "name")
    for held in (seminar(title=text), seminar(place=text), seminar(description=text)):
        lines = unfolded(invite(held))
        assert [line for line in lines if line.startswith("ATTENDEE")] == [
            line for line in unfolded(invite(seminar())) if line.startswith("ATTENDEE")
        ]
        assert any("\\nATTENDEE:mailto:victim@example.net\\n" in line for line in lines)
    desk.world.put(replace(SEMINAR, title=text, place=text))
    desk.ask("seminar", name="Jana\r\nATTENDEE:mailto:victim@example.net")
    desk.world.later(minutes=1)
    (mail,) = desk.world.mails("jana@customer.example.com")
    (file,) = mail.attachments
    body = file.body.decode()
    assert sum(line.startswith("ATTENDEE") for line in unfolded(body)) == 1
    assert "victim@example.net" not in mail.entry.to


@pytest.mark.parametrize("times", [1, 20, 100])
def test_ics_03_folding_cuts_no_character_in_two(times: int) -> None:
    title = given("ics-03", "报名确认" * 20, "name") * times
    raw = invite(seminar(title=title), name="示例公司").encode()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert all(line.decode("utf-8") is not None for line in raw.split(b"\r\n")), "each line by itself is UTF-8"
    assert str(event_of(raw.decode())["SUMMARY"]) == title


def test_ics_05_a_change_and_a_cancelling_are_the_same_event_with_a_higher_number() -> None:
    first = event_of(invite())
    moved = event_of(invite(seminar(sequence=1), now=NOW.replace(minute=1)))
    gone_file = invite(seminar(sequence=1), registration(sequence=1), "CANCEL", NOW.replace(minute=2))
    gone = event_of(gone_file)
    again = event_of(invite(now=NOW.replace(minute=3)))
    assert {str(event["UID"]) for event in (first, moved, gone, again)} == {str(first["UID"])}
    assert [int(event["SEQUENCE"]) for event in (first, moved, gone)] == [0, 1, 2]
    assert first["DTSTAMP"].dt < moved["DTSTAMP"].dt < gone["DTSTAMP"].dt
    assert (str(Calendar.from_ical(gone_file)["METHOD"]), str(gone["STATUS"])) == ("CANCEL", "CANCELLED")
    # The oldest one once more has the lower number: the calendar keeps what it knows.
    assert int(again["SEQUENCE"]) < int(gone["SEQUENCE"])


@pytest.mark.parametrize("path", ["/cal/rep-7.ics", "/cal/anna.ics", "/e/sensors.anna.x/seminar.ics",
                                  "/e/1/seminar.ics", "/app/leads/x/seminar.ics"])  # fmt: skip
def test_ics_07_no_calendar_can_be_guessed(desk: Desk, path: str) -> None:
    desk.ask("seminar")
    desk.world.client.cookies.clear()
    assert desk.world.client.get(path, headers=HTML).status_code in statuses("ics-07", 401, 404)
