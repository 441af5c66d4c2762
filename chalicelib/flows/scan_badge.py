"""A scanned badge or card becomes a submission with a touch of the show's campaign."""

from dataclasses import replace

from chalicelib.capture.cards import contact_of, read_card
from chalicelib.flows.submission import Submission
from chalicelib.records.arrival import RawPost
from chalicelib.records.contact import Refusal
from chalicelib.records.touch import TouchKind


def read_scan(
    post: RawPost, text: str, campaign_id: str, token: str, note: str = "", scanned_at: str = ""
) -> Submission | Refusal:
    """`token` holds the scanner's own id of this scan: sent again it is the same scan. `scanned_at` is the device's
    time, kept beside the server's."""
    card = read_card(text)
    if isinstance(card, Refusal):
        return card
    contact = contact_of(card)
    if isinstance(contact, Refusal):
        return contact
    details = {"card": card.raw[:5000], "kind of code": card.kind}
    details |= {name: value for name, value in (("note", note), ("scanned at", scanned_at)) if value}
    return Submission(
        contact=replace(contact, message=note or contact.message),
        kind=TouchKind.SCAN,
        token=token,
        visitor=f"scanner {post.key}",
        campaign_id=campaign_id,
        details=details,
        subject="badge scan",
        post=post,
    )
