"""Which mails count against the cap of confirmations to one mailbox."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.follow_up.confirmation_cap import sent_before
from chalicelib.records.message import Message, MessageKind, MessageState

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MAIL = Message("m2", "lead", MessageKind.CONFIRMATION, "a@x.example", "en", MessageState.SENDING, NOW, NOW)
EARLIER = replace(MAIL, message_id="m1", state=MessageState.SENT, created_at=NOW - timedelta(hours=1))


@pytest.mark.parametrize(
    ("changed", "count"),
    [
        ({}, 1),
        ({"kind": MessageKind.SEMINAR_CONFIRMATION}, 1),
        ({"state": MessageState.UNKNOWN}, 1),
        ({"to": "A@x.example"}, 1),
        ({"created_at": NOW}, 1),
        ({"created_at": NOW, "message_id": "m3"}, 0),
        ({"created_at": NOW + timedelta(seconds=1)}, 0),
        ({"created_at": NOW - timedelta(days=1)}, 0),
        ({"kind": MessageKind.REP_NOTICE}, 0),
        ({"state": MessageState.SUPPRESSED}, 0),
        ({"to": "b@x.example"}, 0),
        ({"to": ""}, 0),
    ],
)
def test_what_counts_is_a_confirmation_to_the_same_mailbox_made_within_a_day_before(
    changed: dict[str, object], count: int
) -> None:
    other = replace(EARLIER, **changed)  # type: ignore[arg-type]
    assert sent_before(MAIL, [other, MAIL], str.lower) == count
