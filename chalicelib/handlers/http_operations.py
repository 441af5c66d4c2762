"""How the store is, and the keys programs use it with."""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalice import Response

from chalicelib.flows.check_store import check_store
from chalicelib.flows.mail_queue import mail_queue
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_fields import text
from chalicelib.handlers.console import console_page
from chalicelib.handlers.openapi import SCOPES
from chalicelib.handlers.web import redirect
from chalicelib.records.api_key import ApiKey
from chalicelib.records.ports import NotFound, Put
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

KEY_DAYS = {"90": 90, "365": 365}


def show_operations(request: Any, who: Rep) -> Response:
    """The same counts and invariants as the command line's `check`."""
    found = service()
    # Reading every item is for the command line where the table is large.
    check = check_store(found.deps, count_all=found.settings.engine == "embedded")
    queue = mail_queue(found.deps)
    return console_page(request, who, "operations.html", check=check, now=found.deps.clock(), queue=queue)


def list_keys(request: Any, who: Rep) -> Response:
    return _keys_page(request, who, {})


def post_key(request: Any, who: Rep) -> Response:
    """Make a key. Its secret is on this one answer and nowhere else: only its digest is stored."""
    sent = posted(request)
    deps = service().deps
    name = " ".join(text(sent, "name", 100).split())
    scopes = tuple(scope for scope in SCOPES if sent.get(f"scope-{scope}"))
    errors = {} if name else {"name": "this field is required"}
    if not scopes:
        errors[f"scope-{SCOPES[0]}"] = "choose at least one"
    if errors:
        return _keys_page(request, who, errors, typed=sent)
    secret = secrets.token_urlsafe(32)
    now, days = deps.clock(), KEY_DAYS.get(str(sent.get("days", "")))
    until = now + timedelta(days=days) if days else None
    key = ApiKey(deps.digest(f"api-key:{secret}"), name, scopes, now, made_by=who.rep_id, expires_at=until)
    deps.store.commit([Put(key, if_version=0)])
    return _keys_page(request, who, {}, secret=secret, made=key)


def post_withdraw(request: Any, who: Rep, digest: str) -> Response:
    """From now on the key opens nothing."""
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
        address=deps.links.absolute("/v1/leads"), names={rep.rep_id: rep.name for rep in deps.directory.reps()},
        now=deps.clock(), **shown,
    )  # fmt: skip
    answer.status_code = 422 if errors else 200
    return answer
