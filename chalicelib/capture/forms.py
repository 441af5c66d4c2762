"""A posted form, or a lead by the API, becomes a contact with consents and answers, or problems field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.capture.addresses import phone_problem, read_email
from chalicelib.capture.channels import SOURCE_FIELDS
from chalicelib.capture.flags import read_flag
from chalicelib.capture.names import joined_name
from chalicelib.capture.points import NOT_EMAIL, read_products
from chalicelib.capture.text import clean
from chalicelib.records.contact import Contact, Refusal
from chalicelib.records.form import FieldKind, Form, FormField

NAME_LIMIT = 120
FIELD_LIMIT = 500
MESSAGE_LIMIT = 10_000
MAX_EXTRAS = 50
EXTRA_NAME_LIMIT = 100
_MAX_NUMBER = 10**15
_MOST_CONSENTS = 20
_NO_TEXT = "must be text or a number of at most 15 digits"

# How sites call the fields of a contact, and which one it is.
CONTACT_FIELDS: dict[str, str] = {
    **dict.fromkeys(("name", "full_name", "fullname", "your_name"), "full_name"),
    **dict.fromkeys(("given_name", "first_name", "firstname", "fname"), "given_name"),
    **dict.fromkeys(("family_name", "last_name", "lastname", "surname", "lname"), "family_name"),
    **dict.fromkeys(("email", "e_mail", "e-mail", "mail", "email_address"), "email"),
    **dict.fromkeys(("phone", "tel", "telephone", "mobile", "phone_number"), "phone"),
    **dict.fromkeys(("company", "organization", "organisation", "company_name"), "company"),
    **dict.fromkeys(("title", "job_title", "jobtitle", "position"), "title"),
    **dict.fromkeys(("country", "country_code"), "country"),
    **dict.fromkeys(("language", "lang", "locale"), "language"),
    **dict.fromkeys(("product", "products", "product_interest"), "products"),
    **dict.fromkeys(("message", "comment", "comments", "question", "description"), "message"),
    **dict.fromkeys(("website", "url"), "url"),
    "address": "address",
}
# What only the system sets (OWASP API3:2023): a visitor who sends it is not obeyed.
RESERVED = frozenset(
    {"score", "points", "owner", "owner_id", "rep", "rep_id", "assignment", "assigned_to", "status", "role", "admin"}
    | {"id", "lead_id", "touch_id", "request_id", "person_id", "pk", "sk", "tenant", "tenant_id", "flags"}
    | {"created_at", "updated_at", "respond_by", "opted_out_at"}
)
_LIMITS = {"full_name": NAME_LIMIT, "given_name": NAME_LIMIT, "family_name": NAME_LIMIT, "message": MESSAGE_LIMIT}
_LINES = frozenset({"message", "address", "products"})
_POINTS = frozenset({"email", "phone"})
_BOXES = frozenset({FieldKind.CONSENT, FieldKind.CHECKBOX})
# In a post: which version of its wording a consent was shown with, by this and the field's name.
WORDING = "wording."


@dataclass(frozen=True, slots=True)
class FormReading:
    """`consents` by the field's name, True only where the box was ticked; `wordings` the version of the text beside
    the box, where the page says which (whether there is such a one, only the store knows); `answers` are the declared
    fields that say nothing about who the person is, by name."""

    contact: Contact
    consents: dict[str, bool] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    wordings: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    """What has been read so far: `values` by Contact's names, `points` as (field of the post, text)."""

    values: dict[str, str] = field(default_factory=dict)
    points: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {"email": [], "phone": []})
    consents: dict[str, bool] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    problems: list[Refusal] = field(default_factory=list)
    has_point: bool = False  # an e-mail or phone was given, be it a wrong one

    def refuse(self, name: str, reason: str) -> None:
        self.problems.append(Refusal(name, reason))

    def add(self, name: str, target: str, text: str, limit: int = 0) -> str:
        """Clean the text, keep it under its target, and give it back; "" when it is too long, which is a problem."""
        limit = limit or _LIMITS.get(target, FIELD_LIMIT)
        lines = target in _LINES or limit == MESSAGE_LIMIT
        value = text if len(text) > 4 * limit else clean(text, 4 * limit, lines)
        self.has_point |= target in self.points and value != ""
        if len(value) > limit:
            self.refuse(name, f"longer than {limit} characters: {len(value)}")
            return ""
        if target in self.points and value:
            self.points[target].append((name, value))
        elif target and value:
            self.values[target] = f"{self.values[target]}\n{value}" if target in self.values else value
        return value


def read_form(form: Form, fields: Mapping[str, str]) -> FormReading | list[Refusal]:
    """The submission of a form. Only the fields the form declares are read, whatever else was posted.

    Asks for the required fields and, where the form has an e-mail or a phone field, for one of the two. Problems
    name the field and the limit or the fault; all are reported together.
    """
    draft = _Draft()
    for declared in form.fields:
        _read_field(draft, declared, fields.get(declared.name, ""))
    points = [declared for declared in form.fields if target_of(declared) in _POINTS]
    # Of one that is asked for by itself it is said already that it is missing.
    missed = any(declared.required and not fields.get(declared.name, "").strip() for declared in points)
    reading = _reading(draft, needs_point=bool(points) and not missed)
    return replace(reading, wordings=_wordings(form, fields)) if isinstance(reading, FormReading) else reading


def _wordings(form: Form, fields: Mapping[str, str]) -> dict[str, int]:
    """What each consent said on the page it was sent from, as far as that page tells. It may be older than the form is
    now, or a copy elsewhere."""
    told = {f.name: fields.get(f"{WORDING}{f.name}", "") for f in form.fields if f.kind is FieldKind.CONSENT}
    found = {name: int(text) for name, text in told.items() if text.isascii() and text.isdigit() and len(text) < 7}
    return {name: version for name, version in found.items() if version}


def target_of(declared: FormField) -> str:
    """Which of a contact's fields it is, "" for a question of the form's own."""
    if declared.kind is FieldKind.EMAIL:
        return "email"
    if declared.kind is FieldKind.PHONE:
        return "phone"
    return CONTACT_FIELDS.get(declared.name.lower(), "")


def _read_field(draft: _Draft, declared: FormField, text: str) -> None:
    name, target = declared.name, target_of(declared)
    if declared.kind in _BOXES:
        # A ticked box posts any value its author chose; only what says no is a no.
        ticked = bool(text.strip()) and read_flag(text.strip()[:50]) is not False
        if declared.kind is FieldKind.CONSENT:
            draft.consents[name] = ticked
        value, missing = "yes" if ticked else "", not ticked
    else:
        long_text = declared.kind is FieldKind.LONG_TEXT and target not in _LIMITS
        value = draft.add(name, target, text, MESSAGE_LIMIT if long_text else 0)
        missing = not text.strip()
    if missing and declared.required:
        draft.refuse(name, "this field is required")
    elif declared.kind is FieldKind.CHOICE and value:
        _check_choice(draft, declared, value)
    if not target and value and declared.kind is not FieldKind.CONSENT:
        draft.answers[name] = value


def _check_choice(draft: _Draft, declared: FormField, value: str) -> None:
    chosen = value.split("\n") if target_of(declared) in _LINES else [value]
    if declared.options and not set(chosen) <= set(declared.options):
        if declared.required:
            draft.refuse(declared.name, "not one of the choices")
        else:
            draft.warnings.append(f"not one of the choices: {declared.name}")


def read_lead(body: Mapping[str, Any]) -> FormReading | list[Refusal]:
    """A lead as JSON: the names of CONTACT_FIELDS; `consents` {name: true or false}; all else goes to extra.

    Values are text or numbers (kept as text); product(s) may be a list. At most 50 further names of 100
    characters. Names the system owns are left out with a warning; UTM fields and click ids belong to the touch.
    """
    draft = _Draft()
    for given, value in body.items():
        name = clean(given, EXTRA_NAME_LIMIT + 1)
        target = CONTACT_FIELDS.get(name.lower(), "")
        if name == "consents":
            _read_consents(draft, value)
        elif name.lower() in RESERVED or name.startswith("_"):
            draft.warnings.append(f"this field is set by the system and was left out: {name}")
        elif name in SOURCE_FIELDS and value is not None and _as_text(value) is None:
            draft.refuse(name, _NO_TEXT)
        elif name not in SOURCE_FIELDS and value is not None:
            _read_value(draft, name, target, value)
    return _reading(draft, needs_point=True)


def _read_consents(draft: _Draft, value: Any) -> None:
    """Nobody has agreed to what cannot be read: it is said rather than taken for a no."""
    given = {} if value is None else value
    flags = given.values() if isinstance(given, Mapping) else (None,)
    if len(flags) > _MOST_CONSENTS or not all(isinstance(flag, bool) for flag in flags):
        draft.refuse("consents", f"true or false by what was asked, at most so many: {_MOST_CONSENTS}")
    else:
        draft.consents |= {clean(key, EXTRA_NAME_LIMIT): flag for key, flag in given.items()}


def _read_value(draft: _Draft, name: str, target: str, value: Any) -> None:
    if target == "products" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        text: str | None = "\n".join(value)
    else:
        text = _as_text(value)
    if text is None:
        draft.refuse(name, _NO_TEXT)
    elif len(name) > EXTRA_NAME_LIMIT:
        draft.refuse(name[:EXTRA_NAME_LIMIT], f"a name longer than {EXTRA_NAME_LIMIT} characters")
    elif target:
        draft.add(name, target, text)
    elif kept := draft.add(name, "", text):
        draft.extra[name] = kept
        if len(draft.extra) == MAX_EXTRAS + 1:
            draft.refuse(name, f"more fields than allowed: {MAX_EXTRAS}")


def _as_text(value: Any) -> str | None:
    """JSON's simple values as text; None for lists, objects, NaN, infinities and numbers beyond 15 digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and abs(value) < _MAX_NUMBER:  # not true of NaN either
        return str(value)
    return None


def _reading(draft: _Draft, needs_point: bool) -> FormReading | list[Refusal]:
    emails = _read_emails(draft)
    phones = _read_phones(draft, bool(emails))
    if needs_point and not draft.has_point:
        draft.refuse("email", "give an e-mail address or a phone number")
    if draft.problems:
        return draft.problems
    values = draft.values
    given, family = values.get("given_name", ""), values.get("family_name", "")
    contact = Contact(
        full_name=values.get("full_name", "") or joined_name(given, family),
        given_name=given,
        family_name=family,
        company=values.get("company", ""),
        title=values.get("title", ""),
        emails=emails,
        phones=phones,
        country=values.get("country", ""),
        language=values.get("language", ""),
        products=read_products((values.get("products", ""),), (0,)),
        message=values.get("message", ""),
        address=values.get("address", ""),
        urls=(values["url"],) if "url" in values else (),
        extra=draft.extra,
        warnings=tuple(draft.warnings),
    )
    return FormReading(contact, draft.consents, draft.answers)


def _read_emails(draft: _Draft) -> tuple[str, ...]:
    """On a form a malformed address is a problem even beside a good phone: the visitor is there to correct it."""
    found = []
    for name, given in draft.points["email"]:
        if email := read_email(given):
            found.append(email)
        else:
            draft.refuse(name, NOT_EMAIL)
    return tuple(dict.fromkeys(found))


def _read_phones(draft: _Draft, has_email: bool) -> tuple[str, ...]:
    found = []
    for name, given in draft.points["phone"]:
        problem = phone_problem(given)
        if not problem:
            found.append(given)
        elif has_email:
            draft.extra["phone as given"] = given
            draft.warnings.append(f"{problem}: {given[:80]}")
        else:
            draft.refuse(name, problem)
    return tuple(dict.fromkeys(found))
