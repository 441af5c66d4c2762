"""News of mail reaches its row, its address and the person's wishes, whatever order it comes in."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.flows.dead_addresses import dead_among, lift
from chalicelib.flows.forget_expired import forget_expired
from chalicelib.flows.hear_of_mail import ROUNDS, STRAY_DAYS, hear
from chalicelib.flows.send_due import send_message
from chalicelib.follow_up.reasons import UNDELIVERABLE
from chalicelib.records.lead import Lead, Note
from chalicelib.records.mail_news import DeadAddress, MailNews, NewsKind, StrayNews
from chalicelib.records.mail_ports import Mail, NoWord
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.ports import Conflict, NotFound, Ref, Stored
from tests.handlers.desk import JANA, NOW, Desk, open_desk

K = NewsKind


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = open_desk(tmp_path)
    desk.ask()
    return desk


def lead_id(desk: Desk) -> str:
    return desk.lead_path().rpartition("/")[2]


def rows(desk: Desk, kind: MessageKind = MessageKind.CONFIRMATION) -> list[Message]:
    found = [s.value for s in desk.world.deps.store.query(Message, lead_id(desk))]
    return [m for m in found if m.kind is kind]


def told(m: Message, kind: NewsKind, **changed: Any) -> MailNews:
    given: dict[str, Any] = {"news_id": f"{kind}-{m.message_id}", "kind": kind, "at": NOW + timedelta(minutes=1),
                             "lead_id": m.lead_id, "message_id": m.message_id, "attempt": m.attempt_id,
                             "recipients": (m.to,)}  # fmt: skip
    return MailNews(**(given | changed))


@dataclass
class Silent:
    """Takes each mail and never answers; `on_the_way` happens between the two."""

    taken: list[Mail] = field(default_factory=list)
    on_the_way: Any = None

    def send(self, mail: Mail) -> None:
        self.taken.append(mail)
        if self.on_the_way:
            self.on_the_way()
        raise NoWord("silence")


def in_flight(desk: Desk, **changed: Any) -> Ref[Message]:
    row = replace(rows(desk)[0], message_id="again", state=MessageState.PENDING, due_at=desk.world.now, attempt=0,
                  claimed_at=None, sent_at=None, heard=())  # fmt: skip
    row = replace(row, **changed)
    desk.world.put(row)
    return Ref(Message, (row.lead_id, row.message_id))


def read(desk: Desk, ref: Ref[Message]) -> Message:
    stored = desk.world.deps.store.get(Message, *ref.ids)
    assert stored
    return stored.value


def test_a_mail_whose_reply_was_lost_is_sent_by_its_event_and_goes_out_once(desk: Desk) -> None:
    ref, silent = in_flight(desk), Silent()
    deps = replace(desk.world.deps, transport=silent)
    assert send_message(deps, ref) is MessageState.SENDING
    assert hear(deps, told(read(desk, ref), K.SEND))
    assert read(desk, ref).state is MessageState.SENT
    desk.world.now += timedelta(hours=1)
    assert send_message(deps, ref) is None
    assert len(silent.taken) == 1


def test_an_event_that_overtakes_the_answer_is_not_undone_by_it(desk: Desk) -> None:
    ref, silent = in_flight(desk), Silent()
    silent.on_the_way = lambda: hear(desk.world.deps, told(read(desk, ref), K.DELIVERY))
    send_message(replace(desk.world.deps, transport=silent), ref)
    assert read(desk, ref).state is MessageState.SENT
    assert [one.kind for one in read(desk, ref).heard] == [K.DELIVERY]


def test_a_hard_bounce_ends_mail_to_the_address_until_a_person_lifts_it(desk: Desk) -> None:
    deps, (mail,) = desk.world.deps, rows(desk)
    assert hear(deps, told(mail, K.BOUNCE, words="550 user unknown"))
    assert rows(desk)[0].state is MessageState.FAILED
    ref = in_flight(desk)
    assert send_message(deps, ref) is MessageState.SUPPRESSED
    assert read(desk, ref).reason == UNDELIVERABLE
    desk.world.now += timedelta(minutes=2)
    for _ in range(2):
        lift(deps, mail.lead_id, mail.to, "ada")
    assert dead_among(deps, [mail.to]) == {}
    assert send_message(deps, in_flight(desk, message_id="third")) is MessageState.SENT
    # The bounce of before, told again, changes nothing.
    hear(deps, told(mail, K.BOUNCE, words="550 user unknown"))
    assert dead_among(deps, [mail.to]) == {}


def test_an_address_is_known_in_whatever_case_it_is_written_and_is_kept_as_a_hash(desk: Desk) -> None:
    deps, (mail,) = desk.world.deps, rows(desk)
    hear(deps, told(mail, K.BOUNCE))
    assert set(dead_among(deps, [mail.to.upper(), "other@example.com"])) == {mail.to.upper()}
    (known,) = deps.store.query(DeadAddress)
    assert mail.to not in str(known.value)
    assert dead_among(deps, []) == {}


def test_nobody_lifts_an_address_that_is_not_the_leads(desk: Desk) -> None:
    with pytest.raises(NotFound):
        lift(desk.world.deps, lead_id(desk), "other@example.com", "ada")
    with pytest.raises(NotFound):
        lift(desk.world.deps, "nobody", JANA["email"], "ada")


def test_a_complaint_ends_promotion_tells_the_owner_and_happens_once(desk: Desk) -> None:
    deps, (mail,) = desk.world.deps, rows(desk)
    for _ in range(2):
        assert hear(deps, told(mail, K.COMPLAINT, words="abuse"))
    assert hear(deps, told(mail, K.COMPLAINT, at=NOW + timedelta(hours=1)))
    lead = deps.store.get(Lead, mail.lead_id)
    assert lead
    assert lead.value.opted_out_at
    notes = [s.value for s in deps.store.query(Note, mail.lead_id) if s.value.kind == "complaint"]
    assert [note.text for note in notes] == ["abuse"]
    (notice,) = rows(desk, MessageKind.COMPLAINT_NOTICE)
    assert lead.value.assignment
    rep = deps.directory.rep(lead.value.assignment.owner_id)
    assert rep
    assert notice.to == rep.email
    desk.world.work()
    assert "marked our mail as unwanted" in desk.world.mails(rep.email)[-1].entry.subject


def test_a_complaint_of_somebody_who_is_gone_is_still_taken_in(desk: Desk) -> None:
    mail = replace(rows(desk)[0], lead_id="gone")
    desk.world.put(mail)
    assert hear(desk.world.deps, told(mail, K.COMPLAINT))


@pytest.mark.parametrize("changed", [{"lead_id": ""}, {"message_id": "nowhere"}, {"message_id": "a#b"},
                                     {"recipients": ("ceo@customer.example",)}])  # fmt: skip
def test_news_of_a_mail_we_have_not_sent_is_kept_for_a_time_and_applied_to_nothing(
    desk: Desk, changed: dict[str, Any]
) -> None:
    deps, (mail,) = desk.world.deps, rows(desk)
    assert not hear(deps, told(mail, K.BOUNCE, **changed))
    assert not hear(deps, told(mail, K.BOUNCE, **changed))
    assert rows(desk) == [mail]
    assert deps.store.query(DeadAddress) == []
    (stray,) = deps.store.query(StrayNews)
    assert stray.value.kind is K.BOUNCE
    assert "@" not in str(stray.value)
    desk.world.now += timedelta(days=STRAY_DAYS, minutes=1)
    forget_expired(deps)
    assert deps.store.query(StrayNews) == []


class Contested:
    """A store whose first `lost` commits lose to somebody else."""

    def __init__(self, inner: Any, lost: int) -> None:
        self._inner = inner
        self.lost = lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commit(self, writes: Any) -> None:
        if self.lost:
            self.lost -= 1
            raise Conflict
        self._inner.commit(writes)

    def get(self, kind: Any, *ids: str) -> Stored[Any] | None:
        found: Stored[Any] | None = self._inner.get(kind, *ids)
        return found


def test_who_loses_a_race_reads_again_and_who_never_wins_has_the_news_come_again(desk: Desk) -> None:
    deps, (mail,) = desk.world.deps, rows(desk)
    assert hear(replace(deps, store=Contested(deps.store, 2)), told(mail, K.DELIVERY))
    with pytest.raises(Conflict):
        hear(replace(deps, store=Contested(deps.store, ROUNDS)), told(mail, K.DELAY))


def test_lifting_loses_no_race_for_good(desk: Desk) -> None:
    deps, (mail,) = desk.world.deps, rows(desk)
    hear(deps, told(mail, K.BOUNCE))
    lift(replace(deps, store=Contested(deps.store, 1)), mail.lead_id, mail.to, "ada")
    assert dead_among(deps, [mail.to]) == {}
