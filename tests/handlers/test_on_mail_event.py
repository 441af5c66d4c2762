"""News of mail as the queue brings it to its function: the cases of the group `sns`, each under its id."""

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.handlers import functions
from chalicelib.records.lead import Lead
from chalicelib.records.mail_news import DeadAddress, NewsKind, StrayNews
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.wiring import service, use
from tests.aws_events import context, queue_event
from tests.handlers.desk import Desk, open_desk
from tests.ses_events import TOPIC, event, notification, of_row

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = open_desk(tmp_path)
    use(replace(service(), settings=replace(service().settings, mail_topic=TOPIC)))
    desk.ask()
    return desk


def confirmation(desk: Desk) -> Message:
    lead_id = desk.lead_path().rpartition("/")[2]
    rows = [s.value for s in desk.world.deps.store.query(Message, lead_id)]
    return next(m for m in rows if m.kind is MessageKind.CONFIRMATION)


def bring(*bodies: Any) -> int:
    """How many of the messages have to come again."""
    return len(functions.on_mail_event(queue_event(bodies), context())["batchItemFailures"])


def untouched(desk: Desk, mail: Message) -> bool:
    return confirmation(desk) == mail and not desk.world.deps.store.query(DeadAddress)


def test_an_event_of_our_topic_makes_its_row_delivered(desk: Desk) -> None:
    assert bring(notification(of_row("Delivery", confirmation(desk)))) == 0
    assert [one.kind for one in confirmation(desk).heard] == [NewsKind.DELIVERY]


def test_one_bad_message_keeps_no_other_from_being_heard(desk: Desk) -> None:
    mail = confirmation(desk)
    assert bring(notification("no json"), notification(of_row("Bounce", mail)), {"x": 1}) == 2
    assert confirmation(desk).state is MessageState.FAILED


def test_sns_01_a_body_that_no_topic_has_sent_is_not_believed(desk: Desk) -> None:
    mail = confirmation(desk)
    told = {"Message": json.dumps(of_row("Bounce", mail)), "Signature": "AAAA", "Type": "Notification"}
    assert bring(told) == 1
    assert untouched(desk, mail)


def test_sns_03_a_strangers_topic_is_not_believed_however_good_its_message_is(desk: Desk) -> None:
    mail = confirmation(desk)
    assert bring(notification(of_row("Bounce", mail), topic="arn:aws:sns:us-east-1:999999999999:evil")) == 1
    assert untouched(desk, mail)


def test_sns_05_no_subscription_is_confirmed_because_a_message_asks_for_it(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/confirm"
        asked = {"Type": "SubscriptionConfirmation", "SubscribeURL": address, "Token": "t"}
        assert bring(notification("You have chosen to subscribe", **asked)) == 1
        assert bring(notification("You have chosen to subscribe", topic="arn:aws:sns:x:9:evil", **asked)) == 1
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_sns_07_a_bounce_of_a_mail_we_never_sent_is_kept_for_inspection_and_not_applied(desk: Desk) -> None:
    mail = confirmation(desk)
    assert bring(notification(event("Bounce", ("unknown", "unknown", "0.1"), mail.to))) == 0
    assert untouched(desk, mail)
    (stray,) = desk.world.deps.store.query(StrayNews)
    assert (stray.value.lead_id, stray.value.kind) == ("unknown", NewsKind.BOUNCE)


def test_sns_09_what_a_bounce_says_is_shown_as_text(desk: Desk) -> None:
    mail = confirmation(desk)
    evil = [{"emailAddress": mail.to, "diagnosticCode": "<script>alert(1)</script>"}]
    assert bring(notification(of_row("Bounce", mail, bouncedRecipients=evil))) == 0
    shown = desk.get(desk.lead_path()).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>alert(1)" not in shown


def test_sns_11_a_complaint_ends_promotion_at_once_and_the_rep_is_told(desk: Desk) -> None:
    mail = confirmation(desk)
    assert bring(notification(of_row("Complaint", mail, complaintFeedbackType="abuse"))) == 0
    lead = desk.world.deps.store.get(Lead, mail.lead_id)
    assert lead
    assert lead.value.opted_out_at
    page = desk.page(desk.lead_path())
    assert "Wants no promotion since" in page
    assert "Complaint about our mail: no more promotion" in page
    desk.world.work()
    assert any("marked our mail as unwanted" in found.entry.subject for found in desk.world.mails())


def test_every_serious_case_of_the_group_has_its_test() -> None:
    cases = ROOT.parent / "shared" / "cases" / "attacks" / "attacks_public.jsonl"
    told = [json.loads(line) for line in cases.read_text("utf-8").splitlines()] if cases.is_file() else []
    serious = {case["id"] for case in told if case["group"] == "sns" and case["severity"] in ("critical", "high")}
    tests = {name.removeprefix("test_")[:6].replace("_", "-") for name in globals() if name.startswith("test_sns_")}
    assert serious <= tests


def test_the_leads_page_shows_a_dead_address_and_a_person_lifts_that(desk: Desk) -> None:
    mail = confirmation(desk)
    bring(notification(of_row("Bounce", mail)))
    path = desk.lead_path()
    assert "no more is sent to this address" in desk.page(path)
    answer = desk.post(f"{path}/address", page=path, address=mail.to)
    assert answer.headers["location"] == f"{path}?done=address"
    page = desk.page(f"{path}?done=address")
    assert "no more is sent to this address" not in page
    assert "Mail goes to this address again" in page
    assert desk.post(f"{path}/address", page=path, address="other@example.com").status_code == 404
    assert desk.post(f"{path}/address", page=path, address="").status_code == 422
