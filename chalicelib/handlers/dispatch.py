"""From the table of routes to answers: who asks, may they, and what went wrong, the same for every address."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any
from urllib.parse import quote, urlencode

from chalice import Response

from chalicelib.handlers.errors import Problem, SignInNeeded, problem_of
from chalicelib.handlers.gateway import TOO_LARGE
from chalicelib.handlers.limits import limit_by_address
from chalicelib.handlers.routes import PEOPLE, PUBLIC, ROUTES, Access, Route
from chalicelib.handlers.web import place_of, queries, redirect, show_problem, wants_html
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import NotFound
from chalicelib.wiring import service

View = Callable[..., Any]
_TOO_MUCH = "what was sent is larger than 10 MB"


def register_routes(app: Any) -> None:
    """Give the Chalice app every address.

    Content types are checked by whoever reads the body, so that a wrong one is a problem too, not Chalice's own."""
    for route in ROUTES:
        view = _answering(app, route)
        app.route(route.path, methods=[route.method], content_types=[], name=f"{route.method} {route.path}")(view)


def _answering(app: Any, route: Route) -> View:
    def answer(**ids: str) -> Response:
        request = app.current_request
        answered = settled(request, ids)
        if route.access.anywhere:
            # Also what is refused, or a page's script could not tell its visitor why.
            answered.headers["Access-Control-Allow-Origin"] = "*"
        return answered

    def settled(request: Any, ids: dict[str, str]) -> Response:
        try:
            return _asked(request, route, ids)
        except SignInNeeded:
            return redirect(f"/app/sign-in?next={quote(place_of(request))}")
        except Exception as error:
            problem = problem_of(error, service().deps.new_id())
            # Whatever is wrong on our side, a submission is not lost by it.
            kept = _kept(request, route, ids) if problem.status >= 500 else None
            return kept or show_problem(request, problem)

    return answer


def _kept(request: Any, route: Route, ids: dict[str, str]) -> Response | None:
    if route.entry is None:
        return None
    from chalicelib.handlers.http_door import keep_at_door

    return keep_at_door(request, route.entry, ids)


def _asked(request: Any, route: Route, ids: dict[str, str]) -> Response:
    if request.context.get(TOO_LARGE):
        raise Problem(413, "The request cannot be read", _TOO_MUCH, (Refusal("body", _TOO_MUCH),))
    caller = _caller(request, route.access)
    view = _view(route.view)
    with _acting(route, caller):
        try:
            answer: Response = view(request, *caller, *ids.values())
        except NotFound:
            led_on = _led_on(request, route, caller, ids)
            if led_on is None:
                raise
            return led_on
    return answer


def _led_on(request: Any, route: Route, caller: tuple[Any, ...], ids: dict[str, str]) -> Response | None:
    """Nothing is there by the id of a person who is part of another record by now: the same of that record, which is
    looked at by the same rules. None where there is no such person, or one whom the caller may not see."""
    if "lead_id" not in ids:
        return None
    from chalicelib.flows.follow_merges import surviving

    current = surviving(service().deps, ids["lead_id"])
    if current == ids["lead_id"]:
        return None
    answer: Response = _view(route.view)(request, *caller, *(ids | {"lead_id": current}).values())
    if request.method != "GET" or not wants_html(request):
        return answer
    asked = urlencode([(name, each) for name in request.query_params or () for each in queries(request, name)])
    path = route.path.format(**(ids | {"lead_id": quote(current)}))
    return redirect(f"{path}?{asked}" if asked else path)


def _acting(route: Route, caller: tuple[Any, ...]) -> AbstractContextManager[None]:
    """Whom the audit trail names for what is changed. A submission has its own books: nobody of ours changes anything
    by it."""
    if not caller or route.method == "GET" or route.entry:
        return nullcontext()
    from chalicelib.flows.keep_audit import acting, actor_of

    return acting(service().deps, actor_of(caller[0]))


def _caller(request: Any, access: Access) -> tuple[Any, ...]:
    """Who asks, before anything of what they ask for is looked at: a refusal says nothing of what exists."""
    if access.who == PUBLIC:
        if request.method == "POST" and access.limited:
            limit_by_address(request, "public-post")
        return ()
    # Loaded for those who have to say who they are: a visitor waits for nothing of it.
    from chalicelib.handlers.access import api_key, person

    if access.who == PEOPLE:
        who = person(request, at_work=not access.idle)
        if who.role not in access.roles:
            raise Problem(403, "Not for your role", "Somebody who administers this service can change your role.")
        return (who,)
    return (api_key(request, access.scope),)


_views: dict[str, View] = {}


def _view(name: str) -> View:
    """The view by its name; its module is loaded when it is first asked for."""
    if name not in _views:
        module, _, function = name.partition(":")
        _views[name] = getattr(import_module(f"chalicelib.handlers.{module}"), function)
    return _views[name]


def load_views() -> None:
    """Load every handler at once: for whoever checks what all of them together bring along."""
    for route in ROUTES:
        _view(route.view)
