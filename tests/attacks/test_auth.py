"""Attacks on who may do what (cases auth-…)."""

import base64
import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib import wiring
from chalicelib.handlers.access import sample_sign_in_open
from chalicelib.handlers.session_cookies import SESSION_COOKIE
from chalicelib.oidc.id_token import Expected, IdTokenRefused, UnknownKey, read_id_token
from chalicelib.records.lead import Lead
from chalicelib.records.opportunity import Opportunity
from chalicelib.records.rep import Rep
from chalicelib.store.limits import MemoryLimits, rules
from tests.attacks.cases import statuses
from tests.handlers.browsers import another, csrf_of, having
from tests.handlers.desk import Desk, given_to, without_an_address, words
from tests.oidc.identity_provider import CLIENT_ID, KEYS
from tests.oidc.test_id_token import ISSUER, NOW, but, provider
from tests.stories.conftest import HTML, KEY
from tests.stories.people import ANNA, BEN

API = {"Authorization": f"Bearer {KEY}"}


def as_rep(desk: Desk, rep: Rep) -> None:
    desk.world.sign_in(rep.rep_id)


def test_auth_01_another_reps_lead_is_as_if_it_were_not_there(desk: Desk) -> None:
    desk.ask()
    path = desk.lead_path()
    given_to(desk, path, BEN.rep_id)
    as_rep(desk, ANNA)
    for tail in ("", "/status", "/note", "/owner", "/deals"):
        theirs, nobodys = path + tail, "/app/leads/01ARZ3NDEKTSV4RRFFQ69G5FAV" + tail
        answers = [_ask(desk, at, post=bool(tail)) for at in (theirs, nobodys)]
        assert {a.status_code for a in answers} <= statuses("auth-01", 404)
        first, second = (a.text.replace(at, "X") for a, at in zip(answers, (theirs, nobodys), strict=True))
        assert words(first) == words(second), "the same words whether it exists or not"
    assert "jana@" not in desk.get("/app/leads?text=jana").text
    assert "jana@" not in desk.get("/app/leads.csv").text


def _ask(desk: Desk, path: str, post: bool) -> httpx.Response:
    if not post:
        return desk.get(path)
    token = desk.world.csrf("/app")
    return desk.world.client.post(path, data={"csrf": token, "status": "accepted", "owner_id": "anna"}, headers=HTML)


def test_auth_03_the_path_wins_over_an_id_in_the_body_which_is_refused(desk: Desk) -> None:
    desk.ask()
    desk.ask(name="Timo Test", email="timo@customer.example.net", phone="")
    mine, other = desk.lead_path("jana"), desk.lead_path("timo").rpartition("/")[2]
    for name in ("id", "lead_id"):
        answer = desk.post(f"{mine}/status", mine, status="accepted", **{name: other})
        assert answer.status_code == 422
        assert "differs from the address" in words(answer.text)
    for lead_id in (mine.rpartition("/")[2], other):
        lead = desk.world.deps.store.get(Lead, lead_id)
        assert lead
        assert lead.value.status == "new"
    deal = {"name": "d", "amount": "5", "currency": "EUR", "lead_id": mine.rpartition("/")[2]}
    made = desk.world.client.post("/v1/opportunities", json=deal, headers=API).json()["opportunity_id"]
    place = f"/v1/opportunities/{deal['lead_id']}/{made}"
    refused = desk.world.client.patch(place, json={"stage": "won", "opportunity_id": "other"}, headers=API)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "opportunity_id"
    (stored,) = desk.world.deps.store.query(Opportunity, deal["lead_id"])
    assert stored.value.stage == "open"
    assert (
        desk.world.client.patch(place, json={"stage": "won", "lead_id": deal["lead_id"]}, headers=API).status_code
        == 200
    )


def _unsigned(header: dict[str, Any], claims: dict[str, Any], key: bytes = b"") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signed = b".".join(parts)
    mark = base64.urlsafe_b64encode(hmac.digest(key, signed, "sha256")).rstrip(b"=") if key else b""
    return (signed + b"." + mark).decode()


ADMIN = {"sub": "ada", "role": "admin", "iss": ISSUER, "aud": CLIENT_ID, "nonce": "n-1", "scope": "leads:write",
         "exp": int(NOW.timestamp()) + 600, "iat": int(NOW.timestamp())}  # fmt: skip
PUBLIC_KEY = KEYS[0].as_pem(private=False)
FORGED = {
    "alg=none": _unsigned({"alg": "none", "typ": "JWT"}, ADMIN),
    "HS256 with the public key": _unsigned({"alg": "HS256", "typ": "JWT"}, ADMIN, PUBLIC_KEY),
    "kid of a file": _unsigned({"alg": "HS256", "kid": "../../dev/null"}, ADMIN, b"\x00"),
    "expired": _unsigned({"alg": "HS256"}, {**ADMIN, "exp": 1}, b"x"),
    "another issuer": _unsigned({"alg": "HS256"}, {**ADMIN, "iss": "https://evil.example"}, b"x"),
}


@pytest.mark.parametrize("kind", FORGED)
def test_auth_05_a_forged_token_opens_neither_the_api_nor_the_console(desk: Desk, kind: str) -> None:
    desk.world.client.cookies.clear()
    headers = {"Authorization": f"Bearer {FORGED[kind]}"}
    answer = desk.world.client.get("/v1/campaigns", headers=headers)
    assert answer.status_code in statuses("auth-05", 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    desk.world.client.cookies.set(SESSION_COOKIE, FORGED[kind], domain="leadline.example")
    assert desk.get("/app", **headers).headers["location"].startswith("/app/sign-in")


@pytest.mark.parametrize("kind", FORGED)
def test_auth_05_a_forged_id_token_signs_nobody_in(kind: str) -> None:
    keys = [key.as_dict(private=False) for key in KEYS]
    with pytest.raises((IdTokenRefused, UnknownKey)):
        read_id_token(FORGED[kind], keys, Expected(ISSUER, CLIENT_ID, "n-1"), NOW)
    for changed in (but(exp=int(NOW.timestamp()) - 3600), but(iss="https://evil.example")):
        with pytest.raises(IdTokenRefused):
            read_id_token(provider(change=changed).id_token("n-1"), keys, Expected(ISSUER, CLIENT_ID, "n-1"), NOW)


@pytest.mark.parametrize("tail", ["/owner", "/status", "/note"])
def test_auth_07_a_post_from_another_site_changes_nothing(desk: Desk, tail: str) -> None:
    desk.ask()
    path = desk.lead_path()
    body = "owner_id=ben&status=accepted&kind=note&text=x"
    evil = {**HTML, "Origin": "https://evil.example"}
    token = desk.world.csrf(path)
    plain = {**evil, "Content-Type": "text/plain"}
    form = {**evil, "Content-Type": "application/x-www-form-urlencoded"}
    tried = [
        desk.world.client.post(path + tail, content=body, headers=plain),
        desk.world.client.post(path + tail, content=f"{body}&csrf={token}", headers=plain),
        desk.world.client.post(path + tail, content=body, headers=form),
        desk.world.client.post(path + tail, content=f"{body}&csrf=guess", headers=form),
        desk.world.client.post(
            path + tail, content=f"{body}&csrf={token}", headers={**form, "Sec-Fetch-Site": "cross-site"}
        ),
        desk.world.client.post(path + tail, content=f"{body}&csrf={token}", headers=form),
    ]
    assert {answer.status_code for answer in tried} <= statuses("auth-07", 403, 415)
    stored = desk.world.deps.store.get(Lead, path.rpartition("/")[2])
    assert stored
    assert (stored.value.status, stored.version) == ("new", 1)


def test_auth_09_guessing_is_limited_and_says_the_same_of_known_and_unknown(desk: Desk) -> None:
    deps = desk.world.deps
    desk.world.deps = replace(deps, limits=MemoryLimits(deps.store, deps.clock, lambda: desk.world.now.timestamp()))
    wiring.use(replace(wiring.service(), deps=desk.world.deps))
    client = another(having(desk, smtp_host="mail.example.com"))
    token = csrf_of(client, "/app/sign-in")
    told = []
    for email in ("anna@example.com", "nobody@example.com"):
        answer = client.post("/app/sign-in/link", data={"csrf": token, "email": email})
        told.append(
            (answer.status_code, answer.headers["location"], words(client.get(answer.headers["location"]).text))
        )
    assert told[0] == told[1]
    codes = [client.post("/app/sign-in/link", data={"csrf": token, "email": f"p{n}@example.com"}) for n in range(100)]
    assert codes[-1].status_code == 429
    assert codes[-1].headers["retry-after"]
    tries = [client.get(f"/app/sign-in/link/guess{n}.1.x") for n in range(100)]
    assert len({(t.status_code, words(t.text)) for t in tries}) == 1
    posts = [
        client.post(f"/app/sign-in/link/guess{n}.1.x", data={"csrf": token}).status_code
        for n in range(rules()["sign-in"].most + 1)
    ]
    assert posts[-1] == 429
    keys = [desk.world.client.get("/v1/campaigns", headers={"Authorization": f"Bearer guess-{n}"}) for n in range(100)]
    assert keys[-1].status_code == 429


def test_auth_11_the_sample_sign_in_is_for_this_machine_alone(desk: Desk, tmp_path: Path) -> None:
    without_an_address(desk).world.deps.blobs.put("sample", b"yes")
    here = {"Host": "127.0.0.1:8000"}
    assert "Anna Example" in desk.get("/app/sign-in", **here).text
    for changed in ({"host": "0.0.0.0"}, {"host": "::"}, {"engine": "dynamodb"}, {"public_url": "https://x.example"}):
        found = wiring.service()
        having(desk, **changed)
        assert "Anna Example" not in desk.get("/app/sign-in", **here).text, changed
        sent = desk.world.client.post("/app/sign-in", data={"rep_id": "anna"}, headers={**HTML, **here})
        assert sent.status_code == 403, changed
        wiring.use(found)
    # A deployment gets neither sample people nor a password of anybody's.
    zipped = json.loads((Path(__file__).resolve().parents[2] / "infra" / "code_stack.json").read_text("utf-8"))
    assert zipped["Globals"]["Function"]["Environment"]["Variables"]["LEADLINE_ENGINE"] == "dynamodb"
    assert sample_sign_in_open.__doc__


TRICKS = ["/app/leads/../api-keys", "/APP/api-keys", "/app/api-keys/", "/app//api-keys", "/app/leads/%2e%2e/api-keys",
          "/app/%61pi-keys", "//app/api-keys", "/app/api-keys/.", "/app/api-keys;x=1", "/app/api-keys%00"]  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
def test_auth_13_no_spelling_of_a_path_opens_what_the_canonical_one_does_not(desk: Desk, path: str) -> None:
    as_rep(desk, ANNA)
    canonical = desk.get("/app/api-keys")
    assert canonical.status_code == 403
    answer = _raw(desk, "GET", path)
    assert answer.status_code in (403, 404), path
    desk.world.client.cookies.clear()
    nobody = _raw(desk, "GET", path)
    assert nobody.status_code in (303, 404)


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_auth_13_a_header_does_not_change_the_method(desk: Desk, header: str) -> None:
    desk.ask()
    path = desk.lead_path()
    assert desk.get(path, **{header: "DELETE"}).status_code == 200
    assert desk.get(f"{path}/status", **{header: "POST"}).status_code == 405
    assert desk.world.client.delete(path).status_code == 405
    assert desk.get(path).status_code == 200


def _raw(desk: Desk, method: str, path: str) -> httpx.Response:
    """The path as it is written, without the client's tidying."""
    request = desk.world.client.build_request(method, "/", headers=HTML)
    request.url = request.url.copy_with(raw_path=path.encode())
    return desk.world.client.send(request)
