"""A list between choosing the file and loading it: kept as a draft, previewed as often as its columns are corrected."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from chalicelib.capture.export_owners import Owner
from chalicelib.capture.sheet import Sheet
from chalicelib.flows.explain_rows import RowKind, RowPreview
from chalicelib.flows.export_rows import people_of_list
from chalicelib.flows.place_rows import RowPlacer
from chalicelib.flows.plan_marketing import campaign_named, find_campaign
from chalicelib.flows.read_list import Reading, digest_of, phone_country, read_list, reps_from
from chalicelib.flows.remember_columns import recall_from
from chalicelib.flows.upload_list import start_upload
from chalicelib.flows.upload_state import enqueue_upload
from chalicelib.identify.countries import country_code
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Conflict, Deps, NotFound
from chalicelib.records.upload import NO_COUNTRY, ColumnGuess, ListPart, Outcome, Upload, UploadState

# A page has to come within seconds; a longer list is counted over this many of its first rows, and says so.
COUNTED_ROWS = 5_000
SAMPLES = 3
# Drafts nobody loaded are dropped once so many newer ones were made.
DRAFTS_KEPT = 50

Rows = Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Draft:
    """What was chosen before loading. `campaign` is a name or id; a new name makes the campaign when it is loaded."""

    draft_id: str
    file_name: str
    campaign: str
    basis: str
    by: str
    mapping: dict[str, str]
    phone_country: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as guessed, with some of its values."""

    guess: ColumnGuess
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading would do: counts over the first `counted` of `rows`. `reason` says why the file or the choice of
    columns is refused, else "". `explained` are the counted rows but the suppressed. `before` is an earlier upload of
    the very same file, best one for the same campaign. Of a whole export `people` of the rows are such and counted;
    `parts` are its tables, `owners` whose its records are and who of ours that is ("" for nobody)."""

    draft: Draft
    reason: str = ""
    rows: int = 0
    counted: int = 0
    created: int = 0
    merged: int = 0
    suppressed: int = 0
    refused: int = 0
    mails_queued: int = 0
    mails_held: int = 0
    unreachable: int = 0
    columns: tuple[Column, ...] = ()
    explained: tuple[RowPreview, ...] = ()
    notes: tuple[str, ...] = ()
    phone_country: str = ""
    new_campaign: bool = False
    before: Upload | None = None
    same_campaign: bool = False
    people: int = 0
    product: str = ""
    parts: tuple[ListPart, ...] = ()
    owners: tuple[tuple[Owner, str], ...] = ()


def keep_draft(deps: Deps, data: bytes, file_name: str, campaign: str, basis: str, by: str) -> Draft:
    """Keep the file until it is loaded or given up."""
    draft = new_draft(deps, file_name, campaign, basis, by)
    deps.blobs.put(draft_key(draft), data)
    return draft


def new_draft(deps: Deps, file_name: str, campaign: str, basis: str, by: str) -> Draft:
    """A draft whose file is still to be kept under `draft_key`."""
    draft = Draft(deps.new_id(), file_name, " ".join(campaign.split()), " ".join(basis.split()), by, {})
    note_draft(deps, draft)
    _drop_old(deps)
    return draft


def draft_key(draft: Draft) -> str:
    return _key(draft.draft_id, "source")


def has_arrived(deps: Deps, draft: Draft) -> bool:
    """Whether the draft's file is there, without reading it."""
    return draft_key(draft) in deps.blobs.list(draft_key(draft))


def read_draft(deps: Deps, draft_id: str, by: str) -> Draft:
    """The draft of whoever made it. Raises NotFound for anybody else's."""
    # The id comes from an address: nothing but an id may become part of a key.
    body = deps.blobs.get(_key(draft_id, "about.json")) if draft_id.isascii() and draft_id.isalnum() else None
    found = Draft(**json.loads(body)) if body else None
    if found is None or found.by != by:
        raise NotFound
    return found


def all_drafts(deps: Deps) -> Iterator[Draft]:
    """Whoever made them."""
    for key in deps.blobs.list("drafts/"):
        if key.endswith("/about.json") and (body := deps.blobs.get(key)):
            yield Draft(**json.loads(body))


def choose_columns(deps: Deps, draft: Draft, chosen: Mapping[int, str], country: str | None = None) -> Draft:
    """Note what a person chose, {place of the column: field}, where it differs from what was shown; and whose the
    numbers without a country code are, by code or name ("" for nobody's; None and what is no country change nothing).
    """
    mapping = dict(draft.mapping)
    sheet, guesses = _as_shown(deps, draft, source_of(deps, draft))
    for place, guess in enumerate(guesses):
        if chosen.get(place, guess.field) != guess.field:
            mapping[guess.column] = chosen[place]
    noted = replace(draft, mapping=mapping)
    if sheet and country is not None:
        code = country_code(country) if country.strip() else NO_COUNTRY
        shown = phone_country(deps, draft.phone_country, sheet) or NO_COUNTRY
        noted = replace(noted, phone_country=code if code and code != shown else draft.phone_country)
    note_draft(deps, noted)
    return noted


def drop_draft(deps: Deps, draft: Draft) -> None:
    deps.blobs.delete(_key(draft.draft_id, "about.json"))
    deps.blobs.delete(_key(draft.draft_id, "source"))


def preview_draft(deps: Deps, draft: Draft) -> Preview:
    """Count what loading would do, without writing."""
    data = source_of(deps, draft)
    campaign = find_campaign(deps, draft.campaign)
    before = _loaded_before(deps, data, campaign.campaign_id if campaign else "")
    owners: list[tuple[Owner, str]] = []
    reading = reading_of(deps, draft, data, owners)
    if isinstance(reading, Refusal):
        sheet_shown, shown = _as_shown(deps, draft, data)
        rows = sheet_shown.rows if sheet_shown else ()
        return Preview(draft, _told(reading), rows=len(rows), columns=_columns(rows, shown), before=before)
    sheet, guesses = reading
    country = phone_country(deps, draft.phone_country, sheet)
    upload = Upload(
        import_id=draft.draft_id, file_name=draft.file_name, campaign_id=campaign.campaign_id if campaign else "new",
        state=UploadState.READING, started_at=deps.clock(), basis=draft.basis, phone_country=country,
    )  # fmt: skip
    explained: list[RowPreview] = []
    # Of a plain list each row is somebody, so it is read only as far as it is counted.
    people = people_of_list(sheet, guesses) if sheet.parts else people_of_list(sheet, guesses, COUNTED_ROWS)
    result = RowPlacer(deps, upload, explained).place(people[:COUNTED_ROWS])
    explained += [RowPreview(row, RowKind.BAD, why=why) for row, why in result.refused.items()]
    tally = result.tally()
    # The mails of a campaign that is not made yet are not placed: each reachable person would get one.
    mails = result.mails_queued + result.mails_held or sum(bool(work.lead.emails) for work in result.people)
    mails = 0 if sheet.product else mails
    return Preview(
        draft,
        rows=len(sheet.rows),
        counted=min(len(people), COUNTED_ROWS),
        people=len(people) if sheet.parts else len(sheet.rows),
        product=sheet.product,
        parts=sheet.parts,
        owners=tuple(owners),
        created=tally[Outcome.CREATED],
        merged=tally[Outcome.MERGED],
        suppressed=tally[Outcome.SUPPRESSED],
        refused=tally[Outcome.REFUSED],
        mails_queued=min(mails, result.mails_queued) if campaign else mails if draft.basis else 0,
        mails_held=min(mails, result.mails_held) if campaign else 0 if draft.basis else mails,
        unreachable=result.unreachable,
        columns=_columns(sheet.rows, guesses),
        explained=tuple(sorted(explained, key=lambda each: each.row)),
        notes=sheet.notes,
        phone_country=country.removeprefix(NO_COUNTRY),
        new_campaign=campaign is None,
        before=before,
        same_campaign=bool(before and campaign and before.campaign_id == campaign.campaign_id),
    )


def refused_because(deps: Deps, draft: Draft) -> str:
    """Why the file or the choice of columns is refused, "" when it can be loaded; without counting anything."""
    reading = reading_of(deps, draft, source_of(deps, draft))
    return _told(reading) if isinstance(reading, Refusal) else ""


def _told(refusal: Refusal) -> str:
    return f"row {refusal.row}: {refusal.reason}" if refusal.row else refusal.reason


def load_draft(deps: Deps, draft: Draft) -> str:
    """Start the upload and give its id, which is the draft's: a second click starts nothing."""
    data = source_of(deps, draft)
    campaign = campaign_named(deps, draft.campaign)
    as_draft = replace(deps, new_id=lambda: draft.draft_id)
    try:
        upload = start_upload(
            as_draft, data, draft.file_name, campaign.campaign_id, draft.basis, draft.mapping, draft.by,
            draft.phone_country,
        )  # fmt: skip
    except Conflict:
        # The other of two clicks; or one that was cut off before it told the queue. Telling it twice does no harm.
        stored = deps.store.get(Upload, draft.draft_id)
        if stored is None:
            raise
        upload = stored.value
    if upload.state is UploadState.READING:
        enqueue_upload(deps, upload)
    drop_draft(deps, draft)
    return upload.import_id


def reading_of(
    deps: Deps, draft: Draft, data: bytes, owners: list[tuple[Owner, str]] | None = None
) -> Reading | Refusal:
    """`owners` is given those of a whole export with who of ours they are."""

    def reps(found: Sequence[Owner]) -> Mapping[str, str]:
        chosen = reps_from(deps, draft.mapping)(found)
        if owners is not None:
            owners.extend((owner, chosen[owner.key]) for owner in found)
        return chosen

    return read_list(data, draft.file_name, draft.mapping, recall_from(deps), reps)


def _as_shown(deps: Deps, draft: Draft, data: bytes) -> tuple[Sheet | None, tuple[ColumnGuess, ...]]:
    """The list and its columns as a page shows them: also those of a choice that cannot be, for correcting. Nothing of
    a file that is refused itself."""
    reading = reading_of(deps, draft, data)
    if not isinstance(reading, Refusal):
        return reading
    plain = read_list(data, draft.file_name, {}, recall_from(deps), reps_from(deps, {}))
    if isinstance(plain, Refusal):
        return None, ()
    sheet, guesses = plain
    return sheet, tuple(replace(g, field=draft.mapping.get(g.column, g.field)) for g in guesses)


def _columns(rows: Rows, guesses: Iterable[ColumnGuess]) -> tuple[Column, ...]:
    return tuple(Column(guess, _samples(rows, index)) for index, guess in enumerate(guesses))


def _samples(rows: Rows, index: int) -> tuple[str, ...]:
    """The first few different values of a column."""
    filled = (row[index].strip()[:80] for row in rows[:200] if index < len(row))
    return tuple(list(dict.fromkeys(value for value in filled if value))[:SAMPLES])


def _loaded_before(deps: Deps, data: bytes, campaign_id: str) -> Upload | None:
    """The last upload of the very same file, before all one for the same campaign."""
    digest = digest_of(data)
    known = [stored.value for stored in deps.store.query(Upload) if stored.value.digest == digest]
    same = [upload for upload in known if upload.campaign_id == campaign_id]
    found = same or known
    return found[-1] if found else None


def source_of(deps: Deps, draft: Draft) -> bytes:
    data = deps.blobs.get(_key(draft.draft_id, "source"))
    if data is None:
        raise NotFound
    return data


def note_draft(deps: Deps, draft: Draft) -> None:
    deps.blobs.put(_key(draft.draft_id, "about.json"), json.dumps(asdict(draft), ensure_ascii=False).encode())


def _drop_old(deps: Deps) -> None:
    # Ids rise with time, and so do the keys made of them.
    ids = sorted({key.split("/")[1] for key in deps.blobs.list("drafts/")})
    for draft_id in ids[:-DRAFTS_KEPT]:
        deps.blobs.delete(_key(draft_id, "about.json"))
        deps.blobs.delete(_key(draft_id, "source"))


def _key(draft_id: str, name: str) -> str:
    return f"drafts/{draft_id}/{name}"
