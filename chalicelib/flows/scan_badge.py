"""A scanned badge or card becomes a lead with a touch of the show's campaign."""

from dataclasses import replace

from chalicelib.capture.cards import contact_of, read_card
from chalicelib.flows.submit import Answer, Submission, submit
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Deps
from chalicelib.records.touch import TouchKind


def scan_badge(
    deps: Deps, text: str, campaign_id: str, scan_id: str, by: str, note: str = "", scanned_at: str = ""
) -> Answer | Refusal:
    """`scan_id` is the scanner's own id of this scan: sent again it is the same scan. `scanned_at` is the device's
    time, kept beside the server's."""
    card = read_card(text)
    if isinstance(card, Refusal):
        return card
    contact = contact_of(card)
    if isinstance(contact, Refusal):
        return contact
    details = {"card": card.raw[:5000], "kind of code": card.kind}
    details |= {name: value for name, value in (("note", note), ("scanned at", scanned_at)) if value}
    submission = Submission(
        contact=replace(contact, message=note or contact.message),
        kind=TouchKind.SCAN,
        token=f"scan:{by}:{scan_id}" if scan_id else "",
        visitor=f"scanner {by}",
        campaign_id=campaign_id,
        details=details,
        subject="badge scan",
    )
    return submit(deps, submission)
