"""The component page: each building block of the pages once, to look at and to be checked as pages are."""

from datetime import timedelta
from typing import Any

from chalice import Response

from chalicelib.handlers.console import console_page
from chalicelib.records.rep import Rep
from chalicelib.wiring import service

# Custom properties of assets/app.css: a ground and the ink that stands on it.
TOKENS = (
    ("ground", "ink"), ("surface", "ink"), ("surface", "muted"), ("sunk", "ink"), ("surface", "accent"),
    ("accent", "on-accent"), ("accent-soft", "accent-strong"), ("good-soft", "good"), ("warn-soft", "warn"),
    ("bad-soft", "bad"),
)  # fmt: skip


def show_styleguide(request: Any, who: Rep) -> Response:
    now = service().deps.clock()
    days = tuple(now - timedelta(days=days) for days in range(3))
    return console_page(request, who, "styleguide.html", tokens=TOKENS, days=days, zone=who.week.zone)
