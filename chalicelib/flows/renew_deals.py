"""A deal that came with an export and that a newer one tells otherwise: it follows, unless somebody changed it here.

What it was is noted beside it (`BeforeDeal`), so that the newer export can be taken back, and the timeline says what
became of it. Whose a deal is, is decided here: its owner and its person stay."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.capture.export_values import amount_of
from chalicelib.flows.export_rows import ExportRow
from chalicelib.flows.row_desk import KNOWN, Work
from chalicelib.flows.work_lead import owned, status_after
from chalicelib.follow_up.quotes import shown
from chalicelib.records.lead import OPEN_STATUSES, Lead, LeadStatus, Note
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import Deps, Put, Ref, Stored
from chalicelib.records.undo import BeforeDeal
from chalicelib.records.upload import Outcome

UPDATED = "known already, brought up to date"
CHANGED_HERE = "known already, changed here since and left as it is"
OLDER = "known already, this row is older"
# What a deal that is told otherwise takes of the person's transaction: itself, what it was, an entry of the timeline.
WRITES = 3
_STATE = ("stage", "won", "over", "ended", "active")


@dataclass(frozen=True, slots=True)
class News:
    """A row with a deal that is known, and what is to become of it; `after` is None where it stays as it is."""

    row: int
    work: Work
    known: Stored[Opportunity]
    after: Opportunity | None
    why: str
    said: str = ""


def told_of(deal: Opportunity) -> str:
    """A digest of what an export says of a deal."""
    closed = deal.closed_at.isoformat() if deal.closed_at else ""
    said = (deal.name, deal.amount.amount_minor, deal.amount.currency, deal.stage.value, closed, deal.lost_reason)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]


def news_of(
    number: int, row: ExportRow, work: Work, known: Stored[Opportunity], fresh: Opportunity, now: datetime
) -> News:
    """`fresh` is the deal as the row would make it. One that an earlier release brought has no digest: nobody changed
    it as long as it was written once."""
    deal = known.value
    here = told_of(deal)
    was_told = deal.told or (here if known.version == 1 else "")
    after = _as_told(row, deal, fresh, now)
    digest = told_of(after)
    if digest in (was_told, here):
        return News(number, work, known, None, KNOWN)
    if was_told != here:
        return News(number, work, known, None, CHANGED_HERE)
    if deal.told_at and fresh.told_at and fresh.told_at < deal.told_at:
        return News(number, work, known, None, OLDER)
    after = replace(after, told=digest, told_at=fresh.told_at or deal.told_at)
    return News(number, work, known, after, UPDATED, _words(row, deal, after))


def _as_told(row: ExportRow, deal: Opportunity, fresh: Opportunity, now: datetime) -> Opportunity:
    """The known deal with what the row says; an empty cell says nothing."""
    stage = fresh.stage if any(row.one(name) for name in _STATE) else deal.stage
    amount = fresh.amount if amount_of(row.one("amount"), fresh.amount.currency) else deal.amount
    ended = stage is not OpportunityStage.OPEN
    dated = fresh.closed_at if row.facts.get("closed") else None
    closed_at = (dated or (deal.closed_at if stage is deal.stage else now)) if ended else None
    lost = (fresh.lost_reason or deal.lost_reason) if stage is OpportunityStage.LOST else ""
    name = fresh.name if row.one("name") else deal.name
    return replace(deal, name=name, amount=amount, stage=stage, closed_at=closed_at, lost_reason=lost)


def _words(row: ExportRow, before: Opportunity, after: Opportunity) -> str:
    """What the timeline says: in the words of the product, since those of ours have a language."""
    said = [row.one("stage")] if after.stage is not before.stage else []
    said += [f"{before.name} → {after.name}"] if after.name != before.name else []
    said += [f"{_digits(before.amount)} → {_digits(after.amount)}"] if after.amount != before.amount else []
    return f"{after.name}: {', '.join(each for each in said if each) or row.one('stage')}"


def _digits(amount: Money) -> str:
    return shown(amount.amount_minor, amount.currency)


def write_news(deps: Deps, import_id: str, news: Sequence[News], now: datetime) -> None:
    """Have the deals written with their people, and their rows say so."""
    refs = [Ref(BeforeDeal, (n.known.value.lead_id, import_id, n.known.value.opportunity_id)) for n in news]
    noted = deps.store.get_many(refs) if refs else []
    for each, note in zip(news, noted, strict=True):
        why = each.why
        if note and why in (KNOWN, UPDATED):
            # Written before it was cut off: the row comes to the same. Of two rows of one deal the first counts.
            why = UPDATED if each.after is None else KNOWN
        each.work.rows = [_ended(done, why) if done[0] == each.row else done for done in each.work.rows]
        if each.after is not None and note is None:
            _write(deps, import_id, each, now)


def _ended(done: tuple[int, Outcome, str], why: str) -> tuple[int, Outcome, str]:
    """A row that names its person itself says what became of that one, too."""
    row, outcome, of_person = done
    if outcome is Outcome.ATTACHED:
        return row, Outcome.MERGED, why
    return row, outcome, of_person if why == KNOWN else "; ".join(each for each in (of_person, why) if each)


def _write(deps: Deps, import_id: str, news: News, now: datetime) -> None:
    work, known, after = news.work, news.known, news.after
    assert after is not None
    work.lead, work.changed = _lead_after(deps, work.lead, known.value, after, now), True
    rep = deps.directory.rep(after.owner_id)
    if after.stage is OpportunityStage.OPEN and not (rep and rep.active):
        after = replace(after, owner_id=work.lead.owner_id)
    lead_id, deal_id = after.lead_id, after.opportunity_id
    note_id = f"{deal_id.replace('-deal-', '-news-')}-{after.told}-{import_id}"
    entry = Note(note_id, lead_id, "", "stage", news.said, now, import_id=import_id)
    work.writes.append(Put(after, known.version))
    work.writes.append(Put(BeforeDeal(lead_id, import_id, deal_id, known.value, after), 0))
    work.writes.append(Put(entry, 0))


def _lead_after(deps: Deps, lead: Lead, before: Opportunity, after: Opportunity, now: datetime) -> Lead:
    status = status_after(deps, lead, before, after.stage)
    early = status in (LeadStatus.NEW, LeadStatus.ACCEPTED)
    if early and after.stage is OpportunityStage.OPEN:
        status = LeadStatus.QUALIFIED
    if status is lead.status:
        return lead
    changed = replace(lead, status=status, status_reason="")
    return owned(deps, changed, now) if status in OPEN_STATUSES else changed
