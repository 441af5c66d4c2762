"""Ports that do not do what they promise."""

from typing import Any


class Down:
    """A store that answers nobody, in the way it was told to; `readable`: that only takes nothing in."""

    def __init__(self, error: Exception, readable: Any = None) -> None:
        self._error = error
        self._readable = readable

    def __getattr__(self, name: str) -> Any:
        if self._readable and not name.startswith("commit"):
            return getattr(self._readable, name)

        def call(*_given: Any, **_named: Any) -> Any:
            raise self._error

        return call
