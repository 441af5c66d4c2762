"""Submissions as they came in, and why nothing becomes of one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.records.contact import Refusal


class Entry(StrEnum):
    """By which door it came: a hosted or plain form, `POST /v1/leads`, `POST /v1/scans`, or an address that takes what
    a form sent to another product."""

    FORM = "form"
    LEAD = "lead"
    SCAN = "scan"
    WEB_TO_LEAD = "web-to-lead"
    HUBSPOT = "hubspot"
    GOOGLE = "google"
    SEGMENT = "segment"


# Where a program says by its key who it is; at the other doors anybody may stand.
KEYED = frozenset({Entry.LEAD, Entry.SCAN})
# What other products' forms come in by: each has an Intake.
DROP_IN = frozenset({Entry.WEB_TO_LEAD, Entry.HUBSPOT, Entry.GOOGLE, Entry.SEGMENT})


@dataclass(frozen=True, slots=True)
class RawPost:
    """What a submission is made of, and nothing else of the request. `post_id` becomes the request's id. `key` is the
    digest of the API key, `visitor` a keyed hash of who sent it, `once` the Idempotency-Key header. `whole` is false
    where `body` is but the beginning of one too large to keep."""

    post_id: str
    entry: Entry
    received_at: datetime
    content_type: str
    body: bytes
    form_id: str = ""
    key: str = ""
    once: str = ""
    visitor: str = ""
    referrer: str = ""
    host: str = ""
    language: str = "en"
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing became of a post: the status and title of the problem, what is wrong, and the fields as read."""

    status: int
    title: str
    problems: tuple[Refusal, ...]
    texts: dict[str, str]
