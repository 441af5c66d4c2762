"""What became of a list: its rows, the people they were made into, whose those are, and their mails."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.flows.mail_queue import time_for
from chalicelib.flows.row_desk import KNOWN
from chalicelib.follow_up.messages import thanks_id
from chalicelib.records.message import Message, MessageState
from chalicelib.records.ports import Deps, NotFound, Ref
from chalicelib.records.search import LeadQuery
from chalicelib.records.upload import Outcome, RowResults, Upload

# How reasons of a match read: "same phone +14", "fits better than another person: …".
_MATCHED = re.compile(r" [+−][\d.]+$|^fits ")
SCORE_BANDS = (70, 40, 0)
# Beyond this many people the mails are not counted row by row while somebody waits for the page.
MAILS_COUNTED = 10_000
_BATCH = 1_000

Row = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True)
class Yield:
    """What the read model knows of a list's people, as far as the feed has been read: open to the lead list.

    `owners` are (rep_id, people), the most first; `bands` are (from this many points, people), each band with
    those above it; `mails` are (state, reason, how many), or None for a list too long to count them here; `leaves_by`
    is when the last of those that wait leaves. `rejected` are those of them who were, by the reason given."""

    people: int
    owners: tuple[tuple[str, int], ...]
    bands: tuple[tuple[int, int], ...]
    mails: tuple[tuple[str, str, int], ...] | None
    leaves_by: datetime | None = None
    rejected: Mapping[str, int] = field(default_factory=dict)


def uploads_newest_first(deps: Deps) -> list[Upload]:
    return sorted((stored.value for stored in deps.store.query(Upload)), key=lambda u: u.started_at, reverse=True)


def read_upload(deps: Deps, import_id: str) -> Upload:
    """Raises NotFound."""
    stored = deps.store.get(Upload, import_id)
    if stored is None:
        raise NotFound
    return stored.value


def all_rows(deps: Deps, import_id: str) -> Iterator[Row]:
    """(row, outcome, lead_id, reason) of every row, in order, as they are asked for."""
    after = ""
    while page := deps.store.page(RowResults, import_id, after=after, limit=4):
        for chunk in page:
            yield from chunk.value.results
        after = f"{page[-1].value.chunk:06d}"


def yield_of(deps: Deps, upload: Upload) -> Yield:
    """Whose the people are, how good, and what mail they got."""

    def count(owner_id: str = "", min_score: int | None = None) -> int:
        query = LeadQuery(import_id=upload.import_id, owner_id=owner_id, min_score=min_score, limit=0)
        return deps.model.leads(query).total

    people = count()
    owners = [(rep.rep_id, count(owner_id=rep.rep_id)) for rep in deps.directory.reps()]
    unowned = people - sum(number for _, number in owners)
    mails = list(_mails(deps, upload)) if people <= MAILS_COUNTED else None
    kept = sorted((entry for entry in owners if entry[1]), key=lambda entry: (-entry[1], entry[0]))
    return Yield(
        people,
        (*kept, *((("", unowned),) if unowned else ())),
        tuple((points, count(min_score=points)) for points in SCORE_BANDS),
        None if mails is None else _by_state(mails),
        _leaves_by(deps, mails or []),
        deps.model.board.rejections(LeadQuery(import_id=upload.import_id)),
    )


def _by_state(mails: list[Message]) -> tuple[tuple[str, str, int], ...]:
    found = Counter((mail.state.value, mail.reason) for mail in mails)
    return tuple((state, reason, number) for (state, reason), number in found.most_common())


def _leaves_by(deps: Deps, mails: list[Message]) -> datetime | None:
    """When the last is due, or later where the mail service takes them more slowly."""
    waiting = [mail.due_at for mail in mails if mail.state is MessageState.PENDING]
    return max(*waiting, time_for(deps, len(waiting))) if waiting else None


def _mails(deps: Deps, upload: Upload) -> Iterator[Message]:
    """The thank-you mails of this upload as they are now."""
    for offset in range(0, MAILS_COUNTED, _BATCH):
        page = deps.model.leads(LeadQuery(import_id=upload.import_id, sort="name", offset=offset, limit=_BATCH))
        refs = [Ref(Message, (row.lead_id, thanks_id(upload.campaign_id))) for row in page.rows]
        for stored in deps.store.get_many(refs):
            if stored and stored.value.import_id == upload.import_id:
                yield stored.value
        if len(page.rows) < _BATCH:
            break


def has_remark(outcome: str, reason: str) -> bool:
    """Whether a row was kept with something to look at, beside why it was matched (`identify.resolve`)."""
    kept = outcome in (Outcome.CREATED, Outcome.MERGED)
    return kept and any(part and part != KNOWN and not _MATCHED.search(part) for part in reason.split("; "))
