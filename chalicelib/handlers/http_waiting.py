"""What waits at the door and what was given up: to look at, and to have done again."""

import time
from typing import Any

from chalice import Response

from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.replay import list_waiting, replay
from chalicelib.handlers.web import query, redirect
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

# An answer may take half a minute on AWS.
SECONDS = 10.0


def show_waiting(request: Any, who: Rep) -> Response:
    said = query(request, "said")
    count = int(said) if said.isascii() and said.isdigit() and len(said) < 9 else None
    return console_page(request, who, "waiting.html", waits=list_waiting(service().deps), replayed=count)


def post_replay(request: Any, who: Rep) -> Response:
    """Whoever reacts takes it from there, in a moment."""
    posted(request)
    until = time.monotonic() + SECONDS
    done = replay(service().deps, service().settings.mail_topic, lambda: time.monotonic() > until)
    return redirect(f"/app/operations/waiting?said={done.door + sum(done.dead.values()) + done.changes}")
