"""What an outbox row keeps of the news about its mail."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NewsKind(StrEnum):
    """`bounce` came back for good, `soft_bounce` for now: the service has tried for hours, another day it may work.
    `reject`: the service has taken the mail and will not send it."""

    SEND = "send"
    DELIVERY = "delivery"
    DELAY = "delay"
    SOFT_BOUNCE = "soft_bounce"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    REJECT = "reject"


# The mail will never arrive.
CAME_BACK = frozenset({NewsKind.BOUNCE, NewsKind.REJECT})


@dataclass(frozen=True, slots=True)
class Heard:
    """On an outbox row: the latest news of a kind."""

    kind: NewsKind
    at: datetime
    words: str = ""
