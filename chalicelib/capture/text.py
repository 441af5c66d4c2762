"""Text as people and machines send it, made safe to keep: no control bytes, nothing invisible, one form (NFC)."""

import re
import unicodedata

# Bidirectional controls can make a name read as another; zero-width characters make equal names differ;
# tag characters (U+E0000) carry hidden text; the rest are control bytes and code points that are no characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("\r\n?|[\u2028\u2029\x85]")
_SPACE = re.compile(r"[\n\t]+")
_JOINERS = re.compile("[\u200c\u200d]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(value: str, limit: int, lines: bool = False) -> str:
    """The text without control and invisible characters, trimmed, in NFC, cut to `limit` characters.

    `lines` keeps line breaks (as \\n) and tabs, for messages and addresses; otherwise each becomes a blank.
    Joiners stay where scripts and emoji need them. Lone surrogates become U+FFFD, so the result always encodes.
    """
    if value.isprintable():
        if value.isascii():
            return value.strip()[:limit]
    else:
        value = _without_controls(value, lines)
    if not unicodedata.is_normalized("NFC", value):
        value = unicodedata.normalize("NFC", value)
    return value.strip()[:limit].rstrip()


def _without_controls(value: str, lines: bool) -> str:
    value = _BREAKS.sub("\n", value)
    value = _INVISIBLE.sub("", value)
    if not lines:
        value = _SPACE.sub(" ", value)
    if _SURROGATES.search(value):
        value = _SURROGATES.sub("\ufffd", value)
    if _JOINERS.search(value):
        value = _JOINERS.sub(_joiner, value)
    return value


def _joiner(match: re.Match[str]) -> str:
    """A joiner between two characters that can be joined is spelling; anywhere else it only hides."""
    text, at = match.string, match.start()
    joined = at > 0 and at + 1 < len(text) and _joinable(text[at - 1]) and _joinable(text[at + 1])
    return match.group() if joined else ""


def _joinable(char: str) -> bool:
    # Arabic to Mongolian and the Indic blocks between them; pictographs with their skin tones and selectors.
    return "\u0600" <= char <= "\u1aff" or char == "\ufe0f" or unicodedata.category(char) in {"So", "Sk"}
