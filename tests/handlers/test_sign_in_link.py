"""Signing in by a link in a mail."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from chalicelib.records.message import Message, of_person
from chalicelib.records.rep import Rep, Role
from chalicelib.records.sign_in import Session, Ticket
from chalicelib.store.codec import encode
from tests.handlers.browsers import another, having, is_in, post, with_clocked_links
from tests.handlers.desk import Desk, open_desk, words

BEN = Rep("ben", "Ben Beispiel", "Ben@Example.com")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return having(with_clocked_links(open_desk(tmp_path, "", BEN)), smtp_host="mail.example.com")


def ask(desk: Desk, client: httpx.Client, email: str = "ben@example.com", page: str = "/app/sign-in") -> httpx.Response:
    answer = post(client, "/app/sign-in/link", page, email=email, next="/app/leads?q=x")
    desk.world.work()
    return answer


def mailed(desk: Desk, to: str = BEN.email) -> str:
    """The path of the last link mailed there."""
    (found,) = re.findall(r"http://leadline\.example(/app/sign-in/link/\S+)", desk.world.mails(to)[-1].text)
    return str(found)


def asked(desk: Desk) -> tuple[httpx.Client, str]:
    client = another(desk)
    ask(desk, client)
    return client, mailed(desk)


def press(client: httpx.Client, link: str) -> httpx.Response:
    """Open the page and press its button, whether it is there or not."""
    client.get(link)
    return post(client, link, "/app/sign-in")


def test_a_link_signs_in_and_goes_on_where_one_wanted(desk: Desk) -> None:
    client, link = asked(desk)
    answer = press(client, link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/leads?q=x")
    assert is_in(client)
    (stored,) = desk.world.deps.store.query(Session, "ben")
    assert stored.value.way == "link"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Sign in to Leadline"), ("zh-Hans", "登录 Leadline"), ("zh-Hant", "登入 Leadline")]
)
def test_the_mail_is_in_the_language_of_the_page_and_for_its_addressee(desk: Desk, language: str, said: str) -> None:
    client = another(desk)
    ask(desk, client, page=f"/app/sign-in?lang={language}")
    client.cookies.set("leadline_language", language)
    ask(desk, client)
    mail = desk.world.mails(BEN.email)[-1]
    assert mail.entry.subject == said
    assert ("Sensitivity", "Private") in mail.headers
    assert mailed(desk) in mail.html


def test_the_answer_is_the_same_for_the_known_and_the_unknown_and_only_the_known_get_mail(desk: Desk) -> None:
    client = another(desk)
    known, unknown = ask(desk, client), ask(desk, client, "nobody@example.com")
    assert known.headers["location"] == unknown.headers["location"] == "/app/sign-in/sent"
    assert (known.status_code, known.text, known.headers) == (unknown.status_code, unknown.text, unknown.headers)
    assert "If you are known here, a link is on its way to you." in words(client.get("/app/sign-in/sent").text)
    assert [mail.entry.to for mail in desk.world.mails()] == [BEN.email]
    assert desk.world.deps.store.counts()["Ticket"] == 2, "both are stored, so that both take the same time"


def test_no_address_at_all_is_said_beside_the_field(desk: Desk) -> None:
    answer = ask(desk, another(desk), "no address")
    assert answer.status_code == 422
    assert "not an e-mail address" in words(answer.text)
    assert 'value="no address"' in answer.text


def test_opening_the_link_changes_nothing_however_often_a_machine_does(desk: Desk) -> None:
    client, link = asked(desk)
    before = desk.world.deps.store.counts()
    for machine in (client, another(desk, "Gateway")):
        for _ in range(3):
            machine.get(link)
            machine.head(link)
    assert desk.world.deps.store.counts() == before
    assert not is_in(client)
    assert press(client, link).status_code == 303


def test_a_link_works_once(desk: Desk) -> None:
    client, link = asked(desk)
    token = client.get(link).text.partition('name="csrf" value="')[2].partition('"')[0]
    assert client.post(link, data={"csrf": token}).status_code == 303
    again = press(client, link)
    assert again.status_code == 410
    assert "This link has been used" in words(again.text)
    assert "Ask for a new link" in words(again.text)
    assert len(desk.world.deps.store.query(Session, "ben")) == 1


def test_a_link_works_for_fifteen_minutes(desk: Desk) -> None:
    client, link = asked(desk)
    desk.world.now += timedelta(minutes=14, seconds=59)
    assert client.get(link).status_code == 200
    desk.world.now += timedelta(seconds=1)
    for late in (client.get(link), press(client, link)):
        assert late.status_code == 410
        assert "This link has expired" in words(late.text)
    assert not is_in(client)


@pytest.mark.parametrize("spoil", [lambda t: t[:-1] + "x", lambda t: "x" + t[1:], lambda t: t.partition(".")[0],
                                   lambda t: "a", lambda t: "%00", lambda t: t + t])  # fmt: skip
def test_a_forged_link_opens_nothing(desk: Desk, spoil: object) -> None:
    client, link = asked(desk)
    head, _, token = link.rpartition("/")
    forged = f"{head}/{spoil(token)}"  # type: ignore[operator]
    assert client.get(forged).status_code == 404
    assert press(client, forged).status_code == 404
    assert "This link is not valid" in words(client.get(forged).text)
    assert not is_in(client)


def test_a_token_for_something_else_opens_nothing(desk: Desk) -> None:
    client, _ = asked(desk)
    (ticket,) = desk.world.deps.store.query(Message, of_person("ben"))
    other = desk.world.deps.links.make("preferences", ticket.value.context["ticket_id"])
    assert client.get(f"/app/sign-in/link/{other}").status_code == 404


def test_a_link_opens_only_in_the_browser_that_asked_for_it(desk: Desk) -> None:
    client, link = asked(desk)
    stranger = another(desk)
    for answer in (stranger.get(link), press(stranger, link)):
        assert answer.status_code == 403
        assert "This link is for another browser" in words(answer.text)
    assert not is_in(stranger)
    assert press(client, link).status_code == 303


def test_links_swapped_between_two_browsers_open_neither(desk: Desk) -> None:
    desk.world.put(Rep("carla", "Carla", "carla@example.com"))
    ben, carla = another(desk), another(desk)
    ask(desk, ben)
    ask(desk, carla, "carla@example.com")
    assert press(ben, mailed(desk, "carla@example.com")).status_code == 403
    assert press(carla, mailed(desk)).status_code == 403


def test_a_form_of_another_site_neither_asks_nor_signs_in(desk: Desk) -> None:
    client, link = asked(desk)
    assert client.post(link, data={"csrf": ""}).status_code == 403
    assert client.post(link, data={"csrf": "x"}).status_code == 403
    assert another(desk).post("/app/sign-in/link", data={"email": "ben@example.com"}).status_code == 403
    token = client.get(link).text.partition('name="csrf" value="')[2].partition('"')[0]
    foreign = client.post(link, data={"csrf": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert not is_in(client)


def test_the_forms_of_two_browsers_are_told_apart_before_anybody_is_signed_in(desk: Desk) -> None:
    one, two = another(desk), another(desk)
    token = one.get("/app/sign-in").text.partition('name="csrf" value="')[2].partition('"')[0]
    two.get("/app/sign-in")
    assert two.post("/app/sign-in/link", data={"csrf": token, "email": "ben@example.com"}).status_code == 403


def test_who_became_inactive_meanwhile_does_not_come_in(desk: Desk) -> None:
    client, link = asked(desk)
    desk.world.put(replace(BEN, active=False))
    assert press(client, link).status_code == 410


def test_a_mail_that_comes_too_late_or_to_a_former_address_is_not_sent(desk: Desk) -> None:
    for change in (lambda: desk.world.put(replace(BEN, email="new@example.com")), lambda: desk.world.later(minutes=16)):
        desk.world.put(BEN)
        post(another(desk), "/app/sign-in/link", "/app/sign-in", email="ben@example.com")
        change()
        desk.world.work()
    reasons = [s.value.reason for s in desk.world.deps.store.query(Message, of_person("ben"))]
    assert reasons == ["the person cannot sign in any more", "the link has expired"]
    assert desk.world.mails() == []


def test_what_is_stored_opens_nothing(desk: Desk) -> None:
    """Neither the outbox nor the tickets hold the token; the signature is made when the mail is."""
    _, link = asked(desk)
    deps = desk.world.deps
    token = link.rpartition("/")[2]
    signature = token.rpartition(".")[2]
    (message,) = deps.store.query(Message, of_person("ben"))
    ticket_id = message.value.context["ticket_id"]
    ticket = deps.store.get(Ticket, deps.digest(f"ticket:{ticket_id}"))
    assert ticket
    assert signature.encode() not in encode(message.value) + encode(ticket.value)
    assert ticket_id.encode() not in encode(ticket.value)
    assert len(encode(ticket.value)) < 1024
    assert another(desk).get(f"/app/sign-in/link/{ticket_id}").status_code == 404


def test_spent_tickets_go_within_the_hour(desk: Desk) -> None:
    asked(desk)
    desk.world.now = desk.world.now.replace(hour=9, minute=6)
    desk.world.work()
    assert desk.world.deps.store.counts()["Ticket"] == 1
    desk.world.now = desk.world.now.replace(minute=7)
    desk.world.work()
    assert desk.world.deps.store.counts().get("Ticket", 0) == 0


# Where mail does not leave the house


def test_without_a_mail_server_links_are_mailed_on_this_machine_alone(desk: Desk) -> None:
    having(desk, smtp_host="")
    assert "Mail me a link" not in words(another(desk).get("/app/sign-in").text)
    assert another(desk).post("/app/sign-in/link").status_code == 404
    having(desk, public_url="")
    assert "Mail me a link" in words(another(desk).get("/app/sign-in").text)
    having(desk, host="0.0.0.0")
    assert "Mail me a link" not in words(another(desk).get("/app/sign-in").text)


def test_nobody_reads_anothers_link_in_the_mailbox(desk: Desk) -> None:
    desk.world.put(Rep("mara", "Mara", "mara@example.com", Role.MARKETER), replace(BEN, role=Role.ADMIN))
    asked(desk)
    having(desk, smtp_host="")
    (mail,) = desk.world.mails(BEN.email)
    paths = [f"/app/mailbox/{mail.entry.id}", f"/app/mailbox/{mail.entry.id}/html"]
    desk.world.sign_in("mara")
    assert [desk.get(path).status_code for path in paths] == [404, 404]
    assert "/app/sign-in/link/" not in desk.get("/app/mailbox").text
    desk.world.sign_in("ben")
    assert [desk.get(path).status_code for path in paths] == [200, 200]


def test_the_outbox_shows_that_a_link_was_mailed(desk: Desk) -> None:
    desk.world.put(Rep("mara", "Mara", "mara@example.com", Role.MARKETER))
    asked(desk)
    desk.world.sign_in("mara")
    page = desk.get("/app/mailbox?state=all").text
    assert "Link to sign in by" in page
    assert "/app/leads/person.ben" not in page


# The page


def test_where_nothing_is_set_up_the_page_says_in_plain_words_what_to_set(desk: Desk) -> None:
    having(desk, smtp_host="")
    shown = words(another(desk).get("/app/sign-in").text)
    assert "Nobody can sign in yet" in shown
    for name in ("LEADLINE_OIDC_ISSUER", "LEADLINE_SMTP_HOST", "python -m chalicelib admin"):
        assert name in shown


def test_the_pages_are_in_three_languages(desk: Desk) -> None:
    client = another(desk)
    for language, said in (("zh-Hans", "把链接发给我"), ("zh-Hant", "把連結寄給我")):
        assert said in words(client.get(f"/app/sign-in?lang={language}").text)
