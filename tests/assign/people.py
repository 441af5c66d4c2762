"""Builders for the assign tests: a lead, a rep, a manager, a moment."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.records.lead import Assignment, Lead
from chalicelib.records.rep import Rep, Role

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)  # a Tuesday


def rep(rep_id: str, **changed: Any) -> Rep:
    return Rep(rep_id=rep_id, name=rep_id.title(), email=f"{rep_id}@example.com", **changed)


def manager(rep_id: str, **changed: Any) -> Rep:
    return rep(rep_id, role=Role.MANAGER, **changed)


def admin(rep_id: str, **changed: Any) -> Rep:
    return rep(rep_id, role=Role.ADMIN, **changed)


def lead(owner_id: str = "", **changed: Any) -> Lead:
    owned = Assignment(owner_id, ("by hand",), "hand", "1", NOW) if owner_id else None
    given: dict[str, Any] = {"lead_id": "L1", "language": "", "assignment": owned}
    return Lead(**(given | changed))
