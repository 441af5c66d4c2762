"""Places the rows of a whole export: people as a list's rows, but with the owner they had, without mail and without a
clock; then what belongs to them (`attach_rows`)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.flows.attach_rows import Attacher
from chalicelib.flows.export_rows import PEOPLE, ExportRow, NumberedExportRow
from chalicelib.flows.keep_companies import keep_companies
from chalicelib.flows.place_lead import Placement
from chalicelib.flows.place_rows import RowPlacer
from chalicelib.flows.plan_marketing import add_campaign, find_campaign
from chalicelib.flows.row_desk import ChunkResult, Place, Work
from chalicelib.flows.suppression import suppressed
from chalicelib.identify.normalise import identity
from chalicelib.records.lead import Assignment, Lead, LeadStatus
from chalicelib.records.upload import Outcome

CAME_WITH = "came with an export"
ONLY_REFUSED = "known for wanting no promotion alone"
NOBODY_HERE = "nobody of ours is chosen for this owner, what was theirs goes by the rules"
WITH_THE_PERSON = "noted with the person"
SAYS_NOTHING = "neither a yes nor a no, of nobody of the export"
ATTACHED = ("deals", "roles", "stages", "notes", "members")


class ExportPlacer(RowPlacer):
    """Places chunks of one export."""

    def steps(self, rows: Sequence[Any], result: ChunkResult) -> Iterator[tuple[Place, Sequence[Any]]]:
        """What a chunk is placed by, in order: each is written before the next is decided. `result` is what became of
        the rows before."""
        kinds: dict[str, list[NumberedExportRow]] = {}
        for row, given in rows:
            table = given.table if isinstance(given, ExportRow) else ""
            if isinstance(given, ExportRow) and given.facts.get("whose"):
                table = PEOPLE
            kinds.setdefault("attached" if table in ATTACHED else table, []).append((row, given))
        places: dict[str, Place] = {
            "": lambda found, _again: ChunkResult(refused={row: given.reason for row, given in found}),
            "owners": lambda found, _again: self._others(found, self._of_owner),
            "campaigns": lambda found, _again: self._others(found, self._of_campaign),
            "companies": lambda found, again: keep_companies(self._deps, self._upload, found, again),
            "opt_outs": self._place_opt_outs,
            "contacts": self._place_people,
            "attached": Attacher(self._deps, self._upload, result, self._now).place,
        }
        for name, place in places.items():
            if name in kinds:
                yield place, kinds[name]

    def _place_people(self, rows: Sequence[Any], again: bool = False) -> ChunkResult:
        self._facts = {row: given.facts for row, given in rows}
        result = self.place([(row, given.contact) for row, given in rows], again)
        if any(given.table == "deals" for _, given in rows):
            Attacher(self._deps, self._upload, result, self._now).with_deals(result, dict(rows))
        return result

    def _place_opt_outs(self, rows: Sequence[Any], again: bool = False) -> ChunkResult:
        """Of whom the export has more the refusal is in their own row; anybody else is made, or found, by what they
        said. Who only took a no back is made by nothing."""
        alone = [(row, given) for row, given in rows if not given.facts.get("of")]
        unclear = {row: "no e-mail address and nobody of the export" for row, given in alone if given.contact is None}
        said = [(row, given) for row, given in alone if given.contact and given.facts.get("said")]
        result = self._place_people(said, again)
        result.refused |= unclear
        placed = unclear.keys() | {row for row, _ in said}
        others = [(row, given) for row, given in rows if row not in placed]
        whos = [identity(given.contact) if given.contact else None for _, given in others]
        gone = iter(suppressed(self._deps, [who for who in whos if who]))
        for (row, given), who in zip(others, whos, strict=True):
            if who and next(gone):
                result.suppressed += 1
            elif given.facts.get("of"):
                result.others[row] = (Outcome.ATTACHED, "", WITH_THE_PERSON)
            else:
                result.refused[row] = SAYS_NOTHING
        return result

    def _others(self, rows: Sequence[Any], become: Any) -> ChunkResult:
        result = ChunkResult()
        for row, given in rows:
            outcome, why = become(given)
            if outcome is Outcome.REFUSED:
                result.refused[row] = why
            else:
                result.others[row] = (outcome, "", why)
        return result

    def _of_owner(self, row: ExportRow) -> tuple[Outcome, str]:
        rep = self._deps.directory.rep(row.facts.get("rep", ""))
        return (Outcome.ATTACHED, f"this is: {rep.name}") if rep else (Outcome.REFUSED, NOBODY_HERE)

    def _of_campaign(self, row: ExportRow) -> tuple[Outcome, str]:
        name = row.facts.get("name", "")[:200]
        if not name.strip():
            return Outcome.REFUSED, "the campaign has no name"
        if find_campaign(self._deps, name):
            return Outcome.MERGED, "known already"
        add_campaign(self._deps, name)
        return Outcome.CREATED, ""

    def _judge(self, placed: Placement, basis: str) -> Lead:
        facts = self._facts.get(placed.touch.row, {})
        rep_id = facts.get("rep", "")
        if rep_id and not placed.lead.owner_id:
            assignment = Assignment(rep_id, (f"the owner there: {facts.get('by', '')}",), "export", "", self._now)
            placed = replace(placed, lead=replace(placed.lead, assignment=assignment))
        known = placed.known and placed.lead.touch_count > 0
        lead = super()._judge(placed, basis)
        if known:
            # Somebody we knew: what we owe them stays as it was.
            was = placed.lead
            return replace(lead, respond_by=was.respond_by, next_channel=was.next_channel, next_reason=was.next_reason)
        lead = replace(lead, respond_by=None, next_channel="", next_reason=CAME_WITH)
        if facts.get("said") == "no":
            lead = replace(lead, status=LeadStatus.REJECTED, status_reason=ONLY_REFUSED)
        return lead

    def _thank(self, work: Work, recorded: str) -> None:
        """Who is brought along is thanked for nothing."""
