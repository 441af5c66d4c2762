"""The brand in the console: the logo is uploaded, looked at, replaced and removed; colours and name are settings."""

from typing import Any

from chalice import Response

from chalicelib.capture.logo_files import MOST_BYTES, checked_logo
from chalicelib.flows.change_logo import drop_logo, keep_logo
from chalicelib.handlers.access import check_csrf, posted
from chalicelib.handlers.brand_logo import logo_address
from chalicelib.handlers.console import console_page
from chalicelib.handlers.http_uploads import file_form
from chalicelib.handlers.web import query, redirect
from chalicelib.records.brand import LOGO, BrandLogo
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

PLACE = "/app/brand"


def show_brand(request: Any, who: Rep) -> Response:
    return _page(request, who)


def post_logo(request: Any, who: Rep) -> Response:
    sent = file_form(request)
    check_csrf(request, sent.fields.get("csrf", ""))
    if not sent.data:
        return _page(request, who, "the file is empty" if sent.file_name else "choose a file")
    logo = checked_logo(sent.data)
    if isinstance(logo, str):
        return _page(request, who, logo)
    keep_logo(service().deps, logo.body, logo.kind, who.rep_id)
    return redirect(f"{PLACE}?said=saved")


def post_remove(request: Any, _who: Rep) -> Response:
    posted(request)
    drop_logo(service().deps)
    return redirect(f"{PLACE}?said=removed")


def _page(request: Any, who: Rep, wrong: str = "") -> Response:
    deps, settings = service().deps, service().settings
    stored = deps.store.get(BrandLogo, LOGO)
    changed_by = deps.directory.rep(stored.value.changed_by) if stored else None
    answer = console_page(
        request, who, "brand.html", uploaded=stored.value if stored else None, logo=logo_address(),
        changed_by=changed_by.name if changed_by else "", errors={"file": wrong} if wrong else {}, most=MOST_BYTES,
        color=settings.brand_color, color_dark=settings.brand_color_dark, said=query(request, "said"),
    )  # fmt: skip
    answer.status_code = 422 if wrong else 200
    return answer
