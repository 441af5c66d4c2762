"""Contact policy: may this message go now? Asked when it is made and again after the claim.

What a person asked for (confirmations, seminar mails) goes always; promotion needs a recorded legal basis and
nobody's objection; a reminder goes only for what will still take place as the person was told.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.follow_up.basis import NO_BASIS, basis_gap, promotional_basis
from chalicelib.follow_up.reasons import NO_ADDRESS, UNDELIVERABLE
from chalicelib.records.event import Registration, RegistrationState, Seminar
from chalicelib.records.form import NewsAnswer
from chalicelib.records.lead import Lead
from chalicelib.records.message import PROMOTIONAL, REMINDERS, Message, MessageKind

ERASED = "erased"
# Of a lead's further details: whether mail may come.
_CONSENT = "consent"
_PLACE_HELD = {MessageKind.SEMINAR_CONFIRMATION, MessageKind.SEMINAR_WAITING, MessageKind.SEMINAR_PROMOTED}


@dataclass(frozen=True, slots=True)
class Allowed:
    """The message may go."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """The message may not go: for good when `final`, else as long as the reason lasts."""

    reason: str
    final: bool


def check(
    message: Message,
    lead: Lead | None,
    suppressed: Collection[str],
    now: datetime,
    seminar: Seminar | None = None,
    registration: Registration | None = None,
    dead_address: bool = False,
) -> Allowed | Blocked:
    """Whether the message may go now.

    `lead` is None (or carries the flag "erased") when the person's data is gone: then nothing goes.
    `suppressed` holds the addresses (normalised) or lead ids that object to promotion. Seminar mails are
    checked against `seminar` and `registration` as they are now. `dead_address` says that mail came back from the
    message's address and nobody has lifted that.
    """
    if lead is None or ERASED in lead.flags:
        return Blocked("the person's data was erased", final=True)
    if not message.to.strip():
        return Blocked(NO_ADDRESS, final=True)
    if dead_address:
        return Blocked(UNDELIVERABLE, final=True)
    if message.kind in PROMOTIONAL:
        return _promotion(message, lead, suppressed)
    if message.kind in REMINDERS:
        return _reminder(message, seminar, registration, now)
    cancelled = registration is not None and registration.state is RegistrationState.CANCELLED
    if message.kind in _PLACE_HELD and cancelled:
        return Blocked("the registration was cancelled", final=True)
    return Allowed()


def _promotion(message: Message, lead: Lead, suppressed: Collection[str]) -> Allowed | Blocked:
    if message.to.strip().lower() in suppressed or lead.lead_id in suppressed or said_no(lead):
        return Blocked("the person wants no promotion", final=True)
    if not message.basis:
        return Blocked(message.reason or NO_BASIS, final=False)
    return Allowed()


def said_no(lead: Lead) -> bool:
    """Whether the person was asked for consent to mail (a list's column, a form's box) and did not give it."""
    return lead.extra.get(_CONSENT) == "no"


def agreed_by(lead: Lead) -> str:
    """By which form, wording and day the person agreed to news and offers, and holds to it; "" for nobody who does."""
    return "" if said_no(lead) else lead.agreed_by


def with_news(lead: Lead, said: NewsAnswer) -> Lead:
    """After the person was asked in a form. Their own yes counts for more than what was known before and holds though
    the box is left empty another time; it lifts no objection. A box left empty outweighs what a list says."""
    if said.agreed:
        return replace(lead, extra={**lead.extra, _CONSENT: "yes"}, agreed_by=said.where)
    if agreed_by(lead) and not said.refused:
        return lead
    return replace(lead, extra={**lead.extra, _CONSENT: "no"}, agreed_by="")


def ground_of(lead: Lead, recorded: str) -> tuple[str, str]:
    """(the ground promotional mail to the person may go on, or why there is none): what is recorded for a list, else
    what the person agreed to in a form of ours."""
    own = f"consent: {agreed_by(lead)}" if agreed_by(lead) else ""
    ground = promotional_basis(lead.country, recorded) or promotional_basis(lead.country, own)
    return ground, "" if ground else basis_gap(lead.country, recorded)


def _reminder(
    message: Message, seminar: Seminar | None, registration: Registration | None, now: datetime
) -> Allowed | Blocked:
    if registration is None or registration.state is RegistrationState.CANCELLED:
        return Blocked("the registration was cancelled", final=True)
    if registration.state is RegistrationState.WAITING:
        return Blocked("the person is on the waiting list", final=True)
    if seminar is None:
        return Blocked("the seminar does not take place", final=True)
    if now >= seminar.starts_at:
        return Blocked("the seminar has begun", final=True)
    return _outdated(message, seminar, registration) or Allowed()


def _outdated(message: Message, seminar: Seminar, registration: Registration) -> Blocked | None:
    """A reminder is made for one state of seminar and registration; a newer one has reminders of its own."""
    told = message.context.get("starts_at", "")
    of_seminar, _, of_registration = message.context.get("made_for", "").partition(".")
    moved = told and datetime.fromisoformat(told) != seminar.starts_at
    if moved or (of_seminar and of_seminar != str(seminar.sequence)):
        return Blocked("the seminar was moved", final=True)
    if of_registration and of_registration != str(registration.sequence):
        # Signed up again since; what was cancelled stays cancelled.
        return Blocked("the registration was cancelled", final=True)
    return None
