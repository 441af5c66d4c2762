"""What capture makes of one form, row, card or call: one person as they were described to us."""

from dataclasses import dataclass, field
from datetime import datetime

# Contact points beside e-mail, phone and postal address: ids of messengers, in `extra` under these names.
MESSENGERS = ("wechat", "wecom")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing usable is left, or a rule of the door was broken. `row` counts data rows from 1, 0 = no row."""

    field: str
    reason: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Contact:
    """One person as captured: cleaned of control bytes, not yet normalised or matched.

    `emails` and `phones` are as written, best first. `country` is whatever was given ("Germany", "DE", "").
    `extra` keeps every other column or field under its own name; `warnings` says what was kept raw and why. `came_at`
    is when they came to us by what the list says (UTC), None where it does not.
    """

    full_name: str = ""
    given_name: str = ""
    family_name: str = ""
    company: str = ""
    title: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    country: str = ""
    language: str = ""
    products: tuple[str, ...] = ()
    message: str = ""
    address: str = ""
    urls: tuple[str, ...] = ()
    badge_id: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    came_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A contact after normalisation: what it can be matched by.

    `emails` are lower-case with an ASCII (IDNA) domain; `phones` are E.164; `raw_phones` could not be read
    as a number and are kept as written. `personal_emails` are those of `emails` that name one person
    (not info@ or sales@). `name_tokens` are folded (case, accents, order); `company_key` lacks the
    legal form.
    `country` is ISO 3166-1 alpha-2 or "".
    """

    emails: tuple[str, ...] = ()
    personal_emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    raw_phones: tuple[str, ...] = ()
    name_tokens: tuple[str, ...] = ()
    company_key: str = ""
    country: str = ""
    warnings: tuple[str, ...] = ()
