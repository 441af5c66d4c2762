"""Groups written to DynamoDB: one conditional put, or transactions, with an answer for each group.

A call whose reply was lost is sent again by the client. A transaction carries a token, by which DynamoDB knows the
second one for the first. A single put has none and fails against itself: the item that comes back with the failed
condition then carries this call's `write_id`, and that is a success."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.records.ports import StoreUnavailable
from chalicelib.store.aws_errors import CONTENDED, Pause, as_unavailable, code_of, waits
from chalicelib.store.dynamo_writes import Group, packs, put_request, transact_item
from chalicelib.store.table import Key

# About four seconds in all, in which a crowd of rivals on one item is through.
_ATTEMPTS = 12
# So often a transaction of several groups meets rivals before each group goes by itself.
_TOGETHER = 3
_UNDER_WAY = "TransactionInProgressException"
_ANSWERED = CONTENDED | {"ConditionalCheckFailedException", "TransactionCanceledException"}


class Committer:
    """Writes groups over one client; `table` is the table's name, `pause` how to wait."""

    def __init__(self, client: Callable[[], Any], table: str, pause: Pause) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def write(self, groups: Sequence[Group]) -> list[Key | None]:
        """Per group the key whose condition failed, or None. Raises StoreUnavailable; of several transactions the
        earlier ones may have been written then."""
        answers: list[Key | None] = [group.broken for group in groups]
        for pack in packs(group for group in groups if group.writes):
            for group, broken in self._write_pack(pack):
                answers[group.place] = broken
        return answers

    def _write_pack(self, pack: Sequence[Group]) -> list[tuple[Group, Key | None]]:
        if len(pack) == 1 and len(pack[0].writes) == 1 and pack[0].writes[0].alone:
            return [(pack[0], self._put(pack[0]))]
        answers: list[tuple[Group, Key | None]] = []
        call, contended, pauses = _Call(tuple(pack)), 0, waits(_ATTEMPTS)
        while call.groups:
            failure = self._transact(call)
            if failure is None:
                return answers + [(group, None) for group in call.groups]
            if failure.broken:
                # The others had nothing to do with it and are tried again at once.
                answers += failure.answers(call)
                call = _Call(tuple(group for group in call.groups if group.place not in failure.broken))
                continue
            contended += 1
            # One still under way may yet succeed under its token; only what was cancelled can be taken apart.
            if contended >= _TOGETHER and len(call.groups) > 1 and failure.reason != _UNDER_WAY:
                return answers + [answer for group in call.groups for answer in self._write_pack([group])]
            self._wait(pauses, failure.reason)
        return answers

    def _wait(self, pauses: Any, reason: str) -> None:
        seconds = next(pauses, None)
        if seconds is None:
            raise StoreUnavailable(f"TransactWriteItems: {reason}")
        self._pause(seconds)

    def _put(self, group: Group) -> Key | None:
        (write,) = group.writes
        write_id = new_write_id()
        pauses = waits(_ATTEMPTS)
        while True:
            try:
                with as_unavailable(but=_ANSWERED):
                    self._client().put_item(**put_request(self._table, write, write_id))
            except ClientError as error:
                if code_of(error) == "ConditionalCheckFailedException":
                    return None if _is_ours(error.response.get("Item"), write_id) else write.key
                self._wait(pauses, code_of(error))
            else:
                return None

    def _transact(self, call: "_Call") -> "_Failure | None":
        items = [transact_item(self._table, write, call.write_id) for group in call.groups for write in group.writes]
        try:
            with as_unavailable(but=_ANSWERED):
                self._client().transact_write_items(TransactItems=items, ClientRequestToken=call.token)
        except ClientError as error:
            return _failure(error, call)
        return None


def new_write_id() -> str:
    """Eight letters, 48 bits: told apart from the few writes of the same item within a retry's time."""
    return os.urandom(4).hex()


@dataclass(frozen=True, slots=True)
class _Call:
    """One transaction, by the same token however often it is sent: also after a wait, since the first sending may
    still be under way."""

    groups: tuple[Group, ...]
    token: str = field(default_factory=lambda: os.urandom(16).hex())
    write_id: str = field(default_factory=new_write_id)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a transaction was cancelled: the broken condition of each group (by its place), or a reason to wait."""

    broken: dict[int, Key]
    reason: str

    def answers(self, call: _Call) -> list[tuple[Group, Key | None]]:
        return [(group, self.broken[group.place]) for group in call.groups if group.place in self.broken]


def _failure(error: ClientError, call: _Call) -> _Failure | None:
    """None when what stands in the way is this very transaction, written before its reply was lost."""
    told = iter(error.response.get("CancellationReasons", []))
    broken: dict[int, Key] = {}
    contended = ""
    for group in call.groups:
        for write in group.writes:
            reason: dict[str, Any] = next(told, {})
            code = reason.get("Code", "None")
            if code == "ConditionalCheckFailed":
                if _is_ours(reason.get("Item"), call.write_id):
                    return None
                broken.setdefault(group.place, write.key)
            elif code in CONTENDED:
                contended = code
            elif code != "None":
                raise StoreUnavailable(f"TransactWriteItems: {code}") from error
    return _Failure(broken, contended or code_of(error))


def _is_ours(item: dict[str, Any] | None, write_id: str) -> bool:
    return bool(item) and item.get("write_id", {}).get("S") == write_id  # type: ignore[union-attr]
