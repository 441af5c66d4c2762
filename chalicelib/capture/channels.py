"""Where a visit came from, by the rules of GA4's default channel group.

Rules: support.google.com/analytics/answer/9756891 as of 2026 (the AI Assistant channel included), checked from the
top, the first that holds counts; which host is a search engine, a social site and so on is data (channels.json).
"""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from chalicelib.capture.text import clean
from chalicelib.records.touch import Source

LIMIT = 500
_DATA = Path(__file__).parent.parent / "data" / "channels.json"
_UTM = ("source", "medium", "campaign", "term", "content")
_CLICK_IDS = ("gclid", "gbraid", "wbraid", "dclid", "msclkid", "fbclid", "li_fat_id", "ttclid", "bd_vid", "twclid")
# The fields of a post that say where the visitor came from, not who they are.
SOURCE_FIELDS = frozenset({f"utm_{name}" for name in _UTM} | {*_CLICK_IDS, "utm_id", "landing_url", "referrer"})

_HANDED_ON = "_ll"

_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*")
_SHOPPING = re.compile(r"(?:.*[^a-df-z])?shop.*|.*shopping.*")
_DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_SOCIAL = frozenset({"social", "social-network", "social-media", "sm", "social network", "social media"})
_EMAIL = frozenset({"email", "e-mail", "e_mail", "e mail"})
_UNKNOWN = "(not set)"


@dataclass(frozen=True, slots=True)
class _Hosts:
    """The data file turned round: what each host, brand and utm_source name is. Search hosts carry the engine."""

    hosts: dict[str, tuple[str, str]]
    brands: dict[str, str]
    names: dict[str, str]
    search_subdomains: frozenset[str]
    networks: dict[str, str]


@functools.cache
def _hosts() -> _Hosts:
    data: dict[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    hosts: dict[str, tuple[str, str]] = {}
    brands: dict[str, str] = {}
    names: dict[str, str] = {}
    for kind in ("search", "social", "video", "shopping", "ai"):
        listed = data[kind]["hosts"]
        hosts |= {host: (kind, listed[host] if isinstance(listed, dict) else "") for host in listed}
        brands |= dict.fromkeys(data[kind]["brands"], kind)
        names |= dict.fromkeys(data[kind].get("names", ()), kind)
    return _Hosts(hosts, brands, names, frozenset(data["search_subdomains"]), data["click_ids"])


def classify(url: str, referrer: str, site: str = "") -> Source:
    """The source of a visit to `url` from `referrer` ("" for none). `site` is our own host: no referrer of ours.

    UTM fields count before a click id, a click id (medium cpc) before the referrer. Without UTM fields a search
    host is "organic", any other host "referral", none "(direct)"/"(none)". A referrer that is not http is dropped.
    """
    return source_of_fields({"landing_url": url}, referrer, site)


def source_of_fields(fields: Mapping[str, str], referrer: str = "", site: str = "") -> Source:
    """The source from a form's hidden fields: utm_*, click ids, landing_url, referrer.

    A field of its own counts before the same name in landing_url's query, the field `referrer` (the first page's)
    before the request's header. What t.js has handed on in landing_url from the first page of the visit counts before
    what else that address says: it is a later page of the same visit."""
    told = {name: fields[name] for name in SOURCE_FIELDS if fields.get(name)}
    landing = _split(told.get("landing_url", ""))
    query = _query(landing)
    if first := _handed_on(query):
        query, told = first, told | first
        landing = _split(first.get("landing_url", ""))
    query |= told
    own = site or (landing.hostname or "" if landing else "")
    url = told.get("landing_url", "") if landing else ""
    return _source(query, url, told.get("referrer", "") or referrer, own)


def _handed_on(query: Mapping[str, str]) -> dict[str, str]:
    """What templates/assets/t.js puts into links: a time, a dot, and the fields of the visit's first page."""
    fields = query.get(_HANDED_ON, "").partition(".")[2]
    found = parse_qsl(fields[: 4 * LIMIT], errors="replace", max_num_fields=50) if fields else []
    return {name: value for name, value in found if name in SOURCE_FIELDS}


def _split(url: str) -> SplitResult | None:
    if url[:4].lower() != "http" or len(url) > 20 * LIMIT:
        return None
    try:
        parts = urlsplit(clean(url, 20 * LIMIT))
        return parts if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None


def _query(landing: SplitResult | None) -> dict[str, str]:
    """The query's parameters, names in lower case; of one given twice the first counts."""
    if not landing or not landing.query:
        return {}
    try:
        pairs = parse_qsl(landing.query, errors="replace", max_num_fields=200)
    except ValueError:
        return {}
    return {name.lower(): value for name, value in reversed(pairs)}


def _source(query: Mapping[str, str], url: str, referrer: str, site: str) -> Source:
    utm = {name: value for name in _UTM if (value := _value(query, f"utm_{name}"))} if query else {}
    clicks = {name: value for name in _CLICK_IDS if (value := _value(query, name))} if query else {}
    outside = _outside(referrer, site)
    host = (outside.hostname or "").removeprefix("www.") if outside else ""
    source, medium = _origin(utm, clicks, host)
    campaign = utm.get("campaign", "")
    return Source(
        channel=_channel(source.lower(), medium.lower(), campaign.lower()),
        source=source[:LIMIT],
        medium=medium,
        campaign=campaign,
        term=utm.get("term", ""),
        content=utm.get("content", ""),
        click_ids=clicks,
        landing_url=clean(url, LIMIT),
        referrer=clean(referrer, LIMIT) if outside else "",
    )


def _value(query: Mapping[str, str], name: str) -> str:
    return clean(query[name], LIMIT) if name in query else ""


def _outside(referrer: str, site: str) -> SplitResult | None:
    """The referrer's parts, if it is a web page of somebody else."""
    parts = _split(referrer)
    own = site.strip().lower().rpartition("//")[2].partition("/")[0].partition(":")[0].removeprefix("www.")
    host = (parts.hostname or "").removeprefix("www.") if parts else ""
    return None if own and (host == own or host.endswith(f".{own}")) else parts


def _origin(utm: Mapping[str, str], clicks: Mapping[str, str], host: str) -> tuple[str, str]:
    network = next((_hosts().networks[name] for name in clicks), "")
    if "source" in utm or "medium" in utm:
        return utm.get("source", network or _UNKNOWN), utm.get("medium", "cpc" if network else _UNKNOWN)
    if network:
        return network, "cpc"
    if not host:
        return "(direct)", "(none)"
    kind, engine = _kind_of_host(host)
    return (engine, "organic") if kind == "search" else (host, "referral")


def _kind_of_host(host: str) -> tuple[str, str]:
    """What a host is ("search", "social", "video", "shopping", "ai" or ""), and the search engine's name."""
    known = _hosts()
    labels = host.split(".")
    for start in range(len(labels) - 1):
        if found := known.hosts.get(".".join(labels[start:])):
            return found
    brand = _brand_at(labels)
    name = labels[brand]
    kind = known.brands.get(name, "")
    if kind == "search" and not all(len(label) == 2 or label in known.search_subdomains for label in labels[:brand]):
        return "", ""  # mail.google.com is no search
    return kind, name if kind == "search" else ""


def _brand_at(labels: list[str]) -> int:
    """Where the registered name stands: before ".de", and before ".co.uk" too."""
    second_level = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in {"co", "com", "ne", "or", "net", "org"}
    return max(len(labels) - (3 if second_level else 2), 0)


def _kind_of_source(source: str) -> str:
    kind = _hosts().names.get(source, "")
    return kind or (_kind_of_host(source.removeprefix("www."))[0] if "." in source else "")


def _channel(source: str, medium: str, campaign: str) -> str:
    """GA4's rules from the top. All three are in lower case: "channel definitions aren't case sensitive"."""
    if source == "(direct)" and medium in {"(none)", _UNKNOWN}:
        return "Direct"
    if "cross-network" in campaign:
        return "Cross-network"
    kind = _kind_of_source(source)
    shopping = kind == "shopping" or bool(_SHOPPING.fullmatch(campaign))
    if _PAID.fullmatch(medium):
        return _paid(kind, medium, shopping)
    if medium in _DISPLAY:
        return "Display"
    return _unpaid(kind, source, medium, shopping)


def _paid(kind: str, medium: str, shopping: bool) -> str:
    if shopping:
        return "Paid Shopping"
    other = "Display" if medium in _DISPLAY else "Paid Other"
    return {"search": "Paid Search", "social": "Paid Social", "video": "Paid Video"}.get(kind, other)


def _unpaid(kind: str, source: str, medium: str, shopping: bool) -> str:
    rules = (
        (shopping, "Organic Shopping"),
        (kind == "social" or medium in _SOCIAL, "Organic Social"),
        (kind == "video" or "video" in medium, "Organic Video"),
        (kind == "search" or medium == "organic", "Organic Search"),
        (kind == "ai" or medium == "ai-assistant", "AI Assistant"),
        (medium in {"referral", "app", "link"}, "Referral"),
        (source in _EMAIL or medium in _EMAIL, "Email"),
        (medium in {"affiliate", "affiliates"}, "Affiliates"),
        (medium == "audio", "Audio"),
        ("sms" in {source, medium}, "SMS"),
        (medium.endswith("push") or "mobile" in medium or "notification" in medium, "Mobile Push Notifications"),
        (source == "firebase", "Mobile Push Notifications"),
    )
    return next((channel for holds, channel in rules if holds), "Unassigned")
