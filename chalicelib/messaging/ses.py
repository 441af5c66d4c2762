"""Mail by Amazon SES, API version 2: one attempt for each call, refusals told apart from what may work later."""

import logging
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from chalicelib.messaging.mime import build
from chalicelib.messaging.pace import SharedPace
from chalicelib.records.mail_ports import Allowance, Busy, Mail, NoWord, TransportError

log = logging.getLogger("leadline")

# What is wrong with this very mail or address. Everything else (throttles, quota, a sender not verified yet, an
# account paused) is mended by waiting or by whoever runs the service, and the mail is good then.
_FINAL = frozenset({"MessageRejected", "BadRequestException"})
# What SES says when it takes no mail at all for now, and after how many seconds it may be asked again.
_BUSY = {
    "TooManyRequestsException": 5.0,
    "ThrottlingException": 5.0,
    "Throttling": 5.0,
    "LimitExceededException": 900.0,
    "SendingPausedException": 900.0,
    "AccountSuspendedException": 900.0,
}
_DAILY = re.compile(r"daily", re.IGNORECASE)
# SES says so in the same code when the sender's address or the sandbox is the reason.
_OURS = re.compile(r"not verified|sandbox", re.IGNORECASE)
_NOT_IN_TAG = re.compile(r"[^A-Za-z0-9-]")
# The outbox row's ids, under which SES's events are found again: SES puts a Message-ID of its own into the mail.
TAGS = ("leadline-lead", "leadline-message", "leadline-attempt")


def _now() -> datetime:
    return datetime.now(UTC)


class SesTransport:
    """Hands a mail to SES. `client` gives the sesv2 client, which must not repeat by itself: a mail whose reply was
    lost may have left. `configuration_set` names where SES reports deliveries, bounces and complaints. `share` is this
    process's part of the account's rate, `most` a lower rate than the account's, if it is to be kept."""

    def __init__(
        self,
        client: Callable[[], Any],
        sender: str = "Leadline <leadline@example.com>",
        configuration_set: str = "",
        clock: Callable[[], datetime] = _now,
        share: float = 1.0,
        most: float = 0.0,
    ) -> None:
        self.pace = SharedPace(lambda: allowance(client), share, most)
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set
        self._clock = clock

    def send(self, mail: Mail) -> None:
        """Raises TransportError, `final` where SES refuses the recipient or the content; NoWord where no reply came."""
        if not mail.to.isascii():
            raise TransportError("SES takes no address with other letters than ASCII", final=True)
        raw = build(mail, self._sender, self._clock()).as_bytes()
        asked: dict[str, Any] = {
            "Content": {"Raw": {"Data": raw}},
            # Without it SES would read the recipients from the fields; there is one, and we say which.
            "Destination": {"ToAddresses": [mail.to]},
            "EmailTags": [{"Name": name, "Value": to_tag(id_)} for name, id_ in zip(TAGS, mail.about, strict=False)],
        }
        if self._configuration_set:
            asked["ConfigurationSetName"] = self._configuration_set
        try:
            self._client().send_email(**asked)
        except ClientError as error:
            raise _refusal(error) from error
        except (ReadTimeoutError, ConnectionClosedError, ResponseStreamingError, IncompleteReadError) as error:
            raise NoWord(f"SES did not answer: {type(error).__name__}") from error
        except BotoCoreError as error:
            raise TransportError(f"SES cannot be used: {type(error).__name__}") from error

    def forget(self, mails: Sequence[tuple[str, str]]) -> None:
        """What was handed over is not ours any more."""


def to_tag(id_: str) -> str:
    """An id in the letters that a tag may have; `from_tag` gives it back."""
    return _NOT_IN_TAG.sub(lambda found: "".join(f"_{byte:02X}" for byte in found[0].encode()), id_)[:256]


def from_tag(tag: str) -> str:
    """Raises ValueError for bytes that are no text."""
    return unquote(tag.replace("_", "%"), errors="strict")


def _refusal(error: ClientError) -> TransportError:
    told = error.response.get("Error", {})
    code, words = str(told.get("Code", "")), " ".join(str(told.get("Message", "")).split())[:200]
    said = f"SES refuses the mail: {code} {words}".rstrip()
    if code in _BUSY:
        return Busy(said, 900.0 if _DAILY.search(words) else _BUSY[code])
    final = code in _FINAL and not _OURS.search(words)
    return TransportError(said, final=final)


def allowance(client: Callable[[], Any]) -> Allowance | None:
    """What the account may send, as SES says; None where it does not say. No limit of a day is told as -1."""
    try:
        quota = client().get_account()["SendQuota"]
    except (ClientError, BotoCoreError) as error:
        log.warning("SES does not say what may be sent: %s", type(error).__name__)
        return None
    a_day = int(quota["Max24HourSend"])
    if a_day < 0:
        return Allowance(float(quota["MaxSendRate"]))
    return Allowance(float(quota["MaxSendRate"]), a_day, max(0, a_day - int(quota["SentLast24Hours"])))
