"""An identity provider, found by discovery (OpenID Connect Discovery 1.0): where to send people, and what it says of
those who come back. Authorization code flow with PKCE (RFC 7636)."""

import base64
import hashlib
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from chalicelib.oidc.fetch import ProviderRefused, ProviderUnavailable, fetch_json, may_fetch
from chalicelib.oidc.id_token import Expected, IdTokenRefused, UnknownKey, read_id_token

KEPT_SECONDS = 3600.0
# Keys are asked for anew for a key we do not know, but not for each forged token.
KEYS_AGAIN_SECONDS = 30.0
_WELL_KNOWN = "/.well-known/openid-configuration"
# The characters of a bearer token (RFC 6750 2.1).
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_ADDRESS = ("email", "email_verified", "xms_edov")


@dataclass(frozen=True, slots=True)
class Client:
    """Us, as the provider knows us. Without `secret` we are a public client, and PKCE alone proves who asked."""

    issuer: str
    client_id: str
    secret: str
    scopes: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What goes out with somebody and must come back with them."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider; its document and its keys are kept for an hour."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def address(self, trip: RoundTrip) -> str:
        """Where to send somebody to sign in. Raises ProviderUnavailable."""
        at = self._document()["authorization_endpoint"]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(trip.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_uri,
            "scope": self._client.scopes,
            "state": trip.state,
            "nonce": trip.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{at}{'&' if '?' in at else '?'}{urlencode(asked)}"

    def claims(self, code: str, came_from: str, trip: RoundTrip, now: datetime) -> dict[str, Any]:
        """What the provider says of whoever came back with that code: the ID token's claims, and the address where that
        has none. `came_from` is the answer's `iss` (RFC 9207), or "". Raises ProviderUnavailable, ProviderRefused,
        IdTokenRefused."""
        document = self._document()
        promised = document.get("authorization_response_iss_parameter_supported") is True
        if came_from != document["issuer"] and (came_from or promised):
            raise IdTokenRefused("an answer of another issuer")
        tokens = self._exchange(document, code, trip.verifier)
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise IdTokenRefused("no ID token")
        expected = Expected(document["issuer"], self._client.client_id, trip.nonce)
        try:
            claims = read_id_token(token, self._keys(document, KEPT_SECONDS), expected, now)
        except UnknownKey:
            claims = read_id_token(token, self._keys(document, KEYS_AGAIN_SECONDS), expected, now)
        return claims if "email" in claims else {**claims, **_address_of(document, tokens, claims["sub"])}

    def _exchange(self, document: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        """The code for tokens: only we can, by secret and verifier."""
        client = self._client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if client.secret and "client_secret_basic" in methods:
            # RFC 6749 2.3.1: both parts are form-encoded first.
            pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": client.client_id, **({"client_secret": client.secret} if client.secret else {})}
        return fetch_json(document["token_endpoint"], urlencode(form).encode(), headers)

    def _document(self) -> dict[str, Any]:
        issuer = self._client.issuer
        found = self._fresh(issuer.rstrip("/") + _WELL_KNOWN, KEPT_SECONDS)
        said = found.get("issuer")
        # With or without a last slash: people copy both; what the token says must be what the document says.
        if not isinstance(said, str) or said.rstrip("/") != issuer.rstrip("/"):
            raise ProviderUnavailable("a document of another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(found.get(name), str) or not may_fetch(found[name]):
                raise ProviderUnavailable(f"a document without {name}")
        return found

    def _keys(self, document: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
        keys = self._fresh(document["jwks_uri"], seconds).get("keys")
        return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []

    def _fresh(self, url: str, seconds: float) -> dict[str, Any]:
        """What is at the address, not older than that. One at a time asks."""
        with self._lock:
            kept = self._kept.get(url)
            if kept is None or self._clock() - kept[0] >= seconds:
                try:
                    kept = (self._clock(), fetch_json(url))
                except ProviderRefused as error:
                    raise ProviderUnavailable(str(error)) from None
                self._kept[url] = kept
            return kept[1]


def _address_of(document: Mapping[str, Any], tokens: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """The address from the UserInfo endpoint: where the scope `email` is answered when there is an access token (OpenID
    Connect Core 1.0, 5.4). It has to be of the ID token's subject (5.3.2)."""
    at, token = document.get("userinfo_endpoint"), tokens.get("access_token")
    if not isinstance(at, str) or not isinstance(token, str) or not _BEARER.fullmatch(token):
        return {}
    told = fetch_json(at, headers={"Authorization": f"Bearer {token}"})
    if told.get("sub") != subject:
        raise IdTokenRefused("user info of somebody else")
    return {name: told[name] for name in _ADDRESS if name in told}


@lru_cache(maxsize=16)
def provider_of(client: Client) -> Provider:
    """The process's provider for these settings."""
    return Provider(client)
