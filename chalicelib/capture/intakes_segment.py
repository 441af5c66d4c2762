"""What Segment's libraries send (segment.com/docs/connections/spec and …/sources/catalog/libraries/server/http-api)."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from chalicelib.capture.intakes import Sent, address_of, object_in, text_in
from chalicelib.capture.text import clean
from chalicelib.records.contact import Refusal

# Segment's own limits: of a message, and of a batch.
MOST_MESSAGE, MOST_BATCH, MOST_MESSAGES = 32_000, 500_000, 2_500
KINDS = ("identify", "track", "page", "screen", "group", "alias")
_OF_SOMEBODY = ("identify", "track")
# Events that ask for something, as sites call them, where nobody has said which they are.
EVENTS = ("Lead Submitted", "Form Submitted", "Contact Requested", "Demo Requested", "Quote Requested")
MOST_EVENTS, EVENT_LIMIT = 50, 100
_WRITE_KEY = re.compile(r"[A-Za-z0-9]{16,64}")
# Segment's reserved traits by the names `read_lead` knows, where those differ.
_NAMES = {"job_title": "title", "jobtitle": "title", "company.name": "company", "url": "website"}
_ADDRESS = {"address.street": "street", "address.city": "city", "address.state": "state",
            "address.postalcode": "zip", "address.postal_code": "zip", "address.country": "country"}  # fmt: skip
_POINTS = ("email", "phone")
_TEXT_LIMIT = 500


def write_key_of(typed: str) -> str:
    """The write key a site has already, "" for what is none."""
    return typed if _WRITE_KEY.fullmatch(typed) else ""


def events_of(typed: str) -> tuple[str, ...] | None:
    """The names of events somebody typed, one a line, none twice; None for too many."""
    names = dict.fromkeys(clean(line, EVENT_LIMIT) for line in typed[:10_000].splitlines() if line.strip())
    return tuple(names) if len(names) <= MOST_EVENTS else None


def says_who(message: Mapping[str, Any], events: Collection[str]) -> bool:
    """Whether a message is of somebody who can be reached: `identify`, or an event that asks for something. All others
    say what somebody did who has no name here."""
    asks = message.get("type") == "identify" or str(message.get("event") or "") in (events or EVENTS)
    return asks and may_say_who(message)


def may_say_who(message: Mapping[str, Any]) -> bool:
    """As far as a message itself tells, where nobody can say which events ask."""
    return message.get("type") in _OF_SOMEBODY and any(_traits(message).get(point) for point in _POINTS)


def read_segment(message: Mapping[str, Any], events: Collection[str] = ()) -> Sent | Refusal:
    """An event asks for something, once by its `messageId`; `identify` only says who somebody is: the same said again
    is the same. Traits and properties we know go by our names, all else is an answer."""
    if not says_who(message, events):
        return Refusal("type", "neither an identify nor an event that asks for something, with an e-mail or a phone")
    return sent_of(message)


def sent_of(message: Mapping[str, Any]) -> Sent:
    """What a message says, whether or not its event asks for something."""
    asks = message.get("type") == "track"
    named = dict(_named(_traits(message)))
    texts = {name: str(value) for name, value in named.items()}
    if address := address_of(named, "street"):
        named["address"] = address
    if locale := text_in(object_in(message, "context"), "locale"):
        named.setdefault("language", locale)
    beside = {"event": text_in(message, "event"), "userId": text_in(message, "userId")}
    details = {name: text for name, text in beside.items() if text and (asks or name == "userId")}
    once = text_in(message, "messageId") if asks else _fingerprint(texts, details)
    return Sent(named, texts, details, _source(message), claimed_at=_claimed(message), once=once, asks=asks)


def _traits(message: Mapping[str, Any]) -> dict[str, Any]:
    """Of `identify` its traits; of an event what the context knows of the person, and what the event itself says."""
    if message.get("type") == "identify":
        return dict(object_in(message, "traits"))
    return {**object_in(object_in(message, "context"), "traits"), **object_in(message, "properties")}


def _named(traits: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in _flat(traits, ""):
        low = name.lower()
        yield _ADDRESS.get(low) or _NAMES.get(low, name), value


def _flat(values: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """Objects within by dots, lists as text; one level deep, as Segment's reserved traits are."""
    for name, value in values.items():
        if isinstance(value, Mapping) and not above:
            yield from _flat(value, f"{name}.")
        elif isinstance(value, list | Mapping):
            yield f"{above}{name}", json.dumps(value, ensure_ascii=False)[:_TEXT_LIMIT]
        elif value not in (None, ""):
            yield f"{above}{name}", value


def _source(message: Mapping[str, Any]) -> dict[str, str]:
    context = object_in(message, "context")
    page, campaign = object_in(context, "page"), object_in(context, "campaign")
    told = {f"utm_{name}": text_in(campaign, name) for name in ("source", "medium", "term", "content")}
    told["utm_campaign"] = text_in(campaign, "name")
    told |= {"landing_url": text_in(page, "url", 2_000), "referrer": text_in(page, "referrer", 2_000)}
    return {name: text for name, text in told.items() if text}


def _fingerprint(texts: Mapping[str, str], details: Mapping[str, str]) -> str:
    told = json.dumps([sorted(texts.items()), sorted(details.items())])
    return f"identify-{hashlib.sha256(told.encode()).hexdigest()}"


def _claimed(message: Mapping[str, Any]) -> str:
    return (text_in(message, "originalTimestamp") or text_in(message, "timestamp"))[:60]
