"""The sites whose visits are known: what to put into their pages, and which of them may tell of visits."""

from typing import Any

from chalice import Response

from chalicelib.capture.intakes import read_hosts
from chalicelib.flows.keep_visit import KEEP, machines_lately
from chalicelib.flows.plan_website import add_website, remove_website
from chalicelib.handlers.access import posted
from chalicelib.handlers.console import console_page
from chalicelib.handlers.routes import may_open
from chalicelib.handlers.web import query, redirect
from chalicelib.records.contact import Refusal
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

_PATH = "/app/forms/website"


def show_website(request: Any, who: Rep) -> Response:
    return _page(request, who, "", None)


def post_website(request: Any, who: Rep) -> Response:
    typed = str(posted(request).get("host", ""))
    hosts = read_hosts(typed)
    if not hosts or len(hosts) > 1:
        return _page(request, who, typed, Refusal("host", "the name of one site, such as www.example.com"))
    made = add_website(service().deps, hosts[0], who.rep_id)
    return _page(request, who, typed, made) if isinstance(made, Refusal) else redirect(f"{_PATH}?said=added")


def post_removal(request: Any, who: Rep, host: str) -> Response:
    posted(request)
    remove_website(service().deps, host)
    return redirect(f"{_PATH}?said=removed")


def _page(request: Any, who: Rep, typed: str, refusal: Refusal | None) -> Response:
    deps = service().deps
    crawlers, scanners = machines_lately(deps)
    answer = console_page(
        request, who, "website.html", sites=sorted(deps.directory.websites(), key=lambda site: site.host),
        names={rep.rep_id: rep.name for rep in deps.directory.reps()}, script=deps.links.absolute("/t.js"),
        crawlers=crawlers, scanners=scanners, days=KEEP.days, typed=typed, said=query(request, "said"),
        errors={refusal.field: refusal.reason} if refusal else {}, building=may_open(who.role, _PATH, "POST"),
    )  # fmt: skip
    answer.status_code = 422 if refusal else 200
    return answer
