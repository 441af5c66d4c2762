"""The fields a form can be made of: those that say who somebody is, consents, and questions of the form's own."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.records.form import FieldKind, FormField

_DATA = Path(__file__).parent.parent / "data" / "form_fields.json"


@dataclass(frozen=True, slots=True)
class Listed:
    """A field of the catalogue as it is before anybody changes it. `own`: a question of the form's own, which a form
    may have several of, each named by its label."""

    key: str
    field: FormField
    own: bool


@cache
def catalogue() -> dict[str, Listed]:
    """By key, in the order people are offered them."""
    return {entry["key"]: _listed(entry) for entry in json.loads(_DATA.read_text(encoding="utf-8"))}


def _listed(entry: dict[str, Any]) -> Listed:
    labels = {language: tuple(texts) for language, texts in entry.get("option_labels", {}).items()}
    made = FormField(
        entry.get("name", ""), FieldKind(entry["kind"]), dict(entry["label"]), entry.get("required", False),
        tuple(entry.get("options", ())), entry.get("autocomplete", ""), labels,
    )  # fmt: skip
    return Listed(entry["key"], made, not made.name)


_OWN = {
    FieldKind.CHOICE: "choice", FieldKind.CHECKBOX: "box", FieldKind.LONG_TEXT: "text",
    FieldKind.CONSENT: "agreement", FieldKind.EMAIL: "email", FieldKind.PHONE: "phone",
}  # fmt: skip


def key_of(field: FormField) -> str:
    """Which of the catalogue a form's field is: by its name where the kind fits, else a question of its own."""
    listed = catalogue().get(field.name)
    if listed and not listed.own and listed.field.kind is field.kind:
        return listed.key
    return _OWN.get(field.kind, "line")
