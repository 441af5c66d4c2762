"""What makes a posted form look like spam, each sign with its reason in words. One is enough to keep the post aside for
a person to look at; nothing is dropped for it, so a sign may be wrong now and then, and must be seldom."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from chalicelib.records.contact import Contact

# A field people do not see, and one that says when the page was made.
TRAP, OPENED = "leave_empty", "opened"
# Reading a form, filling it in and sending it takes a person longer, also where the browser fills it in.
SHORTEST = timedelta(seconds=1)
MOST_LINKS = 2
MOST_ALIKE = 5
MOST_OFFERS = 2
# What is shorter offers nothing.
_OFFER = 8
_LINK = re.compile(r"https?://|\bwww\.|\[url|\bhref\s*=", re.IGNORECASE)
_MARK_LETTERS = 16

Digest = Callable[[str], str]


def suspicions(
    texts: Mapping[str, str], contact: Contact, answers: Iterable[str], open_for: timedelta | None
) -> tuple[str, ...]:
    """The reasons to keep a post aside, none for most. `texts` are the fields as posted; `open_for` is how long the
    page had been open, None where nobody said or nobody minds."""
    found = [_trapped(texts), _hurried(open_for), _stuffed(contact, answers), _advertises(contact.message),
             _throw_away(contact.emails)]  # fmt: skip
    return tuple(reason for reason in found if reason)


def _trapped(texts: Mapping[str, str]) -> str:
    return "a field that people do not see was filled in" if texts.get(TRAP, "").strip() else ""


def _hurried(open_for: timedelta | None) -> str:
    if open_for is None or open_for >= SHORTEST:
        return ""
    return f"sent faster than anybody fills in a form, seconds: {max(0.0, open_for.total_seconds()):.1f}"


def _stuffed(contact: Contact, answers: Iterable[str]) -> str:
    """A name that holds a link is an advertisement our confirmation would carry to a stranger."""
    if any(_LINK.search(text) for text in (contact.full_name, contact.company, contact.title)):
        return "a link stands where a name should"
    links = len(_LINK.findall(" ".join((contact.message, contact.address, *answers))))
    return f"more links than a question needs: {links}" if links > MOST_LINKS else ""


def _advertises(message: str) -> str:
    """Words of people who sell to whoever has a form: one may be a customer's own trade, two are an offer."""
    if len(message) < _OFFER:
        return ""
    said = " ".join(message.split()).casefold()
    words = [word for word in _offers() if word in said]
    return f"reads like an advertisement: {', '.join(words[:3])}" if len(words) >= MOST_OFFERS else ""


@cache
def _offers() -> tuple[str, ...]:
    data = json.loads((Path(__file__).parent.parent / "data" / "advertising.json").read_text("utf-8"))
    return tuple(word for words in data.values() for word in words)


def _throw_away(emails: Iterable[str]) -> str:
    domains = (email.rpartition("@")[2].lower() for email in emails)
    found = next((domain for domain in domains if domain in _known()), "")
    return f"a throw-away mailbox: {found}" if found else ""


@cache
def _known() -> set[str]:
    # Ten thousand names: loaded at the first post with an address.
    from disposable_email_domains import blocklist

    return blocklist


def repetition(times: int) -> str:
    """`times`: how many posts with the same words came within ten minutes, this one among them."""
    return f"the same words came again and again: {times}" if times > MOST_ALIKE else ""


def opening_mark(form_id: str, now: datetime, digest: Digest) -> str:
    """What the form's page carries to say when it was made: `seconds-signature`."""
    seconds = f"{int(now.timestamp() * 10)}"
    return f"{seconds}-{digest(f'opened:{form_id}:{seconds}')[:_MARK_LETTERS]}"


def open_since(form_id: str, mark: str, now: datetime, digest: Digest) -> timedelta | None:
    """How long ago a page's mark was made, None for one that is not ours: a plain form elsewhere has none."""
    seconds, _, signature = mark.partition("-")
    ours = seconds.isascii() and seconds.isdigit() and len(seconds) < 14
    if not ours or digest(f"opened:{form_id}:{seconds}")[:_MARK_LETTERS] != signature:
        return None
    return now - datetime.fromtimestamp(int(seconds) / 10, UTC)
