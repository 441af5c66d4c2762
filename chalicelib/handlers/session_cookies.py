"""The cookies of signing in: the session's, and one that only tells a browser from another before that.

Over https they carry the `__Host-` prefix: a neighbour on another name of the domain, or the same name over http, can
neither read nor plant them."""

import re
import secrets
from typing import Any

from chalicelib.flows.sessions import LIFE
from chalicelib.handlers.web import cookies, header
from chalicelib.wiring import service

SESSION_COOKIE = "leadline_session"
BROWSER_COOKIE = "leadline_browser"
TRIP_COOKIE = "leadline_trip"
_DAY = 24 * 3600
_BROWSER = re.compile(r"[A-Za-z0-9_-]{24}")


def is_secure() -> bool:
    """Whether people reach us over https."""
    return service().settings.address.startswith("https:")


def cookie_name(name: str) -> str:
    return f"__Host-{name}" if is_secure() else name


def read_cookie(request: Any, name: str) -> str:
    return cookies(request).get(cookie_name(name), "")


def set_cookie(name: str, value: str, seconds: int) -> str:
    """The header that sets a cookie of ours; 0 seconds takes it away."""
    secure = "; Secure" if is_secure() else ""
    return f"{cookie_name(name)}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"


def session_cookie(value: str) -> str:
    return set_cookie(SESSION_COOKIE, value, int(LIFE.total_seconds()))


def forget_session() -> str:
    return set_cookie(SESSION_COOKIE, "", 0)


def browser_of(request: Any) -> tuple[str, list[str]]:
    """What tells this browser from others, and the header that gives it to one that comes for the first time."""
    found = read_cookie(request, BROWSER_COOKIE)
    if _BROWSER.fullmatch(found):
        return found, []
    made = secrets.token_urlsafe(18)
    return made, [set_cookie(BROWSER_COOKIE, made, _DAY)]


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
             ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def browser_name(request: Any) -> str:
    """The browser's family as its owner knows it: "Firefox, Linux". No more of it is kept."""
    agent = header(request, "user-agent")
    parts = (next((name for mark, name in names if mark in agent), "") for names in (_BROWSERS, _SYSTEMS))
    return ", ".join(part for part in parts if part)
