import pytest

from chalicelib.qualify.bands import band


@pytest.mark.parametrize(
    ("points", "name"), [(100, "hot"), (60, "hot"), (59, "warm"), (30, "warm"), (29, "cold"), (0, "cold"), (-1, "cold")]
)
def test_a_score_falls_into_a_band_by_its_threshold(points: int, name: str):
    assert band(points) == name
