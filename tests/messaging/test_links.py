import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.messaging.links import SignedLinks
from tests.messaging.post import NOW

SECRET = "a secret of at least sixteen"
LEAD, REQUEST = "01JD8Z3V5Q9W2N4K6M8P0R1T3V", "01JD8Z3V5Q9W2N4K6M8P0R1T3W"


def links(at: datetime = NOW, secret: str = SECRET, former: tuple[str, ...] = ()) -> SignedLinks:
    return SignedLinks(secret, "https://example.com/", former, lambda: at)


def test_a_token_gives_back_its_ids():
    assert links().read("status", links().status(LEAD, REQUEST)) == (LEAD, REQUEST)
    assert links().read("preferences", links().make("preferences", LEAD)) == (LEAD,)
    assert links().read("status", links().status(LEAD, "")) == (LEAD, "")


def test_a_token_fits_into_one_line_of_a_mail_and_needs_no_escaping():
    token = links().status(LEAD, REQUEST)
    assert len(token) < 90
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


def test_a_token_of_another_purpose_opens_nothing():
    assert links().read("seminar", links().status(LEAD, REQUEST)) is None


def test_a_token_of_another_secret_opens_nothing():
    forged = links(secret="another secret, also long").status(LEAD, REQUEST)
    assert links().read("status", forged) is None


@given(st.integers(0, 84), st.sampled_from("Aa0_-.é"))
@settings(derandomize=True, deadline=None)
def test_a_token_with_one_character_changed_opens_nothing(place: int, other: str):
    token = links().status(LEAD, REQUEST)
    changed = token[:place] + other + token[place + 1 :]
    assert links().read("status", changed) == ((LEAD, REQUEST) if changed == token else None)


@given(st.text(max_size=120))
@settings(derandomize=True, deadline=None)
def test_whatever_comes_in_an_address_is_no_token(text: str):
    assert links().read("status", text) is None


def test_a_status_token_opens_for_a_year_and_not_longer():
    token = links().status(LEAD, REQUEST)
    assert links(NOW + timedelta(days=364)).read("status", token) == (LEAD, REQUEST)
    assert links(NOW + timedelta(days=366)).read("status", token) is None


def test_a_round_trip_to_an_identity_provider_is_known_for_ten_minutes():
    token = links().make("oidc", "secret", LEAD)
    assert links(NOW + timedelta(minutes=9)).read("oidc", token) == ("secret", LEAD)
    assert links(NOW + timedelta(minutes=11)).read("oidc", token) is None


def test_an_unsubscribe_link_never_expires():
    token = links().make("preferences", LEAD)
    assert links(NOW + timedelta(days=3650)).read("preferences", token) == (LEAD,)


def test_a_token_from_a_clock_a_little_ahead_opens():
    token = links(NOW + timedelta(seconds=2)).status(LEAD, REQUEST)
    assert links().read("status", token) == (LEAD, REQUEST)


def test_a_token_outlives_a_change_of_the_secret():
    old = links().make("preferences", LEAD)
    rotated = links(secret="the next secret, long too", former=(SECRET,))
    assert rotated.read("preferences", old) == (LEAD,)
    assert links().read("preferences", rotated.make("preferences", LEAD)) is None


@pytest.mark.parametrize("ids", [(), ("ada@example.org",), ("a.b",), ("a b",), ("a/b",), ("ä",), ("a\n",)])
def test_only_ids_go_into_a_token(ids: tuple[str, ...]):
    with pytest.raises(ValueError, match="not ids"):
        links().make("status", *ids)


def test_a_secret_that_can_be_guessed_is_a_broken_setting():
    with pytest.raises(ValueError, match="16"):
        SignedLinks("short", "https://example.com")


def test_an_absolute_address_is_below_the_public_one():
    assert links().absolute("/s/token") == "https://example.com/s/token"
    assert links().absolute("s/token") == "https://example.com/s/token"
    assert links().absolute("//evil.example/x") == "https://example.com/evil.example/x"


def test_links_are_made_without_loading_what_renders_mails():
    code = "import sys, chalicelib.messaging.links; print(sorted({'jinja2', 'babel', 'icalendar'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
