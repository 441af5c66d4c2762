"""What waited at the door while the store was down is done now, each once."""

import logging

from chalicelib.flows.keep_post import Also, reject, unpacked
from chalicelib.flows.read_post import gone, key_problem
from chalicelib.flows.receive import receive
from chalicelib.flows.submission import TokenReused, TooBusy
from chalicelib.flows.sweep_clocks import Pause, never
from chalicelib.records.arrival import Entry, RawPost, Refused
from chalicelib.records.contact import Refusal
from chalicelib.records.deliveries import Waiting
from chalicelib.records.kept import Replayed
from chalicelib.records.ports import Conflict, Deps, NotFound, Put, StoreUnavailable

log = logging.getLogger("leadline")


def replay_door(deps: Deps, pause: Pause = never) -> int:
    """Until nothing waits, or the store is not there yet; how many are in the store now."""
    done = 0
    while not pause() and (waiting := deps.door.take()):
        for one in waiting:
            if not _replay(deps, one):
                return done
            deps.door.done(one.receipt)
            done += 1
    return done


def _replay(deps: Deps, waiting: Waiting) -> bool:
    """Whether it need not come again."""
    post = _post(deps, waiting)
    try:
        if deps.store.get(Replayed, post.post_id) is None:
            _receive(deps, post)
    except (StoreUnavailable, TooBusy):
        return False
    except (Conflict, TokenReused):
        # Somebody else has done it at this moment; or it is kept as rejected.
        return True
    return True


def _post(deps: Deps, waiting: Waiting) -> RawPost:
    try:
        return unpacked(waiting.body)
    except (ValueError, KeyError, TypeError):
        return RawPost(deps.new_id(), Entry.FORM, deps.clock(), "", waiting.body)


def _receive(deps: Deps, post: RawPost) -> None:
    also = _noted(post)
    problem = key_problem(deps, post)
    if problem:
        reject(deps, post, problem, also)
        return
    try:
        if not _asks_nothing(deps, post):
            receive(deps, post, also=also)
    except NotFound:
        reject(deps, post, gone(post), also)
    except (StoreUnavailable, TooBusy, Conflict, TokenReused):
        raise
    except Exception as error:
        log.error("submission %s cannot be done: %s", post.post_id, type(error).__name__)
        reject(deps, post, our_fault(error), also)


def _asks_nothing(deps: Deps, post: RawPost) -> bool:
    if post.entry is not Entry.SEGMENT:
        return False
    # As in `read_post`: what reads others' messages stays out of what every cold start imports.
    from chalicelib.flows.read_intake import asks_nothing

    return asks_nothing(deps, post)


def _noted(post: RawPost) -> Also:
    return lambda receipt: (Put(Replayed(post.post_id, receipt), 0),)


def our_fault(error: Exception) -> Refused:
    return Refused(500, "Our fault", (Refusal("", f"a fault of ours, not of the sender: {type(error).__name__}"),), {})
