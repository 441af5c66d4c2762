"""What every HTTP handler shares: reading the request, rendering a page, answering with the right headers."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from chalice import Response

from chalicelib.capture.bodies import read_body
from chalicelib.handlers.errors import Problem
from chalicelib.messaging.languages import LANGUAGES, negotiate
from chalicelib.records.contact import Refusal
from chalicelib.records.rep import Rep, Role
from chalicelib.wiring import service

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)
CSP = f"{_POLICY}'none'"
ANY_SITE = "*"
SECURITY = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def widened(answer: Response, directive: str, source: str) -> None:
    """Let the page's policy have one more source for one of its directives."""
    parts = answer.headers["Content-Security-Policy"].split("; ")
    widest = (f"{part} {source}" if part.split()[0] == directive else part for part in parts)
    answer.headers["Content-Security-Policy"] = "; ".join(widest)


def framed_by(answer: Response, sites: Sequence[str]) -> Response:
    """A page that may stand in a frame: of these sites alone, where they are named. A browser takes a name without a
    scheme for the page's own or a safer one."""
    policy = answer.headers["Content-Security-Policy"]
    if sites and policy.endswith(ANY_SITE):
        answer.headers["Content-Security-Policy"] = policy.removesuffix(ANY_SITE) + " ".join(sites)
    return answer


HTML = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", **SECURITY}
# Pages below this address are made to stand in a frame on somebody else's page; what else there is, nobody frames.
FRAMED = "/embed/"
FRAMED_HTML = {
    **HTML,
    "Content-Security-Policy": f"{_POLICY}{ANY_SITE}",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
LANGUAGE_COOKIE = "leadline_language"
# What may stand in an address as it is (RFC 3986), with the % of what is quoted already.
_URL_SAFE = "/?#[]@!$&'()*+,;=:%-._~"


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
    """Render templates/pages/<template> in the visitor's language, or in the one given as `language`."""
    from chalicelib.handlers.brand_logo import logo_address
    from chalicelib.messaging.templates import environment

    language = values.setdefault("language", language_of(request))
    values.setdefault("here", request.context.get("path", "/"))
    settings = service().settings
    branding = {"brand_color": settings.brand_color, "brand_logo": logo_address}
    shared = {"languages": LANGUAGES, "brand": settings.brand, "person": None, **branding}
    framed = request.context.get("path", "").startswith(FRAMED)
    if framed:
        values["theme"] = "light" if query(request, "theme") == "light" else ""
    text = environment(language).get_template(f"pages/{template}").render({**shared, "framed": framed, **values})
    return Response(text, {**(FRAMED_HTML if framed else HTML), "Content-Language": language})


def redirect(path: str, cookies: Sequence[str] = ()) -> Response:
    """See the page at a path of ours, or at the address a form's maker chose (303: a POST is followed by a GET). What a
    header cannot hold is quoted."""
    headers: dict[str, Any] = {"Location": quote(path, safe=_URL_SAFE), "Cache-Control": "no-store", **SECURITY}
    if cookies:
        headers["Set-Cookie"] = list(cookies)
    return Response("", headers, 303)


def as_json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    shown = {"Content-Type": "application/json", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(json.dumps(body, ensure_ascii=False), {**shown, **(headers or {})}, status)


class Download(Response):  # type: ignore[misc]
    """Bytes as an answer, encoded as API Gateway takes them. (Chalice's own way answers 400 unless `Accept` names the
    type, as API Gateway's older kind had to.)"""

    def to_dict(self, binary_types: Sequence[str] | None = None) -> dict[str, Any]:  # noqa: ARG002
        answer: dict[str, Any] = super().to_dict(None)
        return {**answer, "body": base64.b64encode(self.body).decode("ascii"), "isBase64Encoded": True}


def dated(**found: date | None) -> dict[str, str | None]:
    """Days and moments as JSON has them."""
    return {name: when.isoformat() if when else None for name, when in found.items()}


def attachment(file_name: str, kind: str) -> dict[str, str]:
    """The headers of a file to keep. The name is one of ours: what somebody typed has no place in a header."""
    disposition = f'attachment; filename="{file_name}"'
    return {"Content-Type": kind, "Content-Disposition": disposition, "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store"}  # fmt: skip


def as_csv(text: str, file_name: str) -> Response:
    return Response(text, attachment(file_name, "text/csv; charset=utf-8"))


def header(request: Any, name: str) -> str:
    value: str = request.headers.get(name, "")
    return value


def query(request: Any, name: str, default: str = "") -> str:
    found = request.query_params or {}
    value: str = found.get(name, default)
    return value


def queries(request: Any, name: str) -> list[str]:
    """All values of a parameter that may come several times."""
    return list(request.query_params.getlist(name))


def fields(request: Any) -> dict[str, Any]:
    """The body's fields, whichever of the three ways they were sent. Raises Problem."""
    read = read_body(header(request, "content-type"), request.raw_body)
    if isinstance(read, Refusal):
        raise problem_of_body(read)
    _check_ids(request, read)
    return read


def problem_of_body(refusal: Refusal) -> Problem:
    status = {"content-type": 415, "body": 413 if "larger" in refusal.reason else 400}.get(refusal.field, 400)
    return Problem(status, "The request cannot be read", refusal.reason, (refusal,))


def _check_ids(request: Any, sent: Mapping[str, Any]) -> None:
    """The path says which record is meant. A body that names another one is refused rather than quietly not obeyed.
    Public forms have fields of any name and are not looked at."""
    path = request.context.get("path", "")
    ids = {name: value for name, value in (request.uri_params or {}).items() if name.endswith("_id")}
    if not ids or not path.startswith(("/app/", "/v1/")):
        return
    for name in (*ids, "id"):
        named = sent.get(name)
        if named not in (None, "") and str(named) not in ({ids[name]} if name in ids else set(ids.values())):
            raise Problem(422, "Another record is named", errors=(Refusal(name, "differs from the address"),))


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


def is_forwarded(request: Any) -> bool:
    """Whether a proxy says that it stands in between."""
    names = [name.lower() for name in request.headers]
    return any(name in ("forwarded", "via", "x-real-ip") or name.startswith("x-forwarded-") for name in names)


def client_address(request: Any) -> str:
    """Who asks. `X-Forwarded-For` is believed as far as our own proxies wrote it: each appends whom it was asked by.
    LEADLINE_PROXIES says how many there are; what comes from this machine itself comes from one."""
    address: str = request.context.get("identity", {}).get("sourceIp", "")
    proxies = service().settings.proxies or int(address in ("127.0.0.1", "::1"))
    hops = [hop.strip() for hop in header(request, "x-forwarded-for").split(",") if hop.strip()]
    return hops[-min(proxies, len(hops))] if proxies and hops else address


def safe_next(path: str) -> str:
    """A path of ours to go on to, never another site (open redirect)."""
    inside = (path == "/app" or path.startswith(("/app/", "/app?"))) and "\\" not in path and path.isprintable()
    return path if inside and not path.startswith("/app/sign-") else "/app"


def whole(typed: str, most: int = 1_000_000) -> int:
    """A whole number as typed, 0 for what is none."""
    return min(int(typed), most) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def offset_of(request: Any) -> int:
    """Where the page asked for begins; 0 for what is no number."""
    return whole(query(request, "offset"), 99_999_999)


_FIRST = {Role.REP: "/app/inbox", Role.MANAGER: "/app/board"}


def first_page(person: Rep | None, goes_on: str) -> str:
    """Where somebody goes on after signing in: the page they asked for, else where their day begins."""
    path = safe_next(goes_on)
    return _FIRST.get(person.role, path) if path == "/app" and person else path


def place_of(request: Any) -> str:
    """The page to come back to after signing in: the one asked for, or the one a form was sent from."""
    if request.method == "GET":
        sought = urlencode([(name, each) for name in request.query_params or () for each in queries(request, name)])
        return safe_next(quote(request.context.get("path", "/app")) + (f"?{sought}" if sought else ""))
    try:
        page_before = urlsplit(header(request, "referer"))
        own = page_before.netloc == header(request, "host")
    except ValueError:
        return "/app"
    path = page_before.path + (f"?{page_before.query}" if page_before.query else "")
    return safe_next(path) if own else "/app"


def safe_return(path: str) -> str:
    """Any path of ours, for switching the language on a public page."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside and not urlsplit(path).netloc else "/"
