"""Outbox rows under workers that race, transports that fail in every way, news that comes late, and time."""

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from chalicelib.flows.hear_of_mail import hear
from chalicelib.flows.send_due import send_message
from chalicelib.flows.sweep_clocks import sweep
from chalicelib.follow_up.outbox import retry_delays
from chalicelib.records.mail_news import MailNews, NewsKind
from chalicelib.records.mail_ports import Mail, NoWord, TransportError
from chalicelib.records.message import PROMOTIONAL, Message, MessageKind, MessageState
from chalicelib.records.ports import Deps, Put, Ref
from tests.faults.invariants import name_in_mail
from tests.faults.machine_profile import same_each_time
from tests.faults.plan import Crashed
from tests.flows.rivals import with_rivals
from tests.stories.conftest import MONDAY, build_world
from tests.stories.people import EVERYBODY

PERSON = "jana@customer.example.com"
# What the transport does with the next mail: `lost` mails were taken and nobody said so.
WAYS = ("taken", "later", "never", "lost", "not taken", "crash before", "crash after")
TAKEN = frozenset({"taken", "lost", "crash after"})


@dataclass
class Moody:
    """A transport in the mood it is told to be in."""

    way: str = "taken"
    handed: list[str] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        if self.way in TAKEN:
            self.handed.append(mail.message_id.split("@")[0])
        if self.way in ("later", "never"):
            raise TransportError("no", final=self.way == "never")
        if self.way in ("lost", "not taken"):
            raise NoWord("silence")
        if self.way.startswith("crash"):
            raise Crashed


class Outbox(RuleBasedStateMachine):
    rows: Bundle[Ref[Message]] = Bundle("rows")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="leadline-machine-"))
        self.transport = Moody()
        self.refs: list[Ref[Message]] = []
        self.ended: dict[Ref[Message], MessageState] = {}
        self.told: set[Ref[Message]] = set()

    @initialize()
    def begin(self) -> None:
        self.world = build_world(self.folder, MONDAY)
        self.deps: Deps = replace(self.world.deps, transport=self.transport)
        self.world.put(*EVERYBODY)
        self.lead_id = ""
        self._post()

    def teardown(self) -> None:
        """The transport recovers: what has to arrive has arrived then."""
        self.transport.way = "taken"
        for _ in range(12):
            self.pass_time(30)
        for ref in self.refs:
            message = self._row(ref)
            times = self._times()[ref]
            if message.state is MessageState.SENT:
                assert times or ref in self.told
            elif message.state is MessageState.UNKNOWN:
                assert message.kind in PROMOTIONAL or message.attempt > len(retry_delays())
            else:
                assert message.state is MessageState.FAILED
                assert message.reason
        shutil.rmtree(self.folder)

    @rule(target=rows)
    def somebody_writes(self) -> object:
        """Two rows: the confirmation, and the notice to the owner."""
        return multiple(*self._post())

    def _post(self) -> list[Ref[Message]]:
        body = {"name": "Jana Beispiel", "email": PERSON, "message": f"No. {len(self.refs)}"}
        answer = self.world.client.post("/f/contact", json=body)
        assert answer.status_code == 201, answer.text
        self.lead_id = self.world.lead_id(answer)
        return self._noted()

    def _noted(self) -> list[Ref[Message]]:
        found = [Ref(Message, (self.lead_id, s.value.message_id)) for s in self.deps.store.query(Message, self.lead_id)]
        new = [ref for ref in found if ref not in self.refs]
        self.refs += new
        return new

    @rule(target=rows)
    def somebody_is_thanked(self) -> object:
        thanks = Message(
            f"thanks-{len(self.refs)}", self.lead_id, MessageKind.THANK_YOU, PERSON, "en", MessageState.PENDING,
            self.world.now, self.world.now, basis="consent at the stand", campaign_id="fair",
        )  # fmt: skip
        self.deps.store.commit([Put(thanks, 0)])
        return multiple(*self._noted())

    @rule(ref=rows, way=st.sampled_from(WAYS))
    def send(self, ref: Ref[Message], way: str) -> None:
        self.transport.way = way
        self._lives(lambda: send_message(self.deps, ref))

    @rule(ref=rows, way=st.sampled_from(WAYS), rivals=st.sampled_from(WAYS))
    def race(self, ref: Ref[Message], way: str, rivals: str) -> None:
        """Another worker takes the row between our look and our claim."""

        def first() -> None:
            self.transport.way = rivals
            self._lives(lambda: send_message(self.deps, ref))
            self.transport.way = way

        self._lives(lambda: send_message(with_rivals(self.deps, first), ref))

    @rule(minutes=st.sampled_from([0, 1, 4, 6, 40]), way=st.sampled_from(WAYS))
    def sweep(self, minutes: int, way: str) -> None:
        self.transport.way = way
        self.pass_time(minutes)

    def pass_time(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)
        self._lives(lambda: sweep(self.deps))

    @rule(ref=rows, late=st.booleans())
    def news_of_delivery(self, ref: Ref[Message], late: bool) -> None:
        """Of the last handing over, or of the first one, if there was any."""
        message = self._row(ref)
        if not self._times()[ref]:
            return
        attempt = f"{message.again}.{1 if late else message.attempt}"
        news = MailNews(self.deps.new_id(), NewsKind.DELIVERY, self.world.now, *ref.ids, attempt, (PERSON,))
        hear(self.deps, news)
        self.told.add(ref)

    @rule(ref=consumes(rows))
    def leave_alone(self, ref: Ref[Message]) -> None:
        """From here on only the clock looks after it."""

    @invariant()
    def nothing_is_handed_over_without_a_claim_of_its_own(self) -> None:
        for ref, times in self._times().items():
            message = self._row(ref)
            assert times <= message.attempt
            assert times <= 1 or message.kind not in PROMOTIONAL

    @invariant()
    def what_was_sent_stays_sent(self) -> None:
        for ref in self.refs:
            state = self._row(ref).state
            assert self.ended.get(ref, state) is state
            if state is MessageState.SENT:
                self.ended[ref] = state

    def _lives(self, act: object) -> None:
        try:
            act()  # type: ignore[operator]
        except Crashed:
            return

    def _row(self, ref: Ref[Message]) -> Message:
        stored = self.deps.store.get(Message, *ref.ids)
        assert stored
        return stored.value

    def _times(self) -> Counter[Ref[Message]]:
        names = Counter(self.transport.handed)
        return Counter({ref: names[name_in_mail(self._row(ref))] for ref in self.refs})


TestOutbox = Outbox.TestCase
TestOutbox.settings = same_each_time(25, 20)
