"""A form while somebody makes it: all of it travels in the page, so that a step (a field added, moved, taken away)
stores nothing, and works without a script."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.capture.field_catalogue import catalogue, key_of
from chalicelib.capture.text import clean
from chalicelib.records.form import FieldKind, Form, FormField

# What is typed beside each field is up to nine texts of the post, of which 200 are read.
MOST_FIELDS = 20
MOST_OPTIONS = 40
TITLE_LIMIT, TEXT_LIMIT, LABEL_LIMIT, WORDING_LIMIT, OPTION_LIMIT, ADDRESS_LIMIT = 200, 2000, 300, 2000, 200, 500
SITES_LIMIT = 5_000
_NUMBER = re.compile(r"[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class DraftField:
    """`key` is the catalogue's; `name` the field's name in the post, "" until the form is saved with it. `label` and
    `options` (one a line) by language."""

    key: str
    name: str = ""
    label: dict[str, str] = field(default_factory=dict)
    required: bool = False
    options: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> FieldKind:
        return catalogue()[self.key].field.kind

    @property
    def post_name(self) -> str:
        """The name it has or, being of the catalogue, will have; "" for a question that has none yet."""
        return self.name or catalogue()[self.key].field.name

    @property
    def own(self) -> bool:
        """Whether what it asks is the form's own, not something of the person's."""
        return catalogue()[self.key].own

    @property
    def chosen_from(self) -> bool:
        """Whether its options are to be typed in."""
        return self.kind is FieldKind.CHOICE and not catalogue()[self.key].field.options


@dataclass(frozen=True, slots=True)
class FormDraft:
    """Texts as typed, by language. `address` is the last part of a new form's address, `sites` the hosts of pages that
    may show it, one a line."""

    title: dict[str, str]
    fields: tuple[DraftField, ...]
    languages: tuple[str, ...]
    intro: dict[str, str] = field(default_factory=dict)
    thanks: dict[str, str] = field(default_factory=dict)
    address: str = ""
    goes_to: str = ""
    campaign_id: str = ""
    sites: str = ""


def first_draft(languages: Sequence[str]) -> FormDraft:
    """What most forms begin with."""
    keys = ("name", "email", "company", "message")
    return FormDraft({}, tuple(map(listed_field, keys)), tuple(languages))


def listed_field(key: str, options: Iterable[str] = (), languages: Sequence[str] = ()) -> DraftField:
    """A field of the catalogue, with options to begin with. Raises KeyError."""
    listed = catalogue()[key].field
    given = dict.fromkeys(languages, "\n".join(options))
    return DraftField(key, listed.name, dict(listed.label), listed.required, given)


def draft_of(form: Form, languages: Sequence[str]) -> FormDraft:
    """A stored form, to be changed."""
    fields = tuple(_draft_field(asked, languages) for asked in form.fields)
    shown = form.languages or tuple(languages)
    return FormDraft(
        form.title, fields, shown, form.intro, form.thanks, form.form_id, form.goes_to, form.campaign_id,
        "\n".join(form.sites),
    )  # fmt: skip


def _draft_field(asked: FormField, languages: Sequence[str]) -> DraftField:
    shown = {language: asked.option_labels.get(language, asked.options) for language in languages}
    options = {language: "\n".join(texts) for language, texts in shown.items()}
    return DraftField(key_of(asked), asked.name, asked.label, asked.required, options)


def read_draft(sent: Mapping[str, object], languages: Sequence[str]) -> FormDraft:
    """What a page of the builder posts: `title.en`, `field.0.key`, `field.0.label.en` and so on, fields in their order.
    What is no field of the catalogue is left out."""

    def text(name: str, limit: int, lines: bool = False) -> str:
        # One more, so that too long a text is seen as such.
        return clean(str(sent.get(name, "")), limit + 1, lines)

    def texts(name: str, limit: int, lines: bool = False) -> dict[str, str]:
        found = {language: text(f"{name}.{language}", limit, lines) for language in languages}
        return {language: typed for language, typed in found.items() if typed}

    def asked(number: int) -> DraftField:
        at, key = f"field.{number}", str(sent[f"field.{number}.key"])
        limit = WORDING_LIMIT if catalogue()[key].field.kind is FieldKind.CONSENT else LABEL_LIMIT
        options = texts(f"{at}.options", MOST_OPTIONS * (OPTION_LIMIT + 1), lines=True)
        required = bool(sent.get(f"{at}.required"))
        return DraftField(key, text(f"{at}.name", 60), texts(f"{at}.label", limit), required, options)

    numbers = [n for n in range(MOST_FIELDS + 1) if sent.get(f"field.{n}.key") in catalogue()]
    return FormDraft(
        texts("title", TITLE_LIMIT),
        tuple(map(asked, numbers)),
        tuple(language for language in languages if sent.get(f"language.{language}")),
        texts("intro", TEXT_LIMIT, lines=True),
        texts("thanks", TEXT_LIMIT, lines=True),
        text("address", 60).lower(),
        text("goes_to", ADDRESS_LIMIT),
        text("campaign_id", 100),
        text("sites", SITES_LIMIT, lines=True),
    )


def stepped(draft: FormDraft, step: str) -> FormDraft:
    """After a step of the page: `up.3`, `down.3` or `remove.3`; any other changes nothing."""
    verb, _, number = step.partition(".")
    at = int(number) if _NUMBER.fullmatch(number) else len(draft.fields)
    to = {"up": at - 1, "down": at + 1}.get(verb, at)
    if at >= len(draft.fields) or not 0 <= to < len(draft.fields):
        return draft
    fields = list(draft.fields)
    taken = fields.pop(at)
    if verb != "remove":
        fields.insert(to, taken)
    return replace(draft, fields=tuple(fields))


def offered(draft: FormDraft) -> list[str]:
    """The keys of what can be added still: what says who somebody is, once."""
    used = {asked.post_name for asked in draft.fields}
    full = len(draft.fields) >= MOST_FIELDS
    return [] if full else [key for key, one in catalogue().items() if one.own or one.field.name not in used]
