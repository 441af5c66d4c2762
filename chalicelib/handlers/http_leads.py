"""The board, and the requests that wait."""

from typing import Any

from chalice import Response

from chalicelib.flows.read_home import QUEUES, read_home, read_queue
from chalicelib.handlers.console import console_page, sight_for
from chalicelib.handlers.http_tasks import done_task
from chalicelib.handlers.ledger_filters import ledger_page, read_ledger_filters
from chalicelib.handlers.web import query
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def show_home(request: Any, who: Rep) -> Response:
    return console_page(
        request,
        who,
        "home.html",
        home=read_home(service().deps, who),
        zone=who.week.zone,
        task_done=done_task(request, who),
    )


def show_requests(request: Any, who: Rep) -> Response:
    """The requests of one queue, by time the most urgent first; `mine` leaves only one's own."""
    asked = query(request, "queue", QUEUES[0])
    queue = asked if asked in QUEUES else QUEUES[0]
    sight = sight_for(who)
    filters = read_ledger_filters(request, who, sight, queue=queue)
    listed = read_queue(service().deps, queue, sight, filters.part)
    return ledger_page(request, who, "requests.html", filters, sight, listed=listed, queue=queue, queues=QUEUES)
