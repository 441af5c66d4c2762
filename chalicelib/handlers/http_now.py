"""Whether an open lead page is still true: 304 while it is, else in a line who did what meanwhile."""

from datetime import UTC, datetime
from typing import Any

from chalice import Response

from chalicelib.flows.read_now import Now, read_now
from chalicelib.handlers.web import SECURITY, as_json, header, language_of, query
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def show_now(request: Any, who: Rep, lead_id: str) -> Response:
    after = query(request, "after")[:100].replace("#", "")
    found = read_now(service().deps, who, lead_id, after, _since(request), header(request, "if-none-match"))
    headers = {"ETag": found.tag, "Cache-Control": "no-cache", **SECURITY}
    if found.tag == header(request, "if-none-match"):
        return Response("", headers, 304)
    return as_json({"text": _words(request, who, found)}, headers=headers)


def _since(request: Any) -> datetime:
    """When the page was made; without it everything that is newer than now: nothing."""
    try:
        found = datetime.fromisoformat(query(request, "since").replace(" ", "+"))
    except ValueError:
        return service().deps.clock()
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _words(request: Any, who: Rep, found: Now) -> str:
    from chalicelib.messaging.templates import environment

    template = environment(language_of(request)).get_template("pages/now.txt")
    return " ".join(template.render(found=found, me=who.name).split())
