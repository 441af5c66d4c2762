"""The identity engine on the command line."""

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chalicelib.commands import open_store
from chalicelib.records.ports import Deps
from chalicelib.settings import Settings
from chalicelib.terminal import Refused, show


def dedupe(settings: Settings, arguments: Namespace) -> int:
    """`row,cluster` for each data row of a plain file: equal cluster, same person. No store is asked."""
    from chalicelib.flows.dedupe_file import cluster_csv, dedupe, review_csv
    from chalicelib.records.contact import Refusal

    name = Path(arguments.file).name
    found = dedupe(Path(arguments.file).read_bytes(), name)
    if isinstance(found, Refusal):
        raise Refused(f"{name}: row {found.row}: {found.reason}" if found.row else f"{name}: {found.reason}")
    if arguments.review:
        Path(arguments.review).write_text(review_csv(found), "utf-8")
    lines = cluster_csv(found)
    text = lines.rstrip("\n")
    if arguments.out:
        Path(arguments.out).write_text(lines, "utf-8")
        rows = len(found.clusters.of_row)
        text = f"{rows} rows are {found.people} people; {len(found.clusters.doubtful)} pairs in doubt"
    show(arguments, _document(found), text)
    return 0


def _document(found: Any) -> dict[str, Any]:
    clusters = found.clusters
    return {
        "rows": len(clusters.of_row),
        "people": found.people,
        "compared_as": found.way,
        "columns": [{"column": c.header, "kind": c.kind, "reason": c.reason} for c in found.columns],
        "clusters": clusters.of_row,
        "joined": [asdict(pair) for pair in clusters.joined],
        "doubtful": [asdict(pair) for pair in clusters.doubtful],
    }


def merge(settings: Settings, arguments: Namespace) -> int:
    """Two records of one person, named by id, e-mail or phone, are one when this returns."""
    from chalicelib.flows.merge_people import Busy, ask_merge, work_on_merge
    from chalicelib.records.merge import Merge
    from chalicelib.records.ports import NotFound, Ref

    deps = open_store(settings).deps
    stays, goes = (_named(deps, text) for text in (arguments.stays, arguments.goes))
    try:
        asked = ask_merge(deps, stays, goes, "")
    except (Busy, NotFound):
        raise Refused("one of the two is being merged or parted this moment") from None
    except ValueError:
        raise Refused("both are one and the same record") from None
    done = work_on_merge(deps, Ref(Merge, (asked.lead_id,)))
    state = done.state.value if done else asked.state.value
    show(arguments, {"lead_id": stays, "merged": goes, "state": state}, f"{goes} is part of {stays}: {state}")
    return 0


def unmerge(settings: Settings, arguments: Namespace) -> int:
    """Each as before when this returns; what was changed since is listed with the reason."""
    from chalicelib.flows.merge_people import Busy, ask_again, ask_part, work_on_merge
    from chalicelib.records.merge import Merge
    from chalicelib.records.ports import NotFound, Ref

    deps = open_store(settings).deps
    try:
        asked = ask_again(deps, arguments.gone) if arguments.back else ask_part(deps, arguments.gone, "")
    except NotFound:
        raise Refused("there is nothing to take back of that id") from None
    except Busy:
        raise Refused("what was merged later has to be taken back first") from None
    done = work_on_merge(deps, Ref(Merge, (asked.lead_id,))) or asked
    listed = [{"what": what, "why": why} for what, why in done.stays]
    shown = {"lead_id": done.into, "gone": done.lead_id, "state": done.state.value, "stays": listed}
    lines = [f"{done.lead_id} and {done.into}: {done.state.value}", *(f"{what}: {why}" for what, why in done.stays)]
    show(arguments, shown, "\n".join(lines))
    return 0


def _named(deps: Deps, text: str) -> str:
    """The one person who has that. Raises Refused."""
    from chalicelib.flows.find_lead import leads_named

    found = leads_named(deps, text)
    if len(found) != 1:
        many = f"{len(found)} people have that; name one by its id" if found else "nobody is known by that"
        raise Refused(f"{text}: {many}")
    return found[0]
