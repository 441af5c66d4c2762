"""The form in a frame on somebody else's page, and the script that puts it there (docs/adr/0011)."""

from typing import Any
from urllib.parse import urlencode

from chalice import Response

from chalicelib.handlers.http_assets import serve
from chalicelib.handlers.http_form import active_form, form_page, language_for, receive_form
from chalicelib.handlers.web import framed_by, page, query, redirect
from chalicelib.records.form import Form
from chalicelib.records.ports import NotFound
from chalicelib.wiring import service


def script(request: Any) -> Response:
    """For any page, also for one that loads only what allows it (Cross-Origin-Embedder-Policy)."""
    return serve(request, "embed.js", {"Cross-Origin-Resource-Policy": "cross-origin"})


def show_form(request: Any, form: str) -> Response:
    return form_page(request, active_form(form))


def post_form(request: Any, form: str) -> Response:
    """As at the form's own address, but that the visitor stays in the frame."""

    def onward(asked: Form, token: str) -> Response:
        told = urlencode({"lang": language_for(request, asked), "theme": query(request, "theme")[:10]})
        return redirect(f"/embed/{asked.form_id}/s/{token}?{told}")

    return receive_form(request, form, onward)


def show_sent(request: Any, form: str, token: str) -> Response:
    """Nothing but that it was sent, and the way to where it stands."""
    asked = service().deps.directory.form(form)
    if asked is None or service().deps.links.read("receipt", token) is None:
        raise NotFound
    # What proofs are made of stays out of what a cold start imports for a post.
    from chalicelib.handlers.http_proof import work_asked

    work = work_asked(token) if service().deps.limits.watching else {}
    answer = page(request, "embed_sent.html", form=asked, token=token, language=language_for(request, asked), work=work)
    return framed_by(answer, asked.sites)
