"""Sessions: listed, ended, expired; and what a request costs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.flows.sessions import MOST_SESSIONS, find_session, sessions_of, start_session
from chalicelib.records.rep import Role
from chalicelib.records.sign_in import Session, SignInWay
from chalicelib.store.codec import encode
from tests.handlers.browsers import another, csrf_of, having, is_in, post
from tests.handlers.desk import Desk, open_desk, without_an_address, words
from tests.stories.people import ADA, ANNA


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path, ANNA.rep_id)


def stolen(desk: Desk) -> Callable[[], bool]:
    """Somebody with a copy of the cookie: whether it opens the home page."""
    thief = another(desk, cookies=dict(desk.world.client.cookies))
    return lambda: is_in(thief)


def signed_in(desk: Desk, rep_id: str = ANNA.rep_id) -> Any:
    """Another browser of that person."""
    client = another(desk)
    cookie = start_session(desk.world.deps, rep_id, SignInWay.LINK, "Firefox, Linux")
    client.cookies.set("leadline_session", cookie, domain="leadline.example")
    return client


def stored(desk: Desk, rep_id: str = ANNA.rep_id) -> list[Session]:
    return [s.value for s in desk.world.deps.store.query(Session, rep_id)]


# Ending


def test_a_copy_of_the_cookie_opens_nothing_after_signing_out(desk: Desk) -> None:
    copy = stolen(desk)
    assert copy()
    desk.post("/app/sign-out", "/app")
    assert not copy()


def test_signing_out_leaves_the_other_sessions_of_the_same_person(desk: Desk) -> None:
    other = signed_in(desk)
    desk.post("/app/sign-out", "/app")
    assert is_in(other)


def test_the_list_tells_this_session_from_the_others_and_ends_one(desk: Desk) -> None:
    other, third = signed_in(desk), signed_in(desk)
    page = desk.get("/app/sessions").text
    assert page.count(">this one<") == 1
    assert page.count("Firefox, Linux") == 2
    digest = next(s.digest for s in stored(desk) if s.browser)
    answer = desk.post(f"/app/sessions/{digest}/end", "/app/sessions")
    assert answer.headers["location"] == "/app/sessions?said=ended"
    assert sorted([is_in(other), is_in(third)]) == [False, True]
    assert desk.post(f"/app/sessions/{digest}/end", "/app/sessions").status_code == 404


def test_ending_this_one_is_signing_out(desk: Desk) -> None:
    (this,) = stored(desk)
    answer = desk.post(f"/app/sessions/{this.digest}/end", "/app/sessions")
    assert answer.headers["location"] == "/app/sign-in"
    assert stored(desk) == []


def test_all_others_end_at_once(desk: Desk) -> None:
    others = [signed_in(desk) for _ in range(3)]
    desk.post("/app/sessions/end-others", "/app/sessions")
    assert not any(is_in(other) for other in others)
    assert desk.get("/app").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(desk: Desk) -> None:
    eva = signed_in(desk, "eva")
    (session,) = stored(desk, "eva")
    assert desk.post(f"/app/sessions/{session.digest}/end", "/app/sessions").status_code == 404
    assert desk.post("/app/reps/eva/sessions/end", "/app/sessions").status_code == 403
    assert is_in(eva)


def test_an_administrator_signs_somebody_out_everywhere(desk: Desk) -> None:
    mine = stolen(desk)
    desk.world.sign_in(ADA.rep_id)
    assert "Signed in in 1 browser." in desk.page("/app/reps/anna")
    desk.post("/app/reps/anna/sessions/end", "/app/reps/anna")
    assert not mine()
    assert desk.get("/app").status_code == 200
    assert desk.post("/app/reps/nobody/sessions/end", "/app/reps/anna").status_code == 404


def test_who_is_given_another_address_here_is_signed_out_everywhere(desk: Desk) -> None:
    mine = stolen(desk)
    desk.world.sign_in(ADA.rep_id)
    fields = {"name": "Anna", "role": "rep", "capacity": "9", "zone": "UTC", "opens": "09:00", "closes": "17:00"}
    fields |= {"weekday-1": "yes"}
    desk.post("/app/reps/anna", "/app/reps/anna", email="ANNA@example.com", **fields)
    assert mine()
    answer = desk.post("/app/reps/anna", "/app/reps/anna", email="successor@example.com", **fields)
    assert answer.headers["location"] == "/app/reps/anna?said=saved"
    assert not mine()
    desk.post("/app/reps/ada", "/app/reps/ada", email="ada2@example.com", **{**fields, "role": "admin"})
    assert desk.get("/app").status_code == 200


# Expiring


def test_a_session_ends_after_twelve_hours_without_use(desk: Desk) -> None:
    for _ in range(3):
        desk.world.now += timedelta(hours=11, minutes=59)
        assert desk.get("/app").status_code == 200
    desk.world.now += timedelta(hours=12)
    assert desk.get("/app").status_code == 303


def test_a_session_ends_after_fourteen_days_however_it_is_used(desk: Desk) -> None:
    for _ in range(28):
        desk.world.now += timedelta(hours=11, minutes=59)
        assert desk.get("/app").status_code == 200
    desk.world.now += timedelta(minutes=29)
    assert desk.get("/app").status_code == 303


def test_expired_sessions_are_not_listed_and_go_with_the_next_sign_in(desk: Desk) -> None:
    desk.world.now += timedelta(hours=13)
    desk.world.sign_in(ANNA.rep_id)
    assert len(stored(desk)) == 1
    desk.world.now += timedelta(hours=13)
    assert sessions_of(desk.world.deps, ANNA.rep_id) == []


def test_the_sessions_of_whoever_never_comes_again_go_by_themselves(desk: Desk) -> None:
    desk.world.now = desk.world.now.replace(minute=7) + timedelta(days=14)
    desk.world.work()
    assert stored(desk) == []


def test_a_person_has_so_many_sessions_at_most_and_the_oldest_go(desk: Desk) -> None:
    first = stolen(desk)
    for _ in range(MOST_SESSIONS):
        desk.world.now += timedelta(seconds=1)
        start_session(desk.world.deps, ANNA.rep_id, SignInWay.LINK)
    assert len(stored(desk)) == MOST_SESSIONS
    assert not first()
    for _ in range(10):
        assert find_session(desk.world.deps, start_session(desk.world.deps, ANNA.rep_id, SignInWay.LINK))


# The person as they are now


def test_who_is_set_inactive_is_out_at_once_and_stays_out_when_they_are_back(desk: Desk) -> None:
    mine = stolen(desk)
    desk.world.sign_in(ADA.rep_id)
    desk.post("/app/reps/anna/deactivate", "/app/reps/anna")
    assert not mine()
    desk.post("/app/reps/anna/activate", "/app/reps/anna")
    assert not mine()


def test_an_inactive_person_or_another_role_counts_before_any_cache_knows(desk: Desk) -> None:
    store, directory = desk.world.deps.store, desk.world.deps.directory
    assert desk.get("/app/operations").status_code == 403
    directory.reps()
    change(store, replace(ANNA, role=Role.MANAGER))
    assert desk.get("/app/operations").status_code == 200
    change(store, replace(ANNA, active=False))
    assert desk.get("/app").status_code == 303


def change(store: Any, record: Any) -> None:
    """As another process would: this one's directory is not told."""
    from chalicelib.records.ports import Put

    store.commit([Put(record)])


# What it costs


class CountingStore:
    """The store with a count of what is asked of it."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.calls.append(name)
        return getattr(self._inner, name)


def test_who_is_asking_costs_one_read_and_a_write_in_ten_minutes(desk: Desk) -> None:
    cookie = desk.world.client.cookies["leadline_session"]
    counting = CountingStore(desk.world.deps.store)
    deps = replace(desk.world.deps, store=counting)
    for _ in range(3):
        assert find_session(deps, cookie)
    assert counting.calls == ["get_many"] * 3
    desk.world.now += timedelta(minutes=10)
    counting.calls.clear()
    for _ in range(3):
        assert find_session(deps, cookie)
    assert counting.calls == ["get_many", "commit", "get_many", "get_many"]


def test_a_session_is_a_small_item_that_does_not_hold_the_cookie(desk: Desk) -> None:
    cookie = desk.world.client.cookies["leadline_session"]
    (session,) = stored(desk)
    assert cookie.rpartition(".")[2].encode() not in encode(session)
    assert len(encode(replace(session, browser="x" * 60))) < 600


@pytest.mark.parametrize("cookie", ["", "anna", "anna.", "anna.x", "eva.{secret}", ".{secret}", "a#b.{secret}",
                                    "{secret}", "anna.{secret}x", "anna.{secret} ", "ANNA.{secret}"])  # fmt: skip
def test_a_cookie_that_is_not_the_one_given_opens_nothing(desk: Desk, cookie: str) -> None:
    signed_in(desk, "eva")
    secret = desk.world.client.cookies["leadline_session"].rpartition(".")[2]
    assert find_session(desk.world.deps, cookie.format(secret=secret)) is None


# Cookies and coming back


def test_over_http_and_https_the_cookie_says_what_it_must(desk: Desk) -> None:
    without_an_address(desk).world.deps.blobs.put("sample", b"")
    here = another(desk, host="127.0.0.1:8000")
    answer = post(here, "/app/sign-in", "/app/sign-in", rep_id="anna")
    said = answer.headers["set-cookie"]
    assert said.startswith("leadline_session=anna.")
    assert said.endswith("; Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600")
    having(desk, public_url="https://leadline.example")
    (browser,) = here.get("/app/sign-in").headers.get_list("set-cookie")
    assert browser.startswith("__Host-leadline_browser=")
    assert browser.endswith("; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400; Secure")


def test_over_https_a_cookie_without_the_prefix_is_not_read(desk: Desk) -> None:
    having(desk, public_url="https://leadline.example")
    assert desk.get("/app").status_code == 303
    desk.world.client.cookies.set("__Host-leadline_session", desk.world.client.cookies["leadline_session"])
    assert desk.get("/app").status_code == 200


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/app/leads?q=a+b&status=new&status=accepted", "/app/leads%3Fq%3Da%2Bb%26status%3Dnew%26status%3Daccepted"),
        ("/app", "/app"),
        ("/app/leads/x", "/app/leads/x"),
    ],
)
def test_a_lost_session_comes_back_to_the_same_place(desk: Desk, path: str, place: str) -> None:
    assert another(desk).get(path).headers["location"] == f"/app/sign-in?next={place}"


@pytest.mark.parametrize(
    ("referer", "place"),
    [
        ("http://leadline.example/app/leads/x?said=saved", "/app/leads/x%3Fsaid%3Dsaved"),
        ("http://evil.example/app/leads/x", "/app"),
        ("http://leadline.example//evil.example", "/app"),
        ("http://[", "/app"),
        ("", "/app"),
    ],
)
def test_after_a_post_it_comes_back_to_the_page_it_was_sent_from(desk: Desk, referer: str, place: str) -> None:
    answer = another(desk).post("/app/leads/x/note", headers={"Referer": referer} if referer else {})
    assert answer.headers["location"] == f"/app/sign-in?next={place}"


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/app\\x", "/app/%09x", "/apple", "/",
                                   "/app/sign-out", "/app@evil.example"])  # fmt: skip
def test_going_on_stays_with_us(desk: Desk, place: str) -> None:
    assert 'name="next" value="/app"' in having(desk, smtp_host="x").get(f"/app/sign-in?next={place}").text


# The sample people


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "0.0.0.0"},
        {"host": "192.0.2.7"},
        {"host": "::"},
        {"engine": "dynamodb"},
        {"public_url": "https://leads.example.com"},
        {"public_url": "http://leads.example.com"},
    ],
)
def test_the_sample_sign_in_cannot_be_reached_beyond_this_machine(desk: Desk, settings: dict[str, Any]) -> None:
    without_an_address(desk).world.deps.blobs.put("sample", b"")
    here = another(desk, host="127.0.0.1:8000")
    assert "Anna Example" in here.get("/app/sign-in").text
    token = csrf_of(here, "/app/sign-in")
    having(desk, **settings)
    assert "Anna Example" not in here.get("/app/sign-in").text
    assert here.post("/app/sign-in", data={"csrf": token, "rep_id": "anna"}).status_code == 403


def test_the_sample_people_choose_beside_whatever_else_is_set_up(desk: Desk) -> None:
    without_an_address(desk).world.deps.blobs.put("sample", b"")
    having(desk, oidc_issuer="https://id.example.com", oidc_client_id="x")
    page = words(another(desk, host="localhost").get("/app/sign-in").text)
    assert "Anna Example" in page
    assert "Sign in with your company's account" in page
    assert wiring.service().settings.mailed_links
