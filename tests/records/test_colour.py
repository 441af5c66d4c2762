"""Whether people can read what is written in the brand's colour, and on it."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.records import colour as colours
from chalicelib.records.colour import (
    READABLE,
    contrast,
    dark_contrast,
    dark_tones,
    is_colour,
    light_contrast,
    light_tones,
    readable_on_dark,
    readable_on_light,
)

CSS = (Path(__file__).resolve().parents[2] / "templates" / "assets" / "app.css").read_text("utf-8")
ANY = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#123456", "#123456", 1.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(contrast(other, one))
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@given(ANY)
def test_whatever_the_colour_its_readable_shades_are_readable_with_all_that_goes_with_them(chosen: str) -> None:
    light, dark = readable_on_light(chosen), readable_on_dark(chosen)
    assert light_contrast(light) >= READABLE
    assert dark_contrast(dark) >= READABLE
    for tones in (light_tones(light), dark_tones(dark)):
        assert contrast(tones.on_accent, tones.accent) >= READABLE
        assert contrast(tones.strong, tones.soft) >= READABLE


@given(ANY)
def test_a_colour_that_can_be_read_stays_as_it_is(chosen: str) -> None:
    assert (readable_on_light(chosen) == chosen) == (light_contrast(chosen) >= READABLE)


def test_the_grounds_are_those_of_the_pages() -> None:
    light, dark = re.findall(r"--ground: (#\w+);\s+--surface: (#\w+);\s+--sunk: (#\w+);", CSS)
    assert light == (colours.LIGHT_GROUND, colours.LIGHT_SURFACE, colours.LIGHT_SUNK)
    assert dark == (colours.DARK_GROUND, colours.DARK_SURFACE, colours.DARK_SUNK)


@pytest.mark.parametrize(("text", "good"), [("#0b5c73", True), ("#0B5C73", False), ("#fff", False), ("red", False)])
def test_a_colour_is_six_hexadecimal_digits(text: str, good: bool) -> None:
    assert is_colour(text) == good
