"""What an import changed, kept so that it can be taken back, and the taking back itself. Beside the person, so that it
goes when the person is erased."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.records.doubt import SamePerson
from chalicelib.records.lead import Lead, Note
from chalicelib.records.message import Message
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.touch import Touch


@dataclass(frozen=True, slots=True)
class BeforeImport:
    """A person as they were before an import changed them; `lead` is None for one the import made. `at_version` is the
    version of the lead's record that the import left: at any other somebody changed the person since. `from_version` is
    the one it found (0 for none), which is what an import before it left; both are below zero of a record that was made
    anew since, when two were parted, and tell no more there than which import came after which. `keys` are the digests
    the import made them findable by (of one it made, those beside what the person's own record gives), `pairs` the
    doubts the import noted (`SamePerson`), `joined` how many notes it wrote on why rows were taken for them."""

    lead_id: str
    import_id: str
    lead: Lead | None
    at_version: int
    keys: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    joined: int = 0
    from_version: int = 0


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken back of a person, so that it can be put back until `forget_at`: the lead, touch and mail as they
    were, `before` the import (None for one it made). `at_version` is the version the lead's record was left at, 0 for
    none; `keys` are (digest, the name noted there), `gone` the digests that nobody is found by any more."""

    lead_id: str
    import_id: str
    lead: Lead
    before: Lead | None
    at_version: int
    forget_at: datetime
    touch: Touch | None = None
    message: Message | None = None
    keys: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    pairs: tuple[SamePerson, ...] = ()


@dataclass(frozen=True, slots=True)
class BeforeDeal:
    """A deal known before an export told it otherwise: as it was, and as the export left it. One that is neither by now
    was changed by somebody since."""

    lead_id: str
    import_id: str
    deal_id: str
    before: Opportunity
    after: Opportunity


@dataclass(frozen=True, slots=True)
class TakenItems:
    """Some of what an export had brought beside a person, and an undo took away; `part` tells several apart. `renewed`
    are the deals it had told otherwise."""

    lead_id: str
    import_id: str
    part: str
    forget_at: datetime
    notes: tuple[Note, ...] = ()
    deals: tuple[Opportunity, ...] = ()
    touches: tuple[Touch, ...] = ()
    renewed: tuple[BeforeDeal, ...] = ()

    @property
    def records(self) -> tuple[Note | Opportunity | Touch, ...]:
        return (*self.notes, *self.deals, *self.touches)
