"""The three languages of pages and mail: choosing one, and translating by gettext catalogues.

English texts are the msgids; catalogues are templates/locale/<zh_Hans, zh_Hant>/LC_MESSAGES/leadline.mo, made
from the .po beside them by `python infra/catalogues.py compile`.
"""

import gettext
import re
from functools import cache, lru_cache
from pathlib import Path

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
DOMAIN = "leadline"

# The checkout's root, and in the Lambda zip the folder of the code: vendor's contents land there.
TEMPLATES = Path(__file__).absolute().parents[2] / "templates"
LOCALE = TEMPLATES / "locale"

_TRADITIONAL_REGIONS = frozenset({"tw", "hk", "mo"})
_POINTS = re.compile(r"\s[+\-−±]\d+(?:\.\d+)?$")
# As a text has them between a name and what is said of it, and between two things.
COLON = {"en": ": ", "zh-Hans": "：", "zh-Hant": "："}
COMMA = {"en": ", ", "zh-Hans": "，", "zh-Hant": "，"}


class _Catalogue(gettext.GNUTranslations):
    def gettext(self, message: str) -> str:
        """Nothing for nothing: the entry "" of a catalogue is its header."""
        return super().gettext(message) if message else ""


class CatalogueMissing(RuntimeError):
    """The catalogue of a language has not been compiled."""


@lru_cache(maxsize=512)
def negotiate(accept_language: str, default: str = "en") -> str:
    """The best of LANGUAGES for an Accept-Language header or a single tag (RFC 9110 12.5.4, RFC 4647 lookup)."""
    ranked = sorted(_ranges(accept_language[:1000]), key=lambda found: -found[1])
    for tag, quality in ranked:
        if quality > 0 and (language := _language(tag)):
            return language
    return default


def _ranges(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header.split(","):
        tag, _, parameters = part.partition(";")
        name, _, number = parameters.strip().partition("=")
        try:
            quality = float(number) if name.strip().lower() == "q" else 1.0
        except ValueError:
            quality = 0.0
        found.append((tag.strip(), quality))
    return found


def _language(tag: str) -> str:
    """The language that serves a tag such as zh-TW, zh_Hant_HK or en-GB, or ""."""
    primary, *subtags = tag.lower().replace("_", "-").split("-")
    if primary == "en":
        return "en"
    if primary != "zh":
        return ""
    if "hant" in subtags or ("hans" not in subtags and _TRADITIONAL_REGIONS.intersection(subtags)):
        return "zh-Hant"
    return "zh-Hans"


@cache
def translator(language: str) -> gettext.NullTranslations:
    """The gettext translations of one of LANGUAGES. Raises KeyError for another, CatalogueMissing if not compiled."""
    if language not in LANGUAGES:
        raise KeyError(language)
    if language == "en":
        return gettext.NullTranslations()
    path = LOCALE / language.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.mo"
    try:
        with path.open("rb") as file:
            return _Catalogue(file)
    except FileNotFoundError:
        raise CatalogueMissing(f"no {path}: run `python infra/catalogues.py compile`") from None


def phrase(language: str, reason: str) -> str:
    """A reason of the form `message[: value][ ±points]` in the language; value and points stay as they are.

    A message the catalogue does not know is returned as it is.
    """
    if language == "en" or not reason.strip():
        return reason
    gettext_ = translator(language).gettext
    points = _POINTS.search(reason)
    tail = points.group() if points else ""
    text = reason[: points.start()] if points else reason
    whole = gettext_(text)
    if whole != text:
        return whole + tail
    message, colon, value = text.partition(": ")
    translated = gettext_(message)
    if not colon or translated == message:
        return translated + text[len(message) :] + tail
    return translated + COLON[language] + value + tail


def message_of(reason: str) -> str:
    """The message part of a reason: what its translation is found by."""
    points = _POINTS.search(reason)
    return (reason[: points.start()] if points else reason).partition(": ")[0]
