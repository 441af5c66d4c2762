"""Who asks too often is told when to come back (429, RFC 6585)."""

from ipaddress import IPv6Address, ip_address
from typing import Any

from chalicelib.handlers.errors import Problem
from chalicelib.handlers.web import client_address
from chalicelib.wiring import service


def limit(rule: str, key: str) -> None:
    """Count one for this key, which is hashed before it is kept anywhere. Raises Problem 429."""
    deps = service().deps
    wait = deps.limits.take(rule, _hashed(key))
    if wait:
        detail = f"Too many requests came from here. Minutes to wait: {-(-wait // 60)}"
        raise Problem(429, "Too many at once", detail, headers={"Retry-After": str(wait)})


def limit_by_address(request: Any, rule: str) -> None:
    limit(rule, network_of(client_address(request)))


def give_back_by_address(request: Any, rule: str) -> None:
    """What was counted is not, as nothing came of it."""
    service().deps.limits.give_back(rule, _hashed(network_of(client_address(request))))


def _hashed(key: str) -> str:
    return service().deps.digest(f"limit:{key}")


# What one subscriber is given (RFC 6177): within it every request may come from an address of its own.
_SUBSCRIBER_BITS = 64


def network_of(address: str) -> str:
    """Whom to count an address for: an IPv4 address itself, the /64 network of one of IPv6; what is neither, as it
    is. An IPv4 address written as IPv6 (::ffff:192.0.2.1) is that IPv4 address."""
    try:
        found = ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> _SUBSCRIBER_BITS << _SUBSCRIBER_BITS)) + f"/{_SUBSCRIBER_BITS}"
