"""A store where somebody else writes first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.records.ports import Conflict, Deps, Write


@dataclass
class RivalStore:
    """Does what the store does, but before each of the first commits a rival acts."""

    store: Any
    rivals: list[Callable[[], None]]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit(self, writes: Sequence[Write]) -> None:
        self._rival()
        self.store.commit(writes)

    def commit_each(self, groups: Sequence[Sequence[Write]]) -> list[Conflict | None]:
        self._rival()
        found: list[Conflict | None] = self.store.commit_each(groups)
        return found

    def _rival(self) -> None:
        if self.rivals:
            self.rivals.pop(0)()


def with_rivals(deps: Deps, *rivals: Callable[[], None]) -> Deps:
    return replace(deps, store=RivalStore(deps.store, list(rivals)))
