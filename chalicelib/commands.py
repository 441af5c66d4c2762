"""What each command does. Engines on plain files open no store."""

import json
import secrets
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.settings import Settings
from chalicelib.terminal import Refused, show


def open_store(settings: Settings) -> Any:
    from chalicelib.wiring import exists, open_service

    if not exists(settings):
        raise Refused(f"no store in {settings.data}; make one with: python -m chalicelib init")
    return open_service(settings)


def init(settings: Settings, arguments: Namespace) -> int:
    """Make the store; one that exists stays as it is."""
    from chalicelib.first_start import make_store

    if not make_store(settings, arguments.sample):
        show(arguments, {"made": False}, f"{settings.place} exists; nothing was done")
        return 0
    show(arguments, {"made": True}, f"made {settings.data}{' with sample data' if arguments.sample else ''}")
    return 0


def serve(settings: Settings, arguments: Namespace) -> int:
    from dataclasses import replace

    from chalicelib.local import serve as run

    if settings.engine != "embedded":
        raise Refused(f"serve runs the embedded engine, and LEADLINE_ENGINE is {settings.engine}")
    if arguments.port is not None:
        if not 0 <= arguments.port <= 65535:
            raise Refused("--port must be from 0 to 65535")
        settings = replace(settings, port=arguments.port)
    return run(settings, lambda address: print(f"Leadline is ready at {address}", flush=True), arguments.empty)


def import_list(settings: Settings, arguments: Namespace) -> int:
    """Upload a list in this process; all is durable when it returns."""
    from chalicelib.first_start import make_store
    from chalicelib.flows.plan_marketing import campaign_named, find_campaign
    from chalicelib.flows.read_list import read_list, reps_from
    from chalicelib.flows.remember_columns import recall_from
    from chalicelib.flows.upload_list import error_key, preview_list, run_upload, start_upload
    from chalicelib.records.contact import Refusal
    from chalicelib.wiring import exists, open_service

    named = _campaign(arguments.campaign)
    data = Path(arguments.file).read_bytes()
    mapping = _mapping(arguments.mapping)
    country = _country(arguments.phone_country)
    name = Path(arguments.file).name
    # A file that is refused makes no store.
    known = open_service(settings).deps if exists(settings) else None
    recall, reps = (recall_from(known), reps_from(known, mapping)) if known else (None, lambda _owners: {})
    read = read_list(data, name, mapping, recall, reps)
    if isinstance(read, Refusal):
        raise Refused(f"{name}: row {read.row}: {read.reason}" if read.row else f"{name}: {read.reason}")
    make_store(settings, sample=False)
    deps = open_service(settings).deps
    if arguments.preview:
        campaign = find_campaign(deps, named)
        upload = preview_list(deps, read, name, campaign.campaign_id if campaign else "new", country)
    else:
        campaign = campaign_named(deps, named)
        by, basis = "command line", arguments.basis
        draft = start_upload(deps, data, name, campaign.campaign_id, basis, mapping, by, country)
        upload = run_upload(deps, draft.import_id, read)
    shown: dict[str, Any] = {"import_id": upload.import_id, "rows": upload.rows}
    shown |= {n: getattr(upload, n) for n in ("created", "merged", "suppressed", "refused", "seconds")}
    if upload.product:
        shown |= {"product": upload.product, "attached": upload.attached}
    if arguments.preview:
        shown["columns"] = [
            {"column": c.column, "field": c.field, "reason": c.reason, "confidence": c.confidence}
            for c in upload.columns
        ]
        shown["notes"] = list(upload.notes)
    else:
        shown["error_file"] = _error_file(deps, upload, error_key(upload.import_id), arguments.file)
    text = f"{upload.rows} rows: {upload.created} created, {upload.merged} merged, {upload.suppressed} suppressed, "
    text += f"{upload.attached} attached, " if upload.product else ""
    show(arguments, shown, text + f"{upload.refused} refused in {upload.seconds:.1f} s")
    return 0


def undo(settings: Settings, arguments: Namespace) -> int:
    """Take an import back, or put it back, in this process; all is durable when it returns."""
    from chalicelib.flows.import_people import kept_people
    from chalicelib.flows.redo_upload import mark_redo, redo_upload
    from chalicelib.flows.undo_upload import NotUndoable, mark_undo, undo_upload

    deps = open_store(settings).deps
    mark, work = (mark_redo, redo_upload) if arguments.back else (mark_undo, undo_upload)
    try:
        mark(deps, arguments.upload, "command line")
    except LookupError:
        raise Refused(f"no such import: {arguments.upload}") from None
    except NotUndoable:
        raise Refused(
            "the import cannot be put back" if arguments.back else "the import cannot be taken back"
        ) from None
    upload = work(deps, arguments.upload)
    kept = [{"lead_id": lead_id, "reason": why} for lead_id, why in kept_people(deps, upload.import_id)]
    shown = {"import_id": upload.import_id, "state": upload.state.value, "taken_back": upload.taken_back, "kept": kept}
    did = "put back" if arguments.back else f"taken back: {upload.taken_back} people"
    show(arguments, shown, f"{did}; {len(kept)} left as they are")
    return 0


def _campaign(given: str) -> str:
    """As a page would take it: a campaign without a name could not be chosen anywhere."""
    from chalicelib.capture.text import clean

    name = " ".join(clean(given, 201).split())
    if not 0 < len(name) <= 200:
        raise Refused("--campaign takes a campaign's id or name, of at most 200 characters")
    return name


def _country(given: str) -> str:
    from chalicelib.identify.countries import country_code

    if given and not country_code(given):
        raise Refused(f"not a country: {given}")
    return country_code(given) if given else ""


def _mapping(path: str | None) -> dict[str, str]:
    if not path:
        return {}
    try:
        found = json.loads(Path(path).read_text("utf-8"))
    except ValueError as error:
        raise Refused(f"{path} is not JSON") from error
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise Refused(f"{path} must be one object of column name to field name")
    return found


def _error_file(deps: Any, upload: Any, key: str, source: str) -> str | None:
    """The refused rows beside the list, for correcting and uploading again."""
    body = deps.blobs.get(key)
    if body is None:
        return None
    path = Path(source).with_suffix(".errors.csv")
    try:
        path.write_bytes(body)
    except OSError:
        path = Path(f"{upload.import_id}.errors.csv")
        path.write_bytes(body)
    return str(path)


def card(settings: Settings, arguments: Namespace) -> int:
    """Each card to one JSON line; one that cannot be read is a line with its reason, and exit 2 at the end."""
    from dataclasses import asdict

    from chalicelib.capture.cards import read_card, split_cards
    from chalicelib.records.contact import Refusal

    failed, cards = 0, 0
    for text in _inputs(arguments.files):
        for one in split_cards(text):
            cards += 1
            found = read_card(one)
            if isinstance(found, Refusal):
                failed = 2
                print(json.dumps({"kind": "unreadable", "reason": found.reason, "raw": one[:500]}, ensure_ascii=False))
            else:
                fields = asdict(found)
                fields.pop("department")  # of the lists' cards; scripts rely on this line's shape
                print(json.dumps(fields, ensure_ascii=False))
    if not cards:
        raise Refused("no card in the input")
    return failed


def _inputs(files: list[str]) -> Iterator[str]:
    for name in files:
        yield Path(name).read_bytes().decode("utf-8", "replace")
    if not files:
        yield sys.stdin.buffer.read().decode("utf-8", "replace")


def channel(settings: Settings, arguments: Namespace) -> int:
    from chalicelib.capture.channels import classify

    for line in sys.stdin:
        url, _, referrer = line.rstrip("\r\n").partition("\t")
        if url or referrer:
            found = classify(url, referrer, arguments.site)
            names = ("channel", "source", "medium", "campaign", "term", "content", "click_ids")
            print(json.dumps({name: getattr(found, name) for name in names}, ensure_ascii=False))
    return 0


def attribute(settings: Settings, arguments: Namespace) -> int:
    from chalicelib.attribute.command import run_attribution
    from chalicelib.records.contact import Refusal

    def read(name: str | None) -> str | None:
        return Path(name).read_bytes().decode("utf-8-sig", "replace") if name else None

    shown = run_attribution(
        paths=read(arguments.paths), touches=read(arguments.touches), conversions=read(arguments.conversions),
        spend=read(arguments.spend), milestones=read(arguments.milestones), model=arguments.model,
        lookback=arguments.lookback, margin=arguments.margin, as_csv=not arguments.json,
    )  # fmt: skip
    if isinstance(shown, Refusal):
        raise Refused(f"row {shown.row}: {shown.reason}" if shown.row else shown.reason)
    print(shown, end="" if shown.endswith("\n") else "\n")
    return 0


def check(settings: Settings, arguments: Namespace) -> int:
    """Counts and invariants; exit 2 when one is broken."""
    from chalicelib.flows.check_store import check_store
    from chalicelib.handlers.on_change import bring_index_up_to_date

    deps = open_store(settings).deps
    bring_index_up_to_date(deps)
    found = check_store(deps)
    lines = [f"{name}: {value}" for name, value in found.items()]
    show(arguments, found, "\n".join(lines))
    return 2 if found["violations"] else 0


def cost(settings: Settings, arguments: Namespace) -> int:
    """What forms, list rows and an idle month cost on AWS: counted in this process, priced by a dated table. Asks
    neither AWS nor the store."""
    from chalicelib.costs.report import report, told

    document = report()
    show(arguments, document, told(document))
    return 0


def admin(settings: Settings, arguments: Namespace) -> int:
    """Make the person with that address an administrator, and show a link to sign in by: for whoever runs the service
    there is no other door."""
    from chalicelib.capture.addresses import read_email
    from chalicelib.flows.first_admin import make_admin
    from chalicelib.flows.sign_in_link import make_link

    email = read_email(arguments.email)
    if not email:
        raise Refused(f"{arguments.email} is not an e-mail address")
    deps = open_store(settings).deps
    rep = make_admin(deps, email, arguments.name)
    link = make_link(deps, rep)
    lines = f"{rep.name} <{rep.email}> is an administrator; to sign in, within 15 minutes, once:\n{link}"
    show(arguments, {"rep_id": rep.rep_id, "name": rep.name, "email": rep.email, "link": link}, lines)
    return 0


def api_key(settings: Settings, arguments: Namespace) -> int:
    """Make a key; the secret is shown this once and stored as a digest only."""
    from chalicelib.handlers.openapi import SCOPES
    from chalicelib.records.api_key import ApiKey
    from chalicelib.records.ports import Put

    if not arguments.name.strip():
        raise Refused("an API key needs a name to be known by")
    unknown = [scope for scope in arguments.scope if scope not in SCOPES]
    if unknown:
        raise Refused(f"unknown scope {unknown[0]}; there are {', '.join(SCOPES)}")
    deps = open_store(settings).deps
    secret = secrets.token_urlsafe(32)
    scopes = tuple(arguments.scope or SCOPES)
    deps.store.commit([Put(ApiKey(deps.digest(f"api-key:{secret}"), arguments.name, scopes, deps.clock()), 0)])
    show(arguments, {"key": secret, "name": arguments.name, "scopes": scopes}, secret)
    return 0
