"""News of mail from the queue: read, believed when it is our topic's, taken in."""

import logging
from collections.abc import Sequence
from contextlib import suppress

from chalicelib.flows.dead_letters import AT_ONCE, NEWS, note_failure
from chalicelib.flows.hear_of_mail import hear
from chalicelib.handlers.batches import kind_of
from chalicelib.messaging.ses_news import Foreign, read_envelope
from chalicelib.records.deliveries import Delivery
from chalicelib.records.ports import Deps, StoreUnavailable

log = logging.getLogger("leadline")


def on_mail_event(deps: Deps, deliveries: Sequence[Delivery], topic: str) -> list[str]:
    """The receipts of those that have to come again. What is not our topic's or not readable comes again too, until it
    lies among the dead letters: kept as it came, for somebody to look at, and applied to nothing."""
    failed = []
    for delivery in deliveries:
        try:
            news = read_envelope(delivery.body, topic)
            if news and not hear(deps, news):
                log.warning("news %s of a mail that is not ours", news.news_id)
        except Foreign as error:
            log.error("message %s is not believed: %s", delivery.receipt, error)
            why = "it is not news of our mail service"
            note_failure(deps, NEWS, delivery.message_id, delivery.attempt, why)
            failed.append(delivery.receipt)
        except Exception as error:
            log.error("news in message %s failed: %s", delivery.receipt, kind_of(error))
            why = f"it could not be done: {kind_of(error)}"
            note_failure(deps, NEWS, delivery.message_id, delivery.attempt, why)
            failed.append(delivery.receipt)
    return failed


def hear_given_up(deps: Deps, topic: str) -> int:
    """Take in the news that was given up, where it lies; how many. What is still not believed stays there."""
    dead = f"{NEWS}-dead"
    heard, seen = 0, set[str]()
    with suppress(StoreUnavailable):
        while heard < AT_ONCE:
            found = [one for one in deps.queue.receive(dead) if one.message_id not in seen]
            if not found:
                break
            seen |= {one.message_id for one in found}
            failed = set(on_mail_event(deps, found, topic))
            for delivery in found:
                if delivery.receipt not in failed:
                    deps.queue.done(dead, delivery.receipt)
                    heard += 1
    return heard
