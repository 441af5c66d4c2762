"""Further browsers in front of a desk's service, and what is set in it for signing in."""

from dataclasses import replace
from typing import Any

import httpx

from chalicelib import wiring
from chalicelib.messaging.links import SignedLinks
from tests.handlers.desk import Desk
from tests.stories.conftest import HTML

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def another(desk: Desk, agent: str = FIREFOX, host: str = "", **client: Any) -> httpx.Client:
    """A browser without a cookie."""
    address = str(desk.world.client.base_url)
    headers = {**HTML, "User-Agent": agent, **({"Host": host} if host else {})}
    return httpx.Client(transport=desk.world.client._transport, base_url=address, headers=headers, **client)


def having(desk: Desk, **settings: Any) -> Desk:
    """The same service with other settings."""
    found = wiring.service()
    wiring.use(replace(found, settings=replace(found.settings, **settings)))
    return desk


def with_clocked_links(desk: Desk) -> Desk:
    """Signatures too are made and read by the clock that can be moved."""
    found = wiring.service()
    deps = replace(found.deps, links=SignedLinks("k" * 32, found.settings.address, clock=desk.world.clock))
    desk.world.deps = deps
    wiring.use(replace(found, deps=deps))
    return desk


def csrf_of(client: httpx.Client, path: str) -> str:
    return client.get(path).text.partition('name="csrf" value="')[2].partition('"')[0]


def post(client: httpx.Client, path: str, page: str, **fields: str) -> httpx.Response:
    """As a browser posts a form of that page."""
    return client.post(path, data={"csrf": csrf_of(client, page), **fields})


def is_in(client: httpx.Client) -> bool:
    return client.get("/app").status_code == 200
