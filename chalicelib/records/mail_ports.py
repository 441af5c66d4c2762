"""What sends mail, and what it is handed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from chalicelib.records.message import Message


@dataclass(frozen=True, slots=True)
class Mail:
    """A rendered mail. `calendar` is an iCalendar body to attach, or ""; `message_id` without brackets; `about` the
    ids of its outbox row (lead_id, message_id, attempt_id), which a provider's events give back."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    calendar: str = ""
    calendar_method: str = "REQUEST"
    headers: tuple[tuple[str, str], ...] = ()
    about: tuple[str, ...] = ()


class Transport(Protocol):
    """Hands one mail to the outside world, once. Raises TransportError where it surely was not taken, NoWord where
    nobody knows; never retries by itself."""

    def send(self, mail: Mail) -> None: ...

    def forget(self, mails: Sequence[tuple[str, str]]) -> None:
        """Drop whatever is kept here of the mails of these outbox rows, (lead_id, message_id); what has left, has."""
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a mail service takes: mails a second, mails in 24 hours and what is left of them (None: no such limit)."""

    per_second: float
    per_day: int | None = None
    left_today: int | None = None


class Pace(Protocol):
    """How fast mail may leave by one service."""

    def take(self, bulk: bool) -> float:
        """Take a turn and wait for it: 0. Or the seconds until it is worth asking again: then no turn was taken."""
        ...

    def refused(self, seconds: float) -> None:
        """The service takes nothing for so long."""
        ...

    def allowance(self) -> Allowance: ...


@runtime_checkable
class Paced(Protocol):
    """A transport that is not to be used faster than its pace."""

    @property
    def pace(self) -> Pace: ...


class TransportError(Exception):
    """`final` means the address or content is refused for good; otherwise it may be tried later."""

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Busy(TransportError):
    """The service takes no mail at present, whichever it is; it may be asked again after so many seconds."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class NoWord(Exception):
    """The mail was handed over and no answer came: it may or may not go out. What follows is the rule of its kind."""


class Renderer(Protocol):
    def mail(self, message: "Message", values: dict[str, Any]) -> Mail:
        """Render the message's template in its language. An unknown name in the template is an error."""
        ...
