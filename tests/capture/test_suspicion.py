"""What makes a posted form look like spam: each sign has its reason, and honest posts have none."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from chalicelib.capture.suspicion import SHORTEST, TRAP, open_since, opening_mark, repetition, suspicions
from chalicelib.records.contact import Contact
from tests.capture.spam_corpus import HONEST, UNWANTED, Post

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
JANA = Contact(full_name="Jana Beispiel", company="Beispiel AG", emails=("jana@customer.example.com",),
               message="Which sensor fits oil? We found https://example.com/a and https://example.com/b.")  # fmt: skip


def key(value: str) -> str:
    return sha256(value.encode()).hexdigest()


def test_an_honest_post_raises_no_suspicion() -> None:
    assert suspicions({"name": "Jana"}, JANA, ("Oil",), SHORTEST) == ()
    assert suspicions({TRAP: "  "}, JANA, (), None) == ()


def test_a_field_people_do_not_see_gives_a_machine_away() -> None:
    assert suspicions({TRAP: "x"}, JANA, (), None) == ("a field that people do not see was filled in",)


@pytest.mark.parametrize(("open_for", "told"), [(timedelta(milliseconds=240), "0.2"), (timedelta(seconds=-3), "0.0")])
def test_nobody_fills_a_form_in_at_once(open_for: timedelta, told: str) -> None:
    assert suspicions({}, JANA, (), open_for) == (f"sent faster than anybody fills in a form, seconds: {told}",)


@pytest.mark.parametrize("field", ["full_name", "company", "title"])
@pytest.mark.parametrize("link", ["WIN http://example.com", "www.example.com", "[URL=example.com]x", '<a HREF ="x">'])
def test_a_link_in_a_name_would_make_our_confirmation_an_advertisement(field: str, link: str) -> None:
    assert suspicions({}, Contact(**{field: link}), (), None) == ("a link stands where a name should",)


def test_links_in_all_that_was_written_are_counted() -> None:
    three = "http://a.example http://b.example"
    found = suspicions({}, Contact(message=three), ("see www.c.example",), None)
    assert found == ("more links than a question needs: 3",)


def test_a_throw_away_mailbox_is_named_by_its_domain() -> None:
    assert suspicions({}, Contact(emails=("x@Mailinator.COM",)), (), None) == ("a throw-away mailbox: mailinator.com",)


def test_the_same_words_may_come_a_few_times() -> None:
    assert repetition(5) == ""
    assert repetition(6) == "the same words came again and again: 6"


def test_a_page_says_when_it_was_made_in_a_way_nobody_can_forge() -> None:
    mark = opening_mark("contact", NOW, key)
    later = NOW + timedelta(seconds=90)
    assert open_since("contact", mark, later, key) == timedelta(seconds=90)
    assert open_since("other", mark, later, key) is None
    seconds, _, signature = mark.partition("-")
    for forged in (f"{int(seconds) - 900}-{signature}", "", "x-y", f"²{mark}", "9" * 40 + "-" + signature):
        assert open_since("contact", forged, later, key) is None


def looked_at_first(posts: tuple[Post, ...]) -> list[str]:
    """The reasons for each that would be set aside, by what it says alone: time and repetition are not asked."""
    found = []
    for name, email, company, message in posts:
        contact = Contact(full_name=name, emails=(email,), company=company, message=message)
        if reasons := suspicions({}, contact, (), None):
            found.append(f"{name}: {reasons[0]}")
    return found


def test_of_a_corpus_no_honest_post_is_set_aside_and_most_unwanted_ones_are() -> None:
    """docs/forms.md states these figures."""
    assert looked_at_first(HONEST) == []
    assert (len(looked_at_first(UNWANTED)), len(UNWANTED), len(HONEST)) == (26, 30, 30)


def test_an_offer_is_known_by_two_of_its_words() -> None:
    two = Contact(message="Bitcoin and  FREE\nSpins for all of you")
    assert suspicions({}, two, (), None) == ("reads like an advertisement: bitcoin, free spins",)
    assert suspicions({}, Contact(message="Can I pay in bitcoin at your stand?"), (), None) == ()
