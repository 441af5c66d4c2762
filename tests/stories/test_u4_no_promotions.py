"""U4: "I have said I want no promotions": one click, at once, queued mail included; what was asked for still comes.

Cases of the attack list are named by their id. What needs another secret, a year, or the mail's headers, which the
emulator does not keep, is told in this process (`met`); all else wherever the service runs (`known`)."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.records.lead import Lead
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.search import LeadQuery
from chalicelib.wiring import links_of, service, use
from tests.handlers.desk import JANA, SEMINAR
from tests.stories.conftest import HTML, World
from tests.stories.people import ADA, EVERYBODY, SIGN_UP
from tests.stories.story import Story

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def met(world: World) -> World:
    """Jana has asked something, and a promotional mail to her waits for half a minute."""
    world.put(*EVERYBODY, ADA, SIGN_UP, SEMINAR)
    assert world.client.post("/f/contact", data=JANA, headers=HTML).status_code == 303
    world.work()
    mails = world.deps.store.query(Message, lead_id(world))
    (made,) = [mail.value for mail in mails if mail.value.kind is MessageKind.CONFIRMATION]
    promotion = replace(made, message_id="promo", kind=MessageKind.THANK_YOU, state=MessageState.PENDING, attempt=0,
                        claimed_at=None, sent_at=None, basis="consent", campaign_id="fair")  # fmt: skip
    due = [replace(promotion, message_id=f"promo{n}", due_at=world.now.replace(second=10 * n)) for n in range(1, 6)]
    world.put(*due)
    return world


def lead_id(world: World) -> str:
    (row,) = world.deps.model.leads(LeadQuery(text="jana")).rows
    return row.lead_id


def path(world: World) -> str:
    return f"/u/{world.deps.links.make('preferences', lead_id(world))}"


def opted_out(world: World) -> bool:
    stored = world.deps.store.get(Lead, lead_id(world))
    assert stored
    return stored.value.opted_out_at is not None


@dataclass
class Known:
    """Jana has asked something and is answered; five promotional mails to her wait, for an hour and longer."""

    story: Story
    lead_id: str

    @property
    def path(self) -> str:
        return f"/u/{self.story.deps.links.make('preferences', self.lead_id)}"

    def mails(self) -> list[Message]:
        return [stored.value for stored in self.story.deps.store.query(Message, self.lead_id)]

    def promotions(self) -> list[str]:
        return sorted(mail.state.value for mail in self.mails() if mail.kind is MessageKind.THANK_YOU)

    def opted_out(self) -> bool:
        return self.story.stored(self.lead_id).opted_out_at is not None


@pytest.fixture
def known(story: Story) -> Known:
    found = Known(story, story.lead_of(story.submit(**story.person("Jana", message="Which sensor fits oil?"))))
    story.rest(found.lead_id)
    (made,) = [mail for mail in found.mails() if mail.kind is MessageKind.CONFIRMATION]
    promotion = replace(made, kind=MessageKind.THANK_YOU, state=MessageState.PENDING, attempt=0, claimed_at=None,
                        sent_at=None, basis="consent", campaign_id="fair")  # fmt: skip
    now = datetime.now(UTC)
    story.put(*(replace(promotion, message_id=f"promo{n}", due_at=now + timedelta(hours=n)) for n in range(1, 6)))
    return found


def test_unsubscribe_05_one_click_stops_queued_mail_and_confirmations_go_on(known: Known) -> None:
    story = known.story
    story.later(known.lead_id, minutes=61)
    first = len(story.letters("jana"))
    assert known.promotions() == ["pending"] * 4 + ["sent"]
    answer = story.client.post(known.path, data=ONE_CLICK)
    assert (answer.status_code, answer.json()) == (200, {"promotion": "off"})
    story.later(known.lead_id, hours=5)
    assert known.promotions() == ["sent"] + ["suppressed"] * 4
    assert len(story.letters("jana")) == first
    # unsubscribe-11: what the person asks for after it is confirmed.
    seminar = story.seminar(2)
    path = story.submit(seminar.event_id, **story.person("Jana"))
    story.wait_until(lambda: story.status(path)["confirmation"] == "sent")
    assert any(seminar.title in letter.subject for letter in story.letters("jana"))


@pytest.mark.parametrize("accept", ["*/*", "text/html,application/xhtml+xml"])
@pytest.mark.parametrize("sent", ["urlencoded", "multipart"])
def test_unsubscribe_05_one_click_of_either_kind_is_answered_where_it_was_sent(
    known: Known, accept: str, sent: str
) -> None:
    kinds = {"urlencoded": {"data": ONE_CLICK}, "multipart": {"files": {"List-Unsubscribe": (None, "One-Click")}}}
    client = known.story.client
    client.cookies.clear()
    answer = client.post(known.path, headers={"Accept": accept}, **kinds[sent])  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert known.opted_out()


def test_unsubscribe_01_a_scanner_that_gets_the_link_a_thousand_times_changes_nothing(known: Known) -> None:
    story, link = known.story, known.path
    before = story.deps.store.get(Lead, known.lead_id)
    for method in ("GET", "HEAD"):
        for _ in range(1000 if "127.0.0.1" in story.place.address else 20):
            assert story.client.request(method, link, headers=HTML).status_code == 200
    assert story.deps.store.get(Lead, known.lead_id) == before
    # unsubscribe-03: nothing on the page sends the form by itself.
    html = story.get(link).text
    assert '<form method="post"' in html
    assert not re.search(r"data-submit|onload|http-equiv=.refresh", html)


def test_a_link_of_another_kind_or_another_hand_opts_nobody_out(known: Known) -> None:
    story, good = known.story, known.path.removeprefix("/u/")
    forged = [good[:-1] + ("A" if good[-1] != "A" else "B"), story.deps.links.make("status", known.lead_id, "x"),
              f"{known.lead_id}.x.y", "x", good.replace(".", "..", 1)]  # fmt: skip
    for token in forged:
        assert story.client.post(f"/u/{token}", data=ONE_CLICK).status_code == 404
    # unsubscribe-09: an address alone opts nobody out.
    for place in ("/u/", "/u/none"):
        assert story.client.post(place, data={"email": story.email("jana")}).status_code == 404
    assert not known.opted_out()


def test_privacy_07_without_a_recorded_basis_no_promotion_leaves(known: Known) -> None:
    story = known.story
    (mail,) = [mail for mail in known.mails() if mail.message_id == "promo1"]
    story.put(replace(mail, message_id="bare", basis=""))
    story.later(known.lead_id, hours=2)
    (bare,) = [mail for mail in known.mails() if mail.message_id == "bare"]
    assert (bare.state, bare.reason) == (MessageState.HELD, "no legal basis is recorded for this list")


def test_unsubscribe_07_a_link_works_after_a_year_and_after_a_change_of_the_secret(met: World) -> None:
    link = path(met)
    found = service()
    rotated = replace(found.settings, link_secrets=("n" * 40, "o" * 40))
    secret = (found.settings.data / "secret").read_text() if not met.pump else found.settings.secret
    met.deps = replace(met.deps, links=links_of(rotated, secret, met.clock))
    use(replace(found, deps=met.deps))
    met.now = met.now.replace(year=met.now.year + 1)
    assert path(met) != link, "new links are signed anew"
    assert met.client.post(link, data=ONE_CLICK).status_code == 200
    assert opted_out(met)


def test_an_objection_is_never_turned_away_for_coming_often_from_one_place(met: World) -> None:
    class Full:
        def take(self, rule: str, key: str) -> int:
            return 60

        def turned_away(self) -> int:
            return 0

    use(replace(service(), deps=replace(met.deps, limits=Full())))  # type: ignore[arg-type]
    assert met.client.post("/f/contact", data=JANA).status_code == 429
    assert met.client.post(path(met), data=ONE_CLICK).status_code == 200


def test_only_promotional_mail_carries_the_headers_of_one_click(met: World) -> None:
    met.later(minutes=1)
    mails = met.mails("jana@")
    carrying = [mail for mail in mails if any(name == "List-Unsubscribe" for name, _ in mail.headers)]
    assert 0 < len(carrying) < len(mails)
    for mail in carrying:
        named = dict(mail.headers)
        assert named["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = re.fullmatch(r"<http://leadline\.example(/u/[^>]+)>", "".join(named["List-Unsubscribe"].split()))
        assert link
        assert met.client.get(link.group(1), headers=HTML).status_code == 200
