"""Lists by the API, and the console's way of sending a file to the blob store itself.

For the table of routes: POST /v1/imports (imports:write), GET /v1/imports/{import_id} (imports:write), and the
console's POST /app/uploads/prepare."""

import json
from collections.abc import Mapping
from typing import Any

from chalice import Response

from chalicelib.flows.plan_marketing import campaign_named
from chalicelib.flows.presigned_upload import NoPresigned, prepare_draft, prepare_upload
from chalicelib.flows.read_uploads import read_upload
from chalicelib.flows.upload_list import start_upload
from chalicelib.flows.upload_state import enqueue_upload
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_fields import text, wrong
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.http_uploads import file_form
from chalicelib.handlers.web import as_json, fields, header
from chalicelib.identify.countries import country_code
from chalicelib.records.api_key import ApiKey
from chalicelib.records.ports import PostForm
from chalicelib.records.rep import Rep
from chalicelib.records.upload import Upload
from chalicelib.wiring import service


def post_import(request: Any, key: ApiKey) -> Response:
    """Begin a list upload: with the file (multipart: `file`, `campaign`, `basis`, `mapping` as JSON,
    `phone_country`), or announced (JSON: the same with `file_name`), answered by the form to send the file by. 202."""
    if header(request, "content-type").lower().startswith("multipart/form-data"):
        return _with_file(request, key)
    return _announced(fields(request), key)


def _with_file(request: Any, key: ApiKey) -> Response:
    deps, sent = service().deps, file_form(request)
    if not sent.data:
        raise wrong("file", "the file is empty" if sent.file_name else "choose a file")
    campaign, basis, mapping, country = _about(sent.fields)
    campaign_id = campaign_named(deps, campaign).campaign_id
    upload = start_upload(deps, sent.data, sent.file_name, campaign_id, basis, mapping, key.name, country)
    enqueue_upload(deps, upload)
    return as_json(_shown(upload), 202)


def _announced(body: Mapping[str, Any], key: ApiKey) -> Response:
    deps = service().deps
    file_name = text(body, "file_name", 200, required=True)
    campaign, basis, mapping, country = _about(body)
    if deps.presigned is None:
        raise Problem(415, "Send the file along", "It is taken with the request, as multipart/form-data.")
    campaign_id = campaign_named(deps, campaign).campaign_id
    announced = prepare_upload(deps, file_name, campaign_id, basis, mapping, key.name, country)
    return as_json({**_shown(announced.upload), "form": _form(announced.form)}, 202)


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


def get_import(_request: Any, _key: ApiKey, import_id: str) -> Response:
    """How far an upload is, and what became of its rows."""
    return as_json(_shown(read_upload(service().deps, import_id)))


def _shown(upload: Upload) -> dict[str, Any]:
    counts = ("rows", "done", "created", "merged", "suppressed", "refused", "attached")
    shown = {name: getattr(upload, name) for name in ("import_id", "campaign_id", "reason", *counts)}
    return {**shown, "state": upload.state.value}


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
