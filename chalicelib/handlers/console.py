"""Console pages: what each of them is given beside its own values."""

from typing import Any

from chalice import Response

from chalicelib.handlers.access import csrf_token
from chalicelib.handlers.web import page
from chalicelib.records.rep import Rep


def console_page(request: Any, person: Rep, template: str, **values: Any) -> Response:
    """A page for somebody signed in: in the frame with the navigation, with the proof its forms carry."""
    return page(request, template, person=person, csrf=csrf_token(request), **values)
