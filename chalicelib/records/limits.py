"""The port of rate limits."""

from typing import Protocol


class Limits(Protocol):
    """How often somebody may ask. Keys are hashed by the caller; the rules are in data/rate_limits.json."""

    def take(self, rule: str, key: str) -> int:
        """Count one; 0 when it is allowed, else after how many seconds to try again (counted as turned away)."""
        ...

    def give_back(self, rule: str, key: str) -> None:
        """What was counted last was for nothing, and counts no more; not of the rules that guard sign-in."""
        ...

    def turned_away(self) -> int:
        """How many were turned away in the last thirty days."""
        ...

    @property
    def watching(self) -> bool:
        """Whether time and repetition say anything of a post: not on a machine that is being measured."""
        ...

    def alike(self, words: str, token: str) -> int:
        """How many submissions, told apart by token, came with the same words (a digest) in the last ten minutes, this
        one among them: as far as this process has seen them. Nobody is turned away for it."""
        ...

    def seen(self, form_id: str, suspicious: bool) -> None:
        """A post of that form came in, and whether there was something suspicious about it."""
        ...

    def attacked(self, form_id: str) -> bool:
        """Whether that form is under attack, or was a moment ago: as far as this process has seen its posts."""
        ...

    def mailed(self, mailbox: str, message_id: str) -> int:
        """Which of the confirmations, told apart by id, that were about to go to that mailbox (a digest) within a day
        this one is, from 1: as far as this process has seen them. One that is tried again is the one it was. Nothing is
        kept back where it is not `watching`."""
        ...


class Unlimited:
    """Everything is allowed: tests, and LEADLINE_RATE_LIMITS=off."""

    watching = False

    def alike(self, words: str, token: str) -> int:  # noqa: ARG002
        return 0

    def seen(self, form_id: str, suspicious: bool) -> None:  # noqa: ARG002
        return

    def attacked(self, form_id: str) -> bool:  # noqa: ARG002
        return False

    def mailed(self, mailbox: str, message_id: str) -> int:  # noqa: ARG002
        return 0

    def take(self, rule: str, key: str) -> int:  # noqa: ARG002
        return 0

    def give_back(self, rule: str, key: str) -> None:  # noqa: ARG002
        return

    def turned_away(self) -> int:
        return 0


UNLIMITED = Unlimited()
