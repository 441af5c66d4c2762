"""What marketing sets up: campaigns, spend, reps and forms."""

import re
import unicodedata
from dataclasses import replace
from datetime import date

from chalicelib.flows.work_lead import NotFound
from chalicelib.follow_up.basis import promotional_basis
from chalicelib.follow_up.outbox import release
from chalicelib.records.campaign import Campaign, Spend
from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageState
from chalicelib.records.money import Money
from chalicelib.records.ports import Conflict, Deps, Put, Ref
from chalicelib.records.rep import Rep
from chalicelib.records.upload import Upload


def find_campaign(deps: Deps, name: str) -> Campaign | None:
    """By id or by name, whatever the case."""
    wanted = " ".join(name.split()).casefold()
    for campaign in deps.directory.campaigns():
        if campaign.campaign_id == name or campaign.name.casefold() == wanted:
            return campaign
    return None


def campaign_named(deps: Deps, name: str, channel: str = "") -> Campaign:
    """The campaign of that name, made if it is new."""
    return find_campaign(deps, name) or add_campaign(deps, name, channel)


def add_campaign(
    deps: Deps, name: str, channel: str = "", starts_on: date | None = None, ends_on: date | None = None
) -> Campaign:
    """Raises Conflict when a campaign of that id was made meanwhile."""
    name = " ".join(name.split())
    campaign = Campaign(_slug(name) or deps.new_id().lower(), name, channel, starts_on, ends_on, deps.clock())
    try:
        deps.store.commit([Put(campaign, if_version=0)])
    except Conflict:
        campaign = replace(campaign, campaign_id=f"{campaign.campaign_id}-{deps.new_id()[-4:].lower()}")
        deps.store.commit([Put(campaign, if_version=0)])
    deps.wake()
    return campaign


def _slug(name: str) -> str:
    """Part of addresses and keys: ASCII letters, digits and dashes only."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:60]


def add_spend(
    deps: Deps, campaign_id: str, spent_on: date, amount: Money, note: str, invoice: str, by: str
) -> tuple[Spend, bool]:
    """Enter spend. The same invoice of the same campaign again changes nothing: (what is stored, whether new)."""
    if deps.directory.campaign(campaign_id) is None:
        raise NotFound
    spend_id = deps.digest(f"invoice:{campaign_id}:{invoice}") if invoice else deps.new_id()
    spend = Spend(spend_id, campaign_id, spent_on, amount, note, invoice, by, deps.clock())
    try:
        deps.store.commit([Put(spend, if_version=0)])
    except Conflict:
        stored = deps.store.get(Spend, spend_id)
        if stored is None:
            raise
        return stored.value, False
    deps.wake()
    return spend, True


def save_rep(deps: Deps, rep: Rep) -> None:
    deps.store.commit([Put(rep)])
    deps.wake()


def record_basis(deps: Deps, import_id: str, basis: str) -> int:
    """Record the legal basis of a list after the fact: held mails it permits become due. How many those were."""
    upload = deps.store.get(Upload, import_id)
    if upload is None:
        raise NotFound
    deps.store.commit([Put(replace(upload.value, basis=basis), upload.version)])
    released = 0
    for ids in deps.model.messages(MessageState.HELD, limit=1_000_000):
        message, lead = deps.store.get_many([Ref(Message, ids), Ref(Lead, ids[:1])])
        if message and lead and message.value.import_id == import_id and message.value.state is MessageState.HELD:
            permitted = promotional_basis(lead.value.country, basis)
            if permitted:
                deps.store.commit([Put(release(message.value, permitted, deps.clock()), message.version)])
                released += 1
    deps.wake()
    return released
