"""Commands for what must not be lost, and for what must not come back."""

from argparse import Namespace
from datetime import datetime, timedelta
from pathlib import Path

from chalicelib.commands import open_store
from chalicelib.records.ports import Deps
from chalicelib.settings import Settings
from chalicelib.terminal import Refused, show


def erase(settings: Settings, arguments: Namespace) -> int:
    """Remove a person given by id, e-mail or phone; what keeps the person out is left."""
    from chalicelib.flows.erase_person import erase_person, finish_erasure
    from chalicelib.flows.erase_sender import erase_sender
    from chalicelib.flows.find_lead import leads_named
    from chalicelib.flows.replay_door import replay_door
    from chalicelib.records.erasure import Erasure
    from chalicelib.records.ports import NotFound, Ref

    deps = open_store(settings).deps
    # What waits at the door, or was given up there, is found once it is in the store.
    deps.queue.revive("door")
    replay_door(deps)
    ids = leads_named(deps, arguments.person)
    if len(ids) > 1:
        raise Refused(f"{len(ids)} people have that; name one by its id: {', '.join(ids)}")
    keep_out = timedelta(days=settings.suppression_days)
    try:
        done = erase_person(deps, ids[0] if ids else arguments.person, keep_out)
    except NotFound:
        try:
            done = erase_sender(deps, arguments.person, keep_out)
        except NotFound:
            raise Refused("nobody is known by that id, e-mail or phone") from None
    finish_erasure(deps, Ref(Erasure, (done.lead_id,)), at_once=True)
    counted = {"records": done.records, "lists": done.lists, "set_aside": done.set_aside, "again": done.again}
    times = {"erased_at": done.erased_at.isoformat(), "kept_out_until": done.until.isoformat()}
    shown = {"lead_id": done.lead_id, **counted, **times}
    gone = f"{done.records} records, {done.lists} list files, {done.set_aside} submissions set aside"
    text = f"erased {done.lead_id}: {gone}; kept out until {done.until:%Y-%m-%d}"
    show(arguments, shown, text)
    return 0


def backup(settings: Settings, arguments: Namespace) -> int:
    """Save the service below a folder; the service may go on meanwhile."""
    from chalicelib.restore import back_up
    from chalicelib.store.backup import NoBackup
    from chalicelib.wiring import exists

    if not exists(settings):
        raise Refused(f"no store in {settings.data}; there is nothing to save")
    try:
        made = back_up(settings, Path(arguments.place))
    except NoBackup as error:
        raise Refused(str(error)) from None
    shown = {"backup": str(made.folder), "records": made.about.rows, "files": made.about.blobs}
    show(arguments, shown, f"{made.folder}: {made.about.rows} records, {made.about.blobs} files")
    return 0


def restore(settings: Settings, arguments: Namespace) -> int:
    """Fill an empty place from a backup, or take over a store that is there; held until it is released."""
    from chalicelib.flows.hold_service import release
    from chalicelib.records.ports import NotFound
    from chalicelib.restore import adopt
    from chalicelib.restore import restore as fill
    from chalicelib.store.backup import NoBackup

    if bool(arguments.place) + arguments.adopt + arguments.release != 1:
        raise Refused("name a backup, or give --adopt or --release")
    try:
        if arguments.release:
            hold = release(open_store(settings).deps, "command line")
        elif arguments.adopt:
            open_store(settings).close()
            hold = adopt(settings, _since(arguments.since))
        else:
            hold = fill(settings, Path(arguments.place))
    except NoBackup as error:
        raise Refused(str(error)) from None
    except NotFound:
        raise Refused("nothing was restored here") from None
    made = hold.made_at.isoformat() if hold.made_at else None
    lines = [f"{name}: {number}" for name, number in hold.difference.items()]
    state = (
        "released" if hold.released_at else "held: look at /app/restore, then release it there or by restore --release"
    )
    shown = {"held": hold.released_at is None, "saved_at": made, "difference": hold.difference}
    show(arguments, shown, "\n".join([*lines, state]))
    return 0


def _since(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(f"--since {text!r} is not a time like 2026-11-25T22:00:00+00:00") from None
    if found and found.tzinfo is None:
        raise Refused("--since needs its zone, like 2026-11-25T22:00:00+00:00")
    return found


def replay(settings: Settings, arguments: Namespace) -> int:
    """Do again what waits at the door or was given up; embedded, it is done when this returns."""
    from dataclasses import asdict

    from chalicelib.handlers.replay import list_waiting
    from chalicelib.handlers.replay import replay as again

    deps = open_store(settings).deps
    if arguments.list:
        waits = list_waiting(deps)
        letters = [asdict(letter) for letter in waits.dead.letters]
        for letter in letters:
            letter["given_up_at"] = letter["given_up_at"].isoformat() if letter["given_up_at"] else None
        shown = {"door": waits.door, "dead": letters, "totals": waits.dead.totals, "changes": waits.dead.changes}
        lines = [f"{n['topic']} {n['message_id']}: {n['reason']} (attempts: {n['attempts']})" for n in letters]
        lines = [f"at the door: {waits.door}", f"given up: {waits.dead.total}", *lines]
        show(arguments, shown, "\n".join(lines))
        return 0
    done = again(deps, settings.mail_topic)
    if settings.engine == "embedded":
        _finish(deps, settings.base_currency)
    text = f"{done.door} submissions, {sum(done.dead.values())} messages, {done.changes} files of changes"
    show(arguments, asdict(done), f"done again: {text}")
    return 0


def _finish(deps: Deps, currency: str) -> None:
    """What the service's worker would do with it; a service that runs meanwhile takes the same work once."""
    from chalicelib.handlers.on_change import bring_index_up_to_date
    from chalicelib.handlers.on_report import on_report
    from chalicelib.handlers.on_upload import on_upload

    while on_upload(deps) or on_report(deps, currency):
        pass
    bring_index_up_to_date(deps)
