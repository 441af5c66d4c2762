"""Lists by the API, and the console's way of sending a file to the blob store itself.

What was loaded is taken back, and put back, the same way. All of it with the scope imports:write; the console's own is
POST /app/uploads/prepare."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from chalice import Response

from chalicelib.flows.import_people import kept_people
from chalicelib.flows.plan_marketing import campaign_named
from chalicelib.flows.presigned_upload import NoPresigned, prepare_draft, prepare_upload
from chalicelib.flows.read_list import digest_of
from chalicelib.flows.read_uploads import read_upload
from chalicelib.flows.redo_upload import ask_redo
from chalicelib.flows.undo_export import KEPT_FOR
from chalicelib.flows.undo_upload import NotUndoable, ask_undo
from chalicelib.flows.upload_list import start_upload
from chalicelib.flows.upload_state import enqueue_upload
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_answers import answered, no_body
from chalicelib.handlers.api_fields import known_fields, text, wrong
from chalicelib.handlers.api_once import id_to_make_once
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_uploads import file_form
from chalicelib.handlers.web import as_json, dated, header
from chalicelib.identify.countries import country_code
from chalicelib.records.api_key import ApiKey
from chalicelib.records.ports import Deps, PostForm
from chalicelib.records.rep import Rep
from chalicelib.records.upload import Upload, UploadState
from chalicelib.wiring import service

_ABOUT = ("campaign", "basis", "mapping", "phone_country")
# Whom an undo left as they are: so many are told at most.
_MOST_KEPT = 1_000


def post_import(request: Any, key: ApiKey) -> Response:
    """Begin a list upload: with the file (multipart: `file`, `campaign`, `basis`, `mapping` as JSON,
    `phone_country`), or announced (JSON: the same with `file_name`), answered by the form to send the file by. 202."""
    if header(request, "content-type").lower().startswith("multipart/form-data"):
        return _with_file(request, key)
    return _announced(request, known_fields(request, "file_name", *_ABOUT), key)


def _with_file(request: Any, key: ApiKey) -> Response:
    deps, sent = service().deps, file_form(request)
    if not sent.data:
        raise wrong("file", "the file is empty" if sent.file_name else "choose a file")
    campaign, basis, mapping, country = _about(sent.fields)
    told = {**sent.fields, "file_name": sent.file_name, "file": digest_of(sent.data)}
    made_id = id_to_make_once(request, key, told)
    if made_id and (before := deps.store.get(Upload, made_id)):
        return as_json(import_json(before.value), 202)
    campaign_id = campaign_named(deps, campaign).campaign_id
    upload = start_upload(deps, sent.data, sent.file_name, campaign_id, basis, mapping, key.name, country, made_id)
    enqueue_upload(deps, upload)
    return as_json(import_json(upload), 202)


def _announced(request: Any, body: Mapping[str, Any], key: ApiKey) -> Response:
    deps = service().deps
    file_name = text(body, "file_name", 200, required=True)
    campaign, basis, mapping, country = _about(body)
    if deps.presigned is None:
        raise Problem(415, "Send the file along", "It is taken with the request, as multipart/form-data.")
    campaign_id = campaign_named(deps, campaign).campaign_id
    made_id = id_to_make_once(request, key, body)
    announced = prepare_upload(deps, file_name, campaign_id, basis, mapping, key.name, country, made_id)
    form = {"form": _form(announced.form)} if announced.form else {}
    return as_json(import_json(announced.upload) | form, 202)


def _about(body: Mapping[str, Any]) -> tuple[str, str, dict[str, str], str]:
    """(campaign, basis, mapping, whose the phone numbers without a country code are). Raises Problem."""
    campaign, basis = text(body, "campaign", 200, required=True), text(body, "basis", 500)
    given = body.get("mapping") or {}
    try:
        mapping = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        mapping = None
    if not isinstance(mapping, dict) or not all(isinstance(value, str) for value in mapping.values()):
        raise wrong("mapping", "one object of column name to field name")
    given = text(body, "phone_country", 60)
    if given and not country_code(given):
        raise wrong("phone_country", "not a country")
    return campaign, " ".join(basis.split()), mapping, country_code(given) if given else ""


def get_import(request: Any, _key: ApiKey, import_id: str) -> Response:
    """How far an upload is, and what became of its rows; after an undo, whom it left as they are and why."""
    deps, upload = service().deps, read_upload(service().deps, import_id)
    shown = import_json(upload)
    if upload.kept_back:
        kept = kept_people(deps, import_id)[:_MOST_KEPT]
        shown["kept"] = [{"lead_id": lead_id, "reason": why} for lead_id, why in kept]
    return answered(request, shown)


def post_undo(request: Any, key: ApiKey, import_id: str) -> Response:
    """Take the import back: 202, and `get_import` tells how it went. Being asked again changes nothing."""
    return _asked(request, key, import_id, ask_undo, UploadState.UNDONE)


def post_put_back(request: Any, key: ApiKey, import_id: str) -> Response:
    """Take an undo back, for as long as what it took is kept."""
    return _asked(request, key, import_id, ask_redo, UploadState.REDOING)


def _asked(
    request: Any, key: ApiKey, import_id: str, ask: Callable[[Deps, str, str], None], already: UploadState
) -> Response:
    deps, upload = service().deps, read_upload(service().deps, import_id)
    no_body(request)
    if upload.state is already:
        return as_json(import_json(upload), 202)
    try:
        ask(deps, upload.import_id, key.name)
    except NotUndoable:
        why = f"An import that is {upload.state.value} cannot be."
        raise Problem(409, "The list cannot be taken back or put back now", why) from None
    return as_json(import_json(read_upload(deps, import_id)), 202)


def import_json(upload: Upload) -> dict[str, Any]:
    counts = ("rows", "done", "created", "merged", "suppressed", "refused", "attached", "taken_back", "kept_back")
    names = ("import_id", "campaign_id", "file_name", "reason", *counts)
    back_until = upload.undone_at + KEPT_FOR if upload.undone_at else None
    return {
        **{name: getattr(upload, name) for name in names},
        "state": upload.state.value,
        **dated(started_at=upload.started_at, finished_at=upload.finished_at, put_back_until=back_until),
    }


def post_prepare(request: Any, who: Rep) -> Response:
    """The console's script asks where to send the chosen file: {"draft": its page, "form": …}. 409 where files come
    with the form itself."""
    sent = posted(request)
    campaign = text(sent, "campaign", 100) or text(sent, "new_campaign", 200)
    if not campaign:
        raise wrong("new_campaign", "choose a campaign or name a new one")
    file_name, basis = text(sent, "file_name", 200, required=True), text(sent, "basis", 500)
    try:
        draft, form = prepare_draft(service().deps, file_name, campaign, basis, who.rep_id)
    except NoPresigned:
        raise Problem(409, "Send the file along", "It is taken with the form.") from None
    return as_json({"draft": f"/app/uploads/drafts/{draft.draft_id}", "form": _form(form)})


def _form(form: PostForm) -> dict[str, Any]:
    return {"url": form.url, "fields": form.fields}
