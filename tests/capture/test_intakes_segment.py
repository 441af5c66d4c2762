from typing import Any

import pytest

from chalicelib.capture.forms import FormReading, read_lead
from chalicelib.capture.intakes import Sent
from chalicelib.capture.intakes_segment import events_of, read_segment, says_who, write_key_of
from chalicelib.records.contact import Refusal

TRAITS = {
    "email": "jana@customer.example.com", "firstName": "Jana", "lastName": "Beispiel", "phone": "+49 30 123456",
    "title": "Buyer", "company": {"name": "Beispiel AG", "industry": "Pumps"}, "website": "https://customer.example.com",
    "address": {"street": "Street 1", "city": "Berlin", "postalCode": "10115", "country": "DE"},
    "tags": ["a", "b"], "plan": "", "age": 41, "deep": {"er": {"x": 1}},
}  # fmt: skip
CONTEXT = {
    "locale": "de-DE", "ip": "192.0.2.1", "campaign": {"name": "spring", "source": "letter", "medium": "email"},
    "page": {"url": "https://www.example.com/a?gclid=g1", "referrer": "https://www.bing.com/"},
}  # fmt: skip


def identify(**changed: Any) -> dict[str, Any]:
    return {"type": "identify", "messageId": "m1", "userId": "u1", "anonymousId": "a1", "traits": TRAITS,
            "context": CONTEXT, "timestamp": "2026-03-02T09:00:00Z", **changed}  # fmt: skip


def track(**changed: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Lead Submitted", "messageId": "m2", "userId": "u1",
            "properties": {"email": "jana@customer.example.com", "message": "Which fits oil?"}, **changed}  # fmt: skip


def sent(message: dict[str, Any], *events: str) -> Sent:
    found = read_segment(message, events)
    assert isinstance(found, Sent)
    return found


def test_an_identify_says_who_somebody_is_in_our_words() -> None:
    read = sent(identify())
    reading = read_lead(read.body)
    assert isinstance(reading, FormReading)
    who = reading.contact
    assert (who.full_name, who.company, who.title, who.country) == ("Jana Beispiel", "Beispiel AG", "Buyer", "DE")
    assert (who.emails, who.phones, who.language) == ((TRAITS["email"],), (TRAITS["phone"],), "de-DE")
    assert who.address == "Street 1\n10115 Berlin"
    assert who.extra == {"company.industry": "Pumps", "tags": '["a", "b"]', "age": "41", "deep.er": '{"x": 1}'}
    assert (read.asks, read.details, read.claimed_at) == (False, {"userId": "u1"}, "2026-03-02T09:00:00Z")
    assert read.source == {
        "utm_campaign": "spring", "utm_source": "letter", "utm_medium": "email",
        "landing_url": CONTEXT["page"]["url"], "referrer": "https://www.bing.com/",
    }  # fmt: skip


def test_the_same_said_again_is_the_same_whatever_the_message_is_called() -> None:
    first, again = sent(identify()), sent(identify(messageId="m9", timestamp="2026-03-05T09:00:00Z", anonymousId="b"))
    assert first.once == again.once
    assert sent(identify(traits={**TRAITS, "title": "Head buyer"})).once != first.once
    assert sent(identify(userId="u2")).once != first.once


def test_an_event_asks_for_something_once_by_its_message() -> None:
    read = sent(track(context={"traits": {"email": "old@customer.example.com", "name": "Jana"}}))
    assert (read.asks, read.once) == (True, "m2")
    assert read.body["email"] == "jana@customer.example.com", "what the event says counts before what was known"
    assert read.body["name"] == "Jana"
    assert read.details == {"event": "Lead Submitted", "userId": "u1"}


@pytest.mark.parametrize(
    ("message", "events", "says"),
    [
        (identify(), (), True), (track(), (), True), (track(event="Button Clicked"), (), False),
        (track(event="Asked"), ("Asked",), True), (track(), ("Asked",), False), (track(properties=None), (), False),
        (identify(traits=[]), (), False), (identify(traits={"name": "Jana"}), (), False),
        ({**identify(), "type": "page"}, (), False), ({}, (), False), (track(event=5), (), False),
    ],
)  # fmt: skip
def test_only_who_can_be_reached_and_what_asks_becomes_anything(
    message: dict[str, Any], events: tuple[str, ...], says: bool
) -> None:
    assert says_who(message, events) is says
    assert isinstance(read_segment(message, events), Sent if says else Refusal)


@pytest.mark.parametrize(("typed", "key"), [("a" * 16, "a" * 16), ("a" * 15, ""), ("a" * 65, ""), ("a" * 15 + "#", "")])
def test_a_write_key_is_letters_and_digits(typed: str, key: str) -> None:
    assert write_key_of(typed) == key


def test_events_are_typed_one_a_line() -> None:
    assert events_of(" Asked \n\nAsked\nLead Submitted") == ("Asked", "Lead Submitted")
    assert events_of("\n".join(f"e{n}" for n in range(51))) is None
