"""A list that whoever has it sends to the blob store itself: 10 MB do not pass API Gateway and Lambda.

From the console the file lands as a draft's source and is previewed as any other. By the API it lands as an upload's
source; the store tells of it (`handlers/on_upload`), or the clock looks for it when its time is up
(`upload_chunks.take_up`)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.capture.limits import MAX_FILE
from chalicelib.flows.draft_upload import Draft, draft_key, new_draft
from chalicelib.flows.read_list import source_key
from chalicelib.flows.upload_list import new_upload
from chalicelib.records.ports import Deps, PostForm, Put
from chalicelib.records.upload import Upload, UploadState

# A form may be used until then; what was begun last may take a while to arrive.
FORM_LASTS = timedelta(hours=1)
ON_ITS_WAY = timedelta(minutes=15)
# What kind of list it is is seen by its bytes, not by what its sender calls it.
CONTENT_TYPE = "application/octet-stream"
# One whose file did not come in time begins with it all the same; over one that has come nothing is written.
_WAITS = frozenset({UploadState.READING, UploadState.FAILED})


class NoPresigned(Exception):
    """This engine takes files with the request."""


@dataclass(frozen=True, slots=True)
class Announced:
    """An upload whose file is still to come, and the form to send it by; None where it has come by now."""

    upload: Upload
    form: PostForm | None


def prepare_draft(deps: Deps, file_name: str, campaign: str, basis: str, by: str) -> tuple[Draft, PostForm]:
    """A draft and the form to send its file by. Raises NoPresigned."""
    if deps.presigned is None:
        raise NoPresigned
    draft = new_draft(deps, file_name, campaign, basis, by)
    return draft, deps.presigned.presigned_upload(draft_key(draft), MAX_FILE, CONTENT_TYPE, FORM_LASTS)


def prepare_upload(
    deps: Deps, file_name: str, campaign_id: str, basis: str, mapping: Mapping[str, str], by: str, country: str = "",
    import_id: str = "",
) -> Announced:  # fmt: skip
    """An upload that begins when its file arrives, and the form to send it by. One that was announced before under the
    `import_id` gets a form anew as long as it waits. Raises NoPresigned."""
    if deps.presigned is None:
        raise NoPresigned
    before = deps.store.get(Upload, import_id) if import_id else None
    if before and before.value.state not in _WAITS:
        return Announced(before.value, None)
    upload = before.value if before else new_upload(deps, file_name, campaign_id, basis, mapping, by, import_id)
    form = deps.presigned.presigned_upload(source_key(upload.import_id), MAX_FILE, CONTENT_TYPE, FORM_LASTS)
    if before is None:
        upload = replace(upload, file_by=upload.started_at + FORM_LASTS + ON_ITS_WAY, phone_country=country)
        deps.store.commit([Put(upload, if_version=0)])
    return Announced(upload, form)
