"""The door: what is taken of a request, and where it goes while the store is down. Nobody is sent away for that."""

import logging
from typing import Any

from chalice import Response

from chalicelib.flows.keep_post import packed
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.limits import limit_by_address
from chalicelib.handlers.web import as_json, client_address, header, language_of, own_host, page, query, wants_html
from chalicelib.records.arrival import KEYED, Entry, RawPost, Refused
from chalicelib.records.ports import StoreUnavailable
from chalicelib.wiring import service

log = logging.getLogger("leadline")


def raw_post(request: Any, entry: Entry, form_id: str = "", key: str = "") -> RawPost:
    """All that a submission is made of. Who sent it is known by a keyed hash alone."""
    deps = service().deps
    sender = f"{client_address(request)} {header(request, 'user-agent')}"
    return RawPost(
        post_id=deps.new_id(),
        entry=entry,
        received_at=deps.clock(),
        content_type=_content_type(request, entry),
        body=request.raw_body,
        form_id=form_id,
        key=key,
        once=header(request, "idempotency-key"),
        visitor=deps.digest(f"visitor:{sender}"),
        referrer=header(request, "referer"),
        host=own_host(request),
        language=language_of(request),
    )


def _content_type(request: Any, entry: Entry) -> str:
    """With the charset a Web-to-Lead form names in its address (`?encoding=`), where the header names none."""
    told, charset = header(request, "content-type"), query(request, "encoding")[:40]
    named = entry is Entry.WEB_TO_LEAD and charset.replace("-", "").replace("_", "").isalnum()
    return f"{told}; charset={charset}" if named and "charset=" not in told.lower() else told


def problem_of_refusal(refused: Refused) -> Problem:
    return Problem(refused.status, refused.title, refused.problems[0].reason, refused.problems)


def sent_to_nobody(request: Any, entry: Entry) -> None:
    """To an intake that is not known: counted, and who keeps guessing is turned away. Raises Problem 429."""
    from chalicelib.flows.count_refused import count_refused

    log.warning("refused: sent to no intake of %s", entry)
    limit_by_address(request, "intake")
    count_refused(service().deps)


def allow(request: Any, *ids: str) -> Response:
    """What a browser asks before it lets another site's script send JSON, and where it is needed a key: the same
    whatever intake it is for."""
    headers = {"Access-Control-Allow-Methods": "POST, OPTIONS", "Access-Control-Max-Age": "86400",
               "Access-Control-Allow-Headers": "Authorization, Content-Type"}  # fmt: skip
    return Response("", headers, 204)


def keep_at_door(request: Any, entry: Entry, ids: dict[str, str]) -> Response | None:
    """202 with an address that tells how it stands, or None when there is no place left to keep it."""
    deps = service().deps
    secret = header(request, "authorization").partition(" ")[2].strip()
    key = deps.digest(f"api-key:{secret}") if entry in KEYED else ""
    post = raw_post(request, entry, "-".join(ids.values()), key)
    try:
        deps.door.keep(post.post_id, packed(post))
    except StoreUnavailable as error:
        log.error("no place left for submission %s: %s", post.post_id, error)
        return None
    log.warning("submission %s waits at the door", post.post_id)
    token = deps.links.make("receipt", post.post_id)
    if wants_html(request):
        # Few submissions wait here: what a status page is made of stays out of every other cold start.
        from chalicelib.flows.read_status import waiting_status

        # Whose thanks to say is in the store as well. In a frame this is the answer too, and leads no further.
        status = waiting_status(post.received_at)
        shown = {"status": status, "token": token, "here": f"/s/{token}", "thanks": {}, "work": {}, "wishes": None}
        answer = page(request, "status.html", **shown)
        answer.status_code = 202
        return answer
    # Google knows 200 alone as "it has arrived".
    code = 200 if entry is Entry.GOOGLE else 202
    return as_json({"request_id": post.post_id, "status_url": deps.links.absolute(f"/s/{token}")}, code)
