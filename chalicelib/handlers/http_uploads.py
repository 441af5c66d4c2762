"""Lists: choose a file, see what it would do, load it, and see what became of it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from chalice import Response

from chalicelib.assign.visibility import sees_source
from chalicelib.capture.columns import FIELDS
from chalicelib.capture.multipart_file import FileForm, read_file_form
from chalicelib.flows.draft_owners import choose_owners
from chalicelib.flows.draft_upload import (
    Draft,
    choose_columns,
    drop_draft,
    keep_draft,
    load_draft,
    preview_draft,
    read_draft,
    refused_because,
)
from chalicelib.flows.explain_rows import RowKind
from chalicelib.flows.export_rows import part_of
from chalicelib.flows.follow_merges import people_named
from chalicelib.flows.import_people import kept_people
from chalicelib.flows.keep_audit import note_export
from chalicelib.flows.read_rows import REMARK, UNREACHABLE, RowsAsked, RowsShown, read_rows
from chalicelib.flows.read_uploads import read_upload, uploads_newest_first, yield_of
from chalicelib.flows.redo_upload import ask_redo
from chalicelib.flows.release_mails import record_basis
from chalicelib.flows.undo_export import KEPT_FOR
from chalicelib.flows.undo_upload import NotUndoable, ask_undo
from chalicelib.flows.upload_list import error_key
from chalicelib.flows.upload_state import is_stopped, resume_upload, stop_upload
from chalicelib.handlers.access import check_csrf, posted
from chalicelib.handlers.api_fields import text
from chalicelib.handlers.console import console_page
from chalicelib.handlers.downloads import stored_csv
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import CSP, as_json, header, offset_of, query, redirect, whole
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep
from chalicelib.records.upload import Outcome, Upload, UploadState
from chalicelib.wiring import service

ROWS = 100
# In the order a person looks for them in a list of choices.
FIELD_ORDER = ("name", "given_name", "family_name", "company", "title", "email", "phone", "country", "language",
               "product_interest", "message", "address", "url", "campaign", "consent", "opt_out", "basis",
               "source", "wechat", "wecom", "external_id", "badge_id", "created_at", "created_at_dmy",
               "created_at_mdy")  # fmt: skip
assert frozenset(FIELD_ORDER) == FIELDS


def list_uploads(request: Any, who: Rep) -> Response:
    deps = service().deps
    campaigns = {campaign.campaign_id: campaign.name for campaign in deps.directory.campaigns()}
    found = uploads_newest_first(deps)
    offset = offset_of(request)
    values = {"all": found[offset : offset + ROWS], "total": len(found), "offset": offset, "limit": ROWS}
    return console_page(request, who, "uploads.html", campaigns=campaigns, **values)


def new_upload(request: Any, who: Rep) -> Response:
    return _choose_page(request, who, {}, {})


def post_upload(request: Any, who: Rep) -> Response:
    """The file is kept as a draft; nothing of it is stored as a person before the preview was seen."""
    sent = file_form(request)
    check_csrf(request, sent.fields.get("csrf", ""))
    campaign = text(sent.fields, "campaign", 100) or text(sent.fields, "new_campaign", 200)
    basis = text(sent.fields, "basis", 500)
    errors = {} if campaign else {"new_campaign": "choose a campaign or name a new one"}
    if not sent.data:
        errors["file"] = "the file is empty" if sent.file_name else "choose a file"
    if errors:
        return _choose_page(request, who, sent.fields, errors, 422)
    draft = keep_draft(service().deps, sent.data, sent.file_name, campaign, basis, who.rep_id)
    return redirect(f"/app/uploads/drafts/{draft.draft_id}")


def file_form(request: Any) -> FileForm:
    """The multipart form with its file. Raises Problem."""
    read = read_file_form(header(request, "content-type"), request.raw_body)
    if isinstance(read, Refusal):
        status = {"content-type": 415, "file": 413}.get(read.field, 400)
        raise Problem(status, "The file cannot be read", read.reason, (read,))
    return read


def _choose_page(request: Any, who: Any, typed: Any, errors: dict[str, str], status: int = 200) -> Response:
    campaigns = sorted(service().deps.directory.campaigns(), key=lambda campaign: campaign.name.casefold())
    typed = {"campaign": query(request, "campaign"), **typed}
    presigned = service().deps.presigned
    shown = {"campaigns": campaigns, "typed": typed, "errors": errors, "presigned": presigned is not None}
    answer = console_page(request, who, "upload_new.html", **shown)
    answer.status_code = status
    if presigned:
        # The file goes to the blob store by the page's script: 10 MB do not pass API Gateway and Lambda.
        answer.headers["Content-Security-Policy"] = CSP.replace("connect-src", f"connect-src {presigned.origin()}")
    return answer


def show_draft(request: Any, who: Rep, draft: str) -> Response:
    deps = service().deps
    try:
        found = read_draft(deps, draft, who.rep_id)
    except NotFound:
        # Loaded meanwhile: the draft's id is the upload's.
        return redirect(f"/app/uploads/{read_upload(deps, draft).import_id}")
    preview = preview_draft(deps, found)
    campaigns = {campaign.campaign_id: campaign.name for campaign in deps.directory.campaigns()}
    kind, offset = query(request, "kind"), offset_of(request)
    kind = kind if kind in [*RowKind] else ""
    rows = [each for each in preview.explained if kind in ("", each.kind)]
    shown = console_page(
        request, who, "upload_draft.html", preview=preview, draft=found, fields=FIELD_ORDER,
        campaign=campaigns.get(found.campaign, found.campaign), kinds=Counter(each.kind for each in preview.explained),
        kind=kind, rows=rows[offset : offset + ROWS], total=len(rows), offset=offset, limit=ROWS,
        reps=[rep for rep in deps.directory.reps() if rep.active], part_of=part_of,
    )  # fmt: skip
    shown.status_code = 422 if preview.reason else 200
    return shown


def post_draft(request: Any, who: Rep, draft: str) -> Response:
    """Look again with other columns, load, or give up."""
    deps = service().deps
    # As multipart: a wide list has more columns than other forms may have fields.
    sent = file_form(request).fields
    check_csrf(request, sent.get("csrf", ""))
    try:
        return redirect(_acted_on(read_draft(deps, draft, who.rep_id), sent))
    except NotFound:
        # The other of two clicks has loaded it meanwhile.
        return redirect(f"/app/uploads/{read_upload(deps, draft).import_id}")


def _acted_on(draft: Draft, sent: Mapping[str, str]) -> str:
    """Do what the button said; where to go on."""
    deps, action = service().deps, sent.get("action", "preview")
    if action == "drop":
        drop_draft(deps, draft)
        return "/app/uploads"
    chosen = choose_columns(deps, draft, _chosen(sent), sent.get("phone_country"))
    chosen = choose_owners(deps, chosen, _chosen(sent, "owner"))
    if action != "load" or refused_because(deps, chosen):
        return f"/app/uploads/drafts/{chosen.draft_id}"
    import_id = load_draft(deps, chosen)
    deps.directory.forget()
    return f"/app/uploads/{import_id}"


def _chosen(sent: Mapping[str, str], of: str = "column") -> dict[int, str]:
    """{place of the column: field} of the selects `column-0`, `column-1`, …; "" keeps a column under its name."""
    names = {f"{of}-{place}": place for place in range(1000)}
    return {names[name]: value for name, value in sent.items() if name in names}


# Of which there is nobody to show.
_NOBODYS = frozenset({UploadState.REFUSED, UploadState.UNDOING, UploadState.UNDONE, UploadState.REDOING})


def show_upload(request: Any, who: Rep, import_id: str) -> Response:
    deps = service().deps
    upload = read_upload(deps, import_id)
    outcome = query(request, "outcome")
    outcome = outcome if outcome in (*Outcome, REMARK, UNREACHABLE) else ""
    asked = RowsAsked(outcome, whole(query(request, "part"), len(upload.parts)), offset_of(request), ROWS)
    running = upload.state in (UploadState.READING, UploadState.RUNNING)
    shown = RowsShown() if running else read_rows(deps, upload, asked)
    kept = kept_people(deps, import_id)[:ROWS] if upload.kept_back else []
    shown_ids = [row[2] or "-" for row in shown.rows] + [lead_id for lead_id, _ in kept]
    leads = people_named(deps, list(dict.fromkeys(shown_ids)))
    return console_page(
        request,
        who,
        "upload.html",
        upload=upload,
        running=running,
        taking=upload.state in (UploadState.UNDOING, UploadState.REDOING),
        may_undo=upload.state is UploadState.FINISHED or is_stopped(upload),
        back_until=upload.undone_at + KEPT_FOR if upload.undone_at else None,
        kept=kept,
        campaign=deps.directory.campaign(upload.campaign_id),
        became=None if running or upload.state in _NOBODYS else yield_of(deps, upload),
        reps={rep.rep_id: rep for rep in deps.directory.reps()},
        rows=shown.rows,
        names={lead.lead_id: lead.full_name or lead.company for lead in leads if lead},
        total=shown.total,
        counts=shown.counts,
        place=asked.place,
        part_of=part_of,
        remarks=shown.remarks,
        outcome=outcome,
        outcomes=[each for each in Outcome if upload.product or each is not Outcome.ATTACHED],
        offset=asked.offset,
        limit=asked.limit,
        has_errors=upload.refused > 0 and upload.state is UploadState.FINISHED and _sees_source(who, upload),
        said=query(request, "said"),
    )


def upload_progress(request: Any, who: Rep, import_id: str) -> Response:
    """What the page asks for while the upload runs."""
    upload = read_upload(service().deps, import_id)
    names = ("rows", "done", "created", "merged", "suppressed", "refused")
    running = upload.state in (UploadState.READING, UploadState.RUNNING)
    counts = {name: getattr(upload, name) for name in names}
    return as_json({"state": upload.state.value, "running": running, **counts})


def upload_errors(request: Any, who: Rep, import_id: str) -> Response:
    """The refused rows with their reasons, to whom `sees_source` names; to others it is as if they were not there. The
    name is ours: the list's own name never goes into a header."""
    upload = read_upload(service().deps, import_id)
    if not _sees_source(who, upload):
        raise NotFound
    key = error_key(upload.import_id)
    body = service().deps.blobs.get(key)
    if body is None:
        raise NotFound
    name = f"refused-rows-{upload.import_id[-10:].lower()}.csv"
    note_export(service().deps, who.rep_id, name, rows=str(upload.refused))
    return stored_csv(key, body, name)


def _sees_source(who: Rep, upload: Upload) -> bool:
    return sees_source(who, upload.started_by, service().deps.directory.reps())


def post_stop(request: Any, who: Rep, import_id: str) -> Response:
    """Stop behind the rows in work; what is placed stays."""
    posted(request)
    upload = stop_upload(service().deps, read_upload(service().deps, import_id).import_id, who.name)
    return redirect(f"/app/uploads/{upload.import_id}")


def post_resume(request: Any, _who: Rep, import_id: str) -> Response:
    """Go on where it stopped or failed."""
    posted(request)
    upload = resume_upload(service().deps, read_upload(service().deps, import_id).import_id)
    return redirect(f"/app/uploads/{upload.import_id}?said=resumed")


def post_undo(request: Any, who: Rep, import_id: str) -> Response:
    """Take the import back; or put back what was taken back."""
    sent = posted(request)
    deps, upload = service().deps, read_upload(service().deps, import_id)
    ask = ask_redo if text(sent, "back", 10) else ask_undo
    try:
        ask(deps, upload.import_id, who.name)
    except NotUndoable:
        raise Problem(409, "The list cannot be taken back now", "Its state changed meanwhile; look again.") from None
    return redirect(f"/app/uploads/{upload.import_id}")


def post_basis(request: Any, who: Rep, import_id: str) -> Response:
    """Record the legal basis afterwards; what was held for want of one may go."""
    sent = posted(request)
    upload = read_upload(service().deps, import_id)
    basis = " ".join(text(sent, "basis", 500, required=True).split())
    record_basis(service().deps, upload.import_id, basis)
    return redirect(f"/app/uploads/{upload.import_id}?said=basis")
