"""How the store is, and the keys programs use it with."""

import secrets
from dataclasses import replace
from typing import Any

from chalice import Blueprint, Response

from chalicelib.flows.check_store import check_store
from chalicelib.flows.work_lead import NotFound
from chalicelib.handlers.access import person, posted
from chalicelib.handlers.api_fields import text
from chalicelib.handlers.console import console_page
from chalicelib.handlers.openapi import SCOPES
from chalicelib.handlers.web import redirect, route
from chalicelib.records.ports import Put
from chalicelib.records.receipt import ApiKey
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

operations = Blueprint(__name__)
blueprints = (operations,)


@route(operations, "/app/operations")
def show_operations() -> Response:
    """The same counts and invariants as the command line's `check`."""
    request = operations.current_request
    who = person(request)
    return console_page(request, who, "operations.html", check=check_store(service().deps), now=service().deps.clock())


@route(operations, "/app/api-keys")
def list_keys() -> Response:
    request = operations.current_request
    return _keys_page(request, person(request), {})


@route(operations, "/app/api-keys", ("POST",))
def post_key() -> Response:
    """Make a key. Its secret is on this one answer and nowhere else: only its digest is stored."""
    request = operations.current_request
    who, sent = posted(request)
    deps = service().deps
    name = " ".join(text(sent, "name", 100).split())
    scopes = tuple(scope for scope in SCOPES if sent.get(f"scope-{scope}"))
    errors = {} if name else {"name": "this field is required"}
    if not scopes:
        errors[f"scope-{SCOPES[0]}"] = "choose at least one"
    if errors:
        return _keys_page(request, who, errors, typed=sent)
    secret = secrets.token_urlsafe(32)
    key = ApiKey(deps.digest(f"api-key:{secret}"), name, scopes, deps.clock())
    deps.store.commit([Put(key, if_version=0)])
    return _keys_page(request, who, {}, secret=secret, made=key)


@route(operations, "/app/api-keys/{digest}/withdraw", ("POST",))
def post_withdraw(digest: str) -> Response:
    """From now on the key opens nothing."""
    request = operations.current_request
    posted(request)
    deps = service().deps
    stored = deps.store.get(ApiKey, digest)
    if stored is None:
        raise NotFound
    if stored.value.active:
        deps.store.commit([Put(replace(stored.value, active=False), stored.version)])
    return redirect("/app/api-keys")


def _keys_page(request: Any, who: Rep, errors: dict[str, str], **values: Any) -> Response:
    deps = service().deps
    keys = sorted((s.value for s in deps.store.query(ApiKey)), key=lambda k: (not k.active, -k.created_at.timestamp()))
    shown: dict[str, Any] = {"secret": "", "made": None, "typed": {}, **values}
    answer = console_page(
        request, who, "api_keys.html", keys=keys, scopes=SCOPES, errors=errors,
        address=deps.links.absolute("/v1/leads"), **shown,
    )  # fmt: skip
    answer.status_code = 422 if errors else 200
    return answer
