"""Mail that nobody knows the end of or that failed: what is listed, and what a person may do with it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.flows.hear_of_mail import hear
from chalicelib.flows.settle_mail import AGAIN, settle
from chalicelib.follow_up.reasons import UNDELIVERABLE
from chalicelib.records.mail_news import DeadAddress, MailNews, NewsKind
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import NotFound
from chalicelib.records.rep import Rep
from tests.handlers.desk import JANA, NOW, Desk, open_desk

PAGE = "/app/operations/mail"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = open_desk(tmp_path)
    desk.ask("seminar")
    return desk


def row_of(desk: Desk, kind: MessageKind = MessageKind.SEMINAR_CONFIRMATION) -> Message:
    lead_id = desk.lead_path().rpartition("/")[2]
    return next(s.value for s in desk.world.deps.store.query(Message, lead_id) if s.value.kind is kind)


def leave(desk: Desk, state: MessageState, reason: str = "no answer from the mail service; not sent again") -> Message:
    made = replace(row_of(desk), state=state, reason=reason, sent_at=None, attempt=5)
    desk.world.put(made)
    desk.world.work()
    return made


def news(mail: Message, kind: NewsKind) -> MailNews:
    return MailNews("N1", kind, NOW + timedelta(minutes=1), mail.lead_id, mail.message_id, mail.attempt_id)


def decide(desk: Desk, mail: Message, decision: str) -> int:
    path = f"{PAGE}/{mail.lead_id}/{mail.message_id}"
    return desk.post(path, page=PAGE, decision=decision).status_code


def test_a_page_without_trouble_says_so(desk: Desk) -> None:
    page = desk.page(PAGE)
    assert "Every mail has left, waits for its time, or is not to go." in page
    assert "cannot be heard of here" in page


@pytest.mark.parametrize("state", [MessageState.UNKNOWN, MessageState.FAILED])
def test_unknown_and_failed_mail_is_listed_with_its_reason_and_person(desk: Desk, state: MessageState) -> None:
    leave(desk, state)
    page = desk.page(PAGE)
    assert "no answer from the mail service" in page
    assert "Jana Beispiel" in page
    assert ("It may have arrived" in page) is (state is MessageState.UNKNOWN)


def test_sent_again_it_is_the_same_mail_with_the_same_calendar_entry(desk: Desk) -> None:
    before = desk.world.mails(JANA["email"])
    mail = leave(desk, MessageState.UNKNOWN)
    assert decide(desk, mail, "again") == 303
    desk.world.now += timedelta(seconds=5)
    desk.world.work()
    first, again = (m for m in desk.world.mails(JANA["email"]) if m.entry.subject == before[-1].entry.subject)
    assert dict(first.headers)["Message-ID"] == dict(again.headers)["Message-ID"]
    uids = {
        line for m in (first, again) for a in m.attachments for line in a.body.decode().splitlines() if "UID:" in line
    }
    assert len(uids) == 1
    row = row_of(desk)
    assert (row.state, row.again, row.attempt) == (MessageState.SENT, 1, 1)
    assert "Mail sent again by hand" in desk.page(desk.lead_path())


@pytest.mark.parametrize(
    ("decision", "state", "said"),
    [("sent", MessageState.SENT, "marked as sent by hand"), ("give_up", MessageState.SUPPRESSED, "given up by hand")],
)
def test_marked_or_given_up_it_leaves_the_list_and_the_timeline_says_so(
    desk: Desk, decision: str, state: MessageState, said: str
) -> None:
    mail = leave(desk, MessageState.FAILED)
    mails = len(desk.world.mails())
    assert decide(desk, mail, decision) == 303
    desk.world.work()
    assert row_of(desk).state is state
    assert "Jana Beispiel" not in desk.page(PAGE)
    assert said in desk.page(desk.lead_path())
    assert len(desk.world.mails()) == mails


def test_what_is_settled_is_not_settled_again_and_other_decisions_are_refused(desk: Desk) -> None:
    mail = leave(desk, MessageState.UNKNOWN)
    assert decide(desk, mail, "burn") == 422
    assert decide(desk, mail, "sent") == 303
    leave(desk, MessageState.UNKNOWN)
    hear(desk.world.deps, news(row_of(desk), NewsKind.DELIVERY))
    desk.world.put(replace(row_of(desk), message_id="other", state=MessageState.UNKNOWN))
    desk.world.work()
    assert decide(desk, mail, "again") == 409
    with pytest.raises(NotFound):
        settle(desk.world.deps, mail.lead_id, "nowhere", AGAIN, "ada")


def test_a_dead_address_is_listed_and_lifted_and_what_was_kept_back_may_go(desk: Desk) -> None:
    mail = row_of(desk)
    hear(desk.world.deps, news(mail, NewsKind.BOUNCE))
    desk.world.now += timedelta(minutes=2)
    desk.world.put(replace(mail, state=MessageState.SUPPRESSED, reason=UNDELIVERABLE))
    desk.world.work()
    page = desk.page(PAGE)
    assert page.count(JANA["email"]) == 2
    (known,) = desk.world.deps.store.query(DeadAddress)
    answer = desk.post(f"/app/operations/addresses/{known.value.digest}/lift", page=PAGE)
    assert answer.headers["location"] == f"{PAGE}?done=lifted"
    assert desk.post(f"/app/operations/addresses/{'0' * 32}/lift", page=PAGE).status_code == 404
    assert desk.page(PAGE).count(JANA["email"]) == 1
    assert decide(desk, mail, "again") == 303
    desk.world.now += timedelta(seconds=5)
    desk.world.work()
    assert row_of(desk).state is MessageState.SENT


def test_an_address_of_one_of_our_own_people_is_lifted_here_too(desk: Desk) -> None:
    rep = next(r for r in desk.world.deps.directory.reps() if isinstance(r, Rep) and r.active)
    mail = replace(row_of(desk), lead_id=f"person.{rep.rep_id}", to=rep.email, kind=MessageKind.SIGN_IN_LINK, attempt=1)
    desk.world.put(mail)
    hear(desk.world.deps, news(mail, NewsKind.BOUNCE))
    desk.world.work()
    assert rep.email in desk.page(PAGE)
    assert "person." not in desk.page(PAGE)
    (known,) = desk.world.deps.store.query(DeadAddress)
    desk.world.now += timedelta(minutes=2)
    assert desk.post(f"/app/operations/addresses/{known.value.digest}/lift", page=PAGE).status_code == 303
    assert decide(desk, mail, "give_up") == 303


def test_news_that_is_not_ours_is_shown(desk: Desk) -> None:
    hear(desk.world.deps, news(replace(row_of(desk), lead_id="unknown"), NewsKind.BOUNCE))
    page = desk.page(PAGE)
    assert "News of mail that is not ours" in page
    assert "Came back" in page
