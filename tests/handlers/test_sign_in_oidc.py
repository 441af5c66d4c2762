"""Signing in at an identity provider: who comes in, and who does not whatever they bring."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from chalicelib.records.rep import Rep, Role
from chalicelib.records.sign_in import Identity, Session
from tests.handlers.browsers import another, having, is_in, with_clocked_links
from tests.handlers.desk import Desk, open_desk, words
from tests.oidc.identity_provider import CLIENT_ID, CURVE_KEY, KEYS, SECRET, IdentityProvider, provider_on_loopback
from tests.stories.people import ADA

BEN = Rep("ben", "Ben Beispiel", "Ben@Example.com")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path, "", BEN)


@pytest.fixture
def there(desk: Desk) -> Iterator[IdentityProvider]:
    with provider_on_loopback(desk.world.clock, sub="17", email="ben@example.COM", email_verified=True) as made:
        having(desk, oidc_issuer=made.issuer, oidc_client_id=CLIENT_ID, oidc_client_secret=SECRET, oidc_name="Example")
        yield made


def leave(client: httpx.Client, path: str = "/app") -> str:
    """Off to the provider; the address the browser is sent back to."""
    away = client.get("/app/sign-in/oidc", params={"next": path})
    assert away.status_code == 303, away.text
    return str(httpx.get(away.headers["location"]).headers["location"])


def sign_in(client: httpx.Client, path: str = "/app") -> httpx.Response:
    return client.get(leave(client, path))


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers or "session" not in answer.headers["set-cookie"]
    return words(answer.text)


def test_a_person_with_that_address_comes_in_and_goes_on_where_they_wanted(desk: Desk, there: IdentityProvider) -> None:
    browser = another(desk)
    assert "Sign in with Example" in words(browser.get("/app/sign-in?next=/app/leads").text)
    answer = sign_in(browser, "/app/leads?q=x&sort=score")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/leads?q=x&sort=score")
    assert "Ben Beispiel" in words(browser.get("/app").text)
    (stored,) = desk.world.deps.store.query(Session, "ben")
    assert (stored.value.way, stored.value.browser) == ("oidc", "Firefox, Linux")


def test_a_provider_that_tells_the_address_apart_from_the_token_does_as_well(
    desk: Desk, there: IdentityProvider
) -> None:
    there.account = {"sub": "17"}
    there.info = {"sub": "17", "email": "ben@example.COM", "email_verified": False}
    refused(sign_in(another(desk)))
    there.info["email_verified"] = True
    assert sign_in(another(desk)).status_code == 303


def test_elliptic_keys_do_as_well(desk: Desk, there: IdentityProvider) -> None:
    there.keys, there.alg = [CURVE_KEY], "ES256"
    assert sign_in(another(desk)).status_code == 303


def test_nothing_is_stored_on_the_way_there(desk: Desk, there: IdentityProvider) -> None:
    before = desk.world.deps.store.counts()
    leave(another(desk))
    assert desk.world.deps.store.counts() == before


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/app\\evil", "/elsewhere", "/application"])
def test_it_goes_on_to_pages_of_ours_alone(desk: Desk, there: IdentityProvider, path: str) -> None:
    assert sign_in(another(desk), path).headers["location"] == "/app/inbox"


@pytest.mark.parametrize(
    "account",
    [
        {"email": "nobody@example.com"},
        {"email": "ben@example.com", "email_verified": False},
        {"email": "ben@example.com", "email_verified": None},
        {"email": "ben@example.com.evil.example"},
        {"email": "ben@eхample.com"},  # a Cyrillic letter
        {"email": ""},
    ],
)
def test_an_unknown_or_unverified_address_gets_the_same_plain_refusal(
    desk: Desk, there: IdentityProvider, account: dict[str, object]
) -> None:
    there.account |= account
    said = refused(sign_in(another(desk)))
    there.account |= {"email": "somebody.else@example.org", "email_verified": True}
    assert said == refused(sign_in(another(desk)))
    assert "This account cannot sign in here" in said
    assert "ben" not in said.lower()
    assert desk.world.deps.store.query(Session, "ben") == []


def test_a_letter_that_only_folds_to_the_right_one_is_another_letter(desk: Desk, there: IdentityProvider) -> None:
    desk.world.put(replace(BEN, email="mike@example.com"))
    there.account["email"] = "mi\N{KELVIN SIGN}e@example.com"
    refused(sign_in(another(desk)))


def test_an_inactive_person_does_not_come_in(desk: Desk, there: IdentityProvider) -> None:
    assert sign_in(another(desk)).status_code == 303
    desk.world.put(replace(BEN, active=False))
    refused(sign_in(another(desk)))


def test_an_address_two_people_have_signs_in_neither(desk: Desk, there: IdentityProvider) -> None:
    desk.world.put(replace(BEN, rep_id="ben-2"))
    refused(sign_in(another(desk)))


# Bound to the account, not to the address


def test_who_is_given_a_reused_address_does_not_get_the_account(desk: Desk, there: IdentityProvider) -> None:
    assert sign_in(another(desk)).status_code == 303
    there.account["sub"] = "18"
    refused(sign_in(another(desk)))


def test_the_account_stays_its_persons_when_its_address_at_the_provider_changes(
    desk: Desk, there: IdentityProvider
) -> None:
    assert sign_in(another(desk)).status_code == 303
    there.account |= {"email": "ada@example.com", "email_verified": False}
    browser = another(desk)
    assert sign_in(browser).status_code == 303
    assert "Ben Beispiel" in words(browser.get("/app").text)


def test_another_issuer_has_accounts_of_its_own(desk: Desk, there: IdentityProvider) -> None:
    sign_in(another(desk))
    with provider_on_loopback(desk.world.clock, sub="17", email="nobody@example.com", email_verified=True) as other:
        having(desk, oidc_issuer=other.issuer)
        refused(sign_in(another(desk)))


def test_somebody_who_gets_another_address_here_binds_anew(desk: Desk, there: IdentityProvider) -> None:
    sign_in(another(desk))
    desk.world.put(replace(BEN, email="ben.new@example.com"))
    refused(sign_in(another(desk)))
    there.account |= {"email": "ben.new@example.com"}
    assert sign_in(another(desk)).status_code == 303
    there.account |= {"sub": "18"}
    refused(sign_in(another(desk)))
    desk.world.put(replace(BEN, email="ben.newer@example.com"))
    there.account |= {"email": "ben.newer@example.com"}
    assert sign_in(another(desk)).status_code == 303
    assert desk.world.deps.store.counts()["Identity"] == 2, "the account that was Ben's before says nothing any more"


def test_an_administrator_lets_somebody_bind_a_new_account(desk: Desk, there: IdentityProvider) -> None:
    ben = another(desk)
    sign_in(ben)
    there.account["sub"] = "18"
    desk.world.put(Rep("root", "Rita Root", "root@example.com", Role.ADMIN))
    desk.world.sign_in("root")
    answer = desk.post("/app/reps/ben/sessions/end", "/app/reps/ben", forget="yes")
    assert answer.headers["location"] == "/app/reps/ben?said=signed-out"
    assert not is_in(ben)
    assert desk.world.deps.store.counts().get("Identity", 0) == 0
    assert sign_in(ben).status_code == 303


def test_names_of_accounts_are_not_stored(desk: Desk, there: IdentityProvider) -> None:
    there.account["sub"] = "a-name-that-tells"
    sign_in(another(desk))
    deps = desk.world.deps
    stored = deps.store.get(Identity, deps.digest(f"identity:{there.issuer}\na-name-that-tells"))
    assert stored
    assert "tells" not in repr(stored.value)


# What is forged, old, or somebody else's


def test_a_token_without_a_good_signature_does_not_open(desk: Desk, there: IdentityProvider) -> None:
    there.signs_with = type(KEYS[0]).import_key({**KEYS[1].as_dict(private=True), "kid": "first"})
    refused(sign_in(another(desk)))


@pytest.mark.parametrize(
    "spoiled",
    [{"aud": "another"}, {"nonce": "another"}, {"exp": 1_000_000_000}, {"iss": "https://other.example.com"},
     {"azp": "another"}],
)  # fmt: skip
def test_a_token_for_others_does_not_open(desk: Desk, there: IdentityProvider, spoiled: dict[str, object]) -> None:
    there.change = lambda claims: {**claims, **spoiled}
    refused(sign_in(another(desk)))


def test_an_answer_opens_once(desk: Desk, there: IdentityProvider) -> None:
    browser = another(desk)
    back = leave(browser)
    copy = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    assert "has been finished already" in refused(browser.get(back)), "the browser has forgotten the round trip"
    thief = another(desk, cookies=copy)
    assert "has been finished already" in refused(thief.get(back)), "a copy of its cookie does not help"


def test_answers_swapped_between_two_browsers_open_neither(desk: Desk, there: IdentityProvider) -> None:
    one, two = another(desk), another(desk)
    back_of_one, back_of_two = leave(one), leave(two)
    assert "another browser" in refused(one.get(back_of_two))
    assert "another browser" in refused(two.get(back_of_one))
    assert not is_in(one)
    assert not is_in(two)


def test_an_answer_without_a_round_trip_of_ours_opens_nothing(desk: Desk, there: IdentityProvider) -> None:
    victim = another(desk)
    back = leave(another(desk))
    refused(victim.get(back))
    refused(victim.get("/app/sign-in/oidc/callback"))
    assert there.asked.count("/token") == 0


def test_a_round_trip_lasts_ten_minutes(desk: Desk, there: IdentityProvider) -> None:
    with_clocked_links(desk)
    browser = another(desk)
    back = leave(browser)
    desk.world.now += timedelta(minutes=11)
    assert "too long ago" in refused(browser.get(back))


def test_cancelling_at_the_provider_says_so(desk: Desk, there: IdentityProvider) -> None:
    browser = another(desk)
    back = leave(browser).replace("code=", "x=") + "&error=access_denied"
    assert "was not finished at the other side" in refused(browser.get(back))


def test_a_provider_that_cannot_be_reached_is_a_problem_to_try_again(desk: Desk, there: IdentityProvider) -> None:
    having(desk, oidc_issuer="http://127.0.0.1:1")
    answer = another(desk).get("/app/sign-in/oidc")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "cannot be reached" in words(answer.text)


def test_without_a_provider_there_is_no_such_page(desk: Desk) -> None:
    for path in ("/app/sign-in/oidc", "/app/sign-in/oidc/callback"):
        assert another(desk).get(path).status_code == 404


def test_over_https_the_cookies_are_for_this_host_alone(desk: Desk, there: IdentityProvider) -> None:
    having(desk, public_url="https://leadline.example")
    browser = another(desk)
    away = browser.get("/app/sign-in/oidc", headers={"Host": "leadline.example"})
    (cookie,) = away.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-leadline_trip=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure")


def test_the_first_administrator_comes_in_by_the_setting_and_only_while_there_is_none(
    desk: Desk, there: IdentityProvider
) -> None:
    there.account |= {"email": "chief@example.com"}
    having(desk, admin_email="Chief@Example.com")
    refused(sign_in(another(desk)))
    desk.world.put(replace(ADA, active=False))
    assert sign_in(another(desk)).status_code == 303
    (chief,) = [rep for rep in desk.world.deps.directory.reps() if rep.email == "Chief@Example.com"]
    assert (chief.role, chief.active) == (Role.ADMIN, True)


def test_an_unverified_address_makes_no_administrator(desk: Desk, there: IdentityProvider) -> None:
    there.account |= {"email": "chief@example.com", "email_verified": False}
    having(desk, admin_email="chief@example.com")
    desk.world.put(replace(ADA, active=False))
    refused(sign_in(another(desk)))
    assert not any(rep.role is Role.ADMIN and rep.active for rep in desk.world.deps.directory.reps())


def test_signing_in_ends_the_session_the_browser_had(desk: Desk, there: IdentityProvider) -> None:
    browser = another(desk)
    sign_in(browser)
    copy = another(desk, cookies=dict(browser.cookies))
    assert is_in(copy)
    sign_in(browser)
    assert is_in(browser)
    assert not is_in(copy)
