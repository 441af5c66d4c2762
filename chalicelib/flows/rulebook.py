"""The rules and people of the moment, made once for as long as the directory's reps stay the same."""

from collections.abc import Sequence

from chalicelib.assign.choose import Roster
from chalicelib.assign.choose import load_rules as load_assign_rules
from chalicelib.flows.place_lead import Rulebook
from chalicelib.qualify.rules import load_rules as load_score_rules
from chalicelib.records.ports import Directory
from chalicelib.records.rep import Rep

_latest: tuple[Sequence[Rep], Roster] | None = None


def roster_of(directory: Directory) -> Roster:
    """The roster for the directory's reps, which are the same object until they are read anew."""
    global _latest
    reps = directory.reps()
    if _latest is None or _latest[0] is not reps:
        _latest = (reps, Roster.of(reps))
    return _latest[1]


def rulebook(directory: Directory) -> Rulebook:
    """`load` is the directory's own mapping: picks made here count until it is read anew."""
    return Rulebook(roster_of(directory), directory.load(), load_score_rules(), load_assign_rules())
