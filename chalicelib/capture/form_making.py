"""From a draft to a form, or to what is wrong with it, field by field."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import count
from urllib.parse import urlsplit

from chalicelib.capture.channels import SOURCE_FIELDS
from chalicelib.capture.field_catalogue import catalogue
from chalicelib.capture.form_draft import (
    ADDRESS_LIMIT,
    LABEL_LIMIT,
    MOST_FIELDS,
    MOST_OPTIONS,
    OPTION_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    WORDING_LIMIT,
    DraftField,
    FormDraft,
)
from chalicelib.capture.forms import CONTACT_FIELDS, RESERVED
from chalicelib.capture.intakes import MOST_HOSTS, read_hosts
from chalicelib.capture.suspicion import OPENED, TRAP
from chalicelib.records.form import NEWS, FieldKind, Form, FormField, worded

_NEEDED = "this field is required"
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+:[0-9]+")
# RFC 3986 without what a browser might read otherwise.
_ADDRESS = re.compile(r"[A-Za-z0-9/?#@!$&'()*+,;=:%._~-]+")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Names a post has for other things than answers, and words of the console's own addresses.
_TAKEN = {*CONTACT_FIELDS, *SOURCE_FIELDS, *RESERVED, OPENED, TRAP, "once", "csrf", "lang", "submitted_at"}
_WORDS = frozenset({"new", "preview", "intakes", "website"})
# Where the sign of a longer slug would say nothing more.
_MOST_NAME, _MOST_ID = 40, 60
_POINTS = frozenset({FieldKind.EMAIL, FieldKind.PHONE})


def slug(text: str, limit: int = _MOST_ID) -> str:
    """ASCII letters, digits and dashes only, "" where there are none."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:limit].strip("-")


def draft_problems(draft: FormDraft) -> dict[str, str]:
    """Reasons by the name the page gives the field: `title.en`, `field.3.label.zh-Hans`, `goes_to`."""
    problems: dict[str, str] = {}
    # In the order of the page.
    _check_texts(problems, "title", draft.title, TITLE_LIMIT, draft.languages)
    _check_texts(problems, "intro", draft.intro, TEXT_LIMIT)
    if len(draft.fields) > MOST_FIELDS:
        problems["fields"] = f"more fields than allowed: {MOST_FIELDS}"
    elif not any(asked.kind in _POINTS for asked in draft.fields):
        problems["fields"] = "without an e-mail or a phone field nobody could be answered"
    for number, asked in enumerate(draft.fields):
        problems |= _field_problems(f"field.{number}", asked, draft)
    _check_texts(problems, "thanks", draft.thanks, TEXT_LIMIT)
    if draft.goes_to and (why := address_problem(draft.goes_to)):
        problems["goes_to"] = why
    if read_hosts(draft.sites) is None:
        problems["sites"] = f"one name of a site a line, such as www.example.com; at most so many: {MOST_HOSTS}"
    if not draft.languages:
        problems["languages"] = "choose at least one"
    if draft.address and not _ID.fullmatch(draft.address):
        problems["address"] = "small letters, digits and dashes, such as contact-us"
    elif draft.address in _WORDS:
        problems["address"] = "this word stands for something else; choose another"
    return problems


def _check_texts(
    problems: dict[str, str], name: str, texts: Mapping[str, str], limit: int, needed: Collection[str] = ()
) -> None:
    for language in dict.fromkeys((*needed, *texts)):
        length = len(texts.get(language, ""))
        if length > limit:
            problems[f"{name}.{language}"] = f"longer than so many characters: {limit}"
        elif not length and language in needed:
            problems[f"{name}.{language}"] = _NEEDED


def address_problem(address: str) -> str:
    """Why visitors cannot be sent on there, "" where they can: only to a page by https, in plain sight."""
    try:
        parts = urlsplit(address)
        host, named = f"{parts.hostname}:{parts.port or 443}", parts.username is not None
    except ValueError:
        host, named = "", False
    if not (address.startswith("https://") and _HOST.fullmatch(host) and _ADDRESS.fullmatch(address)):
        return "a whole web address with https at its beginning"
    if named:
        return "an address without a name and a password in it"
    return f"longer than so many characters: {ADDRESS_LIMIT}" if len(address) > ADDRESS_LIMIT else ""


def _field_problems(at: str, asked: DraftField, draft: FormDraft) -> dict[str, str]:
    problems: dict[str, str] = {}
    limit = WORDING_LIMIT if asked.kind is FieldKind.CONSENT else LABEL_LIMIT
    _check_texts(problems, f"{at}.label", asked.label, limit, draft.languages)
    if asked.post_name and [other.post_name for other in draft.fields].count(asked.post_name) > 1:
        problems[f"{at}.label.{(*draft.languages, 'en')[0]}"] = "this field is there twice"
    if asked.key == NEWS and asked.required:
        problems[f"{at}.label.{(*draft.languages, 'en')[0]}"] = (
            "a consent to news and offers is free; it cannot be required"
        )
    if asked.chosen_from and draft.languages:
        problems |= _option_problems(f"{at}.options", asked, draft.languages)
    return problems


def _option_problems(at: str, asked: DraftField, languages: tuple[str, ...]) -> dict[str, str]:
    """Each language has the same options in the same order."""
    problems: dict[str, str] = {}
    lines = {language: _lines(asked.options.get(language, "")) for language in languages}
    first = lines[languages[0]]
    for language, options in lines.items():
        if len(options) < 2:
            problems[f"{at}.{language}"] = "at least two choices, one a line"
        elif len(options) > MOST_OPTIONS:
            problems[f"{at}.{language}"] = f"more choices than allowed: {MOST_OPTIONS}"
        elif len(set(options)) < len(options):
            problems[f"{at}.{language}"] = "a choice is there twice"
        elif max(map(len, options)) > OPTION_LIMIT:
            problems[f"{at}.{language}"] = f"longer than so many characters: {OPTION_LIMIT}"
        elif len(options) != len(first):
            problems[f"{at}.{language}"] = f"as many choices as in the first language: {len(first)}"
    return problems


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)


def form_of(draft: FormDraft, before: Form) -> Form:
    """The form a draft without problems makes; id, seminar and time limit stay. Names of fields that were there stay as
    well: answers are kept under them."""
    known = {asked.name: asked for asked in before.fields}
    fields: list[FormField] = []
    for asked in draft.fields:
        # Only a name that was given here before is believed: no page gives a field the name of something else.
        taken = {*known, *(made.name for made in fields)}
        name = asked.name if asked.name in known else _new_name(asked, taken)
        fields.append(_field(asked, name, known.get(name), draft.languages))
    return replace(
        before, title=draft.title, fields=tuple(fields), campaign_id=draft.campaign_id, intro=draft.intro,
        languages=draft.languages, thanks=draft.thanks, goes_to=draft.goes_to, sites=read_hosts(draft.sites) or (),
    )  # fmt: skip


def _new_name(asked: DraftField, taken: Collection[str]) -> str:
    listed = catalogue()[asked.key]
    if not listed.own:
        return listed.field.name
    wanted = slug(worded(asked.label, "en"), _MOST_NAME)
    if wanted and wanted not in taken and wanted.replace("-", "_") not in _TAKEN:
        return wanted
    return next(name for name in (f"question-{n}" for n in count(1)) if name not in taken)


def _field(asked: DraftField, name: str, before: FormField | None, languages: tuple[str, ...]) -> FormField:
    """As it was, where it was there, with what was typed."""
    made = before or replace(catalogue()[asked.key].field, name=name)
    made = replace(made, label=asked.label, required=asked.required)
    if not asked.chosen_from:
        return made
    shown = {language: _lines(asked.options.get(language, "")) for language in languages}
    return replace(made, options=shown[languages[0]], option_labels=shown)
