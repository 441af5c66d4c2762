"""The record store against a model of a few lines, in any order of writes, on SQLite and on moto."""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import Delete, Put, Ref, Stored, Write
from chalicelib.records.receipt import MatchKey
from chalicelib.store.record_store import RecordStore
from tests.contracts.conftest import open_table
from tests.faults.machine_profile import same_each_time

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_MAIL = Message("M", "L", MessageKind.CONFIRMATION, "a@example.com", "en", MessageState.PENDING, NOW, NOW)
REFS: tuple[Ref[Any], ...] = (
    Ref(Lead, ("L1",)), Ref(Lead, ("L2",)), Ref(MatchKey, ("k",)),
    Ref(Message, ("L1", "M1")), Ref(Message, ("L1", "M2")), Ref(Message, ("L2", "M1")),
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """One write as drawn: `off` is how far the condition is from the version that is there, None for none."""

    ref: Ref[Any]
    word: str
    delete: bool
    off: int | None
    due: int | None


wishes = st.builds(
    Wish,
    st.sampled_from(REFS),
    st.text("abc", max_size=3),
    st.booleans(),
    st.sampled_from([None, 0, 0, 0, 1, -1]),
    st.sampled_from([None, 0, 5]),
)
groups = st.lists(wishes, min_size=1, max_size=4, unique_by=lambda wish: wish.ref)


def record(wish: Wish) -> Any:
    ids = wish.ref.ids
    if wish.ref.kind is Lead:
        return Lead(ids[0], wish.word)
    if wish.ref.kind is MatchKey:
        return MatchKey(ids[0], wish.word)
    state = MessageState.SENT if wish.due is None else MessageState.PENDING
    due_at = NOW + timedelta(minutes=wish.due or 0)
    return replace(_MAIL, lead_id=ids[0], message_id=ids[1], reason=wish.word, state=state, due_at=due_at)


class SqliteStore(RuleBasedStateMachine):
    engine = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="leadline-machine-"))
        self.opened = ExitStack()
        self.store = RecordStore(self.opened.enter_context(open_table(self.engine, self.folder)))
        self.model: dict[Ref[Any], Stored[Any]] = {}

    def teardown(self) -> None:
        self.opened.close()
        shutil.rmtree(self.folder)

    @rule(drawn=st.lists(groups, min_size=1, max_size=3))
    def commit_each(self, drawn: list[list[Wish]]) -> None:
        """Each group all or nothing; a later one sees what an earlier one wrote."""
        written = [[self._write(wish) for wish in group] for group in drawn]
        expected = [self._apply(group) for group in written]
        answers = self.store.commit_each(written)
        assert [answer is None for answer in answers] == expected

    def _write(self, wish: Wish) -> Write:
        there = self.model.get(wish.ref)
        version = None if wish.off is None else max(0, (there.version if there else 0) + wish.off)
        return Delete(wish.ref, version) if wish.delete else Put(record(wish), version)

    def _apply(self, group: Sequence[Write]) -> bool:
        refs = [write.ref if isinstance(write, Delete) else _ref_of(write.record) for write in group]
        versions = [self.model[ref].version if ref in self.model else 0 for ref in refs]
        if any(w.if_version not in (None, version) for w, version in zip(group, versions, strict=True)):
            return False
        for write, ref, version in zip(group, refs, versions, strict=True):
            if isinstance(write, Delete):
                self.model.pop(ref, None)
            else:
                self.model[ref] = Stored(write.record, version + 1)
        return True

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert self.store.get_many(REFS) == [self.model.get(ref) for ref in REFS]

    @rule(lead_id=st.sampled_from(["L1", "L2", "L3"]))
    def messages_of_a_lead(self, lead_id: str) -> None:
        of_lead = [ref for ref in REFS if ref.kind is Message and ref.ids[0] == lead_id and ref in self.model]
        assert self.store.query(Message, lead_id) == [self.model[ref] for ref in sorted(of_lead, key=lambda r: r.ids)]

    @rule(minutes=st.sampled_from([-1, 0, 5]))
    def what_is_due(self, minutes: int) -> None:
        until = NOW + timedelta(minutes=minutes)
        mails = {ref: s.value for ref, s in self.model.items() if ref.kind is Message}
        waiting = {ref for ref, m in mails.items() if m.state is MessageState.PENDING and m.due_at <= until}
        found = self.store.due(until)
        assert {entry.ref for entry in found} == waiting
        assert [entry.due_at for entry in found] == sorted(entry.due_at for entry in found)

    @rule()
    def counted(self) -> None:
        kinds = [ref.kind.__name__ for ref in self.model]
        assert self.store.counts() == {kind: kinds.count(kind) for kind in set(kinds)}


def _ref_of(record: Any) -> Ref[Any]:
    if isinstance(record, Lead):
        return Ref(Lead, (record.lead_id,))
    if isinstance(record, MatchKey):
        return Ref(MatchKey, (record.digest,))
    return Ref(Message, (record.lead_id, record.message_id))


class DynamoStore(SqliteStore):
    engine = "moto"


TestSqliteStore = SqliteStore.TestCase
TestSqliteStore.settings = same_each_time(50, 20)
TestDynamoStore = DynamoStore.TestCase
TestDynamoStore.settings = same_each_time(8, 10)
