"""Who may come in and for how long: sessions, one-time tickets, accounts at an identity provider, and who comes too
often. Secrets are never stored: a record is named by the keyed digest of what its owner holds."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class SignInWay(StrEnum):
    """How a session began."""

    SAMPLE = "sample"
    LINK = "link"
    OIDC = "oidc"


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one person. `digest` is that of the cookie's secret; `last_seen_at` is written every few
    minutes only; `browser` is its family ("Firefox, Linux"), for the person to know it by."""

    rep_id: str
    digest: str
    way: SignInWay
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    browser: str = ""


class TicketKind(StrEnum):
    """What is good once: a mailed link, or the state of one round trip to an identity provider."""

    LINK = "link"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Good once, until `expires_at`. `rep_id` is "" for a link asked for by somebody we do not know, which is
    stored so that both look alike. `browser` is the digest of the asking browser's cookie, "" for any browser."""

    digest: str
    kind: TicketKind
    expires_at: datetime
    rep_id: str = ""
    browser: str = ""
    goes_on: str = ""
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """An account at an identity provider and whose it is. Stored twice, so that either side is found by its name:
    `digest` is once that of issuer and subject, once that of issuer and person. `subject` is the former; `email`
    (lower case) is the address it was bound by."""

    digest: str
    subject: str
    rep_id: str
    email: str
    bound_at: datetime


@dataclass(frozen=True, slots=True)
class RateWindow:
    """How often something was asked for by one address or for one mailbox since the window began."""

    digest: str
    count: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """How many requests a day were answered 429: they are not received, but they are counted."""

    day: date
    count: int
