"""A form's address as a QR code: to look at, to print on a sheet of its own, and as a file for somebody's own print."""

from typing import Any

from chalice import Response

from chalicelib.handlers.console import console_page
from chalicelib.handlers.web import Download, attachment
from chalicelib.messaging.codes import qr_inline, qr_png, qr_svg
from chalicelib.records.form import Form
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep
from chalicelib.wiring import service


def show_sheet(request: Any, who: Rep, form_id: str) -> Response:
    form = _form(form_id)
    address = _address(form)
    return console_page(request, who, "form_code.html", form=form, address=address, code=qr_inline(address))


def download_svg(_request: Any, _who: Rep, form_id: str) -> Response:
    form = _form(form_id)
    return _file(form, qr_svg(_address(form)), "svg", "image/svg+xml")


def download_png(_request: Any, _who: Rep, form_id: str) -> Response:
    form = _form(form_id)
    return _file(form, qr_png(_address(form)), "png", "image/png")


def _form(form_id: str) -> Form:
    """A closed form has no code: who scans it finds nothing."""
    stored = service().deps.store.get(Form, form_id)
    if stored is None or not stored.value.active:
        raise NotFound
    return stored.value


def _address(form: Form) -> str:
    return service().deps.links.absolute(f"/f/{form.form_id}")


def _file(form: Form, body: bytes, ending: str, kind: str) -> Response:
    return Download(body, attachment(f"{form.form_id}.{ending}", kind))
