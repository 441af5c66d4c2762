"""Mail by SMTP (RFC 5321): one attempt for each call, refusals told apart from what may work later."""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from chalicelib.messaging.mime import build, domain_of
from chalicelib.messaging.pace import SharedPace
from chalicelib.records.mail_ports import Allowance, Mail, NoWord, TransportError

TIMEOUT_SECONDS = 20
_IMPLICIT_TLS_PORT = 465
# What a server takes that says nothing of its pace.
PER_SECOND = 50.0


def _now() -> datetime:
    return datetime.now(UTC)


class _Server(smtplib.SMTP):
    """Notes when the content is under way: until then the server surely has nothing, and from then on only it knows."""

    handing_over = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.handing_over = True
        answer = super().data(msg)
        self.handing_over = False
        return answer


class _TlsServer(smtplib.SMTP_SSL, _Server):
    """The same at a port that speaks TLS from the start."""


class SmtpTransport:
    """Hands a mail to the server at `host`. Port 465 speaks TLS from the start, others after STARTTLS if asked.
    `per_second` is what the server takes, `share` this process's part of that."""

    def __init__(
        self,
        host: str,
        port: int,
        user: str = "",
        password: str = "",
        starttls: bool = True,
        sender: str = "Leadline <leadline@example.com>",
        clock: Callable[[], datetime] = _now,
        per_second: float = 0.0,
        share: float = 1.0,
    ) -> None:
        self.pace = SharedPace(lambda: Allowance(per_second or PER_SECOND), share)
        self._host = host
        self._port = port
        self._user = user
        self._password = password
        self._starttls = starttls
        self._sender = sender
        self._clock = clock

    def send(self, mail: Mail) -> None:
        """Raises TransportError, `final` where the server refuses the recipient or the content with a 5xx; NoWord where
        it fell silent with the content under way."""
        message = build(mail, self._sender, self._clock())
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise TransportError(f"the mail server cannot be used: {_words(error)}") from error
        try:
            _hand_over(server, message)
        finally:
            _leave(server)

    def forget(self, mails: Sequence[tuple[str, str]]) -> None:
        """What was handed over is not ours any more."""

    def _connect(self) -> _Server:
        # Named, because the library would ask the DNS for our own name, which can take seconds.
        name = domain_of(self._sender)
        if self._port == _IMPLICIT_TLS_PORT:
            context = ssl.create_default_context()
            server: _Server = _TlsServer(self._host, self._port, name, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = _Server(self._host, self._port, name, timeout=TIMEOUT_SECONDS)
        try:
            self._introduce(server)
        except BaseException:
            server.close()
            raise
        return server

    def _introduce(self, server: smtplib.SMTP) -> None:
        if self._starttls and self._port != _IMPLICIT_TLS_PORT:
            server.starttls(context=ssl.create_default_context())
        if self._user:
            server.login(self._user, self._password)


def _hand_over(server: _Server, message: EmailMessage) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise TransportError(f"the recipient is refused: {_line(code, words)}", final=code >= 500) from error
    except smtplib.SMTPDataError as error:
        raise TransportError(f"the content is refused: {_words(error)}", final=error.smtp_code >= 500) from error
    except smtplib.SMTPNotSupportedError as error:
        raise TransportError("the mail server cannot take this address: SMTPUTF8", final=True) from error
    except (OSError, smtplib.SMTPException) as error:
        if server.handing_over:
            raise NoWord(f"the mail server fell silent: {_words(error)}") from error
        # Also a sender refused with a 5xx: that is our setting, and the mail is good once it is put right.
        raise TransportError(f"the mail server stopped: {_words(error)}") from error


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; what happens here says nothing about the mail, which the server has or has not taken."""
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _line(error.smtp_code, error.smtp_error)
    return str(error) or type(error).__name__


def _line(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())[:200]}"
