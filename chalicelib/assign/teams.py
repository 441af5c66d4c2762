"""Whose team somebody leads: everybody below them, by who reports to whom."""

from collections.abc import Sequence

from chalicelib.records.rep import Rep


def team_of(leader_id: str, people: Sequence[Rep]) -> frozenset[str]:
    """The rep_ids of the leader and of all who report to them, directly or not; empty where nobody does. A circle of
    people who report to each other ends where it began."""
    team = {leader_id}
    while more := {rep.rep_id for rep in people if rep.manager_id in team} - team:
        team |= more
    return frozenset(team) if len(team) > 1 else frozenset()
