"""A list that is loaded in steps: messages come twice, in any order and while others work; processes die at any commit;
visitors of the same names write in between; lists are taken back and put back. At the end each row has one outcome and
each person is there once."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from chalicelib.flows.redo_upload import ask_redo
from chalicelib.flows.undo_upload import ask_undo
from chalicelib.flows.upload_chunks import CHUNKS, begin_upload
from chalicelib.flows.upload_list import start_upload
from chalicelib.flows.upload_state import ENDED, TOPIC, enqueue_upload
from chalicelib.handlers.on_chunk import on_chunk
from chalicelib.handlers.on_tick import on_tick
from chalicelib.handlers.on_upload import ATTEMPTS, took_back
from chalicelib.records.deliveries import Delivery
from chalicelib.records.ports import Conflict, Deps, Write
from chalicelib.records.upload import TO_BE_BEGUN, Upload, UploadState
from tests.faults.finished import finish, in_mailbox
from tests.faults.invariants import Post, Told, judge
from tests.faults.machine_profile import same_each_time
from tests.faults.plan import Crashed
from tests.stories.conftest import MONDAY, build_world
from tests.stories.people import EVERYBODY

NAMES = ("Otto Muster", "Jana Beispiel", "Li Wei", "Eva Lane", "Ada Stone")
rows = st.lists(st.sampled_from([*NAMES, ""]), min_size=1, max_size=7)
# The process dies at so many commits from now, before or behind it; None: it lives.
deaths = st.sampled_from([None, None, (0, False), (0, True), (1, False), (1, True), (2, False), (3, True)])
Death = tuple[int, bool] | None
# So that a few rows are several chunks.
ROWS_A_CHUNK = 2


def address(name: str) -> str:
    return f"{name.replace(' ', '.').lower()}@customer.example.com" if name else ""


class Mortal:
    """The store, until its process dies."""

    def __init__(self, store: Any, left: int, behind: bool) -> None:
        self._store, self._left, self._behind = store, left, behind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, writes: Sequence[Write]) -> None:
        self._at(lambda: self._store.commit(writes))

    def commit_each(self, groups: Sequence[Sequence[Write]]) -> list[Conflict | None]:
        answers: list[Conflict | None] = self._at(lambda: self._store.commit_each(groups))
        return answers

    def _at(self, act: Any) -> Any:
        self._left -= 1
        if self._left < 0 and not self._behind:
            raise Crashed
        done = act()
        if self._left < 0:
            raise Crashed
        return done


class Uploads(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="leadline-machine-"))
        self.waiting: list[tuple[str, Delivery]] = []
        self.posts: list[Post] = []

    @initialize(names=rows)
    def begin(self, names: list[str]) -> None:
        self.world = build_world(self.folder, MONDAY)
        self.world.put(*EVERYBODY)
        self.deps: Deps = self.world.deps
        self.a_list_comes(names, None)

    def teardown(self) -> None:
        """What is left is delivered until nothing comes any more; then the world is judged."""
        for _ in range(60):
            self._collect()
            if not self.waiting and not self._open():
                break
            while self.waiting:
                self._give(0, None, keep=False)
            self.world.now += timedelta(minutes=3)
            on_tick(self.deps)
        for _ in range(4):
            self.world.later(minutes=10)
        verdict = judge(finish(self.deps, in_mailbox(self.folder / "mailbox"), self.posts, most_repeats=0))
        assert verdict.violations == []
        shutil.rmtree(self.folder)

    def _open(self) -> list[Upload]:
        return [
            s.value for s in self.deps.store.query(Upload) if s.value.state in TO_BE_BEGUN or s.value.state not in ENDED
        ]

    def _ended(self) -> list[Upload]:
        uploads = [s.value for s in self.deps.store.query(Upload)]
        return [upload for upload in uploads if upload.state in (UploadState.FINISHED, UploadState.UNDONE)]

    @rule(names=rows, death=deaths)
    @precondition(lambda self: len(self.deps.store.query(Upload)) < 3)
    def a_list_comes(self, names: list[str], death: Death) -> None:
        text = "name,email\n" + "".join(f"{name},{address(name)}\n" for name in names)
        deps = self._mortal(death)

        def come() -> None:
            enqueue_upload(deps, start_upload(deps, text.encode(), "l.csv", "fair", "consent", {}, "eva"))

        self._lives(come)
        self._collect()

    @rule(name=st.sampled_from(NAMES))
    def somebody_writes(self, name: str) -> None:
        message = f"No. {len(self.posts)}"
        body = {"name": name, "email": address(name), "message": message}
        answer = self.world.client.post("/f/contact", json=body)
        told = Told(self.world.lead_id(answer), answer.json()["request_id"])
        self.posts.append(Post(message, address(name), (told,)))

    @rule(which=st.integers(0, 5), death=deaths, keep=st.booleans())
    @precondition(lambda self: self.waiting)
    def a_message_is_given(self, which: int, death: Death, keep: bool) -> None:
        """`keep`: it comes again although it was done with."""
        self._give(which % len(self.waiting), death, keep)
        self._collect()

    @rule()
    @precondition(lambda self: self.waiting)
    def all_messages_are_given(self) -> None:
        while self.waiting:
            self._give(0, None, keep=False)
            self._collect()

    @rule(which=st.integers(0, 2), death=deaths)
    @precondition(lambda self: self._ended())
    def a_list_is_taken_back(self, which: int, death: Death) -> None:
        """Or put back, where it was taken back before."""
        ended = self._ended()
        upload, deps = ended[which % len(ended)], self._mortal(death)
        ask = ask_redo if upload.state is UploadState.UNDONE else ask_undo
        self._lives(lambda: ask(deps, upload.import_id, "eva"))
        self._collect()

    @rule(minutes=st.sampled_from([1, 3]))
    def the_clock_ticks(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)
        on_tick(self.deps)
        self._collect()

    def _collect(self) -> None:
        """Messages as the queue holds them; here we decide when and how often each comes."""
        for topic in (TOPIC, CHUNKS):
            for delivery in self.deps.queue.receive(topic, 10):
                self.deps.queue.done(topic, delivery.receipt)
                self.waiting.append((topic, delivery))

    def _give(self, which: int, death: Death, keep: bool) -> None:
        topic, delivery = self.waiting.pop(which)
        deps = self._mortal(death)
        failed = [delivery.receipt]

        def work() -> None:
            if topic == TOPIC:
                import_id = delivery.body["import_id"]
                if not took_back(deps, import_id):
                    begin_upload(deps, import_id, delivery.attempt > 1, ROWS_A_CHUNK)
                failed.clear()
            else:
                failed[:] = on_chunk(deps, [delivery])

        # One that was never given up comes again; here nothing breaks it each time.
        again = replace(delivery, attempt=min(delivery.attempt + 1, ATTEMPTS - 1))
        self._lives(work)
        if failed or (keep and delivery.attempt == 1):
            self.waiting.append((topic, again))

    def _mortal(self, death: Death) -> Deps:
        return replace(self.deps, store=Mortal(self.deps.store, *death)) if death else self.deps

    def _lives(self, act: Any) -> None:
        try:
            act()
        except Crashed:
            return


TestUploads = Uploads.TestCase
TestUploads.settings = same_each_time(25, 16)
