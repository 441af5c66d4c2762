"""What an export has beside people: deals, their stages, notes, campaign memberships, each to the person it is of.

Ids follow from the product's own, so that the same export again adds nothing; of a newer one deals follow
(`renew_deals`). A person's are written with the person's record, on the condition that nobody changed it meanwhile."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.capture.export_values import amount_of, currency_of, plain_text
from chalicelib.flows.carry_over import own_id as id_below
from chalicelib.flows.export_rows import ExportRow
from chalicelib.flows.follow_merges import current_leads
from chalicelib.flows.note_before import note_before
from chalicelib.flows.plan_marketing import campaign_named
from chalicelib.flows.renew_deals import WRITES, News, news_of, told_of, write_news
from chalicelib.flows.row_desk import KNOWN, ChunkResult, Work
from chalicelib.records.lead import Lead, LeadStatus, Note
from chalicelib.records.money import Money
from chalicelib.records.opportunity import Opportunity, OpportunityStage
from chalicelib.records.ports import Deps, Put, Ref, Stored
from chalicelib.records.touch import Touch, TouchKind
from chalicelib.records.upload import Outcome, RowResults, Upload

OF_NOBODY = "names nobody and no company with people of the export"
OF_REFUSED = "the person's own row was refused"
# A person's writes are one transaction of 100, with the note for undoing and the audit of it.
MOST_AT_ONCE = 40
# A text longer than this is several notes: a record has to fit into one item of the store.
PIECE = 4_000
_NAME = 300
_STAGES = {"won": OpportunityStage.WON, "lost": OpportunityStage.LOST}


def own_id(upload: Upload, table: str, *parts: str) -> str:
    """The id of what a row makes, the same whichever export it comes in."""
    named = hashlib.sha256("\n".join((upload.product, table, *parts)).encode()).hexdigest()
    return f"{upload.product.lower()}-{table}-{named[:24]}"


class Attacher:
    """`written` is what became of the rows of this very chunk so far; of chunks before the store tells."""

    def __init__(self, deps: Deps, upload: Upload, written: ChunkResult, now: datetime) -> None:
        self._deps, self._upload, self._written, self._now = deps, upload, written, now
        self._again, self._seen = False, set[tuple[str, ...]]()
        self._of_chunk: dict[int, dict[int, tuple[str, str]]] = {}

    def place(self, rows: Sequence[tuple[int, ExportRow]], again: bool = False) -> ChunkResult:
        """Decide for as many rows as one transaction a person holds; the others are `left`. `again` when these rows may
        have been written before."""
        self._again, self._seen = again, set[tuple[str, ...]]()
        result = ChunkResult()
        found: list[tuple[int, ExportRow, str]] = []
        whose = self._whose({number for _, row in rows for number in row.facts.get("of", ())})
        lies = self._lie_with(rows, whose)
        for number, row in rows:
            outcome, lead_id = self._person(row.facts.get("of", ()), whose)
            lead_id = lies.get(number, lead_id)
            if lead_id:
                found.append((number, row, lead_id))
            elif outcome == Outcome.SUPPRESSED:
                result.suppressed += 1
            else:
                result.refused[number] = outcome
        ids = list(dict.fromkeys(lead_id for *_, lead_id in found))
        leads = {i: lead for i, lead in zip(ids, current_leads(self._deps, ids), strict=True) if lead}
        self._attach(found, leads, result)
        note_before(self._deps, self._upload.import_id, result.people)
        return result

    def _attach(
        self, found: Sequence[tuple[int, ExportRow, str]], leads: dict[str, Stored[Lead]], result: ChunkResult
    ) -> None:
        works: dict[str, Work] = {}
        made: list[tuple[int, ExportRow, Work, list[Any]]] = []
        counted: dict[str, int] = {}
        for number, row, lead_id in found:
            lead = leads.get(lead_id)
            if lead is None:
                result.suppressed += 1  # erased since the row of the person was written
                continue
            current = lead.value.lead_id
            work = works.setdefault(current, Work(lead.value, lead.version, before=lead.value))
            records = _MAKERS[row.table](self, row, work.lead)
            counted[current] = counted.get(current, 0) + (WRITES if row.table == "deals" else len(records))
            if counted[current] > MOST_AT_ONCE and work.rows:
                result.left.append((number, row))
                continue
            work.rows.append((number, Outcome.ATTACHED, _remark(row)))
            made.append((number, row, work, records))
        refs: list[Ref[Any]] = [Ref(type(record), _ids(record)) for *_, records in made for record in records]
        there = iter(self._deps.store.get_many(refs) if refs else [])
        news: list[News] = []
        for number, row, work, records in made:
            known = [next(there) for _ in records]
            if row.table == "deals" and known[0] and self._of_another(known[0]) and _ids(records[0]) not in self._seen:
                news.append(news_of(number, row, work, known[0], records[0], self._now))
                self._seen.add(_ids(records[0]))
            else:
                self._decide(number, row, work, list(zip(records, known, strict=True)))
        self._write(news)
        result.people = list(works.values())

    def _of_another(self, deal: Stored[Opportunity]) -> bool:
        """Whether it came with an export before this one."""
        return deal.value.import_id not in ("", self._upload.import_id)

    def _write(self, news: Sequence[News]) -> None:
        write_news(self._deps, self._upload.import_id, news, self._now)

    def _lie_with(self, rows: Sequence[tuple[int, ExportRow]], whose: dict[int, tuple[str, str]]) -> dict[int, str]:
        """{row: lead_id} of deals that lie with another of their people than the first: who that is may be told
        otherwise by a newer export."""
        refs: dict[Ref[Any], int] = {}
        for number, row in rows:
            people = dict.fromkeys(whose[n][1] for n in row.facts.get("of", ()) if n in whose and whose[n][1])
            if row.table == "deals" and len(people) > 1:
                refs |= {Ref(Opportunity, (lead_id, self._deal_id(row))): number for lead_id in people}
        found = self._deps.store.get_many(list(refs)) if refs else []
        return {refs[ref]: ref.ids[0] for ref, deal in zip(refs, found, strict=True) if deal}

    def with_deals(self, result: ChunkResult, rows: dict[int, ExportRow]) -> None:
        """The deals of rows that made their people themselves, as many written with each person as one transaction
        holds; the others are `left`."""
        people = result.people
        for work in people:
            # Beside what the rows say of the person: by the next round that is written, and they add nothing to it.
            room = max(1, (MOST_AT_ONCE - len(work.writes) - len(work.keys)) // WRITES)
            later = [row for row, *_ in work.rows if rows[row].table == "deals"][room:]
            work.rows = [done for done in work.rows if done[0] not in later]
            result.left += [(row, rows[row]) for row in later]
        made = [(row, work, self._deal(rows[row], work.lead)[0]) for work in people for row, _, _ in work.rows
                if rows[row].table == "deals"]  # fmt: skip
        refs: list[Ref[Any]] = [Ref(Opportunity, _ids(deal)) for *_, deal in made]
        news: list[News] = []
        taken: set[tuple[str, ...]] = set()
        for (row, work, deal), known in zip(made, self._deps.store.get_many(refs) if refs else [], strict=True):
            if known is None and _ids(deal) not in taken:
                work.writes.append(Put(deal, 0))
                work.lead, work.changed = self._lead_with(work.lead, deal), True
            elif known and self._of_another(known) and _ids(deal) not in taken:
                news.append(news_of(row, rows[row], work, known, deal, self._now))
            taken.add(_ids(deal))
        self._write(news)
        note_before(self._deps, self._upload.import_id, people)

    def _decide(self, number: int, row: ExportRow, work: Work, records: list[tuple[Any, Stored[Any] | None]]) -> None:
        others = [(r, known) for r, known in records if _ids(r) not in self._seen]
        self._seen.update(_ids(record) for record, _ in records)
        fresh = [record for record, known in others if known is None and not _is_member(record, work.lead)]
        ours = self._again and any(k and k.value.import_id == self._upload.import_id for _, k in others)
        if not (fresh or ours or row.table == "roles"):
            work.rows = [(n, Outcome.MERGED, KNOWN) if n == number else (n, o, w) for n, o, w in work.rows]
            return
        work.writes += [Put(record, 0) for record in fresh]
        if fresh:
            work.lead = self._lead_with(work.lead, fresh[0])
            work.changed = True

    def _lead_with(self, lead: Lead, record: Any) -> Lead:
        if isinstance(record, Touch):
            campaigns = (*lead.campaign_ids, record.campaign_id)
            return replace(lead, campaign_ids=campaigns, touch_count=lead.touch_count + 1)
        if not isinstance(record, Opportunity):
            return lead
        if record.stage is OpportunityStage.WON:
            return replace(lead, status=LeadStatus.CUSTOMER, status_reason="")
        early = lead.status in (LeadStatus.NEW, LeadStatus.ACCEPTED) and record.stage is OpportunityStage.OPEN
        return replace(lead, status=LeadStatus.QUALIFIED) if early else lead

    def _person(self, of: Sequence[int], whose: dict[int, tuple[str, str]]) -> tuple[str, str]:
        """(why nobody, "") or ("", lead_id) of the first of these rows that became somebody."""
        if not of:
            return OF_NOBODY, ""
        for number in of:
            if number in whose and whose[number][1]:
                return "", whose[number][1]
        # A suppressed row leaves no outcome.
        return (Outcome.SUPPRESSED, "") if any(number not in whose for number in of) else (OF_REFUSED, "")

    def _whose(self, numbers: set[int]) -> dict[int, tuple[str, str]]:
        """(outcome, lead_id) of people's rows, {row: …}."""
        found = {row: (outcome, lead_id) for row, outcome, lead_id, _ in self._written.rows() if row in numbers}
        chunks = {(number - 1) // self._upload.chunk_rows for number in numbers - found.keys()}
        missing = [chunk for chunk in sorted(chunks) if chunk not in self._of_chunk]
        refs = [Ref(RowResults, (self._upload.import_id, f"{chunk:06d}")) for chunk in missing]
        for chunk, stored in zip(missing, self._deps.store.get_many(refs) if refs else [], strict=True):
            results = stored.value.results if stored else ()
            self._of_chunk[chunk] = {row: (outcome, lead_id) for row, outcome, lead_id, _ in results}
        for chunk in chunks:
            found |= {row: each for row, each in self._of_chunk[chunk].items() if row in numbers}
        return found

    def _deal(self, row: ExportRow, lead: Lead) -> list[Any]:
        facts = row.facts
        currency = currency_of(row.one("currency"), self._deps.currency)
        stage = _STAGES.get(facts.get("state", ""), OpportunityStage.OPEN)
        created = _moment(facts.get("created")) or self._now
        closed = None if stage is OpportunityStage.OPEN else _moment(facts.get("closed")) or created
        owner_id = facts.get("rep") or lead.owner_id
        amount = amount_of(row.one("amount"), currency) or Money(0, currency)
        name = row.one("name")[:_NAME] or row.one("stage")[:_NAME]
        lost = row.one("lost")[:_NAME] if stage is OpportunityStage.LOST else ""
        deal = Opportunity(self._deal_id(row), lead.lead_id, name, amount, stage, None, owner_id, created, closed, lost,
                           self._upload.import_id, told_at=_moment(facts.get("changed")))  # fmt: skip
        return [replace(deal, told=told_of(deal))]

    def _deal_id(self, row: ExportRow) -> str:
        return own_id(self._upload, "deal", row.facts.get("id") or "|".join(row.cells))

    def _stage(self, row: ExportRow, lead: Lead) -> list[Any]:
        facts = row.facts
        what, value = row.one("property"), row.one("stage")
        deal = facts.get("name") or facts.get("deal", "")
        text = f"{deal}: {value}" if not what or "stage" in what.casefold() else f"{deal}: {what} {value}"
        return self._notes(row, lead, "stage", text, (facts.get("deal", ""), what, value, facts.get("at", "")))

    def _note(self, row: ExportRow, lead: Lead) -> list[Any]:
        kind = _kind(row.one("kind"))
        parts = [row.one("subject"), "\n".join(plain_text(text) for text in row.all("body"))]
        text = "\n".join(part for part in parts if part)
        return self._notes(row, lead, kind, text, row.all("id")[:1] or row.cells)

    def _notes(self, row: ExportRow, lead: Lead, kind: str, text: str, key: Sequence[str]) -> list[Any]:
        """A long text is several, one behind the other. An author who is not of ours is named in the text."""
        facts = row.facts
        author, by = facts.get("rep", ""), facts.get("by", "")
        text = f"{by}: {text}" if by and not author else text
        at = _moment(facts.get("at")) or self._now
        pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)] or [""]
        return [
            Note(own_id(self._upload, kind, *key, *((str(n),) if n else ())), lead.lead_id, author, kind, piece, at,
                 import_id=self._upload.import_id)
            for n, piece in enumerate(pieces)
        ]  # fmt: skip

    def _member(self, row: ExportRow, lead: Lead) -> list[Any]:
        campaign = campaign_named(self._deps, row.facts.get("campaign", "")[:200] or self._upload.product)
        touch_id = own_id(self._upload, "member", campaign.campaign_id)
        at = min(_moment(row.facts.get("at")) or self._now, self._now)
        details = {"status": row.one("status")[:_NAME]} if row.one("status") else {}
        return [Touch(touch_id, lead.lead_id, TouchKind.LIST, at, campaign.campaign_id, details=details,
                      import_id=self._upload.import_id)]  # fmt: skip

    def _role(self, _row: ExportRow, _lead: Lead) -> list[Any]:
        """Its deal lies with the person, or with another of its people."""
        return []


_MAKERS: dict[str, Any] = {
    "deals": Attacher._deal, "stages": Attacher._stage, "notes": Attacher._note, "members": Attacher._member,
    "roles": Attacher._role,
}  # fmt: skip


def _ids(record: Any) -> tuple[str, ...]:
    return record.lead_id, id_below(record)


def _remark(row: ExportRow) -> str:
    """Something of a deal that could not be read, and is no part of it here."""
    amount = row.one("amount") if row.table == "deals" else ""
    return f"an amount that cannot be read: {amount[:80]}" if amount and amount_of(amount, "EUR") is None else ""


def _is_member(record: Any, lead: Lead) -> bool:
    """Whether a touch is one that the person has by another way."""
    return isinstance(record, Touch) and record.campaign_id in lead.campaign_ids


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_KINDS = {"call": "call", "meeting": "visit", "visit": "visit", "email": "mail", "mail": "mail"}


def _kind(text: str) -> str:
    folded = text.casefold()
    return next((kind for word, kind in _KINDS.items() if word in folded), "note")
