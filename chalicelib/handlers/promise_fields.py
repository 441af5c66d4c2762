"""A promise as the form on a lead's page sends it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.flows.keep_promises import Promised
from chalicelib.handlers.api_fields import day, text, wrong
from chalicelib.records.rep import Rep

# Further ahead it is a wish, or a year typed wrong.
_FARTHEST = timedelta(days=3 * 366)


def asked_promise(sent: Mapping[str, Any], who: Rep, now: datetime) -> Promised | None:
    """None where nothing was promised; what is begun must be whole."""
    said, due_on = text(sent, "promise", 500), day(sent, "promise_due")
    if not said and due_on is None:
        return None
    if not said:
        raise wrong("promise", "is needed")
    subject = text(sent, "promise_other", 60) or text(sent, "promise_subject", 60)
    if not subject:
        raise wrong("promise_subject", "is needed")
    return Promised(subject, said, _in_reach(due_on, who, now), visible=sent.get("promise_visible") == "yes")


def _in_reach(due_on: date | None, who: Rep, now: datetime) -> date:
    if due_on is None:
        raise wrong("promise_due", "is needed")
    today = now.astimezone(ZoneInfo(who.week.zone)).date()
    if not today <= due_on <= today + _FARTHEST:
        raise wrong("promise_due", "a day from today on, within three years")
    return due_on
