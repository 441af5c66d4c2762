"""What a mail service tells of a mail after it has taken it, and what is kept of that."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.records.heard import CAME_BACK as CAME_BACK
from chalicelib.records.heard import NewsKind as NewsKind


@dataclass(frozen=True, slots=True)
class MailNews:
    """One piece of news about one mail. `lead_id`, `message_id` and `attempt` ("0.1", see `Message.attempt_id`) are
    what the mail was sent with, "" where it carried none; `recipients` as the service writes them; `words` the other
    mail server's own."""

    news_id: str
    kind: NewsKind
    at: datetime
    lead_id: str = ""
    message_id: str = ""
    attempt: str = ""
    recipients: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class StrayNews:
    """News of a mail that we have not sent, or not any more: kept to be looked at, applied to nothing. It holds no
    address and none of the sender's words."""

    news_id: str
    kind: NewsKind
    at: datetime
    lead_id: str
    message_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DeadAddress:
    """An address from which mail came back for good: no more goes there until a person lifts that. `digest` is the
    address's keyed hash; which address it is stands on the mail that came back, as long as that is kept. News from
    before `lifted_at` is old."""

    digest: str
    since: datetime
    lead_id: str
    message_id: str
    lifted_at: datetime | None = None
    lifted_by: str = ""
