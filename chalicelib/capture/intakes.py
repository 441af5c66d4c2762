"""What other products' forms send, in our words; and how an intake for them is set up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from chalicelib.capture.text import clean

# Of a text beside the fields.
TEXT_LIMIT = 500

NAME_LIMIT = 100
MOST_HOSTS = 20
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Sent:
    """`body` by the names `read_lead` knows, all else in it being answers of the form's own; `texts` are
    the fields as they were sent. `details` are what is kept
    beside them as it is, `source` the fields that say where the visitor came from, `campaign` what names one;
    `once` is the sender's own id of it, the same each time it is sent. What asks for nothing (`asks`) only says who
    somebody is."""

    body: dict[str, Any]
    texts: Mapping[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)
    campaign: str = ""
    said_no: bool = False
    claimed_at: str = ""
    once: str = ""
    asks: bool = True


def read_hosts(typed: str) -> tuple[str, ...] | None:
    """The sites somebody typed, by blanks, commas or lines; whole addresses count as their host. None where one of them
    is none, or there are too many."""
    words = dict.fromkeys(word for word in re.split(r"[\s,;]+", typed[:5000].strip().lower()) if word)
    hosts = tuple(dict.fromkeys(host_of(word if "//" in word else f"https://{word}") for word in words))
    return hosts if len(hosts) <= MOST_HOSTS and all(_HOST.fullmatch(host) for host in hosts) else None


def host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def allowed_return(address: str, hosts: tuple[str, ...]) -> str:
    """The address a visitor may be sent back to, "" for one that leads elsewhere than an https page of these sites.

    What browsers and we could read differently (a backslash, blanks, a name before an @, a port) is none of them."""
    if len(address) > 2000 or not address.isprintable() or any(char in address for char in "\\ "):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme == "https" and parts.netloc.lower() in hosts else ""


def address_of(named: dict[str, Any], street: str) -> str:
    """As on an envelope, of the parts that were given, which are in it then and no fields of their own."""
    first, city, state, code, zip_code = (
        str(named.pop(name, "")).strip() for name in (street, "city", "state", "state_code", "zip")
    )
    town = " ".join(part for part in (zip_code, city) if part)
    return "\n".join(part for part in (first, town, state or code) if part)


def with_landing(source: Mapping[str, str], page: str) -> dict[str, str]:
    """The page the form stands on is where the visitor was, not where they came from."""
    return dict(source) if source.get("landing_url") or not page else {**source, "landing_url": clean(page, 2000)}


def object_in(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within a body, an empty one where there is something else."""
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def text_in(body: Mapping[str, Any], name: str, limit: int = TEXT_LIMIT) -> str:
    """A text or whole number within a body, "" for anything else."""
    value = body.get(name)
    return clean(str(value), limit) if isinstance(value, str | int) and not isinstance(value, bool) else ""
