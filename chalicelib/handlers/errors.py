"""The one map from what went wrong to what the caller is told (RFC 9457). Nothing internal gets out."""

import logging
from dataclasses import dataclass, field

from chalicelib.flows.submission import TokenReused, TooBusy
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Conflict, Gone, NotFound, StoreUnavailable, TooLarge

log = logging.getLogger("leadline")


@dataclass(frozen=True, slots=True)
class Problem(Exception):
    """A problem to show: status, a title for people, and which fields are wrong and why."""

    status: int
    title: str
    detail: str = ""
    errors: tuple[Refusal, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def as_json(self, instance: str = "") -> dict[str, object]:
        shown: dict[str, object] = {"type": "about:blank", "title": self.title, "status": self.status}
        if self.detail:
            shown["detail"] = self.detail
        if instance:
            shown["instance"] = instance
        if self.errors:
            shown["errors"] = [{"field": e.field, "reason": e.reason} for e in self.errors]
        return shown


class SignInNeeded(Exception):
    """The page is for people who are signed in."""


# The field of the request that a record's longest text comes from.
_LONGEST = {"Touch": "message", "Note": "text", "Message": "message"}


def _too_long(error: TooLarge, why: str) -> Refusal:
    return Refusal(_LONGEST.get(error.kind, "body"), why)


def problem_of(error: Exception, request_id: str) -> Problem:
    """The problem an exception is shown as. What is not foreseen is logged by id and type, and shown as a 500."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NotFound):
        return Problem(404, "Not found", "There is nothing at this address.")
    if isinstance(error, Gone):
        return Problem(410, "Not stored any more", "What was sent was erased, or is gone.")
    if isinstance(error, TokenReused):
        why = "was used before with another body"
        return Problem(422, "Sent before", f"This one-time token {why}.", (Refusal("Idempotency-Key", why),))
    if isinstance(error, TooLarge):
        why = "longer than one record can hold: 400 KB"
        return Problem(413, "Too large to keep", why, (_too_long(error, why),))
    if isinstance(error, (TooBusy, Conflict)):
        return Problem(503, "Busy", "Too many changes at once; try again.", headers={"Retry-After": "1"})
    if isinstance(error, StoreUnavailable):
        return Problem(503, "Not available", "The store cannot be reached; try again.", headers={"Retry-After": "5"})
    # The traceback names code, never values: messages of exceptions may hold what a visitor typed.
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}" if place else "?"
    log.error("unforeseen %s at %s in request %s", type(error).__name__, where, request_id)
    return Problem(500, "Something went wrong", f"It is on us. Reference {request_id}.")
