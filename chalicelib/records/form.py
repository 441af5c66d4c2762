"""Hosted forms: which fields they ask, in which languages, for which campaign."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# The consent of the catalogue (data/form_fields.json) that asks whether news and offers may be sent.
NEWS = "news"


class FieldKind(StrEnum):
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CHECKBOX = "checkbox"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. `name` is the field's name in the post; `label` by language tag. `options` are what a choice posts,
    `option_labels` what is shown for them, by language and in the same order. `wording` is the version of a consent's
    text, 0 before there were versions."""

    name: str
    kind: FieldKind
    label: dict[str, str]
    required: bool = False
    options: tuple[str, ...] = ()
    autocomplete: str = ""
    option_labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    wording: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """A hosted form. `event_id` makes it a sign-up for a seminar. `languages` are those it is shown in, () for all.
    After sending, `thanks` is shown above where the request stands, or the visitor goes to `goes_to` (https). `sites`
    are the hosts whose pages may show it in a frame, () for any."""

    form_id: str
    title: dict[str, str]
    fields: tuple[FormField, ...]
    campaign_id: str = ""
    event_id: str = ""
    intro: dict[str, str] = field(default_factory=dict)
    respond_within_hours: int = 0
    active: bool = True
    languages: tuple[str, ...] = ()
    thanks: dict[str, str] = field(default_factory=dict)
    goes_to: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewsAnswer:
    """What somebody said to news and offers by mail, and `where`: form, wording, day. A box left empty is no yes;
    `refused` is a no in so many words."""

    agreed: bool
    where: str = ""
    refused: bool = False


def worded(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in English, else in the first there is."""
    return texts.get(language) or texts.get("en") or next((text for text in texts.values() if text), "")
