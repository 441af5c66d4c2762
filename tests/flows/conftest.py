"""Flows are tested over a whole service with a clock that can be moved; the stories do so on every engine."""

from pathlib import Path

import pytest

from tests.stories.conftest import MONDAY, World, build_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    return build_world(tmp_path, MONDAY)
