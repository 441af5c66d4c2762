"""Touchpoints: each contact of a person with our marketing, and the request some of them carry."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class TouchKind(StrEnum):
    FORM = "form"
    API = "api"
    LIST = "list"
    SCAN = "scan"
    SEMINAR = "seminar"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a visit came from: GA4's default channel group, UTM fields, click ids by parameter name."""

    channel: str = "Direct"
    source: str = "(direct)"
    medium: str = "(none)"
    campaign: str = ""
    term: str = ""
    content: str = ""
    click_ids: dict[str, str] = field(default_factory=dict)
    landing_url: str = ""
    referrer: str = ""


# What comes by no page has channels of its own beside GA4's.
OFFLINE: dict[TouchKind, Source] = {
    TouchKind.SCAN: Source("Trade show", "(offline)", "badge"),
    TouchKind.LIST: Source("Offline", "(offline)", "list"),
    TouchKind.SERVICE: Source("Service", "(offline)", "service"),
}


@dataclass(frozen=True, slots=True)
class Touch:
    """One touchpoint. `occurred_at` is server time; `details` keeps the other answers as text. `known_by` says why it
    was taken for somebody who was known already; empty where it made a new person. `visits_of` names a visitor
    (Visit.visitor) whose visits until then may be told with it: the consent to that is in `details`."""

    touch_id: str
    lead_id: str
    kind: TouchKind
    occurred_at: datetime
    campaign_id: str = ""
    source: Source = field(default_factory=Source)
    form_id: str = ""
    import_id: str = ""
    row: int = 0
    message: str = ""
    details: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    known_by: tuple[str, ...] = ()
    visits_of: str = ""


# After so many escalations a request stays with whoever has it, on the board; more mail would wake nobody.
MOST_ESCALATIONS = 5


class RequestState(StrEnum):
    """`escalated` is still open: it is past its limit and has been taken to somebody else."""

    OPEN = "open"
    ESCALATED = "escalated"
    ANSWERED = "answered"
    CLOSED = "closed"


# Nobody has answered yet.
WAITING_STATES = (RequestState.OPEN, RequestState.ESCALATED)


@dataclass(frozen=True, slots=True)
class Request:
    """A question that waits for an answer, with its clock. `respond_by` is in the owner's working time.

    `history` holds one line per change of owner: (when, owner_id, why).
    """

    request_id: str
    lead_id: str
    touch_id: str
    received_at: datetime
    owner_id: str
    respond_by: datetime
    state: RequestState = RequestState.OPEN
    first_responded_at: datetime | None = None
    subject: str = ""
    form_id: str = ""
    event_id: str = ""
    language: str = "en"
    confirmation_id: str = ""
    escalations: int = 0
    history: tuple[tuple[datetime, str, str], ...] = ()
