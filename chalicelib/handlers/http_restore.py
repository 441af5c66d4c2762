"""The held start after a restore: what came back, and the button that lets the service go on."""

from typing import Any

from chalice import Response

from chalicelib.flows.hold_service import release
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import redirect
from chalicelib.records.hold import RESTORE, Hold
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def show_restore(request: Any, who: Rep) -> Response:
    deps = service().deps
    stored = deps.store.get(Hold, RESTORE)
    hold = stored.value if stored else None
    rep = deps.directory.rep(hold.released_by) if hold else None
    released_by = rep.name if rep else hold.released_by if hold else ""
    return console_page(request, who, "restore.html", hold=hold, released_by=released_by)


def post_release(request: Any, who: Rep) -> Response:
    posted(request)
    release(service().deps, who.rep_id)
    return redirect("/app/restore")
