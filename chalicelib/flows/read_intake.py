"""What was sent to an intake becomes a submission like one of our own forms."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from hmac import compare_digest
from typing import Any

from chalicelib.capture.bodies import read_body
from chalicelib.capture.channels import source_of_fields
from chalicelib.capture.forms import FormReading, read_lead
from chalicelib.capture.intakes import Sent, with_landing
from chalicelib.capture.intakes_google import is_test, read_google
from chalicelib.capture.intakes_hubspot import read_hubspot
from chalicelib.capture.intakes_segment import read_segment, says_who, sent_of
from chalicelib.capture.intakes_web_to_lead import organisation_of, read_web_to_lead
from chalicelib.capture.suspicion import suspicions
from chalicelib.flows.read_post import LOOK, token_of, unreadable
from chalicelib.flows.submission import Submission
from chalicelib.records.arrival import Entry, RawPost, Refused
from chalicelib.records.contact import Refusal
from chalicelib.records.form import Form, NewsAnswer
from chalicelib.records.intake import Intake
from chalicelib.records.ports import Deps, NotFound
from chalicelib.records.touch import TouchKind

# By the door: how what came in there is read.
_READERS: dict[Entry, Callable[[Mapping[str, Any]], Sent | Refusal]] = {
    Entry.WEB_TO_LEAD: read_web_to_lead,
    Entry.HUBSPOT: read_hubspot,
    Entry.GOOGLE: read_google,
    Entry.SEGMENT: sent_of,
}


def find_intake(deps: Deps, post: RawPost, body: Mapping[str, Any]) -> Intake:
    """Whom it was sent to. Raises NotFound, for one that was withdrawn as for one that never was."""
    web_to_lead = post.entry is Entry.WEB_TO_LEAD
    own = post.form_id if post.entry is Entry.SEGMENT else post.form_id.lower()
    named = organisation_of(str(body.get("oid") or "").strip()) if web_to_lead else own
    intake = deps.directory.intake(named) if named else None
    if intake is None or not intake.active or intake.entry is not post.entry:
        raise NotFound
    if post.entry is Entry.GOOGLE and not compare_digest(google_key(deps, named), _key_of(body)):
        raise NotFound
    return intake


def google_key(deps: Deps, intake_id: str) -> str:
    """What Google is to send along with each lead: whoever may see the intake's page knows it, and it is made anew each
    time it is needed. Google takes 50 characters at most."""
    return deps.digest(f"google-key:{intake_id}")


def _key_of(body: Mapping[str, Any]) -> str:
    # Bytes beyond ASCII cannot be compared in constant time, and are no key of ours.
    told = str(body.get("google_key") or "")
    return told if told.isascii() else ""


def read_intake(deps: Deps, post: RawPost) -> Submission | Refused:
    """Raises NotFound where nobody knows whom it was sent to, also because that cannot be read."""
    body = body_of(post)
    intake = find_intake(deps, post, {} if isinstance(body, Refusal) else body)
    if isinstance(body, Refusal):
        return unreadable(body)
    segment = post.entry is Entry.SEGMENT
    sent = read_segment(body, intake.events) if segment else _READERS[post.entry](body)
    if isinstance(sent, Refusal):
        return Refused(422, LOOK, (sent,), {})
    if post.entry is Entry.GOOGLE and is_test(body):
        # It waited at the door, where nobody could say whose it was; else it was answered before.
        return Refused(422, LOOK, (Refusal("is_test", "a test, of which no lead is made"),), {})
    return _submission(deps, replace(post, form_id=intake.intake_id), intake, sent)


def asks_nothing(deps: Deps, post: RawPost) -> bool:
    """Whether it is an event of Segment's that asks for nothing, kept at the door while nobody could say which do.
    Raises NotFound as `read_intake` does."""
    body = body_of(post)
    return not isinstance(body, Refusal) and not says_who(body, find_intake(deps, post, body).events)


def shown(post: RawPost) -> dict[str, Any] | Refusal:
    """What somebody sent, for a person to look at: the form's fields and what is kept beside them, without what only
    the other product's machinery reads. As it came where that cannot be told apart."""
    body = body_of(post)
    sent = body if isinstance(body, Refusal) else _READERS[post.entry](body)
    return {**sent.texts, **sent.details} if isinstance(sent, Sent) else body


def body_of(post: RawPost) -> dict[str, Any] | Refusal:
    """The fields; in the charset the form itself names, where nothing else says which."""
    body = read_body(post.content_type, post.body)
    charset = "" if isinstance(body, Refusal) else str(body.get("encoding") or "").strip()[:40]
    if charset and "charset=" not in post.content_type.lower():
        return read_body(f"{post.content_type}; charset={charset}", post.body)
    return body


def _submission(deps: Deps, post: RawPost, intake: Intake, sent: Sent) -> Submission | Refused:
    reading, token = read_lead(sent.body), token_of(post, post.once or sent.once)
    if not isinstance(reading, FormReading):
        return Refused(422, LOOK, tuple(reading), {})
    if isinstance(token, Refused):
        return token
    # Answers are of this touch; of the person is that they want no promotion.
    contact = replace(reading.contact, extra={})
    answers = {**reading.contact.extra, **sent.details}
    source = source_of_fields(with_landing(sent.source, post.referrer))
    campaign_id = _campaign_of(deps, sent.campaign) or _campaign_of(deps, source.campaign) or intake.campaign_id
    return Submission(
        contact=contact,
        kind=TouchKind.FORM if sent.asks else TouchKind.API,
        token=token,
        visitor=post.visitor,
        form=Form(intake.intake_id, {"en": intake.name}, (), intake.campaign_id),
        campaign_id=campaign_id,
        source=source,
        language=contact.language or post.language,
        details=answers,
        claimed_at=sent.claimed_at,
        asks=sent.asks,
        subject=intake.name,
        post=post,
        news=NewsAnswer(agreed=False, refused=True) if sent.said_no else None,
        suspicions=suspicions(sent.texts, contact, answers.values(), None),
    )


def _campaign_of(deps: Deps, named: str) -> str:
    """The campaign of ours that is meant by an id or a name; "" where it is another product's."""
    for campaign in deps.directory.campaigns() if named else ():
        if named == campaign.campaign_id or named.casefold() == campaign.name.casefold():
            return campaign.campaign_id
    return ""
