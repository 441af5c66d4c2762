"""From what was sent to a submission, or to the reason why not: the same at the door and when it is done again."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from chalicelib.capture.bodies import read_body
from chalicelib.capture.channels import source_of_fields
from chalicelib.capture.forms import FormReading, read_form, read_lead
from chalicelib.capture.suspicion import OPENED, open_since, suspicions
from chalicelib.capture.text import clean
from chalicelib.flows.submission import Submission
from chalicelib.records.arrival import DROP_IN, KEYED, Entry, RawPost, Refused
from chalicelib.records.contact import Refusal
from chalicelib.records.form import NEWS, Form, NewsAnswer, worded
from chalicelib.records.ports import Deps, NotFound
from chalicelib.records.touch import TouchKind

# As long as those of others who keep such keys.
MOST_TOKEN = 255
LOOK = "Some fields need a look"
# The consent by which earlier visits may be told with what somebody sends: a purpose of its own.
VISITS = "visits"
_NO_CODE = "The code cannot be read"
# When the sender's own clock says that it was sent: kept beside the time it came, and never gone by.
CLAIMED_AT = "submitted_at"
_MOST_CLAIMED = 60
# The longest language tag there has to be room for (RFC 5646 4.4.1).
_MOST_LANGUAGE = 35
_MOST_PRINTED = 500


def read_post(deps: Deps, post: RawPost) -> Submission | Refused:
    """Raises NotFound when the form, or whom another product's form was sent to, does not exist."""
    if post.entry in DROP_IN:
        # Most posts are of forms of ours: what reads others' stays out of what every cold start imports.
        from chalicelib.flows.read_intake import read_intake

        return read_intake(deps, post)
    form = _form(deps, post.form_id) if post.entry is Entry.FORM else None
    body = read_body(post.content_type, post.body)
    if isinstance(body, Refusal):
        return unreadable(body)
    if form is not None:
        if nested := _nested(form, body):
            return _wrong(nested, "must be text, a number or a truth value")
        return _of_form(deps, post, form, {name: str(value) for name, value in body.items() if value is not None})
    return _of_lead(deps, post, body) if post.entry is Entry.LEAD else _of_scan(deps, post, body)


def _nested(form: Form, body: Mapping[str, Any]) -> str:
    """A field of the form's that is a list or an object, which nobody can fill in; "" for none. What the form does not
    ask for is not looked at."""
    names = (*(asked.name for asked in form.fields), "once", "lang")
    return next((name for name in names if isinstance(body.get(name), list | dict)), "")


def unreadable(body: Refusal) -> Refused:
    status = {"content-type": 415, "body": 413 if "larger" in body.reason else 400}.get(body.field, 400)
    return Refused(status, "The request cannot be read", (body,), {})


def _form(deps: Deps, form_id: str) -> Form:
    form = deps.directory.form(form_id)
    if form is None or not form.active:
        raise NotFound
    return form


def token_of(post: RawPost, given: str) -> str | Refused:
    """The one-time token in its namespace, "" for none."""
    if len(given) > MOST_TOKEN:
        why = f"a one-time token has at most so many characters: {MOST_TOKEN}"
        return Refused(422, "The token is too long", (Refusal("Idempotency-Key", why),), {})
    return f"{_SPACES.get(post.entry, post.entry)}:{post.form_id or post.key}:{given}" if given else ""


# Where the name of the door is not the namespace.
_SPACES = {Entry.LEAD: "api"}


def _of_form(deps: Deps, post: RawPost, form: Form, texts: dict[str, str]) -> Submission | Refused:
    reading = read_form(form, texts)
    if not isinstance(reading, FormReading):
        return Refused(422, LOOK, tuple(reading), texts)
    token = token_of(post, post.once or texts.get("once", ""))
    if isinstance(token, Refused):
        return token
    language = clean(texts.get("lang", ""), _MOST_LANGUAGE) or post.language
    consents = {f"consent: {name}": "yes" if given else "no" for name, given in reading.consents.items()}
    # Which text was agreed to, or not: the version, and the language it was read in.
    shown = {f"wording: {n}": f"{version} ({language})" for n, version in _wordings(deps, form, reading.wordings)}
    visitor = texts.get("visitor", "") if reading.consents.get(VISITS) else ""
    opened = texts.get(OPENED, "") if deps.limits.watching else ""
    open_for = open_since(form.form_id, opened, post.received_at, deps.digest) if opened else None
    doubts = suspicions(texts, reading.contact, reading.answers.values(), open_for)
    if deps.limits.attacked(form.form_id):
        doubts += _unproven(opened, open_for, post.once or texts.get("once", ""), texts)
    return Submission(
        contact=reading.contact,
        kind=TouchKind.SEMINAR if form.event_id else TouchKind.FORM,
        token=token,
        visitor=post.visitor,
        form=form,
        campaign_id=_campaign_of(deps, form, texts),
        source=source_of_fields(texts, post.referrer, post.host),
        language=language,
        details={**reading.answers, **consents, **shown},
        claimed_at=clean(texts.get(CLAIMED_AT, ""), _MOST_CLAIMED),
        news=_news(form, reading, shown.get(f"wording: {NEWS}", ""), post),
        subject=worded(form.title, language) or form.form_id,
        post=post,
        suspicions=doubts,
        visits_of=_visits_of(deps, visitor) if visitor else "",
    )


def _unproven(mark: str, open_for: timedelta | None, token: str, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Why a post of a form under attack is to be looked at first: nobody worked for it, or it has no page of ours."""
    # While a form is under attack alone: it stays out of what every cold start imports.
    from chalicelib.capture.proof_of_work import PROOF, UNPROVEN, is_good

    return () if is_good(mark, open_for, token, texts.get(PROOF, "")) else (UNPROVEN,)


def _visits_of(deps: Deps, visitor: str) -> str:
    # Few consent to it: what reads visits stays out of what every cold start imports.
    from chalicelib.capture.visits import is_visitor
    from chalicelib.flows.keep_visit import visitor_digest

    return visitor_digest(deps, visitor) if is_visitor(visitor) else ""


def _news(form: Form, reading: FormReading, wording: str, post: RawPost) -> NewsAnswer | None:
    if NEWS not in reading.consents:
        return None
    version = f", version {wording}" if wording else ""
    return NewsAnswer(reading.consents[NEWS], f"form {form.form_id}{version}, {post.received_at.date().isoformat()}")


def _wordings(deps: Deps, form: Form, told: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The versions there are: one that never was is not believed. A page may be newer than what this process has read
    of the forms; then the store knows."""
    known = {asked.name: asked.wording for asked in form.fields}
    for name, version in told.items():
        if version <= known[name] or _is_worded(deps, form.form_id, name, version):
            yield name, version


def _is_worded(deps: Deps, form_id: str, name: str, version: int) -> bool:
    # In the seconds after a wording was changed alone: it stays out of what every cold start imports.
    from chalicelib.records.consent_wording import ConsentWording, wording_id

    return deps.store.get(ConsentWording, form_id, wording_id(name, version)) is not None


def _campaign_of(deps: Deps, form: Form, texts: dict[str, str]) -> str:
    """The campaign named by utm_campaign when it is one of ours, else the form's. Looked for among those that are
    known: most advertisements name none of ours, and asking the store for each would be a call more for the visitor."""
    named = texts.get("utm_campaign", "")[:100]
    known = {campaign.campaign_id for campaign in deps.directory.campaigns()} if named else ()
    return named if named in known else form.campaign_id


def _of_lead(deps: Deps, post: RawPost, body: dict[str, Any]) -> Submission | Refused:
    reading = read_lead(body)
    if not isinstance(reading, FormReading):
        return Refused(422, LOOK, tuple(reading), {})
    token, campaign_id = token_of(post, post.once), campaign_named(deps, body)
    if isinstance(token, Refused):
        return token
    if isinstance(campaign_id, Refused):
        return campaign_id
    return Submission(
        contact=reading.contact,
        kind=TouchKind.API,
        token=token,
        visitor=f"api {post.key} {post.visitor}",
        campaign_id=campaign_id,
        source=source_of_fields({k: str(v) for k, v in body.items()}, str(body.get("referrer") or "")),
        language=reading.contact.language or "en",
        details=reading.answers,
        subject=str(body.get("subject") or "")[:200],
        post=post,
    )


def campaign_named(deps: Deps, body: dict[str, Any]) -> str | Refused:
    """The campaign's id or name; an unknown one is a problem, not a new campaign."""
    named = body.get("campaign")
    if not isinstance(named, str | None):
        return Refused(422, LOOK, (Refusal("campaign", "the id or the name of a campaign"),), {})
    if not named:
        return ""
    # Programs name campaigns by their names; a form knows its own by its id.
    from chalicelib.flows.plan_marketing import find_campaign

    campaign = find_campaign(deps, named[:300])
    if campaign is None:
        return Refused(422, "Unknown campaign", (Refusal("campaign", "no campaign has this id or name"),), {})
    return campaign.campaign_id


def _of_scan(deps: Deps, post: RawPost, body: dict[str, Any]) -> Submission | Refused:
    texts: dict[str, str] = {}
    for name, limit in _SCAN_LIMITS.items():
        value = body.get(name)
        value = "" if value is None else value
        if not isinstance(value, str) or len(value) > limit:
            # No code holds as much (ISO/IEC 18004: 4,296 characters).
            status = 413 if name == "card" and isinstance(value, str) else 422
            return _wrong(name, f"a text of at most so many characters: {limit}", status)
        texts[name] = "".join(c for c in value if c.isprintable() or c in "\n\t").strip()
    if not texts["card"]:
        return _wrong("card", "this field is required", 400 if body.get("card") else 422)
    campaign_id, token = campaign_named(deps, body), token_of(post, post.once or texts["scan_id"])
    if isinstance(campaign_id, Refused):
        return campaign_id
    if isinstance(token, Refused):
        return token
    # What reads codes stays out of what every cold start imports.
    from chalicelib.flows.scan_badge import read_scan

    found = read_scan(post, texts["card"], campaign_id, token, texts["note"], texts["scanned_at"])
    if isinstance(found, Refusal):
        status = 422 if _is_text(body["card"]) else 400
        return Refused(status, _NO_CODE, (Refusal("card", found.reason),), {})
    if found.details.get("kind of code") == "id" and len(texts["card"]) > _MOST_PRINTED:
        # No organiser's list has such an id: nobody could ever say whose it is.
        return Refused(413, _NO_CODE, (Refusal("card", f"longer than the id of a badge: {_MOST_PRINTED}"),), {})
    return found


def _is_text(card: str) -> bool:
    """Whether somebody wrote this: no control bytes, and no longer than what is printed on a badge."""
    return len(card) <= _MOST_PRINTED and all(char.isprintable() or char in "\r\n\t" for char in card)


def _wrong(name: str, reason: str, status: int = 422) -> Refused:
    return Refused(status, LOOK, (Refusal(name, reason),), {})


_SCAN_LIMITS = {"card": 5000, "note": 2000, "scanned_at": 60, "scan_id": 100}


SCOPES = {Entry.LEAD: "leads:write", Entry.SCAN: "scans:write"}


def key_problem(deps: Deps, post: RawPost) -> Refused | None:
    """While the store was down nobody could say whether the key was good."""
    if post.entry not in KEYED:
        return None
    from chalicelib.records.api_key import ApiKey

    stored = deps.store.get(ApiKey, post.key)
    key = stored.value if stored else None
    good = key is not None and key.active and (key.expires_at is None or post.received_at < key.expires_at)
    if good and key is not None and SCOPES[post.entry] in key.scopes:
        return None
    return Refused(401, "API key not known", (Refusal("", "the API key was not good for this"),), {})


def gone(post: RawPost) -> Refused:
    named = post.form_id[:60]
    why = f"there is no such form: {named}" if post.entry is Entry.FORM else f"there is no such intake: {named}"
    return Refused(404, "Not found", (Refusal("", why),), {})
