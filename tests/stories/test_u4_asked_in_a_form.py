"""U4, M6: where a form asks for consent to news and offers, promotion goes to whoever ticked the box alone."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from chalicelib.follow_up.policy import agreed_by, said_no
from chalicelib.records.consent_wording import ConsentWording
from chalicelib.records.form import FieldKind, Form, FormField
from chalicelib.records.message import Message, MessageKind, MessageState
from chalicelib.records.upload import Upload
from tests.stories.people import CONTACT
from tests.stories.story import Story
from tests.stories.test_m2_business_cards import upload

NEWS = FormField("news", FieldKind.CONSENT, {"en": "Send me news and offers."}, wording=1)


@dataclass
class Asked:
    """A form of this story's own that asks for consent to news and offers, and a marketer who is signed in."""

    story: Story
    form_id: str

    def asks(self, name: str, **sent: str) -> str:
        """Somebody sends the form; the lead_id."""
        return self.story.lead_of(self.story.submit(self.form_id, **self.story.person(name), **sent))

    def listed(self, *names: str, basis: str = "", consent: str = "") -> Upload:
        """They are on a list of the fair's."""
        rows = "\n".join(f"{name} Beispiel,{self.story.email(name)},DE,{consent}" for name in names)
        return upload(self.story, f"name,email,country,consent\n{rows}\n", basis)

    def promoted(self, name: str) -> int:
        return sum("/u/" in letter.text for letter in self.story.letters(name))


@pytest.fixture
def asked(story: Story) -> Asked:
    form = Form(f"news-{story.mark}", CONTACT.title, (*CONTACT.fields, NEWS))
    wordings = [ConsentWording(form.form_id, "news", n, NEWS.label, story.deps.clock()) for n in (1, 2)]
    story.put(form, *wordings)
    story.sign_in("eva")
    return Asked(story, form.form_id)


def test_a_list_without_a_basis_thanks_whoever_ticked_the_box_by_form_and_wording(asked: Asked) -> None:
    jana = asked.asks("Jana", news="yes", **{"wording.news": "2"})
    timo = asked.asks("Timo")
    found = asked.story.stored(jana)
    assert agreed_by(found) == f"form {asked.form_id}, version 2 (en), {asked.story.deps.clock().date()}"
    assert said_no(asked.story.stored(timo))
    done = asked.listed("Jana", "Timo", "Nadia")
    assert (done.mails_queued, done.mails_held) == (1, 1)
    asked.story.rest(jana)
    asked.story.rest(timo)
    assert [asked.promoted(name) for name in ("Jana", "Timo", "Nadia")] == [1, 0, 0]


def test_a_box_left_empty_outweighs_what_a_list_says(asked: Asked) -> None:
    jana = asked.asks("Jana")
    done = asked.listed("Jana", basis="consent at the stand", consent="yes")
    assert (done.mails_queued, done.mails_held) == (0, 0)
    asked.story.rest(jana)
    assert said_no(asked.story.stored(jana))
    assert asked.promoted("Jana") == 0


def test_a_mail_that_waits_does_not_go_to_who_leaves_the_box_empty_meanwhile(asked: Asked) -> None:
    story, timo = asked.story, asked.asks("Timo", news="yes")
    story.rest(timo)
    mails = [stored.value for stored in story.deps.store.query(Message, timo)]
    (made,) = [mail for mail in mails if mail.kind is MessageKind.CONFIRMATION]
    waits = replace(made, message_id="promo", kind=MessageKind.THANK_YOU, state=MessageState.PENDING, attempt=0,
                    claimed_at=None, sent_at=None, basis="consent at the stand", campaign_id="fair",
                    due_at=story.deps.clock() + timedelta(hours=1))  # fmt: skip
    story.put(waits, replace(story.stored(timo), agreed_by=""))
    asked.asks("Timo", message="Something else.")
    story.rest(timo)
    story.later(timo, hours=2)
    kept = story.deps.store.get(Message, timo, "promo")
    assert kept
    assert kept.value.state is MessageState.SUPPRESSED
    assert asked.promoted("Timo") == 0


def test_a_later_yes_counts_and_an_empty_box_after_it_takes_nothing_back_but_an_objection_stays(asked: Asked) -> None:
    jana = asked.asks("Jana")
    assert asked.asks("Jana", message="And the price?", news="yes") == jana
    assert asked.asks("Jana", message="Still there?") == jana
    assert agreed_by(asked.story.stored(jana))
    link = asked.story.deps.links.make("preferences", jana)
    assert asked.story.post(f"/u/{link}").status_code == 303
    asked.asks("Jana", message="A last word", news="yes")
    done = asked.listed("Jana", basis="consent at the stand")
    asked.story.rest(jana)
    assert (done.mails_held, asked.promoted("Jana")) == (0, 0)


def test_the_leads_page_and_the_persons_own_say_how_it_stands(asked: Asked) -> None:
    story = asked.story
    jana, timo = asked.asks("Jana", news="yes"), asked.asks("Timo")
    assert f"form {asked.form_id}, " in story.get(f"/app/leads/{jana}").text
    assert "did not give it" in story.get(f"/app/leads/{timo}").text
    assert "did not give it" not in story.get(f"/app/leads/{jana}").text
    own = [story.get(f"/u/{story.deps.links.make('preferences', lead_id)}").text for lead_id in (jana, timo)]
    assert ["You have not agreed" in text for text in own] == [False, True]


def test_a_form_that_does_not_ask_says_nothing_of_it(asked: Asked) -> None:
    story = asked.story
    story.put(replace(CONTACT, form_id=f"plain-{story.mark}"))
    lead_id = story.lead_of(story.submit(f"plain-{story.mark}", **story.person("Jana"), news="yes"))
    lead = story.stored(lead_id)
    assert (agreed_by(lead), said_no(lead)) == ("", False)
