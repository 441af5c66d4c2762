"""Mail that nobody knows the end of or that failed, and what a person makes of it."""

from typing import Any

from chalice import Response

from chalicelib.flows.dead_addresses import lift_any
from chalicelib.flows.settle_mail import AGAIN, GIVE_UP, SENT, mail_trouble, settle
from chalicelib.handlers.access import posted
from chalicelib.handlers.api_fields import choice
from chalicelib.handlers.console import console_page
from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import query, redirect
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

PAGE = "/app/operations/mail"
DONE = (AGAIN, SENT, GIVE_UP, "lifted")


def show_trouble(request: Any, who: Rep) -> Response:
    found, done = service(), query(request, "done")
    # By SMTP and into the mailbox folder nothing is heard of a mail that has left.
    hears = bool(found.settings.mail_topic)
    return console_page(
        request, who, "mail_trouble.html", trouble=mail_trouble(found.deps), done=done if done in DONE else "",
        hears=hears,
    )  # fmt: skip


def post_decision(request: Any, who: Rep, lead_id: str, message_id: str) -> Response:
    decision = choice(posted(request), "decision", (AGAIN, SENT, GIVE_UP))
    try:
        settle(service().deps, lead_id, message_id, decision, who.rep_id)
    except ValueError as error:
        raise Problem(409, "This mail was settled meanwhile", "Somebody else, or news of it, was first.") from error
    return redirect(f"{PAGE}?done={decision}")


def post_lift(request: Any, who: Rep, digest: str) -> Response:
    posted(request)
    lift_any(service().deps, digest, who.rep_id)
    return redirect(f"{PAGE}?done=lifted")
