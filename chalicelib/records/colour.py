"""The brand's colour, and whether people can read what is written in it and on it (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Text of ordinary size, level AA.
READABLE = 4.5
# What the brand's colour stands on, or has as its neighbour: the tokens of templates/assets/app.css, as a test holds.
LIGHT_GROUND, LIGHT_SURFACE, LIGHT_SUNK = "#f3f5f6", "#ffffff", "#eaeef1"
DARK_GROUND, DARK_SURFACE, DARK_SUNK = "#0d161c", "#15212a", "#1c2b35"
_WHITE, _BLACK = "#ffffff", "#0a0f12"
_STEPS = 100
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Tones:
    """A colour with those that go with it: stronger, for text on the softer one; and what is written on the colour."""

    accent: str
    strong: str
    soft: str
    on_accent: str


def is_colour(text: str) -> bool:
    return _COLOUR.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def light_tones(colour: str) -> Tones:
    """On the light pages."""
    return _tones(colour, LIGHT_SURFACE, _BLACK)


def dark_tones(colour: str) -> Tones:
    """On the dark pages."""
    return _tones(colour, DARK_SURFACE, _WHITE)


def light_contrast(colour: str) -> float:
    """The least a text in that colour has anywhere on the light pages."""
    return min(contrast(colour, ground) for ground in (LIGHT_GROUND, LIGHT_SURFACE, LIGHT_SUNK))


def dark_contrast(colour: str) -> float:
    return min(contrast(colour, ground) for ground in (DARK_GROUND, DARK_SURFACE, DARK_SUNK))


def readable_on_light(colour: str) -> str:
    """The nearest shade of it that can be read on the light pages."""
    return next(shade for shade in _towards(colour, _BLACK) if light_contrast(shade) >= READABLE)


def readable_on_dark(colour: str) -> str:
    return next(shade for shade in _towards(colour, _WHITE) if dark_contrast(shade) >= READABLE)


def _tones(colour: str, surface: str, far: str) -> Tones:
    soft = _mixed(surface, colour, 0.14)
    further = _towards(_mixed(colour, far, 0.15), far)
    strong = next(shade for shade in further if contrast(shade, soft) >= READABLE)
    return Tones(colour, strong, soft, max((_WHITE, _BLACK), key=lambda ink: contrast(colour, ink)))


def _towards(colour: str, end: str) -> Iterator[str]:
    return (_mixed(colour, end, step / _STEPS) for step in range(_STEPS + 1))


def _mixed(one: str, other: str, share: float) -> str:
    """`share` is the other's."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2.2, with the threshold of IEC 61966-2-1)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in (channel / 255 for channel in _channels(colour))]  # fmt: skip
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
