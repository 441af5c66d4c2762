"""A submission comes in: it becomes a lead, is put aside, or is kept as rejected with its reason."""

from chalicelib.flows.keep_post import Also, nothing, reject
from chalicelib.flows.read_post import read_post
from chalicelib.flows.submission import Answer, TokenReused
from chalicelib.flows.submit import submit
from chalicelib.records.arrival import RawPost, Refused
from chalicelib.records.contact import Refusal
from chalicelib.records.ports import Deps

REUSED = Refused(422, "Sent before", (Refusal("Idempotency-Key", "was used before with another body"),), {})


def receive(deps: Deps, post: RawPost, corrects: bool = False, also: Also = nothing) -> Answer | Refused:
    """`corrects`: a person has the form before them and will put the fields right: what they sent is not received yet.
    All else that is refused is kept. Raises NotFound (no such form), TokenReused, TooBusy, StoreUnavailable."""
    read = read_post(deps, post)
    if isinstance(read, Refused):
        if not (corrects and read.status == REUSED.status):
            reject(deps, post, read, also)
        return read
    try:
        return submit(deps, read, also)
    except TokenReused:
        if not corrects:
            reject(deps, post, REUSED, also)
        raise
