import socket

import pytest

from chalicelib.messaging.smtp import SmtpTransport
from chalicelib.records.mail_ports import NoWord, TransportError
from tests.messaging.post import NOW, SENDER, mail, mail_server


def attempt(port: int, **options) -> TransportError | None:
    transport = SmtpTransport("127.0.0.1", port, **({"starttls": False} | options), sender=SENDER, clock=lambda: NOW)
    try:
        transport.send(mail())
    except TransportError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("answers", "final"),
    [
        ({"RCPT": "550 5.1.1 no such user"}, True),
        ({"RCPT": "450 4.2.1 mailbox busy"}, False),
        ({"DATA": "554 5.7.1 refused as spam"}, True),
        ({"DATA": "451 4.3.0 try again"}, False),
        ({"MAIL": "553 5.1.8 sender not allowed"}, False),
        ({"MAIL": "451 4.7.1 greylisted"}, False),
    ],
)
def test_a_refusal_is_final_only_for_recipient_and_content_and_there_is_one_attempt(answers: dict, final: bool):
    with mail_server(answers) as desk:
        error = attempt(desk.port)
    assert error is not None
    assert error.final is final
    assert desk.attempts == 1
    assert desk.taken == []
    assert next(iter(answers.values())) in str(error)


def test_a_mail_taken_is_sent_even_if_the_connection_breaks_at_the_goodbye():
    with mail_server({"QUIT": "gone"}) as desk:
        assert attempt(desk.port) is None
    assert len(desk.taken) == 1


def test_a_server_that_falls_silent_with_the_content_under_way_leaves_nobody_knowing():
    with mail_server({"DATA": "gone"}) as desk, pytest.raises(NoWord):
        attempt(desk.port)
    assert desk.attempts == 1


def test_nobody_listening_may_be_tried_later():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = attempt(unused.getsockname()[1])
    assert error is not None
    assert not error.final


def test_a_server_without_encryption_gets_neither_mail_nor_password_when_encryption_is_asked():
    with mail_server() as desk:
        error = attempt(desk.port, starttls=True, user="u", password="p")
    assert error is not None
    assert not error.final
    assert desk.attempts == 0


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_server_that_refuses_the_password_may_be_tried_later():
    with mail_server(auth_require_tls=False, auth_required=True, authenticator=None) as desk:
        error = attempt(desk.port, user="u", password="wrong")
    assert error is not None
    assert not error.final
    assert desk.attempts == 0


def test_an_address_in_other_letters_is_refused_for_good_where_the_server_cannot_take_it():
    with mail_server(enable_SMTPUTF8=False) as desk:
        transport = SmtpTransport("127.0.0.1", desk.port, starttls=False, sender=SENDER)
        with pytest.raises(TransportError) as refusal:
            transport.send(mail(to="анна@example.org"))
    assert refusal.value.final
    assert desk.taken == []


def test_a_server_that_speaks_no_tls_at_the_port_for_it_may_be_tried_later(monkeypatch: pytest.MonkeyPatch):
    with mail_server() as desk:
        monkeypatch.setattr("chalicelib.messaging.smtp._IMPLICIT_TLS_PORT", desk.port)
        error = attempt(desk.port)
    assert error is not None
    assert not error.final
    assert desk.attempts == 0


def test_a_sender_that_is_no_address_is_a_broken_setting():
    with pytest.raises(ValueError, match="not a sender"):
        SmtpTransport("127.0.0.1", 25, sender="nobody").send(mail())
