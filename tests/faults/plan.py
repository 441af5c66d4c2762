"""Which fault strikes at which side effect, and what is left of a process that crashed."""

from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """`lost` is a reply that does not arrive although the call was carried out; with `lost, retried` the client library
    sends the call again. `full` and `locked` are SQLite's; `kill` ends the
    process for good, where `crash` is only played in it."""

    THROTTLE = "throttle"
    CONFLICT = "conflict"
    BEFORE = "failure before"
    AFTER = "failure after"
    LOST_RETRIED = "lost reply, retried"
    LOST = "lost reply"
    TIMEOUT = "timeout"
    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    FULL = "disk full"
    LOCKED = "locked"
    KILL_BEFORE = "kill -9 before"
    KILL_AFTER = "kill -9 after"


class Crashed(BaseException):
    """The process is gone: no handler of ours may catch it, and nothing it tries afterwards happens."""


@dataclass
class Plan:
    """`at` says by number (from 1) where which fault strikes; `calls` names the side effects as they come, while it is
    `armed`. A process that is `dead` does nothing any more until somebody starts the next one."""

    at: dict[int, Fault] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    armed: bool = False
    dead: bool = False
    struck: int = 0

    def next(self, name: str) -> Fault | None:
        """The fault for the side effect that is about to happen."""
        if self.dead:
            raise Crashed
        if not self.armed:
            return None
        self.calls.append(name)
        fault = self.at.get(len(self.calls))
        if fault:
            self.struck += 1
        return fault

    def strikes_next(self) -> bool:
        return self.armed and len(self.calls) + 1 in self.at

    def crash(self) -> Crashed:
        self.dead = True
        return Crashed()
