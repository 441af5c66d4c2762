"""An identity provider of our own on loopback: discovery, keys that rotate, an authorization endpoint that asks nobody,
and a token endpoint that checks code, PKCE, redirect address and client as a real one does."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT_ID, SECRET = "leadline", "a secret: with + and %"
Environ = dict[str, Any]
Change = Callable[[dict[str, Any]], dict[str, Any]]

# Making RSA keys is slow; these serve all tests.
KEYS = [RSAKey.generate_key(2048, {"kid": name}) for name in ("first", "second")]
CURVE_KEY = ECKey.generate_key("P-256", {"kid": "curve"})


@dataclass
class IdentityProvider:
    """`account` is who signs in next; `change` is what is done to the claims before they are signed. `info` is what
    the UserInfo endpoint tells to whoever has the access token; None where there is no such endpoint."""

    issuer: str
    now: Callable[[], datetime]
    account: dict[str, Any] = field(default_factory=dict)
    change: Change = dict
    alg: str = "RS256"
    keys: list[Any] = field(default_factory=lambda: [KEYS[0]])
    signs_with: Any = None
    document: dict[str, Any] = field(default_factory=dict)
    secret: str = SECRET
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: str = ""
    info: dict[str, Any] | None = None
    access_token: str = "opens-user-info"

    def rotate(self) -> None:
        """The next key, and the former one is published no more."""
        self.keys = [KEYS[1]]

    def id_token(self, nonce: str) -> str:
        now = int(self.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce, **self.account}
        key = self.signs_with or self.keys[0]
        return jwt.encode({"alg": self.alg, "kid": key.kid}, self.change(claims), key, algorithms=[self.alg])

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        answers = {
            "/.well-known/openid-configuration": self._discovery,
            "/keys": lambda _: {"keys": [key.as_dict(private=False) for key in self.keys]},
            "/token": self._token,
            "/authorize": self._authorize,
            "/userinfo": self._userinfo,
        }
        answer: Any = answers[path](environ) if path in answers and self.broken != path else None
        if isinstance(answer, str):
            start("302 Found", [("Location", answer)])
            return [b""]
        error = answer is None or "error" in answer
        start("400 Bad Request" if error else "200 OK", [("Content-Type", "application/json")])
        return [json.dumps(answer or {"error": "no"}).encode()]

    def _discovery(self, _environ: Environ) -> dict[str, Any]:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        if self.info is not None:
            paths["userinfo_endpoint"] = "userinfo"
        places = {name: f"{self.issuer}/{path}" for name, path in paths.items()}
        return {"issuer": self.issuer, **places, **self.document}

    def _userinfo(self, environ: Environ) -> dict[str, Any] | None:
        return self.info if environ.get("HTTP_AUTHORIZATION") == f"Bearer {self.access_token}" else None

    def _authorize(self, environ: Environ) -> str:
        asked = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def _token(self, environ: Environ) -> dict[str, Any]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        sent = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        asked = self.codes.pop(sent["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=")
        if asked is None or challenge.decode() != asked["code_challenge"]:
            return {"error": "invalid_grant"}
        if sent["redirect_uri"] != asked["redirect_uri"] or not self._is_client(environ, sent):
            return {"error": "invalid_client"}
        return {"access_token": self.access_token, "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def _is_client(self, environ: Environ, sent: dict[str, str]) -> bool:
        kind, _, pair = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind != "Basic":
            return sent.get("client_id") == CLIENT_ID and sent.get("client_secret", "") == self.secret
        # RFC 6749 2.3.1: id and secret are form-encoded, then joined.
        (id_, secret) = base64.b64decode(pair).decode().split(":")
        return (parse_qs(f"i={id_}")["i"][0], parse_qs(f"s={secret}")["s"][0]) == (CLIENT_ID, self.secret)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is said."""


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """A WSGI application at an address of this machine."""
    server = make_server("127.0.0.1", 0, app, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def provider_on_loopback(now: Callable[[], datetime], **account: Any) -> Iterator[IdentityProvider]:
    made = IdentityProvider("", now, account)
    with serving(made) as address:
        made.issuer = address
        yield made
