"""Whether a confirmation is one too many for its mailbox: asked after the claim, as all that may stop a mail.

A mailbox is a person's, and a person's mails lie together: they are counted there, where the person has come often
enough to have had as many. A role address (info@) is as many people as names are sent with it: those are counted as far
as this process has seen them."""

from chalicelib.follow_up.confirmation_cap import CONFIRMING, MOST, sent_before
from chalicelib.identify.emails import mailbox
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message
from chalicelib.records.ports import Deps


def is_one_too_many(deps: Deps, message: Message, lead: Lead) -> bool:
    """Never for a mail that one of our own people let go again, and not on a machine that is being measured."""
    if message.kind not in CONFIRMING or message.again or not message.to or not deps.limits.watching:
        return False
    own = deps.digest(f"mailbox:{mailbox(message.to)}")
    if deps.limits.mailed(own, message.message_id) > MOST:
        return True
    if lead.touch_count <= MOST:
        return False
    others = (s.value for lead_id in (lead.lead_id, *lead.merged_ids) for s in deps.store.query(Message, lead_id))
    return sent_before(message, others, mailbox) >= MOST
