"""Flows are tested over a whole service with a clock that can be moved."""

from tests.stories.conftest import world

__all__ = ["world"]
