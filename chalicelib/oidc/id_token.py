"""Whether an ID token is good (OpenID Connect Core 1.0, 3.1.3.7): signed by a key of the issuer, made for us, now, for
this round trip. joserfc does the cryptography, and is imported only when somebody signs in this way (80 ms)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# By keys of the issuer only: neither "none" nor a secret both sides share.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY = timedelta(seconds=60)
OLDEST = timedelta(hours=1)
_FAMILY = {"RS": "RSA", "PS": "RSA", "ES": "EC"}


class IdTokenRefused(Exception):
    """Why the token is not good; the text is for the log and holds nothing of the token."""


class UnknownKey(IdTokenRefused):
    """Signed by a key that is not among those at hand: the issuer may have new ones."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must say. `issuer` as in the issuer's own document."""

    issuer: str
    client_id: str
    nonce: str


def read_id_token(token: str, keys: Sequence[Mapping[str, Any]], expected: Expected, now: datetime) -> dict[str, Any]:
    """The claims of a good token. `keys` are the issuer's JSON web keys. Raises IdTokenRefused."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    header = _header(token)
    key = _key(header, keys)
    try:
        claims = dict(jwt.decode(token, key, algorithms=[header["alg"]]).claims)
        _registry(expected, now).validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise IdTokenRefused(f"token: {type(error).__name__}") from None
    _check(claims, expected, now)
    return claims


def verified_email(claims: Mapping[str, Any]) -> str:
    """The address the issuer has verified, or "". Entra says so by `xms_edov` (an optional claim to switch on)."""
    email = claims.get("email")
    said = claims["email_verified"] if "email_verified" in claims else claims.get("xms_edov")
    verified = said is True or said in ("true", "1") or (said == 1 and isinstance(said, int))
    return email if verified and isinstance(email, str) else ""


def _header(token: str) -> dict[str, Any]:
    """The token's header, its algorithm one of ours: looked at before any key is."""
    from joserfc.errors import JoseError
    from joserfc.jws import extract_compact

    try:
        header = dict(extract_compact(token.encode("ascii")).headers())
    except (JoseError, ValueError, TypeError) as error:
        raise IdTokenRefused(f"header: {type(error).__name__}") from None
    if header.get("alg") not in ALGORITHMS:
        raise IdTokenRefused("an algorithm that is not allowed")
    return header


def _key(header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]]) -> Any:
    """The issuer's key the header names; without a name the only one that fits."""
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    family, alg, kid = _FAMILY[header["alg"][:2]], header["alg"], header.get("kid")
    fitting = [
        key
        for key in keys
        if key.get("kty") == family and key.get("use", "sig") == "sig" and key.get("alg", alg) == alg
        and (kid is None or key.get("kid") == kid)
    ]  # fmt: skip
    if len(fitting) != 1:
        raise UnknownKey("no one key of the issuer fits")
    public = {name: value for name, value in fitting[0].items() if name in ("kty", "n", "e", "crv", "x", "y", "kid")}
    try:
        return import_key(public)
    except (JoseError, ValueError, TypeError) as error:
        raise IdTokenRefused(f"key: {type(error).__name__}") from None


def _registry(expected: Expected, now: datetime) -> Any:
    from joserfc.jwt import JWTClaimsRegistry

    return JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        nonce={"essential": True, "value": expected.nonce},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )


def _check(claims: Mapping[str, Any], expected: Expected, now: datetime) -> None:
    """What the library leaves to us."""
    audience, party = claims["aud"], claims.get("azp")
    if isinstance(audience, list) and len(audience) > 1 and party is None:
        raise IdTokenRefused("for several parties, and not said for which")
    if party is not None and party != expected.client_id:
        raise IdTokenRefused("for another party")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise IdTokenRefused("no subject")
    if now.timestamp() - claims["iat"] > OLDEST.total_seconds():
        raise IdTokenRefused("made too long ago")
