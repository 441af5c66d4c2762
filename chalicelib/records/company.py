"""Companies of whom something is known beside their people: what they belong to, by which other names they go."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Company:
    """`company_id` is a keyed hash of the folded name (`identify.folding.company_key`), `key` that name itself.
    `domain` is its own, "" for none; `aliases` are other names as written; `parent_id` is the company it belongs to,
    called `parent_name`. `import_id` is the export that made it."""

    company_id: str
    key: str
    name: str
    domain: str = ""
    aliases: tuple[str, ...] = ()
    parent_id: str = ""
    parent_name: str = ""
    import_id: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class CompanyName:
    """Leads from another name or the domain of a company (`digest`, keyed) to it."""

    digest: str
    company_id: str


@dataclass(frozen=True, slots=True)
class Subsidiary:
    """That one company belongs to another: found below the parent."""

    parent_id: str
    company_id: str
