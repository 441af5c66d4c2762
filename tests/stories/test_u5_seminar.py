"""U5, a customer: "I signed up for the seminar, no confirmation." """

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
from icalendar import Calendar

from chalicelib.records.event import Registration, SeatCount, Seminar
from chalicelib.records.message import Message, MessageState
from tests.stories.story import HTML, JSON, Story


def sign_up(story: Story, seminar: Seminar, name: str) -> str:
    """The path of the status page."""
    return story.submit(seminar.event_id, **story.person(name))


def confirmed(story: Story, seminar: Seminar, name: str) -> str:
    """Signed up, and told so by mail."""
    path = sign_up(story, seminar, name)
    story.wait_until(lambda: story.status(path)["confirmation"] == "sent")
    return path


def subjects(story: Story, name: str) -> list[str]:
    return [letter.subject for letter in story.letters(name)]


def state(story: Story, path: str) -> str:
    return str(story.status(path)["registration"])


def seminar_page(story: Story, name: str) -> str:
    """The address in that person's mail."""
    (letter, *_) = story.letters(name)
    found = re.search(re.escape(story.place.address) + r"(/e/[^\s/]+)", letter.text)
    assert found, letter.text
    return found.group(1)


def taken(story: Story, seminar: Seminar) -> int:
    count = story.deps.store.get(SeatCount, seminar.event_id)
    assert count
    return count.value.taken


def until(story: Story, seminar: Seminar, path: str, before: timedelta) -> None:
    """Time passes until so long before it starts."""
    stored = story.deps.store.get(Seminar, seminar.event_id)
    assert stored
    passes = stored.value.starts_at - before - datetime.now(UTC)
    story.later(story.lead_of(path), seconds=passes.total_seconds())


def test_the_confirmation_is_there_within_a_minute_with_a_calendar_file_in_the_seminars_zone(story: Story) -> None:
    seminar = story.seminar(2)
    path = confirmed(story, seminar, "Jana")
    (letter,) = story.letters("Jana")
    assert seminar.title in letter.subject + letter.text
    calendar = story.get(f"{seminar_page(story, 'Jana')}/seminar.ics")
    assert calendar.headers["content-type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(calendar.content).walk("VEVENT")
    assert event["DTSTART"].params["TZID"] == seminar.zone
    assert event["DTSTART"].dt.isoformat().startswith(seminar.wall_start)
    assert event["DTSTART"].dt == seminar.starts_at
    assert datetime.fromisoformat(story.status(path)["confirmed_at"]) - received(story, path) < timedelta(minutes=1)


def received(story: Story, path: str) -> datetime:
    return datetime.fromisoformat(story.status(path)["received_at"])


def test_reminders_come_the_day_before_and_an_hour_before(story: Story) -> None:
    seminar = story.seminar(2)
    path = confirmed(story, seminar, "Jana")
    until(story, seminar, path, timedelta(hours=26))
    assert len(subjects(story, "Jana")) == 1
    until(story, seminar, path, timedelta(hours=22))
    assert len(subjects(story, "Jana")) == 2
    until(story, seminar, path, timedelta(minutes=59))
    assert len(subjects(story, "Jana")) == 3
    until(story, seminar, path, timedelta(days=-2))
    assert len(subjects(story, "Jana")) == 3


def test_who_signs_up_three_hours_before_gets_only_what_is_still_to_come(story: Story) -> None:
    seminar = story.seminar(2, starts_in=timedelta(hours=3))
    path = confirmed(story, seminar, "Late")
    until(story, seminar, path, timedelta(minutes=59))
    assert len(subjects(story, "Late")) == 2
    until(story, seminar, path, timedelta(hours=-4))
    assert len(subjects(story, "Late")) == 2


def test_who_comes_when_all_seats_are_taken_waits_and_moves_up_once_when_one_is_given_back(story: Story) -> None:
    seminar = story.seminar(1)
    first, second = confirmed(story, seminar, "First"), confirmed(story, seminar, "Second")
    assert (state(story, first), state(story, second)) == ("confirmed", "waiting")
    cancelling = seminar_page(story, "First")
    for _ in range(2):
        assert story.post(f"{cancelling}/cancel").status_code == 303
    assert (state(story, first), state(story, second)) == ("cancelled", "confirmed")
    story.rest(story.lead_of(first), story.lead_of(second))
    assert len(subjects(story, "Second")) == 2


def test_who_cancelled_gets_no_reminder(story: Story) -> None:
    seminar = story.seminar(2)
    path = confirmed(story, seminar, "Jana")
    story.post(f"{seminar_page(story, 'Jana')}/cancel")
    (place,) = story.deps.store.query(Registration, seminar.event_id)
    planned = [story.deps.store.get(Message, place.value.lead_id, i) for i in place.value.message_ids]
    assert [m.value.state for m in planned if m] == [MessageState.SUPPRESSED] * 2
    until(story, seminar, path, timedelta(days=-1))
    assert len(subjects(story, "Jana")) == 2  # confirmation and cancellation


def test_reading_the_seminars_page_changes_nothing(story: Story) -> None:
    path = confirmed(story, story.seminar(2), "Jana")
    link = seminar_page(story, "Jana")
    for address in (link, f"{link}/seminar.ics", path, f"{link}/cancel"):
        story.get(address)
    assert state(story, path) == "confirmed"


def test_twenty_at_once_never_take_more_seats_than_there_are(busy_story: Story) -> None:
    story, seminar = busy_story, busy_story.seminar(5)

    def signs_up(n: int, client: httpx.Client) -> str:
        sent = client.post(f"/f/{seminar.event_id}", data=story.person(f"Guest{n}"), headers=HTML)
        return str(client.get(sent.headers["location"], headers=JSON).json()["registration"])

    states = story.crowd(20, signs_up)
    assert sorted(states) == ["confirmed"] * 5 + ["waiting"] * 15
    assert taken(story, seminar) == 5


def test_a_stranger_who_signs_up_with_somebodys_address_cannot_give_the_place_back(story: Story) -> None:
    seminar = story.seminar(2)
    own = confirmed(story, seminar, "Jana")
    assert "/e/" in story.get(own).text
    path = story.submit(seminar.event_id, name="Mallory Fremd", email=story.email("jana"))
    assert len(story.deps.store.query(Registration, seminar.event_id)) == 1
    assert "/e/" not in story.get(path).text
    assert state(story, own) == "confirmed"


def test_the_page_of_a_second_sign_up_shows_its_own_confirmation(story: Story) -> None:
    seminar = story.seminar(2)
    sign_up(story, seminar, "Jana")
    shown = story.get(confirmed(story, seminar, "Jana")).text
    assert "Confirmation sent" in shown
    assert "No confirmation by mail" not in shown


def test_the_status_page_finds_its_confirmation_among_many_mails(story: Story) -> None:
    seminar = story.seminar(2)
    path = confirmed(story, seminar, "Jana")
    (place,) = story.deps.store.query(Registration, seminar.event_id)
    (first, *_) = story.deps.store.query(Message, place.value.lead_id)
    # Of earlier requests, and of later ones.
    ids = [f"0{n:025d}" for n in range(30)] + [f"7{n:025d}" for n in range(30)]
    story.put(*(replace(first.value, message_id=i, request_id="other", state=MessageState.FAILED) for i in ids))
    assert story.status(path)["confirmation"] == "sent"


def test_signing_up_again_takes_no_second_seat(story: Story) -> None:
    seminar = story.seminar(2)
    sign_up(story, seminar, "Jana")
    again = confirmed(story, seminar, "Jana")
    assert story.lead_of(again)
    assert taken(story, seminar) == 1
