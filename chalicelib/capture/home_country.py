"""Whose numbers those without a country code are likely to be, by what the list itself shows."""

from collections.abc import Sequence

from chalicelib.capture.headers import header_language

# Only where language and encoding leave one country: German lists come from three, Traditional Chinese from three.
_BY_ENCODING = {"gb18030": "CN", "cp932": "JP"}
_BY_LANGUAGE = {"zh-Hans": "CN", "ja": "JP"}


def home_country(header: Sequence[str], encoding: str) -> str:
    """ISO 3166-1 alpha-2, or "" where nothing tells: then a person may choose, and numbers stay as written until then.
    `encoding` is the sheet's."""
    return _BY_ENCODING.get(encoding.partition(" ")[0]) or _BY_LANGUAGE.get(header_language(header), "")
