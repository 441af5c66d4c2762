"""What is asked of a provider, and what is believed of its answers."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from chalicelib.oidc.fetch import ProviderRefused, ProviderUnavailable, fetch_json, may_fetch
from chalicelib.oidc.id_token import IdTokenRefused
from chalicelib.oidc.provider import Client, Provider, RoundTrip
from tests.oidc.identity_provider import CLIENT_ID, SECRET, IdentityProvider, provider_on_loopback, serving
from tests.stories.conftest import ROOT

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BACK = "http://leadline.example/app/sign-in/oidc/callback"
TRIP = RoundTrip("state-1", "nonce-1", "v" * 64)


class Watch:
    """A clock of seconds that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def there() -> Iterator[IdentityProvider]:
    with provider_on_loopback(lambda: NOW, sub="17", email="anna@example.com", email_verified=True) as made:
        yield made


def ours(there: IdentityProvider, watch: Callable[[], float] = lambda: 0.0, **changed: Any) -> Provider:
    plain = {"issuer": there.issuer, "client_id": CLIENT_ID, "secret": SECRET, "scopes": "openid email"}
    return Provider(Client(**{**plain, "redirect_uri": BACK, **changed}), watch)


def go(provider: Provider, trip: RoundTrip = TRIP) -> dict[str, str]:
    """As a browser: to the provider, and what it comes back with."""
    back = httpx.get(provider.address(trip)).headers["location"]
    assert back.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def claims(provider: Provider, trip: RoundTrip = TRIP) -> dict[str, Any]:
    came = go(provider, trip)
    return provider.claims(came["code"], came["iss"], trip, NOW)


def test_a_round_trip_gives_the_claims(there: IdentityProvider) -> None:
    assert claims(ours(there))["email"] == "anna@example.com"


ANNA = {"sub": "17", "email": "anna@example.com", "email_verified": True}


def test_the_address_is_asked_for_where_the_token_has_none(there: IdentityProvider) -> None:
    there.account, there.info = {"sub": "17"}, {**ANNA, "iss": "https://evil.example.com", "nonce": "n"}
    found = claims(ours(there))
    assert (found["email"], found["email_verified"]) == ("anna@example.com", True)
    # Only the address: who it is, and for whom, the signed token says.
    assert (found["iss"], found["nonce"]) == (there.issuer, TRIP.nonce)


def test_an_address_in_the_token_is_the_one_that_counts(there: IdentityProvider) -> None:
    there.account, there.info = {**ANNA, "email_verified": False}, ANNA
    assert claims(ours(there))["email_verified"] is False
    assert "/userinfo" not in there.asked


def test_the_address_of_somebody_else_is_refused(there: IdentityProvider) -> None:
    there.account, there.info = {"sub": "17"}, {**ANNA, "sub": "18"}
    with pytest.raises(IdTokenRefused, match="somebody else"):
        claims(ours(there))


def test_an_address_is_not_asked_for_elsewhere_than_at_the_providers_own_place(there: IdentityProvider) -> None:
    there.account = {"sub": "17"}
    assert "email" not in claims(ours(there))
    there.document = {"userinfo_endpoint": "http://id.example.com/userinfo"}
    with pytest.raises(ProviderUnavailable):
        claims(ours(there))


@pytest.mark.parametrize("token", ["two\r\nlines: x", "", "a b", "名"])
def test_an_access_token_that_is_none_goes_into_no_header(there: IdentityProvider, token: str) -> None:
    there.account, there.info, there.access_token = {"sub": "17"}, ANNA, token
    assert "email" not in claims(ours(there))
    assert "/userinfo" not in there.asked


def test_the_secret_goes_the_way_the_provider_takes_it(there: IdentityProvider) -> None:
    there.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert claims(ours(there))["sub"] == "17"


def test_without_a_secret_we_are_a_public_client(there: IdentityProvider) -> None:
    there.secret = ""
    assert claims(ours(there, secret=""))["sub"] == "17"


def test_a_code_opens_once_and_for_whoever_asked_for_it(there: IdentityProvider) -> None:
    provider = ours(there)
    came = go(provider)
    with pytest.raises(ProviderRefused):
        provider.claims(came["code"], "", RoundTrip("state-1", "nonce-1", "another verifier"), NOW)
    came = go(provider)
    provider.claims(came["code"], "", TRIP, NOW)
    with pytest.raises(ProviderRefused):
        provider.claims(came["code"], "", TRIP, NOW)


def test_the_answer_of_another_issuer_is_not_taken_to_ours(there: IdentityProvider) -> None:
    provider = ours(there)
    with pytest.raises(IdTokenRefused, match="another issuer"):
        provider.claims(go(provider)["code"], "https://evil.example.com", TRIP, NOW)
    there.document = {"authorization_response_iss_parameter_supported": True}
    provider = ours(there)
    with pytest.raises(IdTokenRefused, match="another issuer"):
        provider.claims(go(provider)["code"], "", TRIP, NOW)


def test_document_and_keys_are_kept_for_an_hour(there: IdentityProvider) -> None:
    watch = Watch()
    provider = ours(there, watch)
    for seconds in (0.0, 3599.0):
        watch.now = seconds
        claims(provider)
    assert there.asked.count("/keys") == 1
    watch.now = 3601.0
    claims(provider)
    assert there.asked.count("/keys") == 2
    assert there.asked.count("/.well-known/openid-configuration") == 2


def test_new_keys_are_asked_for_when_the_issuer_has_rotated_them_but_not_at_each_forged_token(
    there: IdentityProvider,
) -> None:
    watch = Watch()
    provider = ours(there, watch)
    claims(provider)
    there.rotate()
    watch.now = 31.0
    assert claims(provider)["sub"] == "17"
    asked = there.asked.count("/keys")
    there.signs_with = type(there.keys[0]).generate_key(2048, {"kid": "forged"})
    for _ in range(3):
        with pytest.raises(IdTokenRefused):
            claims(provider)
    assert there.asked.count("/keys") == asked


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example.com"},
        {"issuer": None},
        {"token_endpoint": "http://id.example.com/token"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_document_that_leads_elsewhere_is_not_followed(there: IdentityProvider, document: dict[str, Any]) -> None:
    there.document = document
    with pytest.raises(ProviderUnavailable):
        ours(there).address(TRIP)


def test_a_last_slash_more_or_less_in_the_setting_does_no_harm(there: IdentityProvider) -> None:
    assert claims(ours(there, issuer=f"{there.issuer}/"))["sub"] == "17"


def test_a_provider_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(ProviderUnavailable):
        Provider(Client("http://127.0.0.1:1", CLIENT_ID, "", "openid", BACK)).address(TRIP)


def test_a_provider_without_keys_or_token_is_refused(there: IdentityProvider) -> None:
    there.broken = "/keys"
    with pytest.raises(ProviderUnavailable):
        claims(ours(there))
    there.broken = "/token"
    with pytest.raises(ProviderRefused):
        claims(ours(there))


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://id.example.com/x", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:80/x", True),
        ("http://id.example.com/x", False),
        ("http://127.0.0.1.example.com/x", False),
        ("http://user@127.0.0.1/x", False),
        ("ftp://127.0.0.1/x", False),
        ("https://", False),
        ("https://a:99999/", False),
        ("https://[::1/", False),
        ("", False),
    ],
)
def test_only_https_is_asked_and_http_on_this_machine(url: str, may: bool) -> None:
    assert may_fetch(url) is may
    if not may:
        with pytest.raises(ProviderUnavailable):
            fetch_json(url)


def answering(status: str, body: bytes, *headers: tuple[str, str]) -> Any:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(status, [("Content-Type", "application/json"), *headers])
        return [body]

    return app


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        ("302 Found", b"{}", (("Location", "http://127.0.0.1:1/"),)),
        ("200 OK", b'{"a": "' + b"x" * 300_000 + b'"}', ()),
        ("200 OK", b"<html>", ()),
        ("200 OK", b"[]", ()),
        ("200 OK", b"[" * 100_000, ()),
        ("200 OK", b"\xff", ()),
        ("500 Internal Server Error", b"{}", ()),
    ],
)
def test_a_redirect_a_flood_and_nonsense_are_not_taken(status: str, body: bytes, headers: Any) -> None:
    with serving(answering(status, body, *headers)) as address, pytest.raises(ProviderUnavailable):
        fetch_json(f"{address}/x")


def test_a_refusal_is_told_from_a_failure() -> None:
    with serving(answering("400 Bad Request", b"{}")) as address, pytest.raises(ProviderRefused):
        fetch_json(f"{address}/x")


def test_the_cryptography_is_loaded_when_somebody_signs_in_this_way_and_not_before() -> None:
    code = (
        "import sys, app; from chalicelib.handlers.dispatch import load_views; load_views();"
        "print([name for name in ('joserfc', 'cryptography') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
