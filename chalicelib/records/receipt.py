"""Receipts, which make a second identical submission the first one again; and the keys people are found by."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReceiptOutcome(StrEnum):
    """accepted + merged + quarantined + rejected = received."""

    ACCEPTED = "accepted"
    MERGED = "merged"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One submission by form, API or scan. `token` is the digest of the caller's one-time token, or of the
    normalised fields and the visitor where there was none (then it holds for ten minutes). `body` is the
    digest of the normalised fields: the same token with another body is refused. `request_id` is that of the request
    it became, or will become when it is released; `reason` why it was rejected, or ERASED."""

    token: str
    body: str
    outcome: ReceiptOutcome
    received_at: datetime
    lead_id: str = ""
    touch_id: str = ""
    request_id: str = ""
    reason: str = ""


# The reason of one that was set aside and dropped because its sender was erased.
ERASED = "erased"


@dataclass(frozen=True, slots=True)
class MatchKey:
    """`digest` is a keyed hash of one identifying value (no personal data in keys). `others` are further people
    found by it, since strangers share phones and switchboards; at most OTHERS_LIMIT of them. `names` are keyed
    hashes of the names of (lead_id, *others), in that order, "" where none was noted: who of many is meant is
    seen without reading them all."""

    digest: str
    lead_id: str
    others: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


OTHERS_LIMIT = 64
