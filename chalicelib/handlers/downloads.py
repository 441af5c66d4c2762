"""CSV files to download. Lambda refuses answers over 6 MB: where that holds, a large file is put into the bucket and
the browser is sent there by a link that is good for a few minutes; the bucket forgets the file after a day.

Access is checked by whoever asks for it here, before; the link opens this one file to whoever has it meanwhile."""

import secrets
from datetime import timedelta
from typing import Any

from chalice import Response

from chalicelib.handlers.web import as_csv
from chalicelib.wiring import service

# Of an answer's 6 MB a character may take six bytes, as it is sent as JSON (\\u4e2d).
MOST_INLINE = 900_000
LINK_LASTS = timedelta(minutes=5)
CSV = "text/csv; charset=utf-8"


def csv_file(text: str, file_name: str) -> Response:
    """A CSV made just now. `file_name` is ours, never a visitor's."""
    deps = service().deps
    if deps.downloads is None or len(text) <= MOST_INLINE:
        return as_csv(text, file_name)
    key = f"downloads/{deps.new_id()}-{secrets.token_hex(16)}/{file_name}"
    deps.blobs.put(key, text.encode("utf-8", "replace"))
    return to_file(key, file_name)


def stored_csv(key: str, body: bytes, file_name: str) -> Response:
    """A CSV that is in the blob store already."""
    if service().deps.downloads is None or len(body) <= MOST_INLINE:
        return as_csv(body.decode("utf-8"), file_name)
    return to_file(key, file_name)


def to_file(key: str, file_name: str) -> Response:
    """On to the blob, by a link that ends soon (303)."""
    downloads = service().deps.downloads
    assert downloads is not None
    link = downloads.presigned_download(key, file_name, CSV, LINK_LASTS)
    headers: dict[str, Any] = {"Location": link, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response("", headers, 303)
