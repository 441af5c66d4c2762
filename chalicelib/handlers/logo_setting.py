"""The logo that a setting names."""

import logging
from functools import lru_cache
from pathlib import Path

from chalicelib.capture.logo_files import MOST_BYTES, Logo, checked_logo
from chalicelib.settings import BadSetting

log = logging.getLogger("leadline")


def read_logo(path: Path) -> Logo:
    """A PNG, a JPEG, or an SVG of shapes alone. Raises BadSetting with what is wrong with it."""
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _bad(path, error.strerror or "it cannot be read") from None
    found = checked_logo(body)
    if isinstance(found, str):
        raise _bad(path, found)
    return found


@lru_cache(maxsize=2)
def logo_of(path: Path | None) -> Logo | None:
    """None where there is none; nor where it is not one, which is said once: pages go on with the brand's name."""
    try:
        return read_logo(path) if path else None
    except BadSetting as error:
        log.error("%s", error)
        return None


def _bad(path: Path, why: str) -> BadSetting:
    return BadSetting(f"LEADLINE_BRAND_LOGO is '{path}': {why}")
