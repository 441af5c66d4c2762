"""Which rows of the read model a record becomes."""

from typing import Any

from chalicelib.records.audit import Audit
from chalicelib.records.kept import Kept
from chalicelib.records.lead import Lead, Snooze
from chalicelib.records.message import Message
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.promise import Promise
from chalicelib.records.quote import Quote
from chalicelib.records.receipt import Receipt
from chalicelib.records.task import Task
from chalicelib.records.touch import Request, Touch
from chalicelib.store.codec import stamp


def lead_row(lead: Lead) -> tuple[Any, ...]:
    moment = lead.updated_at or lead.created_at
    return (
        lead.lead_id, lead.full_name, lead.company, lead.emails[0] if lead.emails else "", lead.country,
        lead.status.value, lead.score.points, lead.owner_id, lead.touch_count, stamp(moment) if moment else "",
        int(bool(lead.emails or lead.phones)), stamp(lead.respond_by) if lead.respond_by else None,
        *snooze_cells(lead.snooze), lead.company_key, lead.status_reason,
        " ".join(lead.emails), " ".join(lead.phones),
        stamp(lead.created_at) if lead.created_at else "",
    )  # fmt: skip


def snooze_cells(snooze: Snooze | None) -> tuple[str | None, str, str]:
    return (stamp(snooze.until), snooze.by, stamp(snooze.at)) if snooze else (None, "", "")


def touch_row(touch: Touch) -> tuple[Any, ...]:
    return (
        touch.lead_id, touch.touch_id, stamp(touch.occurred_at), touch.campaign_id, touch.source.channel,
        touch.kind.value, touch.form_id, touch.import_id,
    )  # fmt: skip


def opportunity_row(deal: Opportunity) -> tuple[Any, ...]:
    return (
        deal.lead_id, deal.opportunity_id, deal.stage.value, deal.amount.amount_minor, deal.amount.currency,
        deal.margin, stamp(deal.closed_at) if deal.closed_at else None,
        stamp(deal.created_at) if deal.created_at else "",
    )  # fmt: skip


def message_row(message: Message) -> tuple[Any, ...]:
    return (
        message.lead_id, message.message_id, message.state.value, message.kind.value, stamp(message.created_at),
        message.import_id,
    )  # fmt: skip


def request_row(request: Request) -> tuple[Any, ...]:
    answered_at = request.first_responded_at
    return (
        request.lead_id, request.request_id, request.state.value, request.owner_id, stamp(request.respond_by),
        stamp(request.received_at), stamp(answered_at) if answered_at else None,
        stamp(request.respond_by) if not request.escalations else None,
    )  # fmt: skip


def promise_row(promise: Promise) -> tuple[Any, ...]:
    return (
        promise.lead_id, promise.promise_id, promise.customer, promise.promised_by, promise.state.value,
        stamp(promise.due_at),
    )  # fmt: skip


def quote_row(quote: Quote) -> tuple[Any, ...]:
    return (quote.lead_id, quote.quote_id, quote.customer, quote.made_by, quote.state.value, stamp(quote.made_at))


def task_row(task: Task) -> tuple[Any, ...]:
    due_at = stamp(task.due_at) if task.due_at else None
    return task.lead_id, task.task_id, task.owner_id, task.source.value, int(task.done_at is None), due_at


def receipt_row(receipt: Receipt) -> tuple[Any, ...]:
    return (receipt.token, receipt.outcome.value)


def kept_row(kept: Kept) -> tuple[Any, ...]:
    return (kept.kept_id, kept.outcome.value, kept.state.value, stamp(kept.received_at))


def audit_row(audit: Audit) -> tuple[Any, ...]:
    return audit.place, audit.audit_id, stamp(audit.at), audit.by, f" {' '.join(audit.kinds)} "


# Type -> (table, columns of the key, row maker)
TABLES: dict[type, tuple[str, tuple[str, ...], Any]] = {
    Lead: ("lead", ("lead_id",), lead_row),
    Touch: ("touch", ("lead_id", "touch_id"), touch_row),
    Opportunity: ("opportunity", ("lead_id", "opportunity_id"), opportunity_row),
    Message: ("message", ("lead_id", "message_id"), message_row),
    Request: ("request", ("lead_id", "request_id"), request_row),
    Promise: ("promise", ("lead_id", "promise_id"), promise_row),
    Quote: ("quote", ("lead_id", "quote_id"), quote_row),
    Task: ("task", ("lead_id", "task_id"), task_row),
    Receipt: ("receipt", ("token",), receipt_row),
    Kept: ("kept", ("kept_id",), kept_row),
    Audit: ("audit", ("place", "audit_id"), audit_row),
}

# The columns of each table in the order of its row maker; all tables end with the version.
COLUMNS: dict[str, tuple[str, ...]] = {
    "lead": ("lead_id", "full_name", "company", "email", "country", "status", "score", "owner_id", "touches",
             "updated_at", "reachable", "contact_by", "snoozed_until", "snoozed_by", "snoozed_at", "company_key",
             "status_reason", "emails", "phones", "created_at", "version"),
    "touch": ("lead_id", "touch_id", "occurred_at", "campaign_id", "channel", "kind", "form_id", "import_id",
              "version"),
    "opportunity": ("lead_id", "opportunity_id", "stage", "amount", "currency", "margin", "closed_at", "created_at",
                    "version"),
    "message": ("lead_id", "message_id", "state", "kind", "created_at", "import_id", "version"),
    "request": ("lead_id", "request_id", "state", "owner_id", "respond_by", "received_at", "answered_at", "limit_at",
                "version"),
    "promise": ("lead_id", "promise_id", "customer", "promised_by", "state", "due_at", "version"),
    "quote": ("lead_id", "quote_id", "customer", "made_by", "state", "made_at", "version"),
    "task": ("lead_id", "task_id", "owner_id", "source", "open", "due_at", "version"),
    "receipt": ("token", "outcome", "version"),
    "audit": ("place", "audit_id", "at", "acted_by", "kinds", "version"),
    "kept": ("kept_id", "outcome", "state", "received_at", "version"),
}  # fmt: skip
