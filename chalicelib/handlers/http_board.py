"""The morning board of whoever leads people, and the rows behind each of its figures."""

from typing import Any

from chalice import Response

from chalicelib.flows.read_board import LATELY, PAGE, Scope, open_board, read_board, scope_of
from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import offset_of, query
from chalicelib.records.board import FIGURES
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def show_board(request: Any, who: Rep) -> Response:
    scope = _scope(request, who)
    board = read_board(service().deps, scope, who.week.zone)
    return console_page(
        request, who, "board.html", board=board, scope=scope, zone=who.week.zone, days=LATELY.days, tail=_tail(scope)
    )


def show_figure(request: Any, who: Rep, figure: str) -> Response:
    """The rows of one figure, or of one person's part in it."""
    if figure not in (*FIGURES, "contradictions"):
        raise NotFound
    deps, scope = service().deps, _scope(request, who)
    rep_id = query(request, "rep")[:100] if "rep" in (request.query_params or {}) else None
    opened = open_board(deps, scope, who.week.zone, figure, rep_id, offset_of(request))
    return console_page(
        request, who, "board_rows.html", opened=opened, rep_id=rep_id, rep=deps.directory.rep(rep_id or ""),
        scope=scope, page_size=PAGE, zone=who.week.zone, days=LATELY.days, tail=_tail(scope), now=deps.clock(),
    )  # fmt: skip


def _scope(request: Any, who: Rep) -> Scope:
    return scope_of(service().deps, who, query(request, "people") == "all")


def _tail(scope: Scope) -> dict[str, str]:
    """What an address carries on, so that a figure opens to the same people."""
    return {"people": "all"} if scope.team and scope.whole else {}
