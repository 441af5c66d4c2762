"""The store as everybody has it: while somebody acts, each transaction gets its record of the audit trail
(`flows/keep_audit.py`); while nobody does, it is the store. Kept apart, so that a visitor waits for nothing of it."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from chalicelib.records.ports import Conflict, Ref, Store, Write

Groups = Sequence[Sequence[Write]]
# What adds its audit to each transaction: asked with the store, how records are named, and the transactions.
Auditor = Callable[[Store, Callable[[Any], Ref[Any]], Groups], Groups]
AUDITOR: ContextVar[Auditor | None] = ContextVar("auditor", default=None)


class AuditedStore:
    """The Store port over another store."""

    def __init__(self, store: Store, ref_to: Callable[[Any], Ref[Any]]) -> None:
        self._store, self._ref_to = store, ref_to
        self.get, self.get_many, self.query, self.page = store.get, store.get_many, store.query, store.page
        self.everything_of, self.refs_of, self.part = store.everything_of, store.refs_of, store.part
        self.forget, self.purge, self.due, self.counts = store.forget, store.purge, store.due, store.counts

    def commit(self, writes: Sequence[Write]) -> None:
        self._store.commit(self._audited([writes])[0])

    def commit_each(self, groups: Groups) -> list[Conflict | None]:
        return self._store.commit_each(self._audited(groups))

    def _audited(self, groups: Groups) -> Groups:
        auditor = AUDITOR.get()
        return auditor(self._store, self._ref_to, groups) if auditor else groups
