"""Known machines by what they call themselves: crawlers by a library that is kept up to date, scanners of mail by a
list of our own (data/mail_scanners.json)."""

import json
from functools import cache
from pathlib import Path

CRAWLER, MAIL_SCANNER = "crawler", "mail-scanner"
_SCANNERS = Path(__file__).parent.parent / "data" / "mail_scanners.json"
# Browsers say more and crawlers no more than this.
_LIMIT = 1_000


def machine_of(agent: str) -> str:
    """What a User-Agent is known for, "" for what may be a person. Nobody browses without one."""
    name = agent[:_LIMIT]
    if any(scanner in name.lower() for scanner in _scanners()):
        return MAIL_SCANNER
    # Half a megabyte of patterns: loaded where somebody tells of a visit, never for a form.
    from crawleruseragents import is_crawler

    return CRAWLER if not name.strip() or is_crawler(name) else ""


@cache
def _scanners() -> tuple[str, ...]:
    return tuple(json.loads(_SCANNERS.read_text("utf-8"))["names"])
