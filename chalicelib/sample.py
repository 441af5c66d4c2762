"""Sample data to look at: made-up people at example domains, a year of touches, spend and deals, made by the same
flows as real ones, at moments in the past."""

import csv
import io
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from importlib import resources
from typing import Any

import msgspec

from chalicelib.flows.escalate import escalate_request
from chalicelib.flows.follow_feed import feed_index
from chalicelib.flows.plan_form import save_form
from chalicelib.flows.plan_intake import IntakePlan, make_intake
from chalicelib.flows.plan_marketing import add_spend
from chalicelib.flows.submission import Submission
from chalicelib.flows.submit import submit
from chalicelib.flows.upload_list import run_upload, start_upload
from chalicelib.flows.work_lead import change_status, close_deal, open_deal, write_note
from chalicelib.follow_up.outbox import claim, sent
from chalicelib.follow_up.seminars import seminar_times
from chalicelib.records.campaign import Campaign
from chalicelib.records.contact import Contact
from chalicelib.records.event import Seminar
from chalicelib.records.form import Form
from chalicelib.records.lead import LeadStatus
from chalicelib.records.message import Message
from chalicelib.records.money import Money
from chalicelib.records.opportunity import OpportunityStage
from chalicelib.records.ports import Deps, Put
from chalicelib.records.quote import Product
from chalicelib.records.rep import Rep
from chalicelib.records.touch import Request, Source, TouchKind
from chalicelib.sample_promises import make_promises
from chalicelib.sample_quotes import make_quotes

SHOW_ROWS = 110
WEB_LEADS = 230
WAITING = 14
SIGN_UPS = 22


def make_sample(deps: Deps) -> None:
    """Fill an empty store. The same people each time, at moments that end now."""
    data = json.loads(resources.files("chalicelib").joinpath("data/sample.json").read_text("utf-8"))
    now = deps.clock()
    _set_up(deps, data, now)
    deps.directory.forget()
    chance = random.Random(7)
    for days, act in sorted(_story(data, chance), key=lambda step: -step[0]):
        act(_at(deps, now - timedelta(days=days)))
    _deliver_past_mail(deps, now - timedelta(hours=20))
    deps.blobs.put("sample", b"made-up people and figures")
    _index(deps)
    make_promises(deps, data["promises"], partial(_at, deps))
    make_quotes(deps, data["quotes"], partial(_at, deps))
    _escalate_the_late(deps)
    _index(deps)


def _index(deps: Deps) -> None:
    while feed_index(deps):
        pass


def _escalate_the_late(deps: Deps) -> None:
    """What the clock would have done meanwhile: nothing past its limit lacks an escalation, at whatever time of the day
    the sample is made."""
    for due in deps.store.due(deps.clock(), kind=Request):
        escalate_request(deps, due.ref)


def _at(deps: Deps, moment: datetime) -> Deps:
    return replace(deps, clock=lambda: moment, wake=lambda: None)


def _set_up(deps: Deps, data: dict[str, Any], now: datetime) -> None:
    records: list[Any] = [msgspec.convert(rep, Rep) for rep in data["reps"]]
    records += [msgspec.convert(product, Product) for product in data["price_list"]]
    for entry in data["campaigns"]:
        starts, ends = (now - timedelta(days=entry[n]) for n in ("from", "to"))
        ends_on = ends.date() if entry["to"] else None
        made = Campaign(entry["campaign_id"], entry["name"], entry["channel"], starts.date(), ends_on, starts)
        records.append(made)
    records.append(_seminar(data["seminar"], now))
    deps.store.commit([Put(record, if_version=0) for record in records])
    for form in data["forms"]:
        save_form(deps, msgspec.convert(form, Form), "sample-mara", 0)
    for intake in data["intakes"]:
        make_intake(deps, msgspec.convert(intake, IntakePlan), "sample-marketing")


def _seminar(entry: dict[str, Any], now: datetime) -> Seminar:
    day = (now + timedelta(days=entry["days_ahead"])).date().isoformat()
    wall = f"{day}T{entry['wall']}"
    end = (datetime.fromisoformat(wall) + timedelta(hours=entry["hours"])).isoformat()
    starts_at, ends_at = seminar_times(wall, end, entry["zone"])
    return Seminar(
        entry["event_id"], entry["title"], starts_at, ends_at, entry["zone"], wall, entry["place"], entry["seats"],
        campaign_id="sensor-seminar",
    )  # fmt: skip


def _story(data: dict[str, Any], chance: random.Random) -> Iterator[tuple[float, Any]]:
    """What happened, as (days ago, action)."""
    for entry in data["campaigns"]:
        if entry["once"]:
            yield entry["from"], _spend(entry, entry["once"], "stand, travel, prints")
            if entry["channel"] == "Trade show":
                visitors = [_person(data, chance) for _ in range(SHOW_ROWS)]
                yield entry["to"], _show(entry, visitors)
                # Every third visitor writes in the weeks after the show.
                for number, visitor in enumerate(visitors[::3]):
                    days = entry["to"] * chance.random() * 0.8
                    yield days, _web_lead(data, chance, visitor)
                    if number % 2:
                        asked = replace(visitor, message="Please keep me posted.")
                        yield days + entry["to"] * 0.1, _web_lead(data, chance, asked, fate=0.3, source=2)
        for month in range(12 if entry["monthly"] else 0):
            yield 360 - 30 * month, _spend(entry, entry["monthly"] + chance.randrange(9000), f"month {month + 1}")
    for _ in range(WEB_LEADS):
        # More and more over the year.
        yield 364 * (1 - chance.random() ** 0.7) + 1, _web_lead(data, chance, _person(data, chance))
    for n in range(WAITING):
        # Still waiting for an answer, the oldest past the limit.
        yield 0.02 + 0.07 * n, _web_lead(data, chance, _person(data, chance), answered=False)
    for n in range(SIGN_UPS):
        yield 1 + 1.5 * n, _sign_up(_person(data, chance))


def _spend(entry: dict[str, Any], amount: int, note: str) -> Any:
    def act(deps: Deps) -> None:
        day = deps.clock().date()
        invoice = f"SAMPLE-{entry['campaign_id']}-{day}"
        add_spend(deps, entry["campaign_id"], day, Money(amount, "EUR"), note, invoice, "sample-finance")

    return act


def _show(entry: dict[str, Any], visitors: list[Contact]) -> Any:
    def act(deps: Deps) -> None:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("name", "company", "title", "email", "phone", "country", "product_interest"))
        for p in visitors:
            products = " ".join(p.products)
            writer.writerow((p.full_name, p.company, p.title, *p.emails, *p.phones[:1], p.country, products))
        name = f"{entry['campaign_id']} visitors.csv"
        basis = "consent given at the stand" if entry["from"] > 200 else ""
        upload = start_upload(deps, text.getvalue().encode(), name, entry["campaign_id"], basis, {}, "sample")
        run_upload(deps, upload.import_id)

    return act


def _person(data: dict[str, Any], chance: random.Random) -> Contact:
    company, domain, country = chance.choice(data["companies"])
    given, family = chance.choice(data["given"][country]), chance.choice(data["family"][country])
    number = chance.randrange(10_000)
    han = country == "CN"
    local = f"visitor{number}" if han else f"{given}.{family}{number}".lower()
    phones = {"US": f"+1 202 555 01{number % 100:02d}", "GB": f"+44 7700 900{number % 1000:03d}"}
    return Contact(
        full_name=f"{family}{given}" if han else f"{given} {family}",
        company=company,
        title=chance.choice(data["titles"]),
        emails=(f"{local}@{domain}",),
        phones=(phones.get(country, ""),),
        country=country,
        language="zh-Hans" if han else "en",
        products=tuple(p for p in (chance.choice(data["products"]),) if p),
        message=chance.choice(data["messages"]),
    )


def _sign_up(person: Contact) -> Any:
    person = replace(person, phones=tuple(p for p in person.phones if p), message="")

    def act(deps: Deps) -> None:
        form = deps.directory.form("sensor-seminar")
        submit(
            deps,
            Submission(
                contact=person,
                kind=TouchKind.SEMINAR,
                token=f"sample-seminar:{person.emails[0]}",
                form=form,
                campaign_id="sensor-seminar",
                source=Source("Email", "newsletter", "email", campaign="sensor-seminar"),
                language=person.language,
                subject="Sensor seminar: sign up",
            ),
        )

    return act


def _web_lead(
    data: dict[str, Any],
    chance: random.Random,
    person: Contact,
    answered: bool = True,
    fate: float | None = None,
    source: int | None = None,
) -> Any:
    person = replace(person, phones=tuple(p for p in person.phones if p))
    drawn = chance.choices(data["sources"], weights=(40, 12, 30, 8, 10))[0]
    channel, host, medium = drawn if source is None else data["sources"][source]
    campaign_id = {"cpc": "search-ads", "email": "newsletter"}.get(medium, "")
    luck, amount = chance.random() if fate is None else fate, chance.randrange(300_000, 6_000_000)

    def act(deps: Deps) -> None:
        submission = Submission(
            contact=person,
            kind=TouchKind.FORM,
            token=f"sample:{person.emails[0]}:{medium}:{amount}",
            form=deps.directory.form("contact"),
            campaign_id=campaign_id,
            source=Source(channel, host, medium, campaign=campaign_id),
            language=person.language,
            subject="Talk to us",
        )
        lead_id = submit(deps, submission).lead_id
        if answered:
            _work(_at(deps, deps.clock() + timedelta(hours=1)), lead_id, luck, amount)

    return act


def _work(deps: Deps, lead_id: str, fate: float, amount: int) -> None:
    caller = deps.directory.rep("sample-anna")
    if caller:
        write_note(deps, lead_id, "call", "Called back and talked through the need.", caller)
    if fate < 0.25:
        change_status(deps, lead_id, LeadStatus.REJECTED, "no budget" if fate < 0.1 else "student", "sample-anna")
    elif fate > 0.6:
        deal = open_deal(deps, lead_id, "First order", Money(amount, "EUR"), 35, "sample-anna")
        if fate > 0.75:
            stage = OpportunityStage.WON if fate > 0.82 else OpportunityStage.LOST
            close_deal(deps, lead_id, deal.opportunity_id, stage)


def _deliver_past_mail(deps: Deps, until: datetime) -> None:
    """Mail of the past counts as sent at its time; nobody gets a year of mail on the first start."""
    while due := [d for d in deps.store.due(until, limit=2000) if d.ref.kind is Message]:
        stored = [s for s in deps.store.get_many([d.ref for d in due]) if s]
        deps.store.commit_each([[Put(sent(claim(s.value, s.value.due_at), s.value.due_at), s.version)] for s in stored])
