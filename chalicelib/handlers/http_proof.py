"""The work a visitor's browser does for what was sent while the form was under attack, after it was sent."""

from typing import Any

from chalice import Response

from chalicelib.capture.proof_of_work import BITS, PROOF
from chalicelib.flows.prove_work import NotProven, prove, text_to_work_on, waits_for_work
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import fields
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import StoreUnavailable
from chalicelib.wiring import service


def work_asked(token: str) -> dict[str, Any]:
    """What the page that says where it stands has its browser do, {} for nothing: `prove.js` reads it. `then` is where
    the form itself leads on to."""
    try:
        kept = waits_for_work(service().deps, token)
    except StoreUnavailable:
        return {}
    if kept is None:
        return {}
    form = service().deps.directory.form(kept.form_id)
    told = {"text": text_to_work_on(token), "bits": BITS, "then": form.goes_to if form else ""}
    return {"prove": f"/s/{token}/proof", **told}


def post_proof(request: Any, token: str) -> Response:
    """204 once it is let in, also by somebody before."""
    try:
        prove(service().deps, token, str(fields(request).get(PROOF) or ""))
    except NotProven:
        why = "does not fit, or comes too late"
        raise Problem(422, "Not proven", f"The proof {why}.", (Refusal(PROOF, why),)) from None
    return Response("", {"Cache-Control": "no-store"}, 204)
