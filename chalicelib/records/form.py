"""Hosted forms: which fields they ask, in which languages, for which campaign."""

from dataclasses import dataclass, field
from enum import StrEnum


class FieldKind(StrEnum):
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. `name` is the field's name in the post; `label` and each option by language tag."""

    name: str
    kind: FieldKind
    label: dict[str, str]
    required: bool = False
    options: tuple[str, ...] = ()
    autocomplete: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A hosted form. `event_id` makes it a sign-up for a seminar. `sent` is the text shown after sending."""

    form_id: str
    title: dict[str, str]
    fields: tuple[FormField, ...]
    campaign_id: str = ""
    event_id: str = ""
    intro: dict[str, str] = field(default_factory=dict)
    respond_within_hours: int = 0
    return_hosts: tuple[str, ...] = ()
    active: bool = True
