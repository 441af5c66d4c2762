"""What every HTTP handler shares: reading the request, rendering a page, answering with the right headers."""

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from chalice import Blueprint, Response

from chalicelib.capture.bodies import read_body
from chalicelib.handlers.errors import Problem, SignInNeeded, problem_of
from chalicelib.messaging.languages import LANGUAGES, negotiate
from chalicelib.records.contact import Refusal
from chalicelib.wiring import service

View = TypeVar("View", bound=Callable[..., Any])

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HTML = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", **SECURITY}
LANGUAGE_COOKIE = "leadline_language"
# What may stand in an address as it is (RFC 3986), with the % of what is quoted already.
_URL_SAFE = "/?#[]@!$&'()*+,;=:%-._~"


def route(blueprint: Blueprint, path: str, methods: Sequence[str] = ("GET",)) -> Callable[[View], View]:
    """Register a view. Its errors become problems: a page for a browser, JSON for everybody else.

    Content types are checked by whoever reads the body, so that a wrong one is a problem too, not Chalice's own."""

    def register(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Response:
            try:
                return view(*args, **kwargs)
            except SignInNeeded:
                return redirect(f"/app/sign-in?next={quote(_local_path(blueprint.current_request))}")
            except Exception as error:
                return show_problem(blueprint.current_request, problem_of(error, service().deps.new_id()))

        return blueprint.route(path, methods=list(methods), content_types=[], name=view.__name__)(guarded)  # type: ignore[no-any-return]

    return register


def show_problem(request: Any, problem: Problem) -> Response:
    if wants_html(request):
        answer = page(request, "problem.html", problem=problem)
        answer.status_code = problem.status
        answer.headers |= problem.headers
        return answer
    headers = {"Content-Type": "application/problem+json", "X-Content-Type-Options": "nosniff", **problem.headers}
    return Response(json.dumps(problem.as_json(request.context.get("path", ""))), headers, problem.status)


def wants_html(request: Any) -> bool:
    accept = header(request, "accept")
    return "text/html" in accept and not request.context.get("path", "").startswith("/v1/")


def page(request: Any, template: str, **values: Any) -> Response:
    """Render templates/pages/<template> in the visitor's language."""
    from chalicelib.messaging.templates import environment

    language = language_of(request)
    values.setdefault("here", request.context.get("path", "/"))
    shared = {"language": language, "languages": LANGUAGES, "brand": service().settings.brand, "person": None}
    text = environment(language).get_template(f"pages/{template}").render({**shared, **values})
    return Response(text, {**HTML, "Content-Language": language})


def redirect(path: str, cookies: Sequence[str] = ()) -> Response:
    """See the page at a path of ours (303: a POST is followed by a GET). What a header cannot hold is quoted."""
    headers: dict[str, Any] = {"Location": quote(path, safe=_URL_SAFE), "Cache-Control": "no-store", **SECURITY}
    if cookies:
        headers["Set-Cookie"] = list(cookies)
    return Response("", headers, 303)


def as_json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    shown = {"Content-Type": "application/json", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(json.dumps(body, ensure_ascii=False), {**shown, **(headers or {})}, status)


def as_csv(text: str, file_name: str) -> Response:
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(text, headers)


def header(request: Any, name: str) -> str:
    value: str = request.headers.get(name, "")
    return value


def query(request: Any, name: str, default: str = "") -> str:
    found = request.query_params or {}
    value: str = found.get(name, default)
    return value


def fields(request: Any) -> dict[str, Any]:
    """The body's fields, whichever of the three ways they were sent. Raises Problem."""
    read = read_body(header(request, "content-type"), request.raw_body)
    if isinstance(read, Refusal):
        status = {"content-type": 415, "body": 413 if "larger" in read.reason else 400}.get(read.field, 400)
        raise Problem(status, "The request cannot be read", read.reason, (read,))
    return read


def cookies(request: Any) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in header(request, "cookie").split(";"))
    return {name: value for name, _, value in pairs if name}


def language_of(request: Any) -> str:
    """Chosen on this page, else chosen before, else what the browser prefers."""
    for chosen in (query(request, "lang"), cookies(request).get(LANGUAGE_COOKIE, "")):
        if chosen in LANGUAGES:
            return chosen
    return negotiate(header(request, "accept-language"))


def own_host(request: Any) -> str:
    """The name this service was asked for by, without the port."""
    try:
        return urlsplit(f"//{header(request, 'host')}").hostname or ""
    except ValueError:
        return ""


def client_address(request: Any) -> str:
    address: str = request.context.get("identity", {}).get("sourceIp", "")
    return address


def safe_next(path: str) -> str:
    """A path of ours to go on to, never another site (open redirect)."""
    parts = urlsplit(path)
    inside = path.startswith("/app") and not parts.scheme and not parts.netloc and "\\" not in path
    return path if inside and "\n" not in path and "\r" not in path else "/app"


def safe_return(path: str) -> str:
    """Any path of ours, for switching the language on a public page."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside and not urlsplit(path).netloc else "/"


def _local_path(request: Any) -> str:
    path: str = request.context.get("path", "/app")
    return path if request.method == "GET" else "/app"
