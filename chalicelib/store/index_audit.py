"""What the audit trail is asked for, as SQL: its records by time, newest first."""

from typing import Any

from chalicelib.records.audit import AuditQuery
from chalicelib.store.codec import stamp


def audits(query: AuditQuery) -> tuple[Any, ...]:
    """The statement and its values. Ids rise with time: the last one shown is where the next page begins."""
    parts: list[str] = []
    values: list[Any] = []
    for condition, value in (
        ("acted_by = ?", query.by),
        ("instr(kinds, ?) > 0", f" {query.kind} " if query.kind else None),
        ("place = ?", query.lead_id or None),
        ("at >= ?", stamp(query.since) if query.since else None),
        ("at < ?", stamp(query.until) if query.until else None),
        ("audit_id < ?", query.before or None),
    ):
        if value is not None:
            parts.append(condition)
            values.append(value)
    where = f"WHERE {' AND '.join(parts)}" if parts else ""
    return f"SELECT place, audit_id FROM audit {where} ORDER BY audit_id DESC LIMIT ?", *values, query.limit
